/* What the server's error codes (PostgreSQL documentation, appendix A) mean for a request, and to an
 * operator. Pure. */
#ifndef UA_STORE_SQLSTATE_H
#define UA_STORE_SQLSTATE_H

#include <stdbool.h>

#include "base/error.h"

/* UA_CONFLICT and UA_UNPROCESSABLE for what the caller can change, UA_UNAVAILABLE for what the operator or
 * time can: the database is away, full, slow, or not as the service needs it. UA_INTERNAL for our own
 * mistakes, and for whatever the table does not know, "" included. */
UA_CHECK ua_status ua_store_sqlstate_status(const char *sqlstate);

/* Whether the connection that answered so is of no use any more although the statement was not executed: the
 * server shuts down, has become read-only after a failover, or has forgotten what was prepared. */
bool ua_store_sqlstate_ends_connection(const char *sqlstate);

/* Whether the server's messages with this code may quote what nobody else should read: values of rows and
 * parameters, whatever functions and extensions say, and, with `quotes_sql`, pieces of the statement. False
 * only for the classes whose messages are known to name objects, roles and limits at most. */
bool ua_store_sqlstate_quotes(const char *sqlstate, bool quotes_sql);

/* What is wrong and, where that is known, what to do: one phrase, static. NULL where the code says nothing.
 */
const char *ua_store_sqlstate_hint(const char *sqlstate);

#endif
