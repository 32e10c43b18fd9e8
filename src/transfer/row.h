/* The rules for a user in a file: the same as the API's. */
#ifndef UA_TRANSFER_ROW_H
#define UA_TRANSFER_ROW_H

#include "auth/columns.h"
#include "base/limits.h"
#include "operator/import.h"
#include "transfer/values.h"

/* Storage for the user that a row becomes. */
typedef struct ua_transfer_row {
  ua_operator_import_user user;
  int32_t role_ids[UA_MAX_ROLES];
  ua_auth_columns columns;
} ua_transfer_row;

/* Makes values into a user, whose texts live in the values and in *row_r. `customer_id` is used for a row
 * that names no customer; 0: none. Calls `reject` for every field that breaks a rule; returns whether none
 * did. */
UA_CHECK bool ua_transfer_row_make(const ua_transfer_values *values, uint64_t line, int32_t customer_id,
                                   const ua_operator_import_known *known,
                                   ua_operator_import_reject_fn *reject, void *context,
                                   ua_transfer_row *row_r);

#endif
