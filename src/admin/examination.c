#include "admin/examination.h"

#include "admin/database.h"
#include "auth/password.h"
#include "cli/report.h"
#include "legacy/adoption.h"
#include "store/schema.h"

int ua_admin_examination_open(const ua_cli_arguments *arguments, ua_admin_examination *examination_r)
{
  ua_cli_secret url = {.given = false};
  ua_error_line error = {""};
  const char *database = arguments->option[UA_ADMIN_EXAMINATION_DATABASE];
  const char *account = arguments->option[UA_ADMIN_EXAMINATION_SERVICE_ACCOUNT];
  *examination_r = (ua_admin_examination){.scope = account == NULL ? UA_GRANTS_IF_SERVED : UA_GRANTS_ALWAYS};
  int code =
      ua_admin_name("--service-account", account, UA_ADMIN_DEFAULT_SERVICE_ACCOUNT, &examination_r->account);
  if (code == UA_CLI_OK && database != NULL) {
    code = ua_admin_name("--database", database, NULL, &database);
  }
  if (code != UA_CLI_OK) {
    return code;
  }
  code = ua_admin_database_url(arguments->positional[0], arguments->option[UA_ADMIN_EXAMINATION_DATABASE_URL],
                               arguments->option[UA_ADMIN_EXAMINATION_CONFIG], &url);
  if (code != UA_CLI_OK) {
    goto done;
  }
  code = ua_admin_migrations(arguments->option[UA_ADMIN_EXAMINATION_MIGRATIONS], &examination_r->set);
  if (code != UA_CLI_OK) {
    goto done;
  }
  if (ua_operator_connection_open(url.value, database, &examination_r->connection, &error) != UA_OK) {
    code = ua_cli_fail("%s", error.text);
  }
done:
  ua_cli_secret_wipe(&url);
  return code;
}

void ua_admin_examination_close(ua_admin_examination *examination)
{
  ua_operator_connection_close(&examination->connection);
  ua_operator_migration_set_clear(&examination->set);
}

const char *ua_admin_schema_name(ua_operator_schema_kind kind)
{
  static const char *const names[] = {[UA_SCHEMA_FOREIGN] = "unknown",
                                      [UA_SCHEMA_EMPTY] = "none",
                                      [UA_SCHEMA_ORIGINAL] = "original",
                                      [UA_SCHEMA_OURS] = "user-api"};
  return names[kind];
}

static void report_one(ua_operator_finding_sink sink, ua_operator_severity severity, const char *code,
                       const char *message)
{
  const ua_operator_finding finding = {.severity = severity, .code = code, .count = 1, .message = message};
  sink.report(sink.context, &finding);
}

/* Checks the rights of each role that workers use to log in. */
static ua_status find_rights(const ua_admin_examination *examination, ua_operator_schema_kind kind,
                             ua_operator_finding_sink sink, ua_error_line *error)
{
  ua_operator_connection *connection = examination->connection;
  ua_operator_accounts accounts;
  ua_status status =
      ua_operator_grants_accounts(connection, examination->account, examination->scope, &accounts, error);
  for (size_t i = 0; status == UA_OK && i < accounts.count; i++) {
    status = ua_operator_diagnosis_rights(connection, accounts.name[i], kind, sink, error);
  }
  return status;
}

static ua_status find_made(const ua_admin_examination *examination, ua_operator_finding_sink sink,
                           ua_error_line *error)
{
  ua_status status = ua_operator_diagnosis_made(examination->connection, sink, error);
  return status == UA_OK && examination->event_days > 0
             ? ua_operator_diagnosis_events(examination->connection, examination->event_days, sink, error)
             : status;
}

static ua_status note_empty(void *context, const char *const *values)
{
  ua_operator_finding *finding = context;
  if (ua_auth_password_legacy_is_empty(ua_text_of(values[UA_LEGACY_USER_HASH]),
                                       ua_text_of(values[UA_LEGACY_USER_SALT]))) {
    ua_error_line example;
    ua_error_line_set(&example, "user %s %s", values[UA_LEGACY_USER_ID], values[UA_LEGACY_USER_EMAIL]);
    ua_operator_finding_add(finding, example.text);
  }
  return UA_OK;
}

