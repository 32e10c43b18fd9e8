/* What import and export are told about their file. Each says what is wrong and returns an exit code. */
#ifndef UA_ADMIN_ROW_FILE_H
#define UA_ADMIN_ROW_FILE_H

#include <stdint.h>

#include "admin/row_reader.h"

/* The format by the option, "jsonl" or "csv", or by the end of the file's name; JSON lines for "-". */
UA_CHECK int ua_admin_row_format(const char *option, const char *path, ua_row_format *format_r);

/* The customer's id by the option; 0 when it is NULL. */
UA_CHECK int ua_admin_customer(const char *option, int32_t *customer_id_r);

#endif
