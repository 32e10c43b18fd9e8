/* What a maintenance connection is: private to maintenance*.c. */
#ifndef UA_OPERATOR_CONNECTION_PRIVATE_H
#define UA_OPERATOR_CONNECTION_PRIVATE_H

#include <libpq-fe.h>

#include "operator/connection.h"

struct ua_maintenance {
  PGconn *connection;
};

/* The outcome of a result, which it clears: UA_OK, UA_UNAVAILABLE when the connection was lost, UA_INTERNAL
 * when the server refused. */
UA_CHECK ua_status ua_maintenance_settle(const ua_maintenance *connection, PGresult *result,
                                         ua_error_line *error);

#endif
