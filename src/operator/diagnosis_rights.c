#include <string.h>

#include "operator/diagnosis.h"
#include "operator/sql.h"

/* Examples are rows of one text. */
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
  ua_operator_finding_set_account(&finding, account);
  ua_status status = ua_operator_connection_query(connection, sql, parameters, 1, note_text, &finding, error);
  if (status == UA_OK && finding.count > 0) {
    sink.report(sink.context, &finding);
  }
  *found_r = finding.count > 0;
  return status;
}

typedef struct rights {
  ua_operator_finding missing;
  ua_operator_finding excessive;
} rights;

/* The columns of diagnosis_rights.sql. */
enum { RIGHT_NAME, RIGHT_HELD, RIGHT_NEEDED };

/* RIGHT_HELD is NULL for a table that was dropped meanwhile: no role holds a right to it. */
static ua_status note_right(void *context, const char *const *values)
{
  rights *found = context;
  bool held = values[RIGHT_HELD] != NULL && strcmp(values[RIGHT_HELD], "t") == 0;
  bool needed = strcmp(values[RIGHT_NEEDED], "t") == 0;
  if (held != needed) {
    ua_operator_finding_add(needed ? &found->missing : &found->excessive, values[RIGHT_NAME]);
  }
  return UA_OK;
}

/* A superuser or an owner holds every right: `excessive_too` is false, so that they are not listed one by
 * one. */
static ua_status compare_rights(ua_operator_connection *connection, const char *account, bool excessive_too,
                                ua_operator_finding_sink sink, ua_error_line *error)
{
  rights found = {.missing = {.severity = UA_SEVERITY_ERROR,
                              .code = "rights-missing",
                              .message = "rights that the service account lacks"},
                  .excessive = {.severity = UA_SEVERITY_WARNING,
                                .code = "rights-excessive",
                                .message = "rights of the service account beyond its needs"}};
  const char *const parameters[] = {account};
  ua_operator_finding_set_account(&found.missing, account);
  ua_operator_finding_set_account(&found.excessive, account);
  ua_status status = ua_operator_connection_query(connection, ua_operator_sql_diagnosis_rights, parameters, 1,
                                                  note_right, &found, error);
  if (status != UA_OK) {
    return status;
  }
  if (found.missing.count > 0) {
    sink.report(sink.context, &found.missing);
  }
  if (found.excessive.count > 0 && excessive_too) {
    sink.report(sink.context, &found.excessive);
  }
  return UA_OK;
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
  const char *const parameters[] = {account};
  bool there, owner, powerful;
  ua_status status = ua_operator_connection_exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = $1",
                                                   parameters, 1, &there, error);
  if (status != UA_OK) {
    return status;
  }
  if (!there) {
    ua_operator_finding absent = {.severity = UA_SEVERITY_NOTE,
                                  .code = "account-absent",
                                  .message = "the service account does not exist"};
    ua_operator_finding_set_account(&absent, account);
    ua_operator_finding_add(&absent, account);
    sink.report(sink.context, &absent);
    return UA_OK;
  }
  status = find(connection, ua_operator_sql_diagnosis_owned, account, owned, sink, &owner, error);
  if (status != UA_OK) {
    return status;
  }
  status = find(connection, ua_operator_sql_diagnosis_powers, account, powers, sink, &powerful, error);
  if (status != UA_OK || kind != UA_SCHEMA_OURS) {
    return status;
  }
  return compare_rights(connection, account, !owner && !powerful, sink, error);
}
