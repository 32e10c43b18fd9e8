/* What `init` does on the server as a whole: the database and the service account. */
#include <stdio.h>
#include <string.h>

#include "admin/init_steps.h"
#include "cli/terminal.h"

static const char maintenance_database[] = "postgres";

ua_status ua_admin_init_connect(ua_admin_init_run *run)
{
  char named[UA_MAX_IDENTIFIER_BYTES + 1];
  ua_status status =
      ua_operator_connection_part_of(run->url.value, "dbname", named, sizeof named, &run->error);
  if (status != UA_OK) {
    return status;
  }
  /* PostgreSQL creates and drops a database only from a connection to another one. */
  bool elsewhere = named[0] == '\0' || strcmp(named, run->database) == 0;
  status = ua_operator_connection_open(run->url.value, elsewhere ? maintenance_database : NULL, &run->server,
                                       &run->error);
  if (status == UA_OK && run->peer != NULL && !ua_operator_connection_is_over_socket(run->server)) {
    ua_error_line_set(&run->error,
                      "--peer needs the server's unix socket: name its folder in the URL"
                      " (?host=/var/run/postgresql)");
    status = UA_BAD_REQUEST;
  }
  return status;
}

static ua_status database_exists(ua_admin_init_run *run, bool *exists_r)
{
  const char *const parameters[] = {run->database};
  return ua_operator_connection_exists(run->server, "SELECT 1 FROM pg_database WHERE datname = $1",
                                       parameters, 1, exists_r, &run->error);
}

/* Whether the database exists, will not be dropped, and has its administrator. */
static ua_status administrator_stays(ua_admin_init_run *run, bool *stays_r)
{
  ua_operator_connection *target = NULL;
  ua_status status = database_exists(run, stays_r);
  if (status != UA_OK || !*stays_r || run->drop_before) {
    *stays_r = *stays_r && !run->drop_before;
    return status;
  }
  status = ua_operator_connection_open(run->url.value, run->database, &target, &run->error);
  if (status == UA_OK) {
    status = ua_admin_init_has_admin(target, stays_r, &run->error);
  }
  ua_operator_connection_close(&target);
  return status;
}

ua_status ua_admin_init_ask(ua_admin_init_run *run)
{
  bool stays = false;
  ua_status status = administrator_stays(run, &stays);
  if (status != UA_OK) {
    return status;
  }
  run->sets_admin_password = !stays || run->reset_admin_password;
  if (!run->sets_admin_password || run->admin_password.given) {
    return UA_OK;
  }
  status = ua_cli_terminal_ask("Password of the administrator", &run->admin_password, &run->error);
  if (status == UA_NOT_FOUND) {
    ua_error_line_set(&run->error,
                      "no password for the administrator: set USER_API_ADMIN_PASSWORD, or give"
                      " --admin-password-file");
  }
  return status;
}

/* The character type of a new database decides which letters the index for searches knows: all letters of
 * Unicode if the server has C.UTF-8, otherwise those of ASCII. Texts are ordered by bytes, which works on
 * every server; if letters matter, the statements name their collation. */
static ua_status create_database(ua_admin_init_run *run)
{
  static const char knows_letters[] =
      "SELECT 1 FROM pg_collation WHERE collprovider = 'c' AND collctype IN ('C.utf8', 'C.UTF-8')";
  const char *const names[] = {run->database};
  bool knows = false;
  ua_status status = ua_operator_connection_exists(run->server, knows_letters, NULL, 0, &knows, &run->error);
  if (status != UA_OK) {
    return status;
  }
  return ua_operator_connection_command(
      run->server,
      knows ? "CREATE DATABASE %I ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' TEMPLATE template0"
            : "CREATE DATABASE %I ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0",
      names, &run->error);
}

