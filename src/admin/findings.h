/* What `doctor`, and the commands that examine as it does, print: one line for each finding, with its fix
 * below, or one JSON object. */
#ifndef UA_ADMIN_FINDINGS_H
#define UA_ADMIN_FINDINGS_H

#include "json/writer.h"
#include "operator/diagnosis.h"

/* Exit codes in addition to report.h's. */
enum { UA_ADMIN_WARNINGS = 3, UA_ADMIN_ERRORS = 4 };

typedef struct ua_admin_findings {
  size_t count[3];        /* by severity */
  ua_json_writer *writer; /* NULL: lines on standard output */
  bool json;
} ua_admin_findings;

void ua_admin_findings_begin(ua_admin_findings *findings, bool json);

/* Prints a finding, or writes it into the object; a ua_finding_report whose context is a
 * ua_admin_findings. */
void ua_admin_findings_report(void *context, const ua_operator_finding *finding);

/* Prints the tally, or writes it into the object, which may get more members. Returns the exit code of
 * ua_admin_findings_end, but never UA_CLI_FAILED. */
UA_CHECK int ua_admin_findings_sum(ua_admin_findings *findings, const char *schema);

/* Prints the JSON object, if there is one. UA_CLI_OK, or UA_CLI_FAILED when it cannot be printed. */
UA_CHECK int ua_admin_findings_print(ua_admin_findings *findings);

/* Both: prints the tally, or the JSON object; `schema` names the kind of schema that was found. Returns the
 * exit code: UA_CLI_OK if there are only notes or no findings, UA_ADMIN_WARNINGS, UA_ADMIN_ERRORS, or
 * UA_CLI_FAILED when it cannot be printed. */
UA_CHECK int ua_admin_findings_end(ua_admin_findings *findings, const char *schema);

/* Frees what `end` would have. */
void ua_admin_findings_abandon(ua_admin_findings *findings);

#endif
