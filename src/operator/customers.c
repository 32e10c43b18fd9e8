#include "operator/customers.h"

#include "operator/sql.h"

ua_status ua_operator_customers_add(ua_operator_connection *connection, const char *name, const char *quota,
                                    ua_row_fn *row, void *context, ua_error_line *error)
{
  const char *const parameters[] = {name, quota};
  return ua_operator_connection_query(connection, ua_operator_sql_customers_add, parameters, 2, row, context,
                                      error);
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

ua_status ua_operator_customers_change(ua_operator_connection *connection, const char *id,
                                       const ua_operator_customer_change *change, ua_row_fn *row,
                                       void *context, ua_error_line *error)
{
  const char *const parameters[] = {id, change->name, change->sets_quota ? "t" : "f", change->quota};
  return ua_operator_connection_query(connection, ua_operator_sql_customers_change, parameters, 4, row,
                                      context, error);
}

ua_status ua_operator_customers_lock(ua_operator_connection *connection, const char *id, ua_row_fn *row,
                                     void *context, ua_error_line *error)
{
  static const char lock[] = "SELECT 1 FROM customer WHERE id = $1::integer FOR UPDATE";
  const char *const parameters[] = {id};
  ua_status status = ua_operator_connection_query(connection, lock, parameters, 1, NULL, NULL, error);
  /* A separate statement: it sees users that were added while it waited for the lock. */
  return status == UA_OK ? ua_operator_customers_get(connection, id, row, context, error) : status;
}

ua_status ua_operator_customers_delete(ua_operator_connection *connection, const char *id,
                                       ua_error_line *error)
{
  const char *const parameters[] = {id};
  return ua_operator_connection_query(connection, "DELETE FROM customer WHERE id = $1::integer", parameters,
                                      1, NULL, NULL, error);
}

const char *ua_operator_customers_unclear(size_t count)
{
  return count == 0 ? "there is no customer yet" : "there are several customers: say which, with --customer";
}
