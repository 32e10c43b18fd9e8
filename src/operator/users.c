#include "operator/users.h"

#include <string.h>

#include "base/identifier.h"
#include "operator/customers.h"
#include "operator/sql.h"

static const char by_id_sql[] = "SELECT id, customer_id FROM _user WHERE id = $1::integer";
static const char customer_sql[] =
    "SELECT id FROM customer WHERE $1::integer IS NULL OR id = $1::integer ORDER BY id LIMIT 2";
static const char role_sql[] = "SELECT id FROM role WHERE code = $1::text";

ua_status ua_operator_users_stream(ua_operator_connection *connection, const ua_operator_users_filter *filter,
                                   ua_row_fn *row, void *context, ua_error_line *error)
{
  const char *const parameters[] = {filter->customer_id, filter->email_pattern, filter->name_pattern,
                                    filter->role,        filter->active,        filter->after,
                                    filter->limit};
  return ua_operator_connection_stream(connection, ua_operator_sql_users_stream, parameters,
                                       sizeof parameters / sizeof parameters[0], row, context, error);
}

/* Decimals of one row, and how many rows there were. */
typedef struct numbers {
  uint64_t value[2];
  size_t columns;
  size_t rows;
} numbers;

static ua_status read_numbers(void *context, const char *const *values)
{
  numbers *n = context;
  for (size_t i = 0; n->rows == 0 && i < n->columns; i++) {
    if (values[i] == NULL || !ua_text_to_uint(ua_text_of(values[i]), INT64_MAX, &n->value[i])) {
      return UA_INTERNAL;
    }
  }
  n->rows++;
  return UA_OK;
}

static ua_status query_numbers(ua_operator_connection *connection, const char *sql,
                               const char *const *parameters, size_t count, size_t columns,
                               numbers *numbers_r, ua_error_line *error)
{
  *numbers_r = (numbers){.columns = columns};
  return ua_operator_connection_query(connection, sql, parameters, count, read_numbers, numbers_r, error);
}

void ua_operator_users_read_email(const char *typed, ua_operator_email *email_r)
{
  ua_text email = ua_identifier_without_end_blanks(ua_text_of(typed));
  email_r->parameter[0] = email_r->parameter[1] = typed;
  if (email.length < sizeof email_r->without_blanks) {
    memcpy(email_r->without_blanks, email.data, email.length);
    email_r->without_blanks[email.length] = '\0';
    email_r->parameter[1] = email_r->without_blanks;
  }
}

ua_status ua_operator_users_find(ua_operator_connection *connection, const char *email, const char *id,
                                 ua_operator_user_address *address_r, ua_error_line *error)
{
  ua_operator_email read;
  numbers found;
  ua_status status;
  if (email != NULL) {
    ua_operator_users_read_email(email, &read);
    status = query_numbers(connection, ua_operator_sql_users_by_email, read.parameter, 2, 2, &found, error);
  } else {
    status = query_numbers(connection, by_id_sql, &id, 1, 2, &found, error);
  }
  if (status != UA_OK) {
    return status;
  }
  if (found.rows == 0) {
    ua_error_line_set(error, email != NULL ? "there is no user %s" : "there is no user with id %s",
                      email != NULL ? email : id);
    return UA_NOT_FOUND;
  }
  *address_r =
      (ua_operator_user_address){.id = (int32_t)found.value[0], .customer_id = (int32_t)found.value[1]};
  return UA_OK;
}

ua_status ua_operator_users_customer(ua_operator_connection *connection, const char *id, int32_t *id_r,
                                     ua_error_line *error)
{
  const char *const parameters[] = {id};
  numbers found;
  ua_status status = query_numbers(connection, customer_sql, parameters, 1, 1, &found, error);
  if (status != UA_OK) {
    return status;
  }
  if (found.rows != 1) {
    if (id != NULL) {
      ua_error_line_set(error, "there is no customer %s", id);
    } else {
      ua_error_line_set(error, "%s", ua_operator_customers_unclear(found.rows));
    }
    return UA_NOT_FOUND;
  }
  *id_r = (int32_t)found.value[0];
  return UA_OK;
}

ua_status ua_operator_users_role(ua_operator_connection *connection, const char *code, int32_t *id_r,
                                 ua_error_line *error)
{
  const char *const parameters[] = {code};
  numbers found;
  ua_status status = query_numbers(connection, role_sql, parameters, 1, 1, &found, error);
  if (status != UA_OK) {
    return status;
  }
  if (found.rows == 0) {
    ua_error_line_set(error, "there is no role %s", code);
    return UA_NOT_FOUND;
  }
  *id_r = (int32_t)found.value[0];
  return UA_OK;
}
