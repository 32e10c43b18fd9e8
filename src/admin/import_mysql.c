#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/commands.h"
#include "admin/database.h"
#include "admin/import_mysql_run.h"
#include "cli/report.h"

enum {
  OPTION_MYSQL_URL,
  OPTION_DATABASE_URL,
  OPTION_CONFIG,
  OPTION_DATABASE,
  OPTION_MIGRATIONS,
  OPTION_CUSTOMER,
  OPTION_STALL,
  OPTION_DRY_RUN,
  OPTION_JSON
};

enum { DEFAULT_STALL_SECONDS = 300, LONGEST_STALL_SECONDS = 86400 };

static const ua_cli_option options[] = {
    [OPTION_MYSQL_URL] = {"--mysql-url", "URL", "the original's database, instead of the argument"},
    [OPTION_DATABASE_URL] = {"--database-url", "URL", "the target, as an owner of its tables"},
    [OPTION_CONFIG] = UA_ADMIN_CONFIG_OPTION_ROW,
    [OPTION_DATABASE] = {"--database", "NAME", "a database other than the one in the URL"},
    [OPTION_MIGRATIONS] = {"--migrations", "DIR", "migrations to use, not the built-in ones"},
    [OPTION_CUSTOMER] = {"--customer", "ID", "for users of a source without customers"},
    [OPTION_STALL] = {"--stall", "SECONDS", "end pgloader if it makes no progress [300]"},
    [OPTION_DRY_RUN] = {"--dry-run", NULL, "do everything, then undo it"},
    [OPTION_JSON] = {"--json", NULL, "one JSON object instead of lines"},
    {NULL, NULL, NULL},
};

static const char details[] =
    "Copies customers, roles, users and memberships of the Python original from MySQL\n"
    "or MariaDB into a database that `migrate` has made. It runs pgloader (Debian's\n"
    "package pgloader). Ids, hashes and salts stay as they are. The command only\n"
    "reads the source. The source's URL is the argument, or comes from --mysql-url,\n"
    "USER_API_MYSQL_URL or the file that USER_API_MYSQL_URL_FILE names:\n"
    "\n"
    "  mysql://user:password@host:port/database[?sslmode=MODE&unix_socket=PATH]\n"
    "  MODE is disable, prefer, require or verify-ca.\n"
    "\n"
    "The rows first go to a schema of their own. The program examines them as\n"
    "`doctor` does, compares them with the target, and copies all of them in one\n"
    "transaction, or none. It skips rows that the target already has, so you may run\n"
    "it again; if the target has another row in their place, that is an error. Roles\n"
    "with the same code are the same role. It knows both layouts: that of create_all,\n"
    "and user, group and user_in_group. The latter has no customers: its users get\n"
    "the customer of --customer, or a new one.\n"
    "\n"
    "Exit code: 0 done, 4 refused because of the rows, 1 failed, 2 a wrong command\n"
    "line. Any exit code except 0 means that nothing was changed, unless the error\n"
    "says that this is not known.\n";

/* --- the target --- */

static void note_older(void *context, const ua_operator_finding *finding)
{
  bool *older = context;
  *older = *older || finding->severity == UA_SEVERITY_ERROR;
}

