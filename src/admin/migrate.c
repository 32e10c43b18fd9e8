#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/changes.h"
#include "admin/commands.h"
#include "admin/database.h"
#include "admin/findings.h"
#include "admin/session.h"
#include "cli/guess.h"
#include "legacy/adoption.h"
#include "operator/diagnosis.h"
#include "operator/grants.h"
#include "store/schema.h"

enum {
  OPTION_DATABASE_URL,
  OPTION_CONFIG,
  OPTION_DATABASE,
  OPTION_MIGRATIONS,
  OPTION_SERVICE_ACCOUNT,
  OPTION_WAIT,
  OPTION_JSON
};

static const ua_cli_option options[] = {
    [OPTION_DATABASE_URL] = {"--database-url", "URL", "the database, as an owner of its tables"},
    [OPTION_CONFIG] = UA_ADMIN_CONFIG_OPTION_ROW,
    [OPTION_DATABASE] = {"--database", "NAME", "a database other than the URL's"},
    [OPTION_MIGRATIONS] = {"--migrations", "DIR", "migrations to use, not the built-in ones"},
    [OPTION_SERVICE_ACCOUNT] = {"--service-account", "NAME",
                                "workers' role [by its rights, or " UA_ADMIN_DEFAULT_SERVICE_ACCOUNT "]"},
    [OPTION_WAIT] = UA_ADMIN_WAIT_OPTION_ROW,
    [OPTION_JSON] = UA_CLI_JSON_OPTION_ROW,
    {NULL, NULL, NULL},
};

static const char details[] =
    "  up      applies what is missing (the default), and grants the workers' role\n"
    "          its rights if it exists and may connect to the database\n"
    "  down    reverts the last migration; reverting the first one drops all users\n"
    "  status  lists all: [X] applied, [ ] pending, [?] applied but not known here\n"
    "  check   says whether the schema fits this program: exit code 0, 3 for a newer\n"
    "          schema, 4 for an older one; the workers' role may run it, too\n"
    "\n"
    "Each migration is one transaction. If you run two at the same time, one waits\n"
    "for the other. Files and ledger have dbmate's format: you may use dbmate on the\n"
    "same database.\n";

typedef struct migrate_run {
  ua_operator_connection *connection;
  ua_operator_migration_set set;
  const char *account;
  ua_operator_grants_scope scope;
  bool json;
  ua_admin_changes changes;
} migrate_run;

static int apply(migrate_run *run, ua_error_line *error)
{
  bool granted;
  if (ua_operator_migrations_lock(run->connection, error) != UA_OK ||
      ua_operator_migrations_up(run->connection, &run->set, ua_admin_changes_note_migration, &run->changes,
                                error) != UA_OK) {
    return ua_cli_fail("%s", error->text);
  }
  if (ua_operator_grants_apply(run->connection, run->account, run->scope, &granted, error) != UA_OK) {
    return ua_cli_fail("%s", error->text);
  }
  if (run->changes.count == 0 && !run->json) {
    (void)printf("up to date\n");
  }
  return UA_CLI_OK;
}

static int up(migrate_run *run, ua_error_line *error)
{
  ua_admin_changes_begin(&run->changes, run->json);
  return ua_admin_changes_end(&run->changes, NULL, apply(run, error));
}

static int down(migrate_run *run, ua_error_line *error)
{
  int code = UA_CLI_OK;
  ua_admin_changes_begin(&run->changes, run->json);
  if (ua_operator_migrations_down(run->connection, &run->set, ua_legacy_adoption_veto,
                                  ua_admin_changes_note_migration, &run->changes, error) != UA_OK) {
    code = ua_cli_fail("%s", error->text);
  }
  return ua_admin_changes_end(&run->changes, NULL, code);
}

typedef struct status_counts {
  size_t applied;
  size_t pending;
} status_counts;

static void print_state(void *context, const ua_operator_migration *migration,
                        ua_operator_migration_state state)
{
  static const char marks[] = {
      [UA_MIGRATION_APPLIED] = 'X', [UA_MIGRATION_PENDING] = ' ', [UA_MIGRATION_UNKNOWN] = '?'};
  status_counts *counts = context;
  counts->applied += state != UA_MIGRATION_PENDING;
  counts->pending += state == UA_MIGRATION_PENDING;
  (void)printf("[%c] %.*s\n", marks[state], UA_TEXT_ARGS(migration->name));
}

static void list_state(void *list, const ua_operator_migration *migration, ua_operator_migration_state state)
{
  static const char *const names[] = {[UA_MIGRATION_APPLIED] = "applied",
                                      [UA_MIGRATION_PENDING] = "pending",
                                      [UA_MIGRATION_UNKNOWN] = "unknown"};
  char *name = strndup(migration->name.data, migration->name.length);
  const char *const values[] = {name, names[state]};
  ua_status added = ua_cli_list_row(list, values);
  (void)added; /* the list remembers, and reports it at its end */
  free(name);
}

static int list_status(migrate_run *run, ua_error_line *error)
{
  static const ua_cli_column columns[] = {
      {"name", UA_CLI_TEXT, NULL}, {"state", UA_CLI_TEXT, NULL}, {NULL, UA_CLI_TEXT, NULL}};
  ua_cli_list *list = ua_cli_list_begin(true, "migrations", columns);
  ua_status status = list == NULL
                         ? UA_INTERNAL
                         : ua_operator_migrations_status(run->connection, &run->set, list_state, list, error);
  return ua_cli_list_end(&list, status, error);
}

