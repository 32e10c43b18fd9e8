#include "admin/finalize.h"

#include <inttypes.h>
#include <stdio.h>

#include "admin/examination.h"
#include "cli/report.h"
#include "legacy/adoption.h"

const ua_admin_option ua_admin_finalize_options[] = {
    UA_ADMIN_TAKEOVER_OPTION_ROWS,
    [UA_ADMIN_TAKEOVER_OPTIONS] = UA_ADMIN_JSON_OPTION_ROW,
    {NULL, NULL, NULL},
};

const char ua_admin_finalize_details[] =
    "Ends the time beside the Python original, which has to be stopped for good. Looks at the database as\n"
    "`doctor` does and refuses where there is an error (exit code 4); then, in one transaction, replaces "
    "what\n"
    "`adopt` left for the original's sake: its unique constraint on emails as they are written, and the\n"
    "sequences behind its ids. The schema is then what the migrations make. Afterwards hashes may be "
    "upgraded:\n"
    "USER_API_UPGRADE_HASHES=on, the default. Running it again changes nothing.\n";

static ua_status finish(const ua_admin_takeover *takeover, bool *did_r, ua_error_line *error)
{
  bool granted;
  ua_status status = ua_admin_takeover_begin(takeover, error);
  if (status == UA_OK) {
    status = ua_adoption_is_unfinished(takeover->connection, did_r, error);
  }
  if (status == UA_OK && *did_r) {
    status = ua_adoption_finish(takeover->connection, error);
  }
  if (status == UA_OK && *did_r) {
    status = ua_grants_apply(takeover->connection, takeover->account, takeover->scope, &granted, error);
  }
  if (status == UA_OK) {
    status = ua_maintenance_commit(takeover->connection, error);
  }
  if (status != UA_OK) {
    ua_maintenance_rollback(takeover->connection);
  }
  return status;
}

static void print_outcome(bool did, uint64_t legacy)
{
  (void)printf(did ? "finalized: the schema is what the migrations make\n" : "nothing to finalize\n");
  (void)printf(
      "next: set USER_API_UPGRADE_HASHES=on, or delete the line, and restart user-api: each of the\n"
      "      %" PRIu64 " users with the original's hash gets a bcrypt one at the next login\n",
      legacy);
}

static int finalize(const ua_admin_takeover *takeover, ua_admin_findings *findings)
{
  ua_error_line error = {""};
  uint64_t legacy = 0;
  bool did = false;
  if (finish(takeover, &did, &error) != UA_OK) {
    return ua_admin_fail("nothing was changed: %s", error.text);
  }
  if (ua_adoption_legacy_hashes(takeover->connection, &legacy, &error) != UA_OK) {
    return ua_admin_fail(did ? "finalized, but: %s" : "%s", error.text);
  }
  if (findings->json) {
    ua_json_add_boolean(findings->writer, "finalized", did);
    ua_json_add_integer(findings->writer, "legacy_hashes", (int64_t)legacy);
  } else {
    print_outcome(did, legacy);
  }
  return UA_ADMIN_OK;
}

/* After the examination. */
static int judge(const ua_admin_takeover *takeover, ua_admin_findings *findings, ua_schema_kind kind)
{
  int code = ua_admin_findings_sum(findings, ua_admin_schema_name(kind));
  if (code == UA_ADMIN_ERRORS) {
    (void)ua_admin_fail("refused, nothing was changed: mend the errors first");
    ua_json_add_boolean(findings->writer, "finalized", false);
  } else if (kind != UA_SCHEMA_OURS) {
    code = ua_admin_fail("nothing was changed: the database is not adopted yet (see: user-api-admin adopt)");
  } else {
    code = finalize(takeover, findings);
  }
  if (code == UA_ADMIN_FAILED) {
    ua_admin_findings_abandon(findings);
    return code;
  }
  int printed = ua_admin_findings_print(findings);
  return printed == UA_ADMIN_OK ? code : printed;
}

int ua_admin_finalize(const ua_admin_arguments *arguments)
{
  ua_admin_takeover takeover = {0};
  ua_admin_findings findings = {.json = false};
  ua_error_line error = {""};
  ua_schema_kind kind = UA_SCHEMA_FOREIGN;
  int code = ua_admin_takeover_open(arguments, &takeover);
  if (code == UA_ADMIN_OK) {
    ua_finding_sink sink = {ua_admin_findings_report, &findings};
    ua_admin_findings_begin(&findings, arguments->option[UA_ADMIN_TAKEOVER_OPTIONS] != NULL);
    if (ua_admin_takeover_examine(&takeover, sink, &kind, &error) != UA_OK) {
      ua_admin_findings_abandon(&findings);
      code = ua_admin_fail("nothing was changed: %s", error.text);
    }
  }
  if (code == UA_ADMIN_OK) {
    code = judge(&takeover, &findings, kind);
  }
  ua_admin_takeover_close(&takeover);
  return code;
}
