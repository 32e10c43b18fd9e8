/* What `init` does inside the database: schema, rights, and the first rows. */
#include "admin/init_steps.h"
#include "admin/sql.h"
#include "auth/password.h"
#include "operator/grants.h"
#include "store/schema.h"

ua_status ua_admin_init_has_admin(ua_operator_connection *target, bool *exists_r, ua_error_line *error)
{
  bool exists;
  ua_status status = ua_operator_connection_exists(
      target, "SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = '_user'", NULL, 0, &exists,
      error);
  if (status == UA_OK && exists) {
    status =
        ua_operator_connection_exists(target, ua_admin_sql_init_has_administrator, NULL, 0, &exists, error);
  }
  if (status == UA_OK) {
    *exists_r = exists;
  }
  return status;
}

ua_status ua_admin_init_schema(ua_admin_init_run *run)
{
  bool granted;
  ua_status status = ua_operator_connection_open(run->url.value, run->database, &run->target, &run->error);
  if (status != UA_OK) {
    return status;
  }
  /* Held until the end: two processes must not seed at the same time, either. */
  status = ua_operator_migrations_lock(run->target, &run->error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_operator_migrations_up(run->target, &run->migrations, ua_admin_changes_note_migration,
                                     &run->changes, &run->error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_operator_grants_close_to_public(run->target, &run->error);
  if (status != UA_OK) {
    return status;
  }
  return ua_operator_grants_apply(run->target, run->account, UA_GRANTS_ALWAYS, &granted, &run->error);
}

static ua_status note_customer(void *changes, const char *const *values)
{
  ua_admin_changes_note(changes, UA_ADMIN_CUSTOMER_CREATED, ua_text_of(values[0]));
  return UA_OK;
}

static ua_status seed_customer_and_role(ua_admin_init_run *run)
{
  static const char role[] =
      "INSERT INTO role (code, name) VALUES ('admin', 'Admin') ON CONFLICT (code) DO NOTHING";
  ua_status status = ua_operator_connection_query(run->target, ua_admin_sql_init_customer, NULL, 0,
                                                  note_customer, &run->changes, &run->error);
  return status == UA_OK ? ua_operator_connection_run(run->target, UA_TEXT(role), &run->error) : status;
}

static ua_status seed_administrator(ua_admin_init_run *run)
{
  ua_password_record record;
  const char *const parameters[] = {record.hash, record.salt};
  bool exists = false;
  ua_status status = ua_admin_init_has_admin(run->target, &exists, &run->error);
  if (status != UA_OK) {
    return status;
  }
  if (exists && !run->reset_admin_password) {
    ua_admin_changes_say(&run->changes,
                         "user admin exists and keeps its password"
                         " (--reset-admin-password sets a new one)");
    return UA_OK;
  }
  /* ua_admin_init_ask got the password if it was needed. It is missing only if the administrator was deleted
   * since. */
  if (!run->admin_password.given ||
      ua_auth_password_hash(run->bcrypt_cost, ua_cli_secret_text(&run->admin_password), &record) != UA_OK) {
    ua_error_line_set(&run->error, "cannot hash the administrator's password");
    return UA_INTERNAL;
  }
  bool unended = false;
  status = exists ? ua_operator_connection_exists(run->target, ua_admin_sql_init_reset_administrator,
                                                  parameters, 2, &unended, &run->error)
                  : ua_operator_connection_query(run->target, ua_admin_sql_init_create_administrator,
                                                 parameters, 2, NULL, NULL, &run->error);
  if (status == UA_OK && unended) {
    ua_error_line_set(&run->error, "the administrator's password was not set: " UA_NO_TRIGGERS);
    return UA_UNAVAILABLE;
  }
  if (status == UA_OK) {
    ua_admin_changes_note(&run->changes, exists ? UA_ADMIN_USER_PASSWORD_SET : UA_ADMIN_USER_CREATED,
                          UA_TEXT("admin"));
  }
  return status;
}

static ua_status seed(ua_admin_init_run *run)
{
  ua_status status = seed_customer_and_role(run);
  if (status != UA_OK) {
    return status;
  }
  status = seed_administrator(run);
  return status == UA_OK ? ua_operator_connection_commit(run->target, &run->error) : status;
}

ua_status ua_admin_init_seed(ua_admin_init_run *run)
{
  ua_status status = ua_operator_connection_begin(run->target, &run->error);
  if (status != UA_OK) {
    return status;
  }
  status = seed(run);
  if (status != UA_OK) {
    ua_operator_connection_rollback(run->target);
  }
  return status;
}
