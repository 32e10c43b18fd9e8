/* Finds users with emails or names that break the rules: older than the rules, or added by SQL. */
#include "base/identifier.h"
#include "operator/diagnosis.h"
#include "operator/sql.h"

/* The columns of diagnosis_identifiers.sql. */
enum { USER_ID, USER_SHOWN, USER_EMAIL, USER_NAME };

typedef struct findings {
  ua_operator_finding email;
  ua_operator_finding name;
} findings;

/* Names the first fault, because the text may look right. */
static void note_text(ua_operator_finding *finding, const char *text, const char *const *values)
{
  ua_error_line example;
  unsigned faults = text == NULL ? 0 : ua_identifier_faults(ua_text_of(text));
  ua_text sentence = ua_identifier_take_sentence(&faults);
  if (sentence.data != NULL) {
    ua_error_line_set(&example, "user %s %.40s: %.*s", values[USER_ID], values[USER_SHOWN],
                      UA_TEXT_ARGS(sentence));
    ua_operator_finding_add(finding, example.text);
  }
}

static ua_status note_user(void *context, const char *const *values)
{
  findings *found = context;
  note_text(&found->email, values[USER_EMAIL], values);
  note_text(&found->name, values[USER_NAME], values);
  return UA_OK;
}

ua_status ua_operator_diagnosis_identifiers(ua_operator_connection *connection, ua_operator_finding_sink sink,
                                            ua_error_line *error)
{
  findings found = {.email = {.severity = UA_SEVERITY_WARNING,
                              .code = "email-form",
                              .message = "users with an email that the rules forbid"},
                    .name = {.severity = UA_SEVERITY_WARNING,
                             .code = "name-form",
                             .message = "users with a name that the rules forbid"}};
  ua_status status = ua_operator_connection_stream(connection, ua_operator_sql_diagnosis_identifiers, NULL, 0,
                                                   note_user, &found, error);
  if (status != UA_OK) {
    return status;
  }
  if (found.email.count > 0) {
    sink.report(sink.context, &found.email);
  }
  if (found.name.count > 0) {
    sink.report(sink.context, &found.name);
  }
  return UA_OK;
}
