#include "operator/customers.h"

/* Counted by the index on (customer_id, id), customer by customer, so that a list begins at once. */
#define WITH_COUNTS(source)                                       \
  "SELECT c.id, c.max_user_quota, u.total, u.active FROM " source \
  " c"                                                            \
  " CROSS JOIN LATERAL (SELECT count(*) AS total,"                \
  " count(*) FILTER (WHERE active) AS active FROM _user WHERE customer_id = c.id) u"

ua_status ua_operator_customers_add(ua_operator_connection *connection, const char *quota, ua_row_fn *row,
                                    void *context, ua_error_line *error)
{
  static const char sql[] =
      "INSERT INTO customer (max_user_quota) VALUES ($1::integer)"
      " RETURNING id, max_user_quota, 0, 0";
  const char *const parameters[] = {quota};
  return ua_operator_connection_query(connection, sql, parameters, 1, row, context, error);
}

ua_status ua_operator_customers_list(ua_operator_connection *connection, const char *after, const char *limit,
                                     ua_row_fn *row, void *context, ua_error_line *error)
{
  static const char sql[] = WITH_COUNTS(
      "(SELECT id, max_user_quota FROM customer WHERE id > $1::bigint"
      " ORDER BY id LIMIT $2::bigint)") " ORDER BY c.id";
  const char *const parameters[] = {after, limit};
  return ua_operator_connection_stream(connection, sql, parameters, 2, row, context, error);
}

ua_status ua_operator_customers_get(ua_operator_connection *connection, const char *id, ua_row_fn *row,
                                    void *context, ua_error_line *error)
{
  static const char sql[] = WITH_COUNTS("customer") " WHERE c.id = $1::integer";
  const char *const parameters[] = {id};
  return ua_operator_connection_query(connection, sql, parameters, 1, row, context, error);
}

ua_status ua_operator_customers_set_quota(ua_operator_connection *connection, const char *id,
                                          const char *quota, ua_row_fn *row, void *context,
                                          ua_error_line *error)
{
  static const char sql[] =
      "WITH changed AS (UPDATE customer SET max_user_quota = $2::integer"
      " WHERE id = $1::integer RETURNING id, max_user_quota) " WITH_COUNTS("changed");
  const char *const parameters[] = {id, quota};
  return ua_operator_connection_query(connection, sql, parameters, 2, row, context, error);
}