static ua_status find_empty_passwords(ua_operator_connection *connection, ua_operator_finding_sink sink,
                                      ua_error_line *error)
{
  ua_operator_finding finding = {.severity = UA_SEVERITY_WARNING,
                                 .code = "password-empty",
                                 .message = "users whose password is empty: anyone can log in as them"};
  ua_status status = ua_operator_diagnosis_legacy_users(connection, note_empty, &finding, error);
  if (status == UA_OK && finding.count > 0) {
    sink.report(sink.context, &finding);
  }
  return status;
}

ua_status ua_admin_examination_examine(const ua_admin_examination *examination, ua_operator_finding_sink sink,
                                       ua_operator_schema_kind *kind_r, ua_error_line *error)
{
  bool usable = false;
  bool current = false;
  ua_status status = ua_operator_diagnosis_schema(examination->connection, kind_r, error);
  if (status != UA_OK) {
    return status;
  }
  if (*kind_r != UA_SCHEMA_EMPTY) {
    status = ua_operator_diagnosis_shape(examination->connection, examination->account, sink, error);
  }
  if (status != UA_OK) {
    return status;
  }
  switch (*kind_r) {
    case UA_SCHEMA_EMPTY:
      report_one(sink, UA_SEVERITY_ERROR, "schema-none", UA_NO_SCHEMA);
      return UA_OK;
    case UA_SCHEMA_FOREIGN:
      report_one(sink, UA_SEVERITY_ERROR, "schema-unknown", "some of the five tables are missing");
      return UA_OK;
    case UA_SCHEMA_ORIGINAL:
      report_one(sink, UA_SEVERITY_NOTE, "schema-original", "the schema is the original's: not adopted yet");
      break;
    case UA_SCHEMA_OURS:
      status =
          ua_operator_diagnosis_migrations(examination->connection, &examination->set, sink, &current, error);
      break;
  }
  if (status != UA_OK) {
    return status;
  }
  status = ua_operator_diagnosis_tables(examination->connection, sink, &usable, error);
  if (status != UA_OK || !usable) {
    return status;
  }
  if (current) {
    status = find_made(examination, sink, error);
  }
  if (status != UA_OK) {
    return status;
  }
  status = find_empty_passwords(examination->connection, sink, error);
  if (status == UA_OK && *kind_r == UA_SCHEMA_OURS && examination->operator_role != NULL) {
    status = ua_operator_diagnosis_access(examination->connection, examination->operator_role, sink, error);
  }
  if (status != UA_OK) {
    return status;
  }
  return find_rights(examination, *kind_r, sink, error);
}

ua_status ua_admin_examination_begin(const ua_admin_examination *examination, ua_error_line *error)
{
  ua_status status = ua_operator_migrations_lock(examination->connection, error);
  if (status == UA_OK) {
    status = ua_operator_connection_begin(examination->connection, error);
  }
  if (status == UA_OK) {
    status = ua_legacy_adoption_lock(examination->connection, error);
  }
  return status;
}

int ua_admin_examination_run(const ua_cli_arguments *arguments, ua_admin_judge_fn *judge)
{
  ua_admin_examination examination = {0};
  ua_admin_findings findings = {.json = false};
  ua_operator_finding_sink sink = {ua_admin_findings_report, &findings};
  ua_operator_schema_kind kind = UA_SCHEMA_FOREIGN;
  ua_error_line error = {""};
  int code = ua_admin_examination_open(arguments, &examination);
  if (code != UA_CLI_OK) {
    goto done;
  }
  ua_admin_findings_begin(&findings, arguments->option[UA_ADMIN_EXAMINATION_OPTIONS] != NULL);
  if (ua_admin_examination_examine(&examination, sink, &kind, &error) != UA_OK) {
    ua_admin_findings_abandon(&findings);
    code = ua_cli_fail("nothing was changed: %s", error.text);
    goto done;
  }
  code = judge(&examination, &findings, kind);
done:
  ua_admin_examination_close(&examination);
  return code;
}
