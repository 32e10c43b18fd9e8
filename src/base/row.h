/* A row of a query, as the code that asked receives it. */
#ifndef UA_BASE_ROW_H
#define UA_BASE_ROW_H

#include "base/error.h"

enum { UA_MAX_COLUMNS = 16 /* of a query */ };

/* Receives one row: values as text, NULL for SQL NULL, valid until it returns. Anything but UA_OK ends the
 * query with that status. */
typedef ua_status ua_row_fn(void *context, const char *const *values);

#endif
