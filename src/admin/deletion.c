#include "admin/deletion.h"

#include <string.h>

/* Within a transaction, which the caller rolls back unless the code is UA_CLI_OK. */
static int delete_locked(const ua_cli_arguments *arguments, ua_admin_session *session,
                         const ua_admin_deletion *deletion, ua_admin_row *row)
{
  ua_operator_connection *connection = session->connection;
  ua_status status =
      deletion->lock(connection, arguments->positional[0], ua_admin_row_keep, row, &session->error);
  if (status != UA_OK) {
    return ua_admin_session_fail(session, status);
  }
  int code = deletion->check(arguments, session, row);
  if (code != UA_CLI_OK) {
    return code;
  }
  status = deletion->remove(connection, row->value[0], &session->error);
  if (status == UA_OK) {
    status = ua_operator_connection_commit(connection, &session->error);
  }
  return status == UA_OK ? UA_CLI_OK : ua_admin_session_fail(session, status);
}

/* The row as it was, behind the word that it is gone. */
static int print_deleted(const ua_admin_session *session, const ua_admin_deletion *deletion,
                         const ua_admin_row *row)
{
  ua_cli_column shown[UA_MAX_COLUMNS + 1] = {{"deleted", UA_CLI_BOOLEAN, NULL}};
  const char *values[UA_MAX_COLUMNS] = {"t"};
  memcpy(shown + 1, deletion->columns, deletion->count * sizeof shown[0]);
  memcpy(values + 1, row->value, deletion->count * sizeof values[0]);
  return ua_cli_print_object(session->json, shown, values);
}

int ua_admin_delete(const ua_cli_arguments *arguments, ua_admin_session *session,
                    const ua_admin_deletion *deletion)
{
  ua_admin_row row = {.arena = session->arena, .columns = deletion->count};
  ua_status status = ua_operator_connection_begin(session->connection, &session->error);
  if (status != UA_OK) {
    return ua_admin_session_fail(session, status);
  }
  int code = delete_locked(arguments, session, deletion, &row);
  if (code != UA_CLI_OK) {
    ua_operator_connection_rollback(session->connection);
    return code;
  }
  return print_deleted(session, deletion, &row);
}