ua_status ua_admin_init_database(ua_admin_init_run *run)
{
  const char *const names[] = {run->database};
  bool exists = false;
  ua_status status = database_exists(run, &exists);
  if (status != UA_OK) {
    return status;
  }
  if (exists && run->drop_before) {
    status = ua_operator_connection_command(run->server, "DROP DATABASE %I WITH (FORCE)", names, &run->error);
    if (status != UA_OK) {
      return status;
    }
    ua_admin_changes_note(&run->changes, UA_ADMIN_DATABASE_DROPPED, ua_text_of(run->database));
    exists = false;
  }
  if (exists) {
    return UA_OK;
  }
  status = create_database(run);
  if (status == UA_OK) {
    ua_admin_changes_note(&run->changes, UA_ADMIN_DATABASE_CREATED, ua_text_of(run->database));
  }
  return status;
}

/* A file with another role belongs to another installation, or was made with other options: do not change
 * it. */
static ua_status check_kept_role(ua_admin_init_run *run)
{
  char url[UA_MAX_DATABASE_URL_BYTES] = "";
  char role[UA_MAX_IDENTIFIER_BYTES + 1] = "";
  ua_error_line unreadable;
  bool known = ua_admin_init_kept_url(run, url, &unreadable) == UA_OK && url[0] != '\0' &&
               ua_operator_connection_part_of(url, "user", role, sizeof role, &unreadable) == UA_OK;
  explicit_bzero(url, sizeof url);
  if (!known || role[0] == '\0' || strcmp(role, run->account) == 0) {
    return UA_OK;
  }
  ua_error_line_set(
      &run->error,
      "the database URL in %s names the role %s, not %s: give that role by --service-account or --peer,"
      " or remove the line from the file",
      run->settings_path, role, run->account);
  return UA_CONFLICT;
}

/* NULL if the operating system identifies the role (peer authentication). */
static const char *password_of(const ua_admin_init_run *run)
{
  return run->peer == NULL ? run->service_password.value : NULL;
}

/* Before the role gets the password: if the role had it first and this failed, the password would be lost. */
static ua_status write_settings(ua_admin_init_run *run)
{
  char url[UA_MAX_DATABASE_URL_BYTES] = "";
  bool has_url = run->service_password.given || run->peer != NULL;
  ua_status status = UA_OK;
  if (run->settings_path == NULL) {
    return UA_OK;
  }
  if (!has_url && !ua_cli_env_file_has(&run->settings, "USER_API_DATABASE_URL")) {
    ua_error_line_set(&run->error,
                      "the role %s exists and its password is not known: set USER_API_SERVICE_PASSWORD",
                      run->account);
    return UA_BAD_REQUEST;
  }
  if (!run->jwt_secret.given && !ua_cli_env_file_has(&run->settings, "USER_API_JWT_SECRET")) {
    status = ua_cli_secret_generate(&run->jwt_secret, &run->error);
    if (status != UA_OK) {
      return status;
    }
  }
  if (has_url) {
    status = ua_operator_connection_url_for(run->server, run->account, password_of(run), run->database, url,
                                            &run->error);
    if (status != UA_OK) {
      goto done;
    }
  }
  const ua_cli_env_entry entries[] = {
      {"USER_API_DATABASE_URL", has_url ? url : NULL},
      {"USER_API_JWT_SECRET", run->jwt_secret.given ? run->jwt_secret.value : NULL},
      {"USER_API_ALLOW_WEAK_SECRET", run->allow_weak_secret ? "on" : NULL},
      {"USER_API_PASSWORD_COMMON", ua_cli_env_file_is_new(&run->settings) ? "refuse" : NULL},
  };
  status = ua_cli_env_file_write(&run->settings, entries, sizeof entries / sizeof entries[0], &run->error);
  if (status == UA_OK) {
    ua_admin_changes_note(&run->changes, UA_ADMIN_SETTINGS_WRITTEN, ua_text_of(run->settings_path));
  }
done:
  explicit_bzero(url, sizeof url);
  return status;
}

