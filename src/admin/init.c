#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/commands.h"
#include "admin/database.h"
#include "admin/init_steps.h"
#include "auth/guessable.h"
#include "base/limits.h"
#include "cli/report.h"
#include "config/weakness.h"

enum { MIN_ADMIN_PASSWORD_BYTES = 8 };

enum {
  OPTION_DATABASE_URL,
  OPTION_DATABASE,
  OPTION_SERVICE_ACCOUNT,
  OPTION_PEER,
  OPTION_ADMIN_PASSWORD_FILE,
  OPTION_RESET_ADMIN_PASSWORD,
  OPTION_BCRYPT_COST,
  OPTION_WRITE_ENV,
  OPTION_MIGRATIONS,
  OPTION_WAIT,
  OPTION_DROP_BEFORE,
  OPTION_YES,
  OPTION_FORCE,
  OPTION_JSON
};

static const ua_cli_option options[] = {
    [OPTION_DATABASE_URL] = {"--database-url", "URL", "the server, instead of the argument"},
    [OPTION_DATABASE] = {"--database", "NAME", "the database to create [" UA_ADMIN_DEFAULT_DATABASE "]"},
    [OPTION_SERVICE_ACCOUNT] = {"--service-account", "NAME",
                                "the workers' role [" UA_ADMIN_DEFAULT_SERVICE_ACCOUNT "]"},
    [OPTION_PEER] = {"--peer", "USER", "this system user runs the workers: no password"},
    [OPTION_ADMIN_PASSWORD_FILE] = {"--admin-password-file", "FILE", "holds the administrator's password"},
    [OPTION_RESET_ADMIN_PASSWORD] = {"--reset-admin-password", NULL,
                                     "change an existing administrator's password"},
    [OPTION_BCRYPT_COST] = {"--bcrypt-cost", "N", "4 to 16 [USER_API_BCRYPT_COST or 12]"},
    [OPTION_WRITE_ENV] = {"--write-env", "FILE", "write the service's settings there, mode 0600"},
    [OPTION_MIGRATIONS] = {"--migrations", "DIR", "migrations to use, not the built-in ones"},
    [OPTION_WAIT] = UA_ADMIN_WAIT_OPTION_ROW,
    [OPTION_DROP_BEFORE] = {"--drop-before", NULL, "drop the database first, with all its data"},
    [OPTION_YES] = {"--yes", NULL, "confirm --drop-before"},
    [OPTION_FORCE] = {"--force", NULL, "accept a common password"},
    [OPTION_JSON] = UA_CLI_JSON_OPTION_ROW,
    {NULL, NULL, NULL},
};

static const char details[] =
    "Creates on the server of db_url what is missing, in this order: the database,\n"
    "the workers' role, the schema, that role's rights, the first customer, the role\n"
    "`admin`, and the administrator, a user whose email and name are `admin`. You may\n"
    "run it again: what exists stays as it is. An existing administrator keeps its\n"
    "password, even if you give one, unless you add --reset-admin-password: that sets\n"
    "the password and ends the administrator's sessions. The role of db_url needs\n"
    "CREATEDB and CREATEROLE, not SUPERUSER.\n"
    "\n"
    "At the end it logs in as the service will. If the server refuses the login, it\n"
    "prints the missing line of pg_hba.conf.\n"
    "\n"
    "--peer USER is for a server on this machine, over its unix socket: PostgreSQL\n"
    "asks the operating system who connects. The workers' role has the user's name,\n"
    "unless --service-account names it, and no password. Root connects as the system\n"
    "user who has the name of db_url's role, such as postgres.\n"
    "\n"
    "The administrator's password (8 to 72 bytes) comes from the argument, from\n"
    "--admin-password-file, or from USER_API_ADMIN_PASSWORD or\n"
    "USER_API_ADMIN_PASSWORD_FILE; else the program asks on the terminal. It refuses\n"
    "a common password, unless you give --force. The service will refuse such\n"
    "passwords of users, too: a new file of --write-env contains\n"
    "USER_API_PASSWORD_COMMON=refuse.\n"
    "\n"
    "The password of the workers' role comes from USER_API_SERVICE_PASSWORD or\n"
    "USER_API_SERVICE_PASSWORD_FILE; a new role gets a random one if you give none.\n"
    "The JWT secret comes from the argument, USER_API_JWT_SECRET or\n"
    "USER_API_JWT_SECRET_FILE, or is random; only the file of --write-env gets it.\n"
    "All users of the machine can read arguments until the program has started:\n"
    "prefer files and variables.\n";

