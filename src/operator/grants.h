/* What a worker's role may do in the database: exactly what the table of statements needs, no DDL. */
#ifndef UA_OPERATOR_GRANTS_H
#define UA_OPERATOR_GRANTS_H

#include "operator/connection.h"

/* Whom ua_operator_grants_apply is for. */
typedef enum ua_operator_grants_scope {
  UA_GRANTS_ALWAYS,   /* the role that was named; it has to exist */
  UA_GRANTS_IF_SERVED /* nobody was named: the roles that have rights in this database already or, where there
                         is none, the usual one, if it is there and may connect to this very database: roles
                         belong to the whole server, and another database's account is to get nothing here */
} ua_operator_grants_scope;

enum { UA_MAX_ACCOUNTS = 8 };

/* The roles as which workers log in to one database. */
typedef struct ua_operator_accounts {
  size_t count; /* at least 1 */
  char name[UA_MAX_ACCOUNTS][UA_MAX_IDENTIFIER_BYTES + 1];
} ua_operator_accounts;

/* Whom it is about: `account`, or those that UA_GRANTS_IF_SERVED finds instead. */
UA_CHECK ua_status ua_operator_grants_accounts(ua_operator_connection *connection, const char *account,
                                               ua_operator_grants_scope scope,
                                               ua_operator_accounts *accounts_r, ua_error_line *error);

/* Gives these roles their rights on whatever tables there are, and takes all others from them. May be
 * repeated at will. *applied_r says whether it did anything. */
UA_CHECK ua_status ua_operator_grants_apply(ua_operator_connection *connection, const char *account,
                                            ua_operator_grants_scope scope, bool *applied_r,
                                            ua_error_line *error);

/* Closes the database and its schema to everyone who has not been granted anything. */
UA_CHECK ua_status ua_operator_grants_close_to_public(ua_operator_connection *connection,
                                                      ua_error_line *error);

#endif