static ua_status print_url(ua_admin_init_run *run)
{
  char url[UA_MAX_DATABASE_URL_BYTES];
  ua_status status = ua_operator_connection_url_for(run->server, run->account, password_of(run),
                                                    run->database, url, &run->error);
  if (status == UA_OK) {
    run->made_url = strdup(url);
    if (run->made_url == NULL) {
      ua_error_line_set(&run->error, "out of memory");
      status = UA_INTERNAL;
    } else if (!run->changes.json) {
      (void)printf("USER_API_DATABASE_URL=%s\n", url);
    }
  }
  explicit_bzero(url, sizeof url);
  return status;
}

/* For a role without a password, or one that keeps its password: creates it if necessary, and lets it log
 * in. */
static ua_status let_log_in(ua_admin_init_run *run, bool exists)
{
  static const char may[] = "SELECT 1 FROM pg_roles WHERE rolname = $1 AND rolcanlogin";
  const char *const names[] = {run->account};
  bool may_already = false;
  ua_status status = ua_operator_connection_exists(run->server, may, names, 1, &may_already, &run->error);
  if (status != UA_OK || may_already) {
    return status;
  }
  status = ua_operator_connection_command(
      run->server, exists ? "ALTER ROLE %I LOGIN" : "CREATE ROLE %I LOGIN", names, &run->error);
  if (status == UA_OK) {
    ua_admin_changes_note(&run->changes, exists ? UA_ADMIN_ROLE_MAY_LOG_IN : UA_ADMIN_ROLE_CREATED,
                          ua_text_of(run->account));
  }
  return status;
}

static ua_status set_role(ua_admin_init_run *run, bool exists)
{
  char verifier[UA_MAX_VERIFIER_BYTES] = "";
  const char *const names[] = {run->account, verifier};
  if (!run->service_password.given) {
    return let_log_in(run, exists);
  }
  ua_status status = ua_operator_connection_verifier(run->server, run->account, run->service_password.value,
                                                     verifier, &run->error);
  if (status == UA_OK) {
    status = ua_operator_connection_command(
        run->server, exists ? "ALTER ROLE %I LOGIN PASSWORD %L" : "CREATE ROLE %I LOGIN PASSWORD %L", names,
        &run->error);
  }
  if (status == UA_OK) {
    ua_admin_changes_note(&run->changes, exists ? UA_ADMIN_ROLE_PASSWORD_SET : UA_ADMIN_ROLE_CREATED,
                          ua_text_of(run->account));
  }
  explicit_bzero(verifier, sizeof verifier);
  return status;
}

/* Checked before anything is changed: the administrator must not become the service account. */
static ua_status find_role(ua_admin_init_run *run, bool *exists_r)
{
  const char *const parameters[] = {run->account};
  bool is_self = false;
  ua_status status = ua_operator_connection_exists(run->server, "SELECT 1 WHERE current_user = $1",
                                                   parameters, 1, &is_self, &run->error);
  if (status != UA_OK) {
    return status;
  }
  if (is_self) {
    ua_error_line_set(&run->error, "the service account must not be the role that you connect as");
    return UA_BAD_REQUEST;
  }
  return ua_operator_connection_exists(run->server, "SELECT 1 FROM pg_roles WHERE rolname = $1", parameters,
                                       1, exists_r, &run->error);
}

ua_status ua_admin_init_account(ua_admin_init_run *run)
{
  bool exists = false;
  ua_status status = find_role(run, &exists);
  if (status != UA_OK) {
    return status;
  }
  status = check_kept_role(run);
  if (status != UA_OK) {
    return status;
  }
  bool make_up = !exists && !run->service_password.given && run->peer == NULL;
  if (make_up) {
    status = ua_cli_secret_generate(&run->service_password, &run->error);
    if (status != UA_OK) {
      return status;
    }
  }
  status = write_settings(run);
  if (status != UA_OK) {
    return status;
  }
  status = set_role(run, exists);
  if (status != UA_OK) {
    return status;
  }
  /* Print a password that was generated here and is in no file: otherwise it would be lost. */
  bool is_news = make_up || (run->peer != NULL && !exists);
  return is_news && run->settings_path == NULL ? print_url(run) : UA_OK;
}
