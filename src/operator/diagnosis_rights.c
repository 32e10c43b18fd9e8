#include "operator/diagnosis.h"

/* What the workers need: the rows of grants.c, one privilege a row. Everything else of these tables is too
 * much. */
#define WANTED                                                                             \
  "(VALUES ('customer', 'SELECT'), ('_user', 'SELECT'), ('_user', 'INSERT'),"              \
  " ('_user', 'UPDATE'), ('role', 'SELECT'), ('user_has_role', 'SELECT'),"                 \
  " ('user_has_role', 'INSERT'), ('user_has_role', 'DELETE'), ('schema_spec', 'SELECT'),"  \
  " ('revoked_token', 'SELECT'), ('revoked_token', 'INSERT'), ('revoked_token', 'DELETE')" \
  ") AS wanted (relation, privilege)"
#define RELATION "to_regclass('public.' || relation)"

/* $1 is the role. Each gives rows of one text. */
static const char owned_sql[] =
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = $1"
    " AND tablename IN ('customer', '_user', 'role', 'user_has_role', 'schema_spec') ORDER BY tablename";

static const char missing_sql[] =
    "SELECT privilege || ' on ' || relation FROM " WANTED " WHERE " RELATION
    " IS NOT NULL"
    " AND NOT has_table_privilege($1, " RELATION
    ", privilege)"
    " UNION ALL SELECT 'UPDATE (id) on customer'"
    " WHERE NOT has_column_privilege($1, 'public.customer', 'id', 'UPDATE')"
    " UNION ALL SELECT 'USAGE on the sequence of _user.id' FROM pg_attrdef d"
    " JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum"
    " WHERE d.adrelid = 'public._user'::regclass AND a.attname = 'id' AND a.attidentity = ''"
    " AND pg_get_serial_sequence('public._user', 'id') IS NOT NULL"
    " AND NOT has_sequence_privilege($1, pg_get_serial_sequence('public._user', 'id'), 'USAGE')"
    " UNION ALL SELECT 'USAGE on schema public' WHERE NOT has_schema_privilege($1, 'public', 'USAGE')"
    " UNION ALL SELECT 'CONNECT on the database'"
    " WHERE NOT has_database_privilege($1, current_database(), 'CONNECT')"
    " UNION ALL SELECT 'LOGIN' FROM pg_roles WHERE rolname = $1 AND NOT rolcanlogin";

static const char powers_sql[] =
    "SELECT power FROM pg_roles CROSS JOIN LATERAL (VALUES (rolsuper, 'SUPERUSER'),"
    " (rolcreatedb, 'CREATEDB'), (rolcreaterole, 'CREATEROLE'), (rolreplication, 'REPLICATION'),"
    " (rolbypassrls, 'BYPASSRLS')) AS p (held, power) WHERE rolname = $1 AND held";

static const char excessive_sql[] =
    "SELECT privilege || ' on ' || relation FROM unnest(ARRAY['customer', '_user', 'role', 'user_has_role',"
    " 'schema_spec', 'revoked_token', 'schema_migrations']) AS r (relation)"
    " CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])"
    " AS p (privilege) WHERE " RELATION " IS NOT NULL AND has_table_privilege($1, " RELATION
    ", privilege)"
    " AND NOT EXISTS (SELECT 1 FROM " WANTED
    " WHERE wanted.relation = r.relation"
    " AND wanted.privilege = p.privilege)"
    " UNION ALL SELECT 'UPDATE (max_user_quota) on customer'"
    " WHERE has_column_privilege($1, 'public.customer', 'max_user_quota', 'UPDATE')"
    " AND NOT has_table_privilege($1, 'public.customer', 'UPDATE')"
    " UNION ALL SELECT 'CREATE on schema public' WHERE has_schema_privilege($1, 'public', 'CREATE')"
    " UNION ALL SELECT 'CREATE on the database'"
    " WHERE has_database_privilege($1, current_database(), 'CREATE')";

static ua_status note_text(void *context, const char *const *values)
{
  ua_operator_finding_add(context, values[0] == NULL ? "" : values[0]);
  return UA_OK;
}

static ua_status find(ua_operator_connection *connection, const char *sql, const char *account,
                      ua_operator_finding finding, ua_operator_finding_sink sink, bool *found_r,
                      ua_error_line *error)
{
  const char *const parameters[] = {account};
  ua_status status = ua_operator_connection_query(connection, sql, parameters, 1, note_text, &finding, error);
  if (status == UA_OK && finding.count > 0) {
    sink.report(sink.context, &finding);
  }
  *found_r = finding.count > 0;
  return status;
}

ua_status ua_operator_diagnosis_rights(ua_operator_connection *connection, const char *account,
                                       ua_operator_schema_kind kind, ua_operator_finding_sink sink,
                                       ua_error_line *error)
{
  static const ua_operator_finding owned = {
      .severity = UA_SEVERITY_ERROR,
      .code = "account-owner",
      .message = "tables belong to the service account, which must not own them"};
  static const ua_operator_finding powers = {.severity = UA_SEVERITY_WARNING,
                                             .code = "account-powers",
                                             .message = "powers of the service account beyond its needs"};
  static const ua_operator_finding missing = {.severity = UA_SEVERITY_ERROR,
                                              .code = "rights-missing",
                                              .message = "rights that the service account lacks"};
  static const ua_operator_finding excessive = {.severity = UA_SEVERITY_WARNING,
                                                .code = "rights-excessive",
                                                .message = "rights of the service account beyond its needs"};
  const char *const parameters[] = {account};
  bool there = false;
  bool stop = false;
  ua_status status = ua_operator_connection_exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = $1",
                                                   parameters, 1, &there, error);
  if (status == UA_OK && !there) {
    ua_operator_finding absent = {.severity = UA_SEVERITY_NOTE,
                                  .code = "account-absent",
                                  .message = "the service account is not there"};
    ua_operator_finding_add(&absent, account);
    sink.report(sink.context, &absent);
    return UA_OK;
  }
  if (status == UA_OK) {
    status = find(connection, owned_sql, account, owned, sink, &stop, error);
  }
  if (status == UA_OK) {
    bool powerful = false;
    status = find(connection, powers_sql, account, powers, sink, &powerful, error);
    stop = stop || powerful;
  }
  /* The rights of an owner, or of a superuser, are what has just been said. */
  bool ignored;
  if (status == UA_OK && kind == UA_SCHEMA_OURS) {
    status = find(connection, missing_sql, account, missing, sink, &ignored, error);
  }
  if (status == UA_OK && !stop && kind == UA_SCHEMA_OURS) {
    status = find(connection, excessive_sql, account, excessive, sink, &ignored, error);
  }
  return status;
}
