/* The rules that a user of a file has to keep: the API's own. */
#ifndef UA_TRANSFER_ROW_H
#define UA_TRANSFER_ROW_H

#include "auth/columns.h"
#include "base/limits.h"
#include "operator/import.h"
#include "transfer/values.h"

/* Room for what a row is made into. */
typedef struct ua_transfer_row {
  ua_operator_import_user user;
  int32_t role_ids[UA_MAX_ROLES];
  ua_auth_columns columns;
} ua_transfer_row;

/* Makes values into a user, whose texts are those of the values and of *row_r. `customer_id` is that of a row
 * that names none, 0 for no such. Tells `reject` of every field that breaks a rule, and returns whether none
 * did. */
UA_CHECK bool ua_transfer_row_make(const ua_transfer_values *values, uint64_t line, int32_t customer_id,
                                   const ua_operator_import_known *known,
                                   ua_operator_import_reject_fn *reject, void *context,
                                   ua_transfer_row *row_r);

#endif
