#include "operator/users.h"

#include <stdio.h>

#include "operator/customers.h"
#include "operator/sql.h"

static const char by_id_sql[] = "SELECT id, customer_id FROM _user WHERE id = $1::integer";
static const char customer_sql[] =
    "SELECT id FROM customer WHERE $1::integer IS NULL OR id = $1::integer ORDER BY id LIMIT 2";
static const char role_sql[] = "SELECT id FROM role WHERE code = $1::text";
static const char lock_sql[] =
    "SELECT id FROM _user WHERE id = $1::integer AND customer_id = $2::integer FOR UPDATE";
static const char remove_sql[] = "DELETE FROM _user WHERE id = $1::integer";

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

ua_status ua_operator_users_find(ua_operator_connection *connection, const char *email, const char *id,
                                 ua_operator_user_address *address_r, ua_error_line *error)
{
  const char *const parameters[] = {email != NULL ? email : id};
  const char *sql = email != NULL ? ua_operator_sql_users_by_email : by_id_sql;
  numbers found;
  ua_status status = query_numbers(connection, sql, parameters, 1, 2, &found, error);
  if (status != UA_OK) {
    return status;
  }
  if (found.rows == 0) {
    ua_error_line_set(error, email != NULL ? "there is no user %s" : "there is no user with id %s",
                      parameters[0]);
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

/* The user's id and customer as decimals, for $1 and $2. */
typedef struct address_parameters {
  char text[2][12];
  const char *parameters[2];
} address_parameters;

static void write_address(const ua_operator_user_address *user, address_parameters *address_r)
{
  (void)snprintf(address_r->text[0], sizeof address_r->text[0], "%ld", (long)user->id);
  (void)snprintf(address_r->text[1], sizeof address_r->text[1], "%ld", (long)user->customer_id);
  address_r->parameters[0] = address_r->text[0];
  address_r->parameters[1] = address_r->text[1];
}

ua_status ua_operator_users_has_other_admin(ua_operator_connection *connection,
                                            const ua_operator_user_address *user, bool *exists_r,
                                            ua_error_line *error)
{
  address_parameters address;
  write_address(user, &address);
  return ua_operator_connection_exists(connection, ua_operator_sql_users_other_admin, address.parameters, 2,
                                       exists_r, error);
}

ua_status ua_operator_users_may_remove(ua_operator_connection *connection, bool *may_r, ua_error_line *error)
{
  return ua_operator_connection_exists(connection, ua_operator_sql_users_may_remove, NULL, 0, may_r, error);
}

/* The lock comes first: what else is to be removed can grow no more. */
static ua_status remove_all(ua_operator_connection *connection, const ua_operator_user_address *user,
                            ua_operator_users_removal *removal_r, ua_error_line *error)
{
  address_parameters address;
  numbers locked, roles, tokens;
  write_address(user, &address);
  ua_status status = query_numbers(connection, lock_sql, address.parameters, 2, 1, &locked, error);
  if (status != UA_OK) {
    return status;
  }
  if (locked.rows == 0) {
    ua_error_line_set(error, "there is no user with id %s any more", address.text[0]);
    return UA_NOT_FOUND;
  }
  status =
      query_numbers(connection, ua_operator_sql_users_remove_roles, address.parameters, 1, 1, &roles, error);
  if (status != UA_OK) {
    return status;
  }
  status = query_numbers(connection, ua_operator_sql_users_remove_tokens, address.parameters, 1, 1, &tokens,
                         error);
  if (status != UA_OK) {
    return status;
  }
  *removal_r = (ua_operator_users_removal){.roles = (int64_t)roles.value[0],
                                           .revoked_tokens = (int64_t)tokens.value[0]};
  return ua_operator_connection_query(connection, remove_sql, address.parameters, 1, NULL, NULL, error);
}

ua_status ua_operator_users_remove(ua_operator_connection *connection, const ua_operator_user_address *user,
                                   ua_operator_users_removal *removal_r, ua_error_line *error)
{
  ua_operator_users_removal removal;
  ua_status status = ua_operator_connection_begin(connection, error);
  if (status != UA_OK) {
    return status;
  }
  status = remove_all(connection, user, &removal, error);
  if (status != UA_OK) {
    ua_operator_connection_rollback(connection);
    return status;
  }
  status = ua_operator_connection_commit(connection, error);
  if (status == UA_OK) {
    *removal_r = removal;
  }
  return status;
}
