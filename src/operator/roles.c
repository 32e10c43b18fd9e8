#include "operator/roles.h"

#include "operator/sql.h"
#include "store/schema.h"

ua_status ua_operator_roles_add(ua_operator_connection *connection, const char *code, const char *name,
                                const char *assignable, ua_row_fn *row, void *context, ua_error_line *error)
{
  const char *const parameters[] = {code, name, assignable};
  return ua_operator_connection_query(connection, ua_operator_sql_roles_add, parameters, 3, row, context,
                                      error);
}

ua_status ua_operator_roles_list(ua_operator_connection *connection, const char *after, const char *limit,
                                 ua_row_fn *row, void *context, ua_error_line *error)
{
  const char *const parameters[] = {after, limit};
  return ua_operator_connection_stream(connection, ua_operator_sql_roles_list, parameters, 2, row, context,
                                       error);
}

ua_status ua_operator_roles_get(ua_operator_connection *connection, const char *code, ua_row_fn *row,
                                void *context, ua_error_line *error)
{
  const char *const parameters[] = {code};
  return ua_operator_connection_query(connection, ua_operator_sql_roles_get, parameters, 1, row, context,
                                      error);
}

ua_status ua_operator_roles_set_assignable(ua_operator_connection *connection, const char *code,
                                           const char *assignable, ua_row_fn *row, void *context,
                                           ua_error_line *error)
{
  const char *const parameters[] = {code, assignable};
  return ua_operator_connection_query(connection, ua_operator_sql_roles_set_assignable, parameters, 2, row,
                                      context, error);
}

ua_status ua_operator_roles_lock(ua_operator_connection *connection, const char *code, ua_row_fn *row,
                                 void *context, ua_error_line *error)
{
  static const char lock[] = "SELECT 1 FROM role WHERE code = $1::text FOR UPDATE";
  const char *const parameters[] = {code};
  ua_status status = ua_operator_connection_query(connection, lock, parameters, 1, NULL, NULL, error);
  /* A separate statement: it sees users who got the role while it waited for the lock. */
  return status == UA_OK ? ua_operator_roles_get(connection, code, row, context, error) : status;
}

ua_status ua_operator_roles_delete(ua_operator_connection *connection, const char *id, ua_error_line *error)
{
  static const char remove[] = "DELETE FROM role WHERE id = $1::integer";
  const char *const parameters[] = {id};
  bool unended;
  ua_status status = ua_operator_connection_query(connection, ua_operator_sql_roles_lock_holders, parameters,
                                                  1, NULL, NULL, error);
  if (status == UA_OK) {
    status = ua_operator_connection_exists(connection, ua_operator_sql_roles_take_away, parameters, 1,
                                           &unended, error);
  }
  if (status == UA_OK && unended) {
    ua_error_line_set(error, "nothing was changed: " UA_NO_TRIGGERS);
    status = UA_UNAVAILABLE;
  }
  return status == UA_OK ? ua_operator_connection_query(connection, remove, parameters, 1, NULL, NULL, error)
                         : status;
}
