#include "admin/examination.h"

#include "admin/settings.h"
#include "auth/password.h"
#include "cli/report.h"
#include "legacy/adoption.h"

int ua_admin_takeover_open(const ua_admin_arguments *arguments, ua_admin_takeover *takeover_r)
{
  ua_admin_secret url = {.given = false};
  ua_error_line error = {""};
  const char *database = arguments->option[UA_ADMIN_TAKEOVER_DATABASE];
  const char *account = arguments->option[UA_ADMIN_TAKEOVER_SERVICE_ACCOUNT];
  *takeover_r = (ua_admin_takeover){.scope = account == NULL ? UA_GRANTS_IF_SERVED : UA_GRANTS_ALWAYS};
  int code =
      ua_admin_name("--service-account", account, UA_ADMIN_DEFAULT_SERVICE_ACCOUNT, &takeover_r->account);
  if (code == UA_ADMIN_OK && database != NULL) {
    code = ua_admin_name("--database", database, NULL, &database);
  }
  if (code == UA_ADMIN_OK) {
    code = ua_admin_database_url(arguments->positional[0], arguments->option[UA_ADMIN_TAKEOVER_DATABASE_URL],
                                 &url);
  }
  if (code == UA_ADMIN_OK) {
    code = ua_admin_migrations(arguments->option[UA_ADMIN_TAKEOVER_MIGRATIONS], &takeover_r->set);
  }
  if (code == UA_ADMIN_OK &&
      ua_maintenance_open(url.value, database, &takeover_r->connection, &error) != UA_OK) {
    code = ua_admin_fail("%s", error.text);
  }
  ua_admin_secret_wipe(&url);
  return code;
}

void ua_admin_takeover_close(ua_admin_takeover *takeover)
{
  ua_maintenance_close(&takeover->connection);
  ua_migration_set_clear(&takeover->set);
}

const char *ua_admin_schema_name(ua_schema_kind kind)
{
  static const char *const names[] = {[UA_SCHEMA_FOREIGN] = "unknown",
                                      [UA_SCHEMA_EMPTY] = "none",
                                      [UA_SCHEMA_ORIGINAL] = "original",
                                      [UA_SCHEMA_OURS] = "user-api"};
  return names[kind];
}

static void report_one(ua_finding_sink sink, ua_severity severity, const char *code, const char *message)
{
  const ua_finding finding = {.severity = severity, .code = code, .count = 1, .message = message};
  sink.report(sink.context, &finding);
}

static ua_status note_empty(void *context, const char *const *values)
{
  ua_finding *finding = context;
  if (ua_password_legacy_is_empty(ua_text_of(values[2]), ua_text_of(values[3]))) {
    ua_error_line example;
    ua_error_line_set(&example, "user %s %s", values[0], values[1]);
    ua_finding_add(finding, example.text);
  }
  return UA_OK;
}

static ua_status find_empty_passwords(ua_maintenance *connection, ua_finding_sink sink, ua_error_line *error)
{
  ua_finding finding = {.severity = UA_SEVERITY_WARNING,
                        .code = "password-empty",
                        .message = "users whose password is empty: anybody logs in as them"};
  ua_status status = ua_diagnosis_legacy_users(connection, note_empty, &finding, error);
  if (status == UA_OK && finding.count > 0) {
    sink.report(sink.context, &finding);
  }
  return status;
}

ua_status ua_admin_takeover_examine(const ua_admin_takeover *takeover, ua_finding_sink sink,
                                    ua_schema_kind *kind_r, ua_error_line *error)
{
  bool usable = false;
  ua_status status = ua_diagnosis_schema(takeover->connection, kind_r, error);
  if (status != UA_OK) {
    return status;
  }
  switch (*kind_r) {
    case UA_SCHEMA_EMPTY:
      report_one(sink, UA_SEVERITY_ERROR, "schema-none", "there are no tables of users");
      return UA_OK;
    case UA_SCHEMA_FOREIGN:
      report_one(sink, UA_SEVERITY_ERROR, "schema-unknown", "some of the five tables are missing");
      return UA_OK;
    case UA_SCHEMA_ORIGINAL:
      report_one(sink, UA_SEVERITY_NOTE, "schema-original", "the schema is the original's: not adopted yet");
      break;
    case UA_SCHEMA_OURS:
      status = ua_diagnosis_migrations(takeover->connection, &takeover->set, sink, error);
      break;
  }
  if (status == UA_OK) {
    status = ua_diagnosis_tables(takeover->connection, sink, &usable, error);
  }
  if (status == UA_OK && usable) {
    status = find_empty_passwords(takeover->connection, sink, error);
  }
  if (status == UA_OK && usable) {
    status = ua_diagnosis_rights(takeover->connection, takeover->account, *kind_r, sink, error);
  }
  return status;
}

ua_status ua_admin_takeover_begin(const ua_admin_takeover *takeover, ua_error_line *error)
{
  ua_status status = ua_migrations_lock(takeover->connection, error);
  if (status == UA_OK) {
    status = ua_maintenance_begin(takeover->connection, error);
  }
  if (status == UA_OK) {
    status = ua_adoption_lock(takeover->connection, error);
  }
  return status;
}
