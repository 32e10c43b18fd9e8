/* The last step of `init`: logs in with the settings as the service will, and names what is missing. */
#include <stdio.h>
#include <string.h>

#include "admin/init_steps.h"
#include "admin/settings.h"
#include "admin/sql.h"

ua_status ua_admin_init_kept_url(const ua_admin_init_run *run, char url_r[UA_MAX_DATABASE_URL_BYTES],
                                 ua_error_line *error)
{
  static const char *const nothing[] = {NULL};
  ua_config config;
  ua_admin_settings_file file;
  url_r[0] = '\0';
  if (run->settings_path == NULL || !ua_cli_env_file_has(&run->settings, "USER_API_DATABASE_URL")) {
    return UA_OK;
  }
  ua_status status = ua_admin_service_settings(run->settings_path, nothing, &config, &file, error);
  if (status != UA_OK) {
    return status;
  }
  int length = snprintf(url_r, UA_MAX_DATABASE_URL_BYTES, "%s", config.database_url);
  ua_config_clear(&config);
  if (length >= UA_MAX_DATABASE_URL_BYTES) {
    ua_error_line_set(error, "the database URL in %s is too long", run->settings_path);
    return UA_BAD_REQUEST;
  }
  return UA_OK;
}

/* The URL with which the service will log in; "" if it is not known here. */
static ua_status find_url(ua_admin_init_run *run, char url_r[UA_MAX_DATABASE_URL_BYTES])
{
  ua_cli_env_file_clear(&run->settings);
  ua_status status = UA_OK;
  if (run->settings_path != NULL) {
    status = ua_cli_env_file_read(run->settings_path, &run->settings, &run->error);
    if (status == UA_OK && ua_admin_init_kept_url(run, url_r, &run->untried) != UA_OK) {
      ua_error_line_prefix(&run->untried, "the service could not read its settings here");
    }
    return status;
  }
  if (run->made_url != NULL) {
    (void)snprintf(url_r, UA_MAX_DATABASE_URL_BYTES, "%s", run->made_url);
    return UA_OK;
  }
  const char *password = run->peer == NULL ? run->service_password.value : NULL;
  return run->peer == NULL && !run->service_password.given
             ? UA_OK
             : ua_operator_connection_url_for(run->server, run->account, password, run->database, url_r,
                                              &run->error);
}

typedef struct pg_hba {
  char address[64]; /* "" over a unix socket */
  char file[256];   /* "" if it is not known */
} pg_hba;

static ua_status note_pg_hba(void *context, const char *const *values)
{
  pg_hba *hba = context;
  (void)snprintf(hba->address, sizeof hba->address, "%s", values[0] == NULL ? "" : values[0]);
  (void)snprintf(hba->file, sizeof hba->file, "%s", values[1] == NULL ? "" : values[1]);
  return UA_OK;
}

/* A name as pg_hba.conf expects it: in quotes, with each quote inside doubled. */
static const char *quoted(const char *name, char out[2 * UA_MAX_IDENTIFIER_BYTES + 3])
{
  size_t used = 0;
  out[used++] = '"';
  for (; *name != '\0'; name++) {
    out[used++] = *name;
    if (*name == '"') {
      out[used++] = '"';
    }
  }
  out[used++] = '"';
  out[used] = '\0';
  return out;
}

/* The line that pg_hba.conf lacks. */
static void advise_pg_hba(ua_admin_init_run *run)
{
  char database[2 * UA_MAX_IDENTIFIER_BYTES + 3];
  char role[2 * UA_MAX_IDENTIFIER_BYTES + 3];
  pg_hba hba = {.file = ""};
  ua_error_line ignored;
  if (ua_operator_connection_query(run->server, ua_admin_sql_init_pg_hba, NULL, 0, note_pg_hba, &hba,
                                   &ignored) != UA_OK) {
    return;
  }
  bool local = hba.address[0] == '\0';
  ua_error_line_set(&run->advice,
                    "put the line '%s %s %s %s%s%s' above all others in %s, reload the server (SELECT"
                    " pg_reload_conf()), and run init again%s",
                    local ? "local" : "host", quoted(run->database, database), quoted(run->account, role),
                    hba.address, local ? "" : " ", run->peer == NULL ? "scram-sha-256" : "peer",
                    hba.file[0] == '\0' ? "the server's pg_hba.conf (SHOW hba_file)" : hba.file,
                    local && run->peer == NULL ? "; or give --peer USER, which needs no password" : "");
}

