#include "operator/roles.h"

#define HOLDERS "(SELECT count(*) FROM user_has_role h WHERE h.role_id = r.id)"

ua_status ua_operator_roles_add(ua_operator_connection *connection, const char *code, const char *name,
                                ua_row_fn *row, void *context, ua_error_line *error)
{
  static const char sql[] =
      "INSERT INTO role (code, name) VALUES ($1::text, $2::text)"
      " ON CONFLICT (code) DO NOTHING RETURNING id, code, name, 0";
  const char *const parameters[] = {code, name};
  return ua_operator_connection_query(connection, sql, parameters, 2, row, context, error);
}

ua_status ua_operator_roles_list(ua_operator_connection *connection, const char *after, const char *limit,
                                 ua_row_fn *row, void *context, ua_error_line *error)
{
  static const char sql[] = "SELECT r.id, r.code, r.name, " HOLDERS
                            " FROM role r WHERE r.id > $1::bigint"
                            " ORDER BY r.id LIMIT $2::bigint";
  const char *const parameters[] = {after, limit};
  return ua_operator_connection_stream(connection, sql, parameters, 2, row, context, error);
}

ua_status ua_operator_roles_rename(ua_operator_connection *connection, const char *code, const char *name,
                                   ua_row_fn *row, void *context, ua_error_line *error)
{
  static const char sql[] =
      "UPDATE role r SET name = $2::text WHERE code = $1::text"
      " RETURNING r.id, r.code, r.name, " HOLDERS;
  const char *const parameters[] = {code, name};
  return ua_operator_connection_query(connection, sql, parameters, 2, row, context, error);
}

ua_status ua_operator_roles_lock(ua_operator_connection *connection, const char *code, ua_row_fn *row,
                                 void *context, ua_error_line *error)
{
  static const char lock[] = "SELECT 1 FROM role WHERE code = $1::text FOR UPDATE";
  /* A statement of its own: it sees who was given the role while the lock was waited for. */
  static const char look[] = "SELECT r.id, r.code, r.name, " HOLDERS " FROM role r WHERE r.code = $1::text";
  const char *const parameters[] = {code};
  ua_status status = ua_operator_connection_query(connection, lock, parameters, 1, NULL, NULL, error);
  return status == UA_OK ? ua_operator_connection_query(connection, look, parameters, 1, row, context, error)
                         : status;
}

ua_status ua_operator_roles_delete(ua_operator_connection *connection, const char *id, ua_error_line *error)
{
  static const char end_tokens[] =
      "UPDATE _user SET epoch = epoch + 1"
      " WHERE id IN (SELECT user_id FROM user_has_role WHERE role_id = $1::integer)";
  static const char *const steps[] = {end_tokens, "DELETE FROM user_has_role WHERE role_id = $1::integer",
                                      "DELETE FROM role WHERE id = $1::integer"};
  const char *const parameters[] = {id};
  ua_status status = UA_OK;
  for (size_t i = 0; status == UA_OK && i < sizeof steps / sizeof steps[0]; i++) {
    status = ua_operator_connection_query(connection, steps[i], parameters, 1, NULL, NULL, error);
  }
  return status;
}