static int status(migrate_run *run, ua_error_line *error)
{
  status_counts counts = {0, 0};
  if (run->json) {
    return list_status(run, error);
  }
  if (ua_operator_migrations_status(run->connection, &run->set, print_state, &counts, error) != UA_OK) {
    return ua_cli_fail("%s", error->text);
  }
  (void)printf("\nApplied: %zu\nPending: %zu\n", counts.applied, counts.pending);
  return UA_CLI_OK;
}

/* How the schema compares with this program: for JSON, for the text output, and the exit code. */
static const struct {
  const char *name;
  const char *meaning;
  int code;
} verdicts[] = {{"fits", "the schema of the database fits this program", UA_CLI_OK},
                {"newer", "the schema of the database is newer than this program: install a newer one",
                 UA_ADMIN_WARNINGS},
                {"older", "the schema of the database is older than this program: run user-api-admin migrate",
                 UA_ADMIN_ERRORS}};

static int check(migrate_run *run, ua_error_line *error)
{
  static const ua_cli_column columns[] = {{"state", UA_CLI_TEXT, NULL},
                                          {"version", UA_CLI_INTEGER, NULL},
                                          {"needed", UA_CLI_INTEGER, NULL},
                                          {NULL, UA_CLI_TEXT, NULL}};
  uint64_t version;
  char found[24];
  char needed[24];
  if (ua_operator_diagnosis_version(run->connection, &version, error) != UA_OK) {
    return ua_cli_fail("%s", error->text);
  }
  size_t verdict = version == UA_SCHEMA_VERSION ? 0 : version > UA_SCHEMA_VERSION ? 1 : 2;
  (void)snprintf(found, sizeof found, "%" PRIu64, version);
  (void)snprintf(needed, sizeof needed, "%d", UA_SCHEMA_VERSION);
  int printed = UA_CLI_OK;
  if (run->json) {
    const char *const values[] = {verdicts[verdict].name, found, needed};
    printed = ua_cli_print_object(true, columns, values);
  } else {
    (void)printf("%s (version %s, needed %s)\n", verdicts[verdict].meaning, found, needed);
  }
  return printed == UA_CLI_OK ? verdicts[verdict].code : printed;
}

static const struct {
  const char *name;
  int (*run)(migrate_run *run, ua_error_line *error);
} actions[] = {{"up", up}, {"down", down}, {"status", status}, {"check", check}};

enum { ACTION_COUNT = sizeof actions / sizeof actions[0] };

/* The row that the first positional names; 0 (up) when it names none. */
static bool take_action(const ua_cli_arguments *arguments, size_t *action_r, size_t *taken_r)
{
  const char *first = arguments->positional[0];
  *action_r = 0;
  *taken_r = 0;
  for (size_t i = 0; first != NULL && i < ACTION_COUNT; i++) {
    if (strcmp(first, actions[i].name) == 0) {
      *action_r = i;
      *taken_r = 1;
      return true;
    }
  }
  return first == NULL || strpbrk(first, ":=") != NULL;
}

static int unknown_action(const char *word)
{
  char hint[UA_CLI_GUESS_BYTES];
  ua_cli_guess guess = {.word = ua_text_of(word)};
  for (size_t i = 0; i < ACTION_COUNT; i++) {
    ua_cli_guess_try(&guess, ua_text_of(actions[i].name));
  }
  return ua_cli_misused("migrate: unknown action %s%s (up, down, status or check)", word,
                        ua_cli_guess_hint(&guess, hint));
}

static int run_migrate(const ua_cli_arguments *arguments)
{
  migrate_run run = {.json = arguments->option[OPTION_JSON] != NULL};
  ua_cli_secret url = {.given = false};
  ua_error_line error = {""};
  size_t action;
  size_t taken;
  const char *database = arguments->option[OPTION_DATABASE];
  const char *account = arguments->option[OPTION_SERVICE_ACCOUNT];
  if (!take_action(arguments, &action, &taken)) {
    return unknown_action(arguments->positional[0]);
  }
  if (arguments->positional_count > taken + 1) {
    return ua_cli_misused("migrate: too many arguments (see: user-api-admin help migrate)");
  }
  run.scope = account == NULL ? UA_GRANTS_IF_SERVED : UA_GRANTS_ALWAYS;
  int code = ua_admin_name("--service-account", account, UA_ADMIN_DEFAULT_SERVICE_ACCOUNT, &run.account);
  if (code == UA_CLI_OK && database != NULL) {
    code = ua_admin_name("--database", database, NULL, &database);
  }
  if (code != UA_CLI_OK) {
    return code;
  }
  code = ua_admin_database_url(arguments->positional[taken], arguments->option[OPTION_DATABASE_URL],
                               arguments->option[OPTION_CONFIG], &url);
  if (code != UA_CLI_OK) {
    goto done;
  }
  code = ua_admin_migrations(arguments->option[OPTION_MIGRATIONS], &run.set);
  if (code != UA_CLI_OK) {
    goto done;
  }
  code = ua_admin_await(arguments->option[OPTION_WAIT], &url);
  if (code != UA_CLI_OK) {
    goto done;
  }
  if (ua_operator_connection_open(url.value, database, &run.connection, &error) != UA_OK) {
    code = ua_cli_fail("%s", error.text);
    goto done;
  }
  code = actions[action].run(&run, &error);
done:
  ua_operator_connection_close(&run.connection);
  ua_operator_migration_set_clear(&run.set);
  ua_cli_secret_wipe(&url);
  return code;
}

const ua_cli_command ua_admin_migrate = {
    .name = "migrate",
    .synopsis = "[up|down|status|check] [OPTIONS] [db_url]",
    .summary = "Upgrades a database's schema, or reverts one step",
    .details = details,
    .example = "up --database-url postgresql://postgres@db/user_api",
    .options = options,
    .positionals = 2,
    .run = run_migrate,
};
