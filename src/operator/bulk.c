#include "operator/bulk.h"

#include "operator/sql.h"

ua_status ua_operator_bulk_begin(ua_operator_connection *connection, ua_error_line *error)
{
  return ua_operator_connection_run(connection, ua_text_of(ua_operator_sql_bulk_begin), error);
}