static ua_status check_admin_password(ua_admin_init_run *run)
{
  if (!run->admin_password.given) {
    return UA_OK;
  }
  ua_status status = ua_cli_secret_compose("the administrator's password", &run->admin_password, &run->error);
  if (status != UA_OK) {
    return status;
  }
  ua_text password = ua_cli_secret_text(&run->admin_password);
  if (password.length < MIN_ADMIN_PASSWORD_BYTES || password.length > UA_MAX_PASSWORD_BYTES) {
    ua_error_line_set(&run->error, "the administrator's password has to be %d to %d bytes long",
                      MIN_ADMIN_PASSWORD_BYTES, UA_MAX_PASSWORD_BYTES);
    return UA_BAD_REQUEST;
  }
  return UA_OK;
}

/* The password of an existing administrator is not set, and so not checked. */
static ua_status refuse_common_password(ua_admin_init_run *run)
{
  static const ua_password_policy policy = {.refuses = true};
  static const ua_password_owner admin = {.email = {"admin", 5}, .name = {"admin", 5}};
  bool guessable = false;
  if (!run->sets_admin_password || run->force) {
    return UA_OK;
  }
  ua_status status =
      ua_auth_guessable_is(&policy, ua_cli_secret_text(&run->admin_password), &admin, &guessable);
  if (status == UA_OK && !guessable) {
    return UA_OK;
  }
  ua_error_line_set(&run->error, status != UA_OK ? "out of memory"
                                                 : "the administrator's password is too common: choose "
                                                   "another, or add --force to set it anyway");
  return UA_BAD_REQUEST;
}

/* systemd refuses files of settings that are not UTF-8. */
static bool is_printable(const ua_cli_secret *secret)
{
  ua_text text = ua_cli_secret_text(secret);
  return !ua_text_has_control(text) && ua_text_is_utf8(text);
}

/* The service does not start with a weak secret unless its settings allow it, so init needs the same
 * permission. */
static int check_jwt_secret(ua_admin_init_run *run)
{
  const char *allowed = getenv("USER_API_ALLOW_WEAK_SECRET");
  run->jwt_secret.given = run->jwt_secret.value[0] != '\0';
  if (!run->jwt_secret.given) {
    return UA_CLI_OK;
  }
  const char *weak = ua_config_weakness_text(ua_config_secret_weakness(ua_cli_secret_text(&run->jwt_secret)));
  run->allow_weak_secret = weak != NULL && allowed != NULL && strcmp(allowed, "on") == 0;
  if (weak != NULL && !run->allow_weak_secret) {
    return ua_cli_fail(
        "the JWT secret %s: leave it out, and init generates one, or set "
        "USER_API_ALLOW_WEAK_SECRET=on",
        weak);
  }
  if (weak != NULL) {
    ua_cli_warn("the JWT secret %s", weak);
  }
  return UA_CLI_OK;
}

/* Whether the other secrets can be used. Messages never repeat them. */
static int check_secrets(ua_admin_init_run *run)
{
  if (run->service_password.given &&
      (run->service_password.value[0] == '\0' || !is_printable(&run->service_password))) {
    return ua_cli_fail("USER_API_SERVICE_PASSWORD is empty, holds control characters, or is not UTF-8");
  }
  if (!is_printable(&run->jwt_secret)) {
    return ua_cli_fail("the JWT secret holds control characters, or is not UTF-8");
  }
  return check_jwt_secret(run);
}

static int read_secrets(const ua_cli_arguments *arguments, ua_admin_init_run *run)
{
  ua_error_line *error = &run->error;
  if (ua_cli_secret_find("USER_API_JWT_SECRET", arguments->positional[1], NULL, &run->jwt_secret, error) !=
          UA_OK ||
      ua_cli_secret_find("USER_API_ADMIN_PASSWORD", arguments->positional[2],
                         arguments->option[OPTION_ADMIN_PASSWORD_FILE], &run->admin_password,
                         error) != UA_OK ||
      ua_cli_secret_find("USER_API_SERVICE_PASSWORD", NULL, NULL, &run->service_password, error) != UA_OK ||
      check_admin_password(run) != UA_OK) {
    return ua_cli_fail("%s", error->text);
  }
  return check_secrets(run);
}

static int check_peer(const ua_admin_init_run *run)
{
  if (run->peer == NULL) {
    return UA_CLI_OK;
  }
  if (run->service_password.given) {
    return ua_cli_misused("init: --peer and USER_API_SERVICE_PASSWORD exclude each other: give one of them");
  }
  return ua_operator_user_exists(run->peer)
             ? UA_CLI_OK
             : ua_cli_fail("there is no system user %s: create it first (useradd --system %s)", run->peer,
                           run->peer);
}

