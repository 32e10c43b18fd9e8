#include "fastcgi/connections.h"

#include <stdlib.h>

static void append(ua_connections *list, ua_connection *connection)
{
  connection->older = list->newest;
  connection->newer = NULL;
  *(list->newest == NULL ? &list->oldest : &list->newest->newer) = connection;
  list->newest = connection;
  list->count++;
}

static void take_out(ua_connections *list, ua_connection *connection)
{
  *(connection->older == NULL ? &list->oldest : &connection->older->newer) = connection->newer;
  *(connection->newer == NULL ? &list->newest : &connection->newer->older) = connection->older;
  list->count--;
}

static void free_connection(ua_connection *connection)
{
  ua_fastcgi_connection_close(connection);
  ua_fastcgi_records_free(&connection->records);
  ua_arena_destroy(&connection->arena);
  free(connection);
}

static ua_connection *take_spare(ua_connections *connections)
{
  ua_connection *connection = connections->spare;
  if (connection != NULL) {
    connections->spare = connection->newer;
    connections->spare_count--;
  }
  return connection;
}

ua_connection *ua_fastcgi_connections_add(ua_connections *connections)
{
  ua_connection *connection = take_spare(connections);
  if (connection == NULL) {
    connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
      return NULL;
    }
    connection->fd = -1;
  }
  append(connections, connection);
  return connection;
}

void ua_fastcgi_connections_put_by(ua_connections *connections, ua_connection *connection)
{
  take_out(connections, connection);
  connection->newer = connections->spare;
  connections->spare = connection;
  connections->spare_count++;
}

void ua_fastcgi_connections_free_spare(ua_connections *connections, size_t most)
{
  ua_connection *connection;
  while (connections->spare_count > most && (connection = take_spare(connections)) != NULL) {
    free_connection(connection);
  }
}

void ua_fastcgi_connections_clear(ua_connections *connections)
{
  for (ua_connection *next, *connection = connections->oldest; connection != NULL; connection = next) {
    next = connection->newer;
    free_connection(connection);
  }
  connections->oldest = connections->newest = NULL;
  connections->count = 0;
  ua_fastcgi_connections_free_spare(connections, 0);
}
