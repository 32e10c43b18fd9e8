/* The operating system's user as whom a connection is made: over a unix socket, PostgreSQL's peer
 * authentication asks for it. Private to connection*.c. */
#ifndef UA_OPERATOR_CONNECTION_USER_H
#define UA_OPERATOR_CONNECTION_USER_H

#include "operator/connection_private.h"

/* Connects as ua_store_libpq_connect does, into opened->connection (NULL: out of memory, or this process
 * cannot be `user`). `user` "" is this process's own. NULL is the same, but if a unix socket refuses root, it
 * tries again as the user who has the role's name: root may act as any user, and `runuser -u postgres` would
 * do the same. opened->user is the other user as whom it connected. */
void ua_operator_connection_dial(ua_operator_connection *opened, const char *user,
                                 const char *const *keywords, const char *const *values);

/* Why the server refused such a connection: UA_FORBIDDEN when its pg_hba.conf does not let the role in,
 * UA_WRONG_LOGIN for a wrong password, otherwise UA_UNAVAILABLE. Connects once more to find out. */
UA_CHECK ua_status ua_operator_connection_refusal(const ua_operator_connection *refused);

#endif
