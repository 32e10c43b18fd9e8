#include "operator/throttle.h"

#include "operator/sql.h"
#include "operator/users.h"

ua_status ua_operator_throttle_list(ua_operator_connection *connection,
                                    const ua_operator_throttle_filter *filter, bool all, const char *limit,
                                    ua_row_fn *row, void *context, ua_error_line *error)
{
  const char *const parameters[] = {filter->user_id, filter->account_digest, filter->address,
                                    filter->digest,  all ? "t" : "f",        limit};
  return ua_operator_connection_stream(connection, ua_operator_sql_throttle_list, parameters, 6, row, context,
                                       error);
}

ua_status ua_operator_throttle_lift(ua_operator_connection *connection,
                                    const ua_operator_throttle_filter *filter, ua_row_fn *row, void *context,
                                    ua_error_line *error)
{
  const char *const parameters[] = {filter->user_id, filter->account_digest, filter->address, filter->digest};
  return ua_operator_connection_query(connection, ua_operator_sql_throttle_lift, parameters, 4, row, context,
                                      error);
}

ua_status ua_operator_throttle_user(ua_operator_connection *connection, const char *email, ua_row_fn *row,
                                    void *context, ua_error_line *error)
{
  ua_operator_email read;
  ua_operator_users_read_email(email, &read);
  return ua_operator_connection_query(connection, ua_operator_sql_throttle_user, read.parameter, 2, row,
                                      context, error);
}
