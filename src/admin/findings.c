#include "admin/findings.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/output.h"
#include "cli/report.h"
#include "operator/diagnosis_fixes.h"

static const char *const severity_names[] = {
    [UA_SEVERITY_NOTE] = "note", [UA_SEVERITY_WARNING] = "warning", [UA_SEVERITY_ERROR] = "error"};

void ua_admin_findings_begin(ua_admin_findings *findings, bool json)
{
  *findings = (ua_admin_findings){.json = json};
  if (json) {
    findings->writer = ua_json_writer_create();
    ua_json_begin_object(findings->writer, NULL);
    ua_json_begin_array(findings->writer, "findings");
  }
}

static void print_line(const ua_operator_finding *finding)
{
  (void)printf("%-7s %s %" PRIu64 " %s", severity_names[finding->severity], finding->code, finding->count,
               finding->message);
  if (finding->account[0] != '\0') {
    (void)printf(" (account %s)", finding->account);
  }
  for (size_t i = 0; i < finding->example_count; i++) {
    (void)printf("%s%s", i == 0 ? ": " : ", ", finding->example[i]);
  }
  (void)printf("%s\n", finding->example_count > 0 && finding->count > finding->example_count ? ", …" : "");
  for (size_t i = 0; i < finding->fix_count; i++) {
    (void)printf("        fix: %s\n", finding->fix[i]);
  }
}

static void write_object(ua_json_writer *writer, const ua_operator_finding *finding)
{
  ua_json_begin_object(writer, NULL);
  ua_json_add_text(writer, "severity", ua_text_of(severity_names[finding->severity]));
  ua_json_add_text(writer, "code", ua_text_of(finding->code));
  ua_json_add_integer(writer, "count", (int64_t)finding->count);
  ua_json_add_text(writer, "message", ua_text_of(finding->message));
  if (finding->account[0] != '\0') {
    ua_json_add_text(writer, "account", ua_text_of(finding->account));
  }
  ua_json_begin_array(writer, "examples");
  for (size_t i = 0; i < finding->example_count; i++) {
    ua_json_add_text(writer, NULL, ua_text_of(finding->example[i]));
  }
  ua_json_end(writer);
  ua_json_begin_array(writer, "fix");
  for (size_t i = 0; i < finding->fix_count; i++) {
    ua_json_add_text(writer, NULL, ua_text_of(finding->fix[i]));
  }
  ua_json_end(writer);
  ua_json_end(writer);
}

void ua_admin_findings_report(void *context, const ua_operator_finding *found)
{
  ua_admin_findings *findings = context;
  ua_operator_finding finding = *found;
  const char *fix = ua_operator_diagnosis_fix_of(finding.code);
  if (finding.fix_count == 0 && fix != NULL) {
    ua_operator_finding_add_fix(&finding, fix);
  }
  findings->count[finding.severity]++;
  if (findings->json) {
    write_object(findings->writer, &finding);
  } else {
    print_line(&finding);
  }
}

int ua_admin_findings_sum(ua_admin_findings *findings, const char *schema)
{
  const size_t *count = findings->count;
  if (findings->json) {
    ua_json_end(findings->writer);
    ua_json_add_text(findings->writer, "schema", ua_text_of(schema));
    ua_json_add_integer(findings->writer, "errors", (int64_t)count[UA_SEVERITY_ERROR]);
    ua_json_add_integer(findings->writer, "warnings", (int64_t)count[UA_SEVERITY_WARNING]);
    ua_json_add_integer(findings->writer, "notes", (int64_t)count[UA_SEVERITY_NOTE]);
  } else {
    (void)printf("schema: %s; errors: %zu, warnings: %zu, notes: %zu\n", schema, count[UA_SEVERITY_ERROR],
                 count[UA_SEVERITY_WARNING], count[UA_SEVERITY_NOTE]);
  }
  if (count[UA_SEVERITY_ERROR] > 0) {
    return UA_ADMIN_ERRORS;
  }
  return count[UA_SEVERITY_WARNING] > 0 ? UA_ADMIN_WARNINGS : UA_CLI_OK;
}

int ua_admin_findings_print(ua_admin_findings *findings)
{
  if (findings->json) {
    ua_json_end(findings->writer);
    return ua_cli_print_json(&findings->writer);
  }
  return fflush(stdout) == 0 ? UA_CLI_OK : ua_cli_fail("cannot write to standard output");
}

int ua_admin_findings_end(ua_admin_findings *findings, const char *schema)
{
  int code = ua_admin_findings_sum(findings, schema);
  int printed = ua_admin_findings_print(findings);
  return printed == UA_CLI_OK ? code : printed;
}

void ua_admin_findings_abandon(ua_admin_findings *findings)
{
  ua_json_discard(&findings->writer);
}
