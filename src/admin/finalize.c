#include <inttypes.h>
#include <stdio.h>

#include "admin/commands.h"
#include "admin/examination.h"
#include "cli/report.h"
#include "legacy/adoption.h"

static const ua_cli_option options[] = {
    UA_ADMIN_EXAMINATION_OPTION_ROWS,
    [UA_ADMIN_EXAMINATION_OPTIONS] = UA_CLI_JSON_OPTION_ROW,
    {NULL, NULL, NULL},
};

static const char details[] =
    "Run this after you have stopped the Python original for good. First examines the\n"
    "database as `doctor` does: if there is an error, it changes nothing and exits\n"
    "with 4. Then replaces, in one transaction, what `adopt` kept for the original:\n"
    "its unique constraint on emails as they are written, and the sequences of its\n"
    "ids. The schema is then exactly what the migrations make. Afterwards the service\n"
    "may upgrade hashes: set USER_API_UPGRADE_HASHES=on, the default. You may run it\n"
    "again: then it changes nothing.\n";

/* False after an error, with the transaction still open. */
static bool finish(const ua_admin_examination *examination, bool *did_r, ua_error_line *error)
{
  ua_operator_connection *connection = examination->connection;
  bool granted;
  return ua_admin_examination_begin(examination, error) == UA_OK &&
         ua_legacy_adoption_is_unfinished(connection, did_r, error) == UA_OK &&
         (!*did_r || (ua_legacy_adoption_finish(connection, error) == UA_OK &&
                      ua_operator_grants_apply(connection, examination->account, examination->scope, &granted,
                                               error) == UA_OK)) &&
         ua_operator_connection_commit(connection, error) == UA_OK;
}

static void print_outcome(bool did, uint64_t legacy)
{
  (void)printf(did ? "finalized: the schema is what the migrations make\n" : "nothing to finalize\n");
  (void)printf(
      "next: set USER_API_UPGRADE_HASHES=on, or delete the line, and restart user-api: each of the\n"
      "      %" PRIu64 " users with the original's hash gets a bcrypt one at the next login\n",
      legacy);
}

static int finalize(const ua_admin_examination *examination, ua_admin_findings *findings)
{
  ua_error_line error = {""};
  uint64_t legacy = 0;
  bool did = false;
  if (!finish(examination, &did, &error)) {
    ua_operator_connection_rollback(examination->connection);
    return ua_cli_fail("nothing was changed: %s", error.text);
  }
  if (ua_legacy_adoption_legacy_hashes(examination->connection, &legacy, &error) != UA_OK) {
    return ua_cli_fail(did ? "finalized, but: %s" : "%s", error.text);
  }
  if (findings->json) {
    ua_json_add_boolean(findings->writer, "finalized", did);
    ua_json_add_integer(findings->writer, "legacy_hashes", (int64_t)legacy);
  } else {
    print_outcome(did, legacy);
  }
  return UA_CLI_OK;
}

/* After the examination. */
static int judge(const ua_admin_examination *examination, ua_admin_findings *findings,
                 ua_operator_schema_kind kind)
{
  int code = ua_admin_findings_sum(findings, ua_admin_schema_name(kind));
  if (code == UA_ADMIN_ERRORS) {
    (void)ua_cli_fail("refused, nothing was changed: fix the errors first");
    ua_json_add_boolean(findings->writer, "finalized", false);
  } else if (kind != UA_SCHEMA_OURS) {
    code = ua_cli_fail("nothing was changed: the database is not adopted yet (see: user-api-admin adopt)");
  } else {
    code = finalize(examination, findings);
  }
  if (code == UA_CLI_FAILED) {
    ua_admin_findings_abandon(findings);
    return code;
  }
  int printed = ua_admin_findings_print(findings);
  return printed == UA_CLI_OK ? code : printed;
}

static int run_finalize(const ua_cli_arguments *arguments)
{
  return ua_admin_examination_run(arguments, judge);
}

const ua_cli_command ua_admin_finalize = {
    .name = "finalize",
    .synopsis = "[OPTIONS] [db_url]",
    .summary = "Ends the shared use with the Python original",
    .details = details,
    .example = "--database-url postgresql://postgres@db/user_api",
    .options = options,
    .positionals = 1,
    .run = run_finalize,
};
