/* Roles, as an operator adds, lists and deletes them; the service changes names. Parameters are text, checked
 * by the caller; rows come as the columns that are named here. Results are as for
 * ua_operator_connection_query. */
#ifndef UA_OPERATOR_ROLES_H
#define UA_OPERATOR_ROLES_H

#include "operator/connection.h"

/* The columns of a role. */
enum {
  UA_OPERATOR_ROLES_ID,
  UA_OPERATOR_ROLES_CODE,
  UA_OPERATOR_ROLES_NAME,
  UA_OPERATOR_ROLES_ASSIGNABLE, /* whether administrators of customers may grant and remove it */
  UA_OPERATOR_ROLES_USERS,      /* how many users hold it */
  UA_OPERATOR_ROLES_COLUMNS
};

/* `assignable`, here and below, is "yes" or "no". No row when the code is taken. */
UA_CHECK ua_status ua_operator_roles_add(ua_operator_connection *connection, const char *code,
                                         const char *name, const char *assignable, ua_row_fn *row,
                                         void *context, ua_error_line *error);
UA_CHECK ua_status ua_operator_roles_list(ua_operator_connection *connection, const char *after,
                                          const char *limit, ua_row_fn *row, void *context,
                                          ua_error_line *error);

/* No row when there is no such role. */
UA_CHECK ua_status ua_operator_roles_get(ua_operator_connection *connection, const char *code, ua_row_fn *row,
                                         void *context, ua_error_line *error);
UA_CHECK ua_status ua_operator_roles_set_assignable(ua_operator_connection *connection, const char *code,
                                                    const char *assignable, ua_row_fn *row, void *context,
                                                    ua_error_line *error);

/* Within a transaction: the role's row, locked against new holders until the end. */
UA_CHECK ua_status ua_operator_roles_lock(ua_operator_connection *connection, const char *code,
                                          ua_row_fn *row, void *context, ua_error_line *error);

/* Within that transaction: takes the role from all users who hold it, which ends their tokens, and deletes
 * it. UA_UNAVAILABLE if no triggers end the tokens. */
UA_CHECK ua_status ua_operator_roles_delete(ua_operator_connection *connection, const char *id,
                                            ua_error_line *error);

#endif
