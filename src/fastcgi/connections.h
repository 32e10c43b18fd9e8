/* The lists of a worker's connections: the held ones, and the closed ones. Closed ones are kept until no
 * event of epoll can refer to them, and are then used again. */
#ifndef UA_FASTCGI_CONNECTIONS_H
#define UA_FASTCGI_CONNECTIONS_H

#include <stddef.h>

#include "fastcgi/connection.h"

/* Zeroed memory is a valid state. */
typedef struct ua_connections {
  ua_connection *oldest, *newest; /* held, in the order in which they were accepted */
  size_t count;                   /* of those held */
  ua_connection *spare;           /* closed ones, linked by `newer` */
  size_t spare_count;
} ua_connections;

/* Adds a connection to the held ones: a spare one, or a zeroed one without a descriptor. NULL when out of
 * memory. */
ua_connection *ua_fastcgi_connections_add(ua_connections *connections);

/* Moves a held connection, which is closed, to the spare ones. */
void ua_fastcgi_connections_put_by(ua_connections *connections, ua_connection *connection);

/* Frees spare ones until `most` are left. */
void ua_fastcgi_connections_free_spare(ua_connections *connections, size_t most);

/* Closes and frees all of them. */
void ua_fastcgi_connections_clear(ua_connections *connections);

#endif
