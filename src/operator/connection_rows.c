/* Rows that an operator's connection reads: all at once, or as they arrive. */
#include "operator/connection_private.h"

static ua_status read_row(const PGresult *result, int number, ua_row_fn *row, void *context)
{
  const char *values[UA_MAX_COLUMNS];
  for (int column = 0; column < PQnfields(result); column++) {
    values[column] = PQgetisnull(result, number, column) != 0 ? NULL : PQgetvalue(result, number, column);
  }
  return row(context, values);
}

ua_status ua_operator_connection_query(ua_operator_connection *connection, const char *sql,
                                       const char *const *parameters, size_t count, ua_row_fn *row,
                                       void *context, ua_error_line *error)
{
  PGresult *result = PQexecParams(connection->connection, sql, (int)count, NULL, parameters, NULL, NULL, 0);
  if (PQresultStatus(result) != PGRES_TUPLES_OK) {
    return ua_operator_connection_settle(connection, result, error);
  }
  ua_status status = PQnfields(result) <= UA_MAX_COLUMNS ? UA_OK : UA_INTERNAL;
  for (int i = 0; row != NULL && status == UA_OK && i < PQntuples(result); i++) {
    status = read_row(result, i, row, context);
  }
  PQclear(result);
  if (status != UA_OK) {
    ua_error_line_set(error, "the database answered something unexpected");
  }
  return status;
}

ua_status ua_operator_connection_stream(ua_operator_connection *connection, const char *sql,
                                        const char *const *parameters, size_t count, ua_row_fn *row,
                                        void *context, ua_error_line *error)
{
  PGconn *link = connection->connection;
  ua_status status = UA_OK;
  bool stopped = false;
  if (PQsendQueryParams(link, sql, (int)count, NULL, parameters, NULL, NULL, 0) != 1 ||
      PQsetSingleRowMode(link) != 1) {
    ua_error_line_set(error, "the connection to the database was lost");
    return UA_UNAVAILABLE;
  }
  /* Reads to the end in any case: before that, the connection takes no other statement. */
  for (PGresult *result = PQgetResult(link); result != NULL; result = PQgetResult(link)) {
    if (PQresultStatus(result) != PGRES_SINGLE_TUPLE) {
      ua_error_line ignored;
      ua_status end = ua_operator_connection_settle(connection, result, stopped ? &ignored : error);
      status = stopped || status != UA_OK ? status : end;
      continue;
    }
    if (!stopped && PQnfields(result) > UA_MAX_COLUMNS) {
      ua_error_line_set(error, "the database answered something unexpected");
      status = UA_INTERNAL;
    } else if (!stopped) {
      status = read_row(result, 0, row, context);
    }
    PQclear(result);
    if (!stopped && status != UA_OK) {
      stopped = true;
      ua_operator_connection_cancel(connection);
    }
  }
  return status;
}

static ua_status note_row(void *context, const char *const *values)
{
  (void)values;
  *(bool *)context = true;
  return UA_OK;
}

ua_status ua_operator_connection_exists(ua_operator_connection *connection, const char *sql,
                                        const char *const *parameters, size_t count, bool *exists_r,
                                        ua_error_line *error)
{
  bool exists = false;
  ua_status status =
      ua_operator_connection_query(connection, sql, parameters, count, note_row, &exists, error);
  if (status == UA_OK) {
    *exists_r = exists;
  }
  return status;
}
