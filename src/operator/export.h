/* Exports all users, as lines of a file. */
#ifndef UA_OPERATOR_EXPORT_H
#define UA_OPERATOR_EXPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "operator/copy.h"

typedef struct ua_operator_export_wish {
  bool csv; /* else JSON, an object a line */
  bool with_hashes;
  int32_t customer_id; /* 0: of all customers */
} ua_operator_export_wish;

/* Calls `row` with each line, ordered by id, as one statement sees them. JSON lines end in LF, those of CSV
 * in CRLF, after a header. UA_NOT_FOUND when there is no such customer, UA_UNPROCESSABLE when CSV cannot
 * express the code of a role. */
UA_CHECK ua_status ua_operator_export_users(ua_operator_connection *connection,
                                            const ua_operator_export_wish *wish, ua_operator_copy_out_fn *row,
                                            void *context, uint64_t *users_r, ua_error_line *error);

#endif
