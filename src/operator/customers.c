#include "operator/customers.h"

#include "operator/sql.h"

ua_status ua_operator_customers_add(ua_operator_connection *connection, const char *quota, ua_row_fn *row,
                                    void *context, ua_error_line *error)
{
  static const char sql[] =
      "INSERT INTO customer (max_user_quota) VALUES ($1::integer) RETURNING id, max_user_quota, 0, 0";
  const char *const parameters[] = {quota};
  return ua_operator_connection_query(connection, sql, parameters, 1, row, context, error);
}

ua_status ua_operator_customers_list(ua_operator_connection *connection, const char *after, const char *limit,
                                     ua_row_fn *row, void *context, ua_error_line *error)
{
  const char *const parameters[] = {after, limit};
  return ua_operator_connection_stream(connection, ua_operator_sql_customers_list, parameters, 2, row,
                                       context, error);
}

ua_status ua_operator_customers_get(ua_operator_connection *connection, const char *id, ua_row_fn *row,
                                    void *context, ua_error_line *error)
{
  const char *const parameters[] = {id};
  return ua_operator_connection_query(connection, ua_operator_sql_customers_get, parameters, 1, row, context,
                                      error);
}

ua_status ua_operator_customers_set_quota(ua_operator_connection *connection, const char *id,
                                          const char *quota, ua_row_fn *row, void *context,
                                          ua_error_line *error)
{
  const char *const parameters[] = {id, quota};
  return ua_operator_connection_query(connection, ua_operator_sql_customers_set_quota, parameters, 2, row,
                                      context, error);
}

const char *ua_operator_customers_unclear(size_t count)
{
  return count == 0 ? "there is no customer yet" : "there are several customers: say which, with --customer";
}