static void advise(ua_admin_init_run *run, ua_status status)
{
  if (status == UA_FORBIDDEN) {
    advise_pg_hba(run);
  } else if (status == UA_WRONG_LOGIN) {
    ua_error_line_set(&run->advice,
                      "set USER_API_SERVICE_PASSWORD and run init again: it gives the role that password");
  }
}

static ua_status note_start(void *start, const char *const *values)
{
  (void)snprintf(start, 64, "%s", values[0]);
  return UA_OK;
}

/* Checks that it is the same database, and that the service may read it. */
static ua_status look_around(ua_admin_init_run *run, ua_operator_connection *service)
{
  char start[64] = "";
  const char *const place[] = {run->account, run->database, start};
  bool same = false;
  ua_status status =
      ua_operator_connection_query(run->target, "SELECT extract(epoch FROM pg_postmaster_start_time())::text",
                                   NULL, 0, note_start, start, &run->error);
  if (status != UA_OK) {
    return status;
  }
  status =
      ua_operator_connection_exists(service, ua_admin_sql_init_is_same_place, place, 3, &same, &run->error);
  if (status == UA_OK && !same) {
    ua_error_line_set(&run->error,
                      "the database URL in %s leads to another database: remove the line and run init again",
                      run->settings_path == NULL ? "the settings" : run->settings_path);
    status = UA_CONFLICT;
  }
  return status == UA_OK ? ua_operator_connection_query(service, "SELECT version FROM schema_spec", NULL, 0,
                                                        NULL, NULL, &run->error)
                         : status;
}

/* The system user who logs in with the URL; NULL: any user, with the URL's password. */
static const char *peer_of(const ua_admin_init_run *run, const char *url)
{
  char password[256] = "";
  ua_error_line ignored;
  bool has_password =
      ua_operator_connection_part_of(url, "password", password, sizeof password, &ignored) != UA_OK ||
      password[0] != '\0';
  explicit_bzero(password, sizeof password);
  bool is_kept = run->peer == NULL && !has_password && ua_operator_connection_is_over_socket(run->server) &&
                 ua_operator_user_exists(run->account);
  return is_kept ? run->account : run->peer;
}

static bool can_be_tried(ua_admin_init_run *run, const char *peer, const char *url)
{
  if (run->untried.text[0] != '\0') {
    return false;
  }
  if (url[0] == '\0') {
    ua_error_line_set(&run->untried,
                      "the password of the role %s is not known here: give --write-env FILE, or"
                      " USER_API_SERVICE_PASSWORD",
                      run->account);
    return false;
  }
  if (peer == NULL || ua_operator_user_is_within_reach(peer)) {
    return true;
  }
  ua_error_line_set(
      &run->untried,
      "only the system user %s can log in as %s; try it as root: runuser -u %s -- user-api-admin"
      " role list --database-url '%s'",
      peer, run->account, peer, url);
  return false;
}

ua_status ua_admin_init_try(ua_admin_init_run *run)
{
  char url[UA_MAX_DATABASE_URL_BYTES] = "";
  ua_operator_connection *service = NULL;
  ua_status status = find_url(run, url);
  if (status != UA_OK) {
    goto done;
  }
  const char *peer = peer_of(run, url);
  if (!can_be_tried(run, peer, url)) {
    goto done;
  }
  status = ua_operator_connection_try(peer, url, &service, &run->error);
  if (status == UA_OK) {
    status = look_around(run, service);
  }
  if (status != UA_OK) {
    ua_error_line_prefix(&run->error, "everything was created, but the service cannot work as role %s",
                         run->account);
    advise(run, status);
  }
done:
  ua_operator_connection_close(&service);
  explicit_bzero(url, sizeof url);
  return status;
}
