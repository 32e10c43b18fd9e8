#include "operator/grants.h"

/* One row a table. UPDATE (id) on customer is there for row locks alone: SELECT … FOR UPDATE asks for UPDATE
 * on at least one column, and of the two `id` is the harmless one: the foreign key of _user keeps anybody
 * from renumbering a customer who has users, whereas max_user_quota would let a worker raise a quota.
 * Sequences matter only where an `id` is serial, as in a database that the original made: an identity column
 * asks for no right on its sequence. Database and schema are their owner's to grant: whoever migrates without
 * being that leaves them as they are. */
static const char grants[] =
    "DO $grants$"
    " DECLARE"
    "   account text := current_setting('user_api.service_account');"
    "   item record;"
    " BEGIN"
    "   IF pg_has_role((SELECT datdba FROM pg_database WHERE datname = current_database()), 'USAGE') THEN"
    "     EXECUTE format('REVOKE ALL ON DATABASE %I FROM %I', current_database(), account);"
    "     EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), account);"
    "   END IF;"
    "   IF pg_has_role((SELECT nspowner FROM pg_namespace WHERE nspname = 'public'), 'USAGE') THEN"
    "     EXECUTE format('REVOKE ALL ON SCHEMA public FROM %I', account);"
    "     EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', account);"
    "   END IF;"
    "   FOR item IN"
    "     SELECT relation, privileges FROM (VALUES"
    "       ('customer',          'SELECT, UPDATE (id)'),"
    "       ('_user',             'SELECT, INSERT, UPDATE'),"
    "       ('role',              'SELECT'),"
    "       ('user_has_role',     'SELECT, INSERT, DELETE'),"
    "       ('schema_spec',       'SELECT'),"
    "       ('revoked_token',     'SELECT, INSERT, DELETE'),"
    "       ('schema_migrations', NULL)"
    "     ) AS rights (relation, privileges)"
    "     WHERE to_regclass('public.' || relation) IS NOT NULL"
    "   LOOP"
    "     EXECUTE format('REVOKE ALL ON TABLE public.%I FROM %I', item.relation, account);"
    "     IF item.privileges IS NOT NULL THEN"
    "       EXECUTE format('GRANT %s ON TABLE public.%I TO %I', item.privileges, item.relation, account);"
    "     END IF;"
    "   END LOOP;"
    "   IF to_regclass('public._user') IS NOT NULL"
    "     AND pg_get_serial_sequence('public._user', 'id') IS NOT NULL THEN"
    "     EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %I',"
    "                    pg_get_serial_sequence('public._user', 'id'), account);"
    "   END IF;"
    " END"
    " $grants$";

/* Whoever migrates owns the tables: an owner must not be stripped of its rights. */
static ua_status refuse_owner(ua_operator_connection *connection, const char *account, ua_error_line *error)
{
  const char *const parameters[] = {account};
  bool is_owner;
  ua_status status = ua_operator_connection_exists(connection, "SELECT 1 WHERE current_user = $1", parameters,
                                                   1, &is_owner, error);
  if (status == UA_OK && is_owner) {
    ua_error_line_set(error, "the service account has to be another role than the one that migrates");
    status = UA_BAD_REQUEST;
  }
  return status;
}

static ua_status is_served(ua_operator_connection *connection, const char *account,
                           ua_operator_grants_scope scope, bool *served_r, ua_error_line *error)
{
  const char *const parameters[] = {account};
  const char *sql = scope == UA_GRANTS_ALWAYS ? "SELECT 1 FROM pg_roles WHERE rolname = $1"
                                              : "SELECT 1 FROM pg_database d CROSS JOIN pg_roles r"
                                                " WHERE d.datname = current_database() AND r.rolname = $1"
                                                " AND has_database_privilege(r.oid, d.oid, 'CONNECT')"
                                                " AND r.oid <> d.datdba AND r.rolname <> current_user";
  return ua_operator_connection_exists(connection, sql, parameters, 1, served_r, error);
}

ua_status ua_operator_grants_apply(ua_operator_connection *connection, const char *account,
                                   ua_operator_grants_scope scope, bool *applied_r, ua_error_line *error)
{
  const char *const parameters[] = {account};
  bool served;
  ua_status status = is_served(connection, account, scope, &served, error);
  if (status == UA_OK && !served && scope == UA_GRANTS_ALWAYS) {
    ua_error_line_set(error, "there is no role %s", account);
    status = UA_NOT_FOUND;
  }
  if (status != UA_OK || !served) {
    *applied_r = false;
    return status;
  }
  status = refuse_owner(connection, account, error);
  if (status == UA_OK) {
    status =
        ua_operator_connection_query(connection, "SELECT set_config('user_api.service_account', $1, false)",
                                     parameters, 1, NULL, NULL, error);
  }
  if (status == UA_OK) {
    status = ua_operator_connection_run(connection, UA_TEXT(grants), error);
  }
  *applied_r = status == UA_OK;
  return status;
}

ua_status ua_operator_grants_close_to_public(ua_operator_connection *connection, ua_error_line *error)
{
  static const char close_to_public[] =
      "DO $close$"
      " BEGIN"
      "   EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());"
      "   REVOKE ALL ON SCHEMA public FROM PUBLIC;"
      " END"
      " $close$";
  return ua_operator_connection_run(connection, UA_TEXT(close_to_public), error);
}
