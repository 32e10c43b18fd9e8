/* SQL about customers, roles and tokens that only an operator sends. Parameters are text, checked by who
 * calls; rows come as the columns that each function names. Results are as ua_maintenance_query has them. */
#ifndef UA_OPERATOR_UPKEEP_H
#define UA_OPERATOR_UPKEEP_H

#include <stdint.h>

#include "operator/connection.h"
#include "store/tokens.h"

/* Customers: id, max_user_quota, number of users, number of active users. */
enum { UA_UPKEEP_CUSTOMER_COLUMNS = 4 };

/* A new one; `quota` NULL: no limit. */
UA_CHECK ua_status ua_upkeep_customer_add(ua_maintenance *connection, const char *quota, ua_row_fn *row,
                                          void *context, ua_error_line *error);

/* All with an id above `after`, ordered by id, `limit` at most (NULL: all of them). */
UA_CHECK ua_status ua_upkeep_customer_list(ua_maintenance *connection, const char *after, const char *limit,
                                           ua_row_fn *row, void *context, ua_error_line *error);

/* No row when there is no such customer. */
UA_CHECK ua_status ua_upkeep_customer_get(ua_maintenance *connection, const char *id, ua_row_fn *row,
                                          void *context, ua_error_line *error);
UA_CHECK ua_status ua_upkeep_customer_set_quota(ua_maintenance *connection, const char *id, const char *quota,
                                                ua_row_fn *row, void *context, ua_error_line *error);

/* Roles: id, code, name, number of users who hold it. */
enum { UA_UPKEEP_ROLE_COLUMNS = 4 };

/* No row when the code is taken. */
UA_CHECK ua_status ua_upkeep_role_add(ua_maintenance *connection, const char *code, const char *name,
                                      ua_row_fn *row, void *context, ua_error_line *error);
UA_CHECK ua_status ua_upkeep_role_list(ua_maintenance *connection, const char *after, const char *limit,
                                       ua_row_fn *row, void *context, ua_error_line *error);

/* Changes the name that is shown. No row when there is no such role. */
UA_CHECK ua_status ua_upkeep_role_rename(ua_maintenance *connection, const char *code, const char *name,
                                         ua_row_fn *row, void *context, ua_error_line *error);

/* Within a transaction: the role as it is, locked against new holders until the end. */
UA_CHECK ua_status ua_upkeep_role_lock(ua_maintenance *connection, const char *code, ua_row_fn *row,
                                       void *context, ua_error_line *error);

/* Within that transaction: takes the role from whoever holds it, which ends their tokens, and deletes it. */
UA_CHECK ua_status ua_upkeep_role_delete(ua_maintenance *connection, const char *id, ua_error_line *error);

/* What the database knows of a token. */
typedef struct ua_upkeep_token_state {
  bool user_exists; /* as a user of the token's customer; nothing below is known otherwise */
  bool user_active;
  int32_t epoch; /* the user's */
  bool revoked;
} ua_upkeep_token_state;

UA_CHECK ua_status ua_upkeep_token_state_get(ua_maintenance *connection, const ua_token_key *key,
                                             ua_upkeep_token_state *state_r, ua_error_line *error);

#endif
