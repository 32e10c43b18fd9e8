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
    "Takes over a PostgreSQL database that the Python original's create_all made, in\n"
    "place and in one transaction. First examines it as `doctor` does: if there is an\n"
    "error, it changes nothing and exits with 4. Ids, hashes and salts stay as they\n"
    "are, and the original can continue to work on the same tables: set\n"
    "USER_API_UPGRADE_HASHES=off until you have stopped it, then run `user-api-admin\n"
    "finalize`. Grants the workers' role its rights if it exists and may connect to\n"
    "the database; a role that you name has to exist. You may run it again: then it\n"
    "changes nothing.\n";

typedef struct adoption {
  const ua_admin_examination *examination;
  ua_legacy_adoption_counts before;
  ua_legacy_adoption_counts after;
  bool granted;
  ua_error_line error;
} adoption;

/* Another process may have adopted the database since the examination. */
static bool is_still_original(adoption *run)
{
  ua_operator_schema_kind kind = UA_SCHEMA_FOREIGN;
  if (ua_operator_diagnosis_schema(run->examination->connection, &kind, &run->error) != UA_OK) {
    return false;
  }
  if (kind != UA_SCHEMA_ORIGINAL) {
    ua_error_line_set(&run->error, "another process has just adopted the database");
  }
  return kind == UA_SCHEMA_ORIGINAL;
}

/* The adoption must neither lose nor add rows. */
static bool is_as_before(adoption *run)
{
  const ua_legacy_adoption_counts *before = &run->before;
  const ua_legacy_adoption_counts *after = &run->after;
  bool same = before->customers == after->customers && before->users == after->users &&
              before->roles == after->roles && before->memberships - before->repeated == after->memberships &&
              after->repeated == 0;
  if (!same) {
    ua_error_line_set(&run->error, "the numbers of rows in the tables have changed");
  }
  return same;
}

/* False after an error, with the transaction still open. */
static bool take_over(adoption *run)
{
  const ua_admin_examination *examination = run->examination;
  ua_operator_connection *connection = examination->connection;
  return ua_admin_examination_begin(examination, &run->error) == UA_OK && is_still_original(run) &&
         ua_legacy_adoption_count(connection, &run->before, &run->error) == UA_OK &&
         ua_legacy_adoption_align(connection, &run->error) == UA_OK &&
         ua_operator_migrations_adopt(connection, &examination->set, &run->error) == UA_OK &&
         ua_operator_grants_apply(connection, examination->account, examination->scope, &run->granted,
                                  &run->error) == UA_OK &&
         ua_legacy_adoption_count(connection, &run->after, &run->error) == UA_OK && is_as_before(run) &&
         ua_operator_connection_commit(connection, &run->error) == UA_OK;
}

static void print_summary(const adoption *run)
{
  const ua_legacy_adoption_counts *after = &run->after;
  (void)printf("adopted: %" PRIu64 " customers, %" PRIu64 " users, %" PRIu64 " roles, %" PRIu64
               " memberships\n",
               after->customers, after->users, after->roles, after->memberships);
  if (run->before.repeated > 0) {
    (void)printf("removed: %" PRIu64 " memberships that existed more than once\n", run->before.repeated);
  }
  if (run->granted) {
    (void)printf("granted: %s has the rights that the workers need\n", run->examination->account);
  } else {
    (void)printf("no rights granted: there is no role %s that may connect here\n", run->examination->account);
  }
  (void)printf(
      "next: start user-api with the original's JWT secret and USER_API_UPGRADE_HASHES=off\n"
      "      (and USER_API_ALLOW_WEAK_SECRET=on if that secret is weak, below 32 bytes);\n"
      "      when the original is stopped for good: user-api-admin finalize\n");
}

static void write_summary(ua_json_writer *writer, const adoption *run)
{
  const ua_legacy_adoption_counts *after = &run->after;
  ua_json_begin_object(writer, "rows");
  ua_json_add_integer(writer, "customers", (int64_t)after->customers);
  ua_json_add_integer(writer, "memberships", (int64_t)after->memberships);
  ua_json_add_integer(writer, "removed_memberships", (int64_t)run->before.repeated);
  ua_json_add_integer(writer, "roles", (int64_t)after->roles);
  ua_json_add_integer(writer, "users", (int64_t)after->users);
  ua_json_end(writer);
  ua_json_add_boolean(writer, "granted", run->granted);
}

static int adopt(adoption *run, ua_admin_findings *findings)
{
  if (!take_over(run)) {
    ua_operator_connection_rollback(run->examination->connection);
    return ua_cli_fail("nothing was changed: %s", run->error.text);
  }
  if (findings->json) {
    write_summary(findings->writer, run);
  } else {
    print_summary(run);
  }
  return UA_CLI_OK;
}

/* After the examination. */
static int judge(const ua_admin_examination *examination, ua_admin_findings *findings,
                 ua_operator_schema_kind kind)
{
  adoption run = {.examination = examination};
  int code = ua_admin_findings_sum(findings, ua_admin_schema_name(kind));
  bool refused = code == UA_ADMIN_ERRORS;
  bool ours = !refused && kind == UA_SCHEMA_OURS;
  if (refused) {
    (void)ua_cli_fail("refused, nothing was changed: fix the errors first");
  } else if (ours) {
    (void)fputs(findings->json ? "" : "nothing to adopt: the schema is this program's already\n", stdout);
    code = UA_CLI_OK;
  } else {
    code = adopt(&run, findings);
  }
  if (code == UA_CLI_FAILED) {
    ua_admin_findings_abandon(findings);
    return code;
  }
  ua_json_add_boolean(findings->writer, "adopted", !refused && !ours);
  int printed = ua_admin_findings_print(findings);
  return printed == UA_CLI_OK ? code : printed;
}

static int run_adopt(const ua_cli_arguments *arguments)
{
  return ua_admin_examination_run(arguments, judge);
}

const ua_cli_command ua_admin_adopt = {
    .name = "adopt",
    .synopsis = "[OPTIONS] [db_url]",
    .summary = "Takes over the Python original's database, in place",
    .details = details,
    .example = "--database-url postgresql://postgres@db/user_api",
    .options = options,
    .positionals = 1,
    .run = run_adopt,
};
