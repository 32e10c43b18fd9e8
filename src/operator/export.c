#include "operator/export.h"

#include <inttypes.h>
#include <stdio.h>

enum { MAX_SQL_BYTES = 2048 };

/* Roles in the order of their ids; NULL for none. */
#define HELD(aggregate) \
  "(SELECT " aggregate " FROM user_has_role h JOIN role r ON r.id = h.role_id WHERE h.user_id = u.id)"

/* Written piece by piece, because PostgreSQL's own way to write objects puts blanks between them. */
#define JSON_BEGIN                                                                                         \
  "'{\"active\":' || CASE WHEN u.active THEN 'true' ELSE 'false' END || ',\"customer\":' || u.customer_id" \
  " || ',\"email\":' || to_json(u.email)::text || ',\"epoch\":' || u.epoch"
#define JSON_HASH " || ',\"hash\":' || to_json(u.hash)::text"
#define JSON_MIDDLE                                                                   \
  " || ',\"id\":' || u.id || ',\"name\":' || to_json(u.name)::text || ',\"roles\":['" \
  " || coalesce(" HELD("string_agg(to_json(r.code)::text, ',' ORDER BY r.id)") ", '') || ']'"
#define JSON_SALT " || ',\"salt\":' || to_json(u.salt)::text"
#define JSON_END  " || '}'"
#define CSV_BEGIN                                                                     \
  "u.id, u.email, u.name, CASE WHEN u.active THEN 'true' ELSE 'false' END AS active," \
  " u.customer_id AS customer, " HELD("string_agg(r.code, ';' ORDER BY r.id)") " AS roles, u.epoch"
#define CSV_HASHES ", u.hash, u.salt"

/* JSON holds no control characters: with two of them as delimiter and quote, COPY leaves it as it is. */
#define JSON_FORMAT "(FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')"
#define CSV_FORMAT  "(FORMAT csv, HEADER true)"

static const char *const columns[2][2] = {
    {JSON_BEGIN JSON_MIDDLE JSON_END, JSON_BEGIN JSON_HASH JSON_MIDDLE JSON_SALT JSON_END},
    {CSV_BEGIN, CSV_BEGIN CSV_HASHES},
};
static const char *const formats[2] = {JSON_FORMAT, CSV_FORMAT};

static ua_status check_customer(ua_operator_connection *connection, int32_t id, ua_error_line *error)
{
  char text[16];
  const char *const parameters[] = {text};
  bool exists = false;
  (void)snprintf(text, sizeof text, "%" PRId32, id);
  ua_status status = ua_operator_connection_exists(
      connection, "SELECT 1 FROM customer WHERE id = $1::integer", parameters, 1, &exists, error);
  if (status == UA_OK && !exists) {
    ua_error_line_set(error, "there is no customer %s", text);
    status = UA_NOT_FOUND;
  }
  return status;
}

/* What reads the list back splits it at ";" and leaves out blanks around codes. */
static ua_status check_roles(ua_operator_connection *connection, ua_error_line *error)
{
  bool exists = false;
  ua_status status = ua_operator_connection_exists(connection,
                                                   "SELECT 1 FROM role WHERE code ~ ';' OR code ~ '^[ \\t]'"
                                                   " OR code ~ '[ \\t]$' OR code = '' LIMIT 1",
                                                   NULL, 0, &exists, error);
  if (status == UA_OK && exists) {
    ua_error_line_set(error,
                      "a role's code is empty, has a \";\", or blanks around it: CSV cannot tell it,"
                      " JSON lines can");
    status = UA_UNPROCESSABLE;
  }
  return status;
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

ua_status ua_operator_export_users(ua_operator_connection *connection, const ua_operator_export_wish *wish,
                                   ua_operator_copy_out_fn *row, void *context, uint64_t *users_r,
                                   ua_error_line *error)
{
  char sql[MAX_SQL_BYTES];
  char only[64] = "";
  line_ender ender = {row, context};
  /* What is looked at before the users is of the same moment. */
  ua_status status = ua_operator_connection_run(
      connection, UA_TEXT("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"), error);
  if (status == UA_OK && wish->csv) {
    status = check_roles(connection, error);
  }
  if (status == UA_OK && wish->customer_id > 0) {
    status = check_customer(connection, wish->customer_id, error);
    (void)snprintf(only, sizeof only, "WHERE u.customer_id = %" PRId32, wish->customer_id);
  }
  if (status != UA_OK) {
    return status;
  }
  int length = snprintf(sql, sizeof sql, "COPY (SELECT %s FROM _user u %s ORDER BY u.id) TO STDOUT %s",
                        columns[wish->csv][wish->with_hashes], only, formats[wish->csv]);
  if (length < 0 || (size_t)length >= sizeof sql) {
    ua_error_line_set(error, "the statement is too long");
    return UA_INTERNAL;
  }
  return wish->csv ? ua_operator_copy_out(connection, sql, end_by_crlf, &ender, users_r, error)
                   : ua_operator_copy_out(connection, sql, row, context, users_r, error);
}
