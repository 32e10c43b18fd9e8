/* What `init` does inside of the database: schema, rights, and the first rows. */
#include "admin/init_steps.h"
#include "admin/settings.h"
#include "auth/password.h"
#include "operator/grants.h"

/* The original's administrator: email and name alike. Emails are compared as everywhere, see migration 2. */
#define ADMINISTRATOR    "admin"
#define IS_ADMINISTRATOR "lower(email COLLATE \"und-x-icu\") = '" ADMINISTRATOR "'"

ua_status ua_admin_init_has_admin(ua_operator_connection *target, bool *exists_r, ua_error_line *error)
{
  bool exists;
  ua_status status = ua_operator_connection_exists(
      target, "SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = '_user'", NULL, 0, &exists,
      error);
  if (status == UA_OK && exists) {
    status = ua_operator_connection_exists(target, "SELECT 1 FROM _user WHERE " IS_ADMINISTRATOR, NULL, 0,
                                           &exists, error);
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
  if (status == UA_OK) {
    /* Kept until the end: the seeding, too, is for one at a time. */
    status = ua_operator_migrations_lock(run->target, &run->error);
  }
  if (status == UA_OK) {
    status = ua_operator_migrations_up(run->target, &run->migrations, ua_admin_changes_note_migration,
                                       &run->changes, &run->error);
  }
  if (status == UA_OK) {
    status = ua_operator_grants_close_to_public(run->target, &run->error);
  }
  if (status == UA_OK) {
    status = ua_operator_grants_apply(run->target, run->account, UA_GRANTS_ALWAYS, &granted, &run->error);
  }
  return status;
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
  ua_status status =
      ua_operator_connection_query(run->target,
                                   "INSERT INTO customer (max_user_quota)"
                                   " SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM customer) RETURNING id",
                                   NULL, 0, note_customer, &run->changes, &run->error);
  return status == UA_OK ? ua_operator_connection_run(run->target, UA_TEXT(role), &run->error) : status;
}

static const char create_administrator[] =
    "WITH created AS ("
    " INSERT INTO _user (email, name, hash, salt, active, customer_id)"
    " SELECT '" ADMINISTRATOR "', '" ADMINISTRATOR
    "', $1, $2, true, min(id) FROM customer RETURNING id)"
    " INSERT INTO user_has_role (user_id, role_id)"
    " SELECT created.id, role.id FROM created CROSS JOIN role WHERE role.code = 'admin'";

/* A new password ends the tokens that were issued under the old one. */
static const char reset_administrator[] =
    "UPDATE _user SET hash = $1, salt = $2, epoch = epoch + 1 WHERE " IS_ADMINISTRATOR;

static ua_status seed_administrator(ua_admin_init_run *run)
{
  ua_password_record record;
  const char *const parameters[] = {record.hash, record.salt};
  bool exists = false;
  ua_status status = ua_admin_init_has_admin(run->target, &exists, &run->error);
  if (status != UA_OK || (exists && !run->reset_admin_password)) {
    return status;
  }
  status = run->admin_password.given
               ? ua_auth_password_hash(run->bcrypt_cost, ua_cli_secret_text(&run->admin_password), &record)
               : UA_INTERNAL;
  if (status != UA_OK) {
    ua_error_line_set(&run->error, "cannot hash the administrator's password");
    return status;
  }
  status = ua_operator_connection_query(run->target, exists ? reset_administrator : create_administrator,
                                        parameters, 2, NULL, NULL, &run->error);
  if (status == UA_OK) {
    ua_admin_changes_note(&run->changes, exists ? UA_ADMIN_USER_PASSWORD_SET : UA_ADMIN_USER_CREATED,
                          UA_TEXT(ADMINISTRATOR));
  }
  return status;
}

ua_status ua_admin_init_seed(ua_admin_init_run *run)
{
  ua_status status = ua_operator_connection_begin(run->target, &run->error);
  if (status == UA_OK) {
    status = seed_customer_and_role(run);
  }
  if (status == UA_OK) {
    status = seed_administrator(run);
  }
  if (status == UA_OK) {
    return ua_operator_connection_commit(run->target, &run->error);
  }
  ua_operator_connection_rollback(run->target);
  return status;
}
