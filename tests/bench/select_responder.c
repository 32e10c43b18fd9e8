/* select_responder SOCKET WORKERS DATABASE_URL: answers every request with one row, by one prepared SELECT.
 */
#include <libpq-fe.h>

#include "prefork.h"

static const char statement[] = "user_by_id";

static void *start(void *url)
{
  PGconn *connection = PQconnectdb(url);
  PGresult *prepared = PQprepare(
      connection, statement, "SELECT id, email, name, active, customer_id FROM _user WHERE id = $1", 1, NULL);
  if (PQresultStatus(prepared) != PGRES_COMMAND_OK) {
    (void)fprintf(stderr, "select_responder: %s", PQerrorMessage(connection));
    _exit(EXIT_FAILURE);
  }
  PQclear(prepared);
  return connection;
}

static void serve(FCGX_Request *request, void *connection)
{
  const char *const values[] = {"1"};
  PGresult *result = PQexecPrepared(connection, statement, 1, values, NULL, NULL, 0);
  char body[1024];
  if (PQntuples(result) != 1) {
    (void)FCGX_PutS("Status: 500\r\nContent-Length: 0\r\n\r\n", request->out);
  } else {
    (void)snprintf(body, sizeof body,
                   "{\"active\":%s,\"customer\":{\"id\":%s},\"email\":\"%s\",\"id\":%s,\"name\":\"%s\"}\n",
                   PQgetvalue(result, 0, 3)[0] == 't' ? "true" : "false", PQgetvalue(result, 0, 4),
                   PQgetvalue(result, 0, 1), PQgetvalue(result, 0, 0), PQgetvalue(result, 0, 2));
    respond(request, body);
  }
  PQclear(result);
}

int main(int argc, char **argv)
{
  return argc == 4 ? prefork(argv[1], argv[2], start, argv[3], serve) : EXIT_FAILURE;
}
