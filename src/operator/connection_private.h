/* The structure of an operator's connection. Private to connection*.c and copy.c, which include libpq from
 * here. */
#ifndef UA_OPERATOR_CONNECTION_PRIVATE_H
#define UA_OPERATOR_CONNECTION_PRIVATE_H

#include "operator/connection.h"
#include "store/libpq.h"

enum { UA_MAX_OS_USER_BYTES = 64 };

struct ua_operator_connection {
  PGconn *connection;
  char user[UA_MAX_OS_USER_BYTES]; /* the operating system's user who connected; "": this process's own */
};

/* Clears the result, and returns its outcome: UA_OK, UA_UNAVAILABLE when the connection was lost, UA_INTERNAL
 * when the server refused. */
UA_CHECK ua_status ua_operator_connection_settle(const ua_operator_connection *connection, PGresult *result,
                                                 ua_error_line *error);

/* Stops the running statement, so that the server does not send the rest of its rows. */
void ua_operator_connection_cancel(const ua_operator_connection *connection);

#endif
