/* What the server's error codes (PostgreSQL documentation, appendix A) mean for a request, and to an
 * operator. Pure. */
#ifndef UA_STORE_SQLSTATE_H
#define UA_STORE_SQLSTATE_H

#include <stdbool.h>

#include "base/error.h"

/* UA_CONFLICT and UA_UNPROCESSABLE for causes that the caller can change. UA_UNAVAILABLE for those that the
 * operator can fix or that pass: the database is not available, full, slow, or not as the service needs it.
 * UA_INTERNAL for our own mistakes and for every code that is not in the table, "" included. */
UA_CHECK ua_status ua_store_sqlstate_status(const char *sqlstate);

/* Whether the connection is unusable after this answer, although the statement was not executed: the server
 * shuts down, has become read-only after a failover, or has lost the prepared statements. */
bool ua_store_sqlstate_ends_connection(const char *sqlstate);

/* Whether the server's messages with this code may quote confidential text: values of rows and parameters,
 * messages of functions and extensions and, with `quotes_sql`, parts of the statement. False only for classes
 * whose messages name nothing but objects, roles and limits. */
bool ua_store_sqlstate_quotes(const char *sqlstate, bool quotes_sql);

/* What is wrong and, if known, what to do: one phrase, static. NULL if the code does not say. */
const char *ua_store_sqlstate_hint(const char *sqlstate);

#endif
