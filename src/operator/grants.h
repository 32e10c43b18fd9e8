/* What a worker's role may do in the database: exactly what the table of statements needs, no DDL. */
#ifndef UA_OPERATOR_GRANTS_H
#define UA_OPERATOR_GRANTS_H

#include "operator/connection.h"

/* Whom ua_operator_grants_apply is for. */
typedef enum ua_operator_grants_scope {
  UA_GRANTS_ALWAYS,   /* the role has to exist */
  UA_GRANTS_IF_SERVED /* only when the role is there and may already connect to this very database: roles
                         belong to the whole server, and another database's account is to get nothing here */
} ua_operator_grants_scope;

/* Gives the role `account` its rights on whatever tables there are, and takes all others from it. May be
 * repeated at will. *applied_r says whether it did anything. */
UA_CHECK ua_status ua_operator_grants_apply(ua_operator_connection *connection, const char *account,
                                            ua_operator_grants_scope scope, bool *applied_r,
                                            ua_error_line *error);

/* Closes the database and its schema to everyone who has not been granted anything. */
UA_CHECK ua_status ua_operator_grants_close_to_public(ua_operator_connection *connection,
                                                      ua_error_line *error);

#endif