static int read_arguments(const ua_cli_arguments *arguments, ua_admin_init_run *run)
{
  const char *const *option = arguments->option;
  run->drop_before = option[OPTION_DROP_BEFORE] != NULL;
  run->settings_path = option[OPTION_WRITE_ENV];
  run->force = option[OPTION_FORCE] != NULL;
  run->reset_admin_password = option[OPTION_RESET_ADMIN_PASSWORD] != NULL;
  if (run->drop_before && option[OPTION_YES] == NULL) {
    return ua_cli_misused("init: --drop-before destroys the database: add --yes to confirm");
  }
  int code = ua_admin_name("--database", option[OPTION_DATABASE], UA_ADMIN_DEFAULT_DATABASE, &run->database);
  if (code != UA_CLI_OK) {
    return code;
  }
  run->peer = option[OPTION_PEER];
  code = ua_admin_name("--service-account", option[OPTION_SERVICE_ACCOUNT],
                       run->peer == NULL ? UA_ADMIN_DEFAULT_SERVICE_ACCOUNT : run->peer, &run->account);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = ua_admin_bcrypt_cost(option[OPTION_BCRYPT_COST], &run->bcrypt_cost);
  if (code != UA_CLI_OK) {
    return code;
  }
  /* "": not from the service's settings, because they name the account that init creates. */
  code = ua_admin_database_url(arguments->positional[0], option[OPTION_DATABASE_URL], "", &run->url);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = read_secrets(arguments, run);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = check_peer(run);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = ua_admin_migrations(option[OPTION_MIGRATIONS], &run->migrations);
  return code == UA_CLI_OK ? ua_admin_await(option[OPTION_WAIT], &run->url) : code;
}

static ua_status lock_server(ua_admin_init_run *run)
{
  return ua_operator_migrations_lock(run->server, &run->error);
}

/* Under the lock: if two run at the same time, the second reads what the first has written. */
static ua_status read_settings(ua_admin_init_run *run)
{
  return run->settings_path == NULL ? UA_OK
                                    : ua_cli_env_file_read(run->settings_path, &run->settings, &run->error);
}

static int run_steps(ua_admin_init_run *run)
{
  static ua_status (*const steps[])(ua_admin_init_run *) = {
      ua_admin_init_connect, ua_admin_init_ask,  check_admin_password,   refuse_common_password,
      lock_server,           read_settings,      ua_admin_init_database, ua_admin_init_account,
      ua_admin_init_schema,  ua_admin_init_seed, ua_admin_init_try};
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    if (steps[i](run) != UA_OK) {
      bool advised = run->advice.text[0] != '\0';
      return ua_cli_fail("%s%s%s", run->error.text, advised ? "; " : "", run->advice.text);
    }
  }
  bool tried = run->untried.text[0] == '\0';
  if (run->changes.json) {
    ua_admin_changes_note_trial(&run->changes, tried);
  } else {
    (void)printf("%s%s\n", tried ? "ready" : "not tried: ", run->untried.text);
  }
  return UA_CLI_OK;
}

static int run_init(const ua_cli_arguments *arguments)
{
  ua_admin_init_run run = {.url = {.given = false}};
  int code = read_arguments(arguments, &run);
  if (code == UA_CLI_OK) {
    ua_admin_changes_begin(&run.changes, arguments->option[OPTION_JSON] != NULL);
    code = run_steps(&run);
    code = ua_admin_changes_end(&run.changes, run.made_url, code);
  }
  ua_operator_connection_close(&run.target);
  ua_operator_connection_close(&run.server);
  ua_operator_migration_set_clear(&run.migrations);
  ua_cli_env_file_clear(&run.settings);
  if (run.made_url != NULL) {
    explicit_bzero(run.made_url, strlen(run.made_url));
    free(run.made_url);
  }
  ua_cli_secret_wipe(&run.url);
  ua_cli_secret_wipe(&run.jwt_secret);
  ua_cli_secret_wipe(&run.admin_password);
  ua_cli_secret_wipe(&run.service_password);
  return code;
}

const ua_cli_command ua_admin_init = {
    .name = "init",
    .synopsis = "[OPTIONS] [db_url [jwt_secret [admin_password]]]",
    .summary = "Creates database, roles, schema and administrator",
    .details = details,
    .example =
        "--database-url postgresql://postgres@db.example.org \\\n"
        "      --write-env /etc/user-api/user-api.conf",
    .options = options,
    .positionals = 3,
    .run = run_init,
};