static ua_status check_target(ua_admin_import_mysql_run *run, const ua_operator_migration_set *set)
{
  bool older = false;
  bool current;
  ua_operator_finding_sink sink = {note_older, &older};
  ua_status status = ua_operator_diagnosis_demand_schema(run->load.connection, &run->error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_operator_diagnosis_migrations(run->load.connection, set, sink, &current, &run->error);
  if (status == UA_OK && older) {
    ua_error_line_set(&run->error,
                      "the target's schema is older than this program: run user-api-admin migrate");
    status = UA_CONFLICT;
  }
  return status;
}

/* --- loading --- */

static bool has_errors(const ua_legacy_pgloader_summary *summary)
{
  bool found = false;
  for (size_t i = 0; i < summary->count; i++) {
    found = found || summary->table[i].errors > 0;
  }
  return found;
}

/* Whether the layout that was found can be imported with these options. */
static ua_status check_layout(ua_admin_import_mysql_run *run)
{
  const char *wrong = NULL;
  if (run->layout == UA_STAGING_BOTH) {
    wrong = "the source has the tables of both of the original's layouts";
  } else if (run->layout == UA_STAGING_UNKNOWN) {
    wrong = "the source has none of the original's tables, or you may not read them";
  } else if (run->layout == UA_STAGING_CREATE_ALL && run->customer != NULL) {
    wrong = "--customer: the source has customers of its own";
  }
  if (wrong == NULL) {
    return UA_OK;
  }
  ua_error_line_set(&run->error, "%s", wrong);
  return UA_UNPROCESSABLE;
}

static ua_status load(ua_admin_import_mysql_run *run)
{
  ua_status status = ua_legacy_load_run(&run->load, &run->source, &run->error);
  if (status != UA_OK) {
    return status;
  }
  if (has_errors(&run->load.summary)) {
    ua_error_line_set(&run->error, "pgloader could not take over some rows (a NUL in a text?)");
    return UA_UNPROCESSABLE;
  }
  status = ua_legacy_staging_find_layout(run->load.connection, run->load.schema, &run->layout, &run->error);
  return status == UA_OK ? check_layout(run) : status;
}

/* --- the command --- */

static int settle(ua_admin_import_mysql_run *run, ua_status status)
{
  if (status == UA_FORBIDDEN) {
    int code = ua_admin_findings_end(&run->findings, ua_admin_import_mysql_layout(run->layout));
    (void)ua_cli_fail("refused, nothing was changed: fix the errors first");
    return code;
  }
  if (status == UA_OUTCOME_UNKNOWN) {
    return ua_cli_fail("it is not known whether the rows were imported: run the command again: %s",
                       run->error.text);
  }
  if (status != UA_OK) {
    return ua_cli_fail("nothing was changed: %s", run->error.text);
  }
  if (run->json) {
    return ua_admin_import_mysql_print_json(run);
  }
  ua_admin_import_mysql_print_lines(run);
  return UA_CLI_OK;
}

static int work(ua_admin_import_mysql_run *run)
{
  if (ua_operator_migrations_lock(run->load.connection, &run->error) != UA_OK) {
    return ua_cli_fail("nothing was changed: %s", run->error.text);
  }
  ua_admin_findings_begin(&run->findings, run->json);
  ua_legacy_load_begin(&run->load);
  ua_status status = load(run);
  if (status == UA_OK && !run->json) {
    uint64_t users = ua_admin_import_mysql_rows_read(run, UA_STAGING_USER);
    (void)printf("layout: %s\n", ua_admin_import_mysql_layout(run->layout));
    (void)printf("loaded: %" PRIu64 " users in %.1f s\n", users, (double)run->load.took_ms / 1000);
    (void)fflush(stdout);
  }
  if (status == UA_OK) {
    status = ua_admin_import_mysql_copy(run);
  }
  int code = settle(run, status);
  ua_admin_findings_abandon(&run->findings);
  ua_legacy_load_end(&run->load);
  return code;
}

/* --- the command line --- */

static int read_source(const ua_cli_arguments *arguments, ua_legacy_mysql_url *source_r)
{
  ua_cli_secret url = {.given = false};
  ua_error_line error = {""};
  const char *argument = arguments->positional[0];
  const char *option = arguments->option[OPTION_MYSQL_URL];
  int code = UA_CLI_OK;
  if (argument != NULL && option != NULL) {
    return ua_cli_misused("the MySQL URL is given twice");
  }
  if (ua_cli_secret_find("USER_API_MYSQL_URL", argument != NULL ? argument : option, NULL, &url, &error) !=
      UA_OK) {
    code = ua_cli_fail("%s", error.text);
  } else if (url.value[0] == '\0') {
    code = ua_cli_misused("no MySQL database given: pass its URL, or set USER_API_MYSQL_URL");
  } else if (ua_legacy_mysql_url_read(ua_cli_secret_text(&url), source_r, &error) != UA_OK) {
    code = ua_cli_misused("%s", error.text);
  }
  ua_cli_secret_wipe(&url);
  return code;
}

static void warn_of_plain_text(const ua_legacy_mysql_url *source)
{
  bool near = source->socket[0] != '\0' || strcmp(source->host, "localhost") == 0 ||
              strcmp(source->host, "::1") == 0 || strncmp(source->host, "127.", 4) == 0;
  if (!near && source->tls < UA_MYSQL_TLS_REQUIRED) {
    ua_cli_warn("the connection to %s may be without TLS: add ?sslmode=require to the MySQL URL",
                source->host);
  }
}

static int check_customer(const char *given)
{
  uint64_t number;
  return given == NULL || (ua_text_to_uint(ua_text_of(given), INT32_MAX, &number) && number > 0)
             ? UA_CLI_OK
             : ua_cli_misused("--customer has to be the id of a customer");
}

static int read_stall(const char *given, int64_t *seconds_r)
{
  uint64_t seconds = DEFAULT_STALL_SECONDS;
  if (given != NULL &&
      (!ua_text_to_uint(ua_text_of(given), LONGEST_STALL_SECONDS, &seconds) || seconds == 0)) {
    return ua_cli_misused("--stall has to be a number of seconds from 1 to %d", LONGEST_STALL_SECONDS);
  }
  *seconds_r = (int64_t)seconds;
  return UA_CLI_OK;
}

static int read_arguments(const ua_cli_arguments *arguments, ua_admin_import_mysql_run *run,
                          ua_cli_secret *url_r, ua_operator_migration_set *set_r)
{
  const char *const *option = arguments->option;
  int code = read_source(arguments, &run->source);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = check_customer(run->customer);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = read_stall(option[OPTION_STALL], &run->load.stall_seconds);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = ua_admin_database_url(arguments->positional[1], option[OPTION_DATABASE_URL], option[OPTION_CONFIG],
                               url_r);
  return code == UA_CLI_OK ? ua_admin_migrations(option[OPTION_MIGRATIONS], set_r) : code;
}

static int run_import_mysql(const ua_cli_arguments *arguments)
{
  ua_cli_secret url = {.given = false};
  ua_operator_migration_set set = {0};
  ua_admin_import_mysql_run run = {.customer = arguments->option[OPTION_CUSTOMER],
                                   .json = arguments->option[OPTION_JSON] != NULL,
                                   .dry_run = arguments->option[OPTION_DRY_RUN] != NULL};
  run.load.target_url = &url;
  run.load.target_database = arguments->option[OPTION_DATABASE];
  int code = read_arguments(arguments, &run, &url, &set);
  if (code != UA_CLI_OK) {
    goto done;
  }
  if (ua_operator_connection_open(url.value, run.load.target_database, &run.load.connection, &run.error) !=
          UA_OK ||
      check_target(&run, &set) != UA_OK) {
    code = ua_cli_fail("nothing was changed: %s", run.error.text);
    goto done;
  }
  warn_of_plain_text(&run.source);
  code = work(&run);
done:
  ua_operator_connection_close(&run.load.connection);
  ua_operator_migration_set_clear(&set);
  ua_legacy_mysql_url_wipe(&run.source);
  ua_cli_secret_wipe(&url);
  return code;
}

const ua_cli_command ua_admin_import_mysql = {
    .name = "import-mysql",
    .synopsis = "[OPTIONS] [mysql_url [db_url]]",
    .summary = "Copies the Python original's MySQL or MariaDB database",
    .details = details,
    .example =
        "--mysql-url mysql://reader@old/user_api \\\n"
        "      --database-url postgresql://postgres@db/user_api",
    .options = options,
    .positionals = 2,
    .run = run_import_mysql,
};
