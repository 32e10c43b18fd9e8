/* What a worker's role may do in the database: exactly what the table of statements needs, no DDL. */
#ifndef UA_OPERATOR_GRANTS_H
#define UA_OPERATOR_GRANTS_H

#include "operator/connection.h"

/* Which roles ua_operator_grants_apply works on. */
typedef enum ua_operator_grants_scope {
  UA_GRANTS_ALWAYS,   /* the role that was named; it has to exist */
  UA_GRANTS_IF_SERVED /* no role was named: the roles that have rights in this database already. If there are
                         none: the usual role, if it exists and may connect to this very database. Roles
                         belong to the whole server, and another database's account must get nothing here */
} ua_operator_grants_scope;

enum { UA_MAX_ACCOUNTS = 8 };

/* The roles as which workers log in to one database. */
typedef struct ua_operator_accounts {
  size_t count; /* at least 1 */
  char name[UA_MAX_ACCOUNTS][UA_MAX_IDENTIFIER_BYTES + 1];
} ua_operator_accounts;

/* The roles: `account`, or those that UA_GRANTS_IF_SERVED finds instead. */
UA_CHECK ua_status ua_operator_grants_accounts(ua_operator_connection *connection, const char *account,
                                               ua_operator_grants_scope scope,
                                               ua_operator_accounts *accounts_r, ua_error_line *error);

/* Gives these roles their rights on the tables that exist, and takes all others from them. May be repeated.
 * *applied_r: whether it did anything. */
UA_CHECK ua_status ua_operator_grants_apply(ua_operator_connection *connection, const char *account,
                                            ua_operator_grants_scope scope, bool *applied_r,
                                            ua_error_line *error);

/* Closes the database and its schema to all roles without a grant of their own. */
UA_CHECK ua_status ua_operator_grants_close_to_public(ua_operator_connection *connection,
                                                      ua_error_line *error);

#endif
