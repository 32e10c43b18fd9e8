#include "operator/export.h"

#include <inttypes.h>
#include <stdio.h>

#include "operator/sql.h"

static ua_status check_customer(ua_operator_connection *connection, int32_t id, ua_error_line *error)
{
  char text[16];
  const char *const parameters[] = {text};
  bool exists = false;
  (void)snprintf(text, sizeof text, "%" PRId32, id);
  ua_status status = ua_operator_connection_exists(
      connection, "SELECT 1 FROM customer WHERE id = $1::integer", parameters, 1, &exists, error);
  if (status != UA_OK || exists) {
    return status;
  }
  ua_error_line_set(error, "there is no customer %s", text);
  return UA_NOT_FOUND;
}

static ua_status check_roles(ua_operator_connection *connection, ua_error_line *error)
{
  bool exists = false;
  ua_status status = ua_operator_connection_exists(connection, ua_operator_sql_export_unspeakable_role, NULL,
                                                   0, &exists, error);
  if (status != UA_OK || !exists) {
    return status;
  }
  ua_error_line_set(error,
                    "a role's code is empty, has a \";\", or blanks around it: CSV cannot express that,"
                    " JSON lines can");
  return UA_UNPROCESSABLE;
}

/* Settings of the transaction, because COPY takes no parameters. */
static ua_status set_wish(ua_operator_connection *connection, const ua_operator_export_wish *wish,
                          ua_error_line *error)
{
  char first[16];
  char last[16];
  const char *const parameters[] = {first, last, wish->with_hashes ? "on" : "off"};
  bool all = wish->customer_id == 0;
  (void)snprintf(first, sizeof first, "%" PRId32, all ? INT32_MIN : wish->customer_id);
  (void)snprintf(last, sizeof last, "%" PRId32, all ? INT32_MAX : wish->customer_id);
  return ua_operator_connection_query(connection, ua_operator_sql_export_settings, parameters, 3, NULL, NULL,
                                      error);
}

/* RFC 4180 ends lines by CRLF. */
typedef struct line_ender {
  ua_operator_copy_out_fn *row;
  void *context;
} line_ender;

static ua_status end_by_crlf(void *context, ua_text row)
{
  line_ender *ender = context;
  if (row.length > 0 && row.data[row.length - 1] == '\n') {
    row.length--;
  }
  ua_status status = ender->row(ender->context, row);
  return status == UA_OK ? ender->row(ender->context, UA_TEXT("\r\n")) : status;
}

static ua_status prepare(ua_operator_connection *connection, const ua_operator_export_wish *wish,
                         ua_error_line *error)
{
  /* One snapshot: the checks before the export see the same data as the export. */
  static const char begin[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  ua_status status = ua_operator_connection_run(connection, UA_TEXT(begin), error);
  if (status == UA_OK && wish->csv) {
    status = check_roles(connection, error);
  }
  if (status == UA_OK && wish->customer_id > 0) {
    status = check_customer(connection, wish->customer_id, error);
  }
  return status == UA_OK ? set_wish(connection, wish, error) : status;
}

ua_status ua_operator_export_users(ua_operator_connection *connection, const ua_operator_export_wish *wish,
                                   ua_operator_copy_out_fn *row, void *context, uint64_t *users_r,
                                   ua_error_line *error)
{
  const char *csv = wish->with_hashes ? ua_operator_sql_export_csv_hashes : ua_operator_sql_export_csv;
  line_ender ender = {row, context};
  ua_status status = prepare(connection, wish, error);
  if (status != UA_OK) {
    return status;
  }
  return wish->csv
             ? ua_operator_copy_out(connection, csv, end_by_crlf, &ender, users_r, error)
             : ua_operator_copy_out(connection, ua_operator_sql_export_json, row, context, users_r, error);
}
