#include "operator/grants.h"

#include <stdio.h>

#include "operator/sql.h"

/* The role that migrates owns the tables: an owner must not lose its rights. */
static ua_status refuse_owner(ua_operator_connection *connection, const char *account, ua_error_line *error)
{
  const char *const parameters[] = {account};
  bool is_owner;
  ua_status status = ua_operator_connection_exists(connection, "SELECT 1 WHERE current_user = $1", parameters,
                                                   1, &is_owner, error);
  if (status == UA_OK && is_owner) {
    ua_error_line_set(error, "the service account must not be the role that migrates");
    status = UA_BAD_REQUEST;
  }
  return status;
}

static ua_status note_account(void *context, const char *const *values)
{
  ua_operator_accounts *accounts = context;
  if (accounts->count < UA_MAX_ACCOUNTS) {
    (void)snprintf(accounts->name[accounts->count++], sizeof accounts->name[0], "%s", values[0]);
  }
  return UA_OK;
}

ua_status ua_operator_grants_accounts(ua_operator_connection *connection, const char *account,
                                      ua_operator_grants_scope scope, ua_operator_accounts *accounts_r,
                                      ua_error_line *error)
{
  const char *const named[] = {account};
  ua_status status = UA_OK;
  accounts_r->count = 0;
  if (scope == UA_GRANTS_IF_SERVED) {
    status = ua_operator_connection_query(connection, ua_operator_sql_grants_accounts, NULL, 0, note_account,
                                          accounts_r, error);
  }
  return status != UA_OK || accounts_r->count > 0 ? status : note_account(accounts_r, named);
}

static ua_status is_served(ua_operator_connection *connection, const char *account,
                           ua_operator_grants_scope scope, bool *served_r, ua_error_line *error)
{
  const char *const parameters[] = {account};
  const char *sql = scope == UA_GRANTS_ALWAYS ? "SELECT 1 FROM pg_roles WHERE rolname = $1"
                                              : ua_operator_sql_grants_is_served;
  return ua_operator_connection_exists(connection, sql, parameters, 1, served_r, error);
}

static ua_status apply_to(ua_operator_connection *connection, const char *account,
                          ua_operator_grants_scope scope, bool *applied, ua_error_line *error)
{
  static const char name_account[] = "SELECT set_config('user_api.service_account', $1, false)";
  const char *const parameters[] = {account};
  bool served;
  ua_status status = is_served(connection, account, scope, &served, error);
  if (status != UA_OK) {
    return status;
  }
  if (!served && scope == UA_GRANTS_ALWAYS) {
    ua_error_line_set(error, "there is no role %s", account);
    return UA_NOT_FOUND;
  }
  if (!served) {
    return UA_OK;
  }
  status = refuse_owner(connection, account, error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_operator_connection_query(connection, name_account, parameters, 1, NULL, NULL, error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_operator_connection_run(connection, ua_text_of(ua_operator_sql_grants_apply), error);
  *applied = *applied || status == UA_OK;
  return status;
}

ua_status ua_operator_grants_apply(ua_operator_connection *connection, const char *account,
                                   ua_operator_grants_scope scope, bool *applied_r, ua_error_line *error)
{
  ua_operator_accounts accounts;
  *applied_r = false;
  ua_status status = ua_operator_grants_accounts(connection, account, scope, &accounts, error);
  for (size_t i = 0; status == UA_OK && i < accounts.count; i++) {
    status = apply_to(connection, accounts.name[i], scope, applied_r, error);
    if (status != UA_OK) {
      ua_error_line_prefix(error, "cannot grant rights to %s", accounts.name[i]);
    }
  }
  return status;
}

ua_status ua_operator_grants_close_to_public(ua_operator_connection *connection, ua_error_line *error)
{
  return ua_operator_connection_run(connection, ua_text_of(ua_operator_sql_grants_close_to_public), error);
}
