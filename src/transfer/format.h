/* Options of import and export about their file. Each function reports an error and returns an exit code. */
#ifndef UA_TRANSFER_FORMAT_H
#define UA_TRANSFER_FORMAT_H

#include <stdint.h>

#include "transfer/reader.h"

/* The format from the option, "jsonl" or "csv", or from the end of the file's name; JSON lines for "-". */
UA_CHECK int ua_transfer_format_of(const char *option, const char *path, ua_transfer_format *format_r);

/* The customer's id from the option; 0 when it is NULL. */
UA_CHECK int ua_transfer_customer_of(const char *option, int32_t *customer_id_r);

#endif
