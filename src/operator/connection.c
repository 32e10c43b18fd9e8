#include "operator/connection.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "operator/connection_private.h"
#include "operator/connection_user.h"
#include "operator/sql.h"
#include "store/constraints.h"
#include "store/sqlstate.h"
#include "store/url.h"

enum { MAX_COMMAND_BYTES = 4096, AWAIT_PAUSE_NS = 200000000 };

/* --- URLs --- */

ua_status ua_operator_connection_part_of(const char *url, const char *keyword, char *part_r, size_t size,
                                         ua_error_line *error)
{
  PQconninfoOption *options = ua_store_libpq_options(url, error);
  if (options == NULL) {
    return UA_BAD_REQUEST;
  }
  ua_status status = UA_OK;
  const char *part = ua_store_libpq_option(options, keyword);
  if (strlen(part) < size) {
    (void)snprintf(part_r, size, "%s", part);
  } else {
    ua_error_line_set(error, "the database URL is too long");
    status = UA_BAD_REQUEST;
  }
  ua_store_libpq_options_free(options);
  return status;
}

typedef struct url_writer {
  char *out;
  size_t length;
  bool failed;
} url_writer;

static void url_put(url_writer *writer, const char *text)
{
  size_t length = strlen(text);
  if (length >= UA_MAX_DATABASE_URL_BYTES - writer->length) {
    writer->failed = true;
    return;
  }
  memcpy(writer->out + writer->length, text, length + 1);
  writer->length += length;
}

/* Percent-encodes all but RFC 3986's unreserved characters. */
static void url_put_encoded(url_writer *writer, const char *text)
{
  static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  for (; *text != '\0'; text++) {
    char encoded[4];
    bool plain = strchr(unreserved, *text) != NULL;
    (void)snprintf(encoded, sizeof encoded, plain ? "%c" : "%%%02X", (unsigned char)*text);
    url_put(writer, encoded);
  }
}

/* One host: a name, an IPv4 address or the folder of a socket. IPv6 addresses and lists go to parameters. */
static bool fits_authority(const char *host)
{
  return host[0] != '\0' && strpbrk(host, ",:") == NULL;
}

static void url_put_parameters(url_writer *writer, const PQconninfoOption *options, bool host_is_written)
{
  static const char *const carried[] = {"host",
                                        "hostaddr",
                                        "port",
                                        "sslmode",
                                        "sslrootcert",
                                        "sslcrl",
                                        "sslcrldir",
                                        "sslsni",
                                        "gssencmode",
                                        "channel_binding",
                                        "krbsrvname",
                                        "target_session_attrs",
                                        "ssl_min_protocol_version",
                                        "ssl_max_protocol_version"};
  char separator[] = "?";
  for (size_t i = 0; i < sizeof carried / sizeof carried[0]; i++) {
    bool written = host_is_written && (strcmp(carried[i], "host") == 0 || strcmp(carried[i], "port") == 0);
    for (const PQconninfoOption *option = options; !written && option->keyword != NULL; option++) {
      bool is_default = option->val == NULL || option->val[0] == '\0' ||
                        (option->compiled != NULL && strcmp(option->val, option->compiled) == 0);
      if (strcmp(option->keyword, carried[i]) != 0 || is_default) {
        continue;
      }
      url_put(writer, separator);
      url_put(writer, carried[i]);
      url_put(writer, "=");
      url_put_encoded(writer, option->val);
      separator[0] = '&';
    }
  }
}

ua_status ua_operator_connection_url_for(const ua_operator_connection *connection, const char *role,
                                         const char *password, const char *database,
                                         char url_r[UA_MAX_DATABASE_URL_BYTES], ua_error_line *error)
{
  url_writer writer = {.out = url_r};
  PQconninfoOption *options = PQconninfo(connection->connection);
  if (options == NULL) {
    ua_error_line_set(error, "out of memory");
    return UA_INTERNAL;
  }
  const char *host = ua_store_libpq_option(options, "host");
  const char *port = ua_store_libpq_option(options, "port");
  bool in_authority = fits_authority(host) && strchr(port, ',') == NULL;
  url_r[0] = '\0';
  url_put(&writer, "postgresql://");
  url_put_encoded(&writer, role);
  if (password != NULL) {
    url_put(&writer, ":");
    url_put_encoded(&writer, password);
  }
  url_put(&writer, "@");
  if (in_authority) {
    url_put_encoded(&writer, host);
    url_put(&writer, port[0] == '\0' ? "" : ":");
    url_put(&writer, port);
  }
  url_put(&writer, "/");
  url_put_encoded(&writer, database);
  url_put_parameters(&writer, options, in_authority);
  ua_store_libpq_options_free(options);
  if (writer.failed) {
    explicit_bzero(url_r, UA_MAX_DATABASE_URL_BYTES);
    ua_error_line_set(error, "the service account's database URL would be too long");
    return UA_INTERNAL;
  }
  return UA_OK;
}

/* --- connection --- */

/* `quotes_sql`: the statement holds literals that may be secret. */
static ua_status settle(const ua_operator_connection *connection, PGresult *result, bool quotes_sql,
                        ua_error_line *error)
{
  ExecStatusType outcome = PQresultStatus(result);
  ua_status status = UA_OK;
  if (outcome != PGRES_COMMAND_OK && outcome != PGRES_TUPLES_OK && outcome != PGRES_EMPTY_QUERY) {
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    bool lost = sqlstate == NULL || PQstatus(connection->connection) != CONNECTION_OK;
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    /* The server always names a unique index. An error without a name comes from a migration, which says what
     * it found. */
    bool is_raised = sqlstate != NULL && constraint == NULL && strcmp(sqlstate, "23505") == 0;
    const char *reason =
        sqlstate == NULL || is_raised ? NULL : ua_store_constraints_meaning(sqlstate, constraint).reason;
    ua_store_libpq_refusal(result, quotes_sql, error);
    ua_error_line refusal = *error;
    if (reason != NULL) {
      ua_error_line_set(error, "%s: %s", reason, refusal.text);
    } else if (sqlstate != NULL && strcmp(sqlstate, "42501") == 0) {
      /* Names the account, because the user may not have typed it: it can come from the service's
       * settings. */
      ua_error_line_set(error, "%s: connect as a role that may do this, %s may not", refusal.text,
                        PQuser(connection->connection));
    }
    status = lost ? UA_UNAVAILABLE : UA_INTERNAL;
  }
  PQclear(result);
  return status;
}

ua_status ua_operator_connection_settle(const ua_operator_connection *connection, PGresult *result,
                                        ua_error_line *error)
{
  return settle(connection, result, false, error);
}

bool ua_operator_connection_quotes(const char *sqlstate)
{
  return ua_store_sqlstate_quotes(sqlstate, true);
}

void ua_operator_connection_cancel(const ua_operator_connection *connection)
{
  char complaint[256];
  PGcancel *handle = PQgetCancel(connection->connection);
  if (handle != NULL) {
    (void)PQcancel(handle, complaint, (int)sizeof complaint);
    PQfreeCancel(handle);
  }
}

void ua_operator_connection_await(const char *url, int64_t seconds)
{
  static const char *const keywords[] = {"dbname", "connect_timeout", NULL};
  const char *const values[] = {url, "2", NULL};
  const struct timespec pause = {.tv_nsec = AWAIT_PAUSE_NS};
  int64_t deadline = ua_clock_monotonic_ms() + seconds * 1000;
  PGPing answer = PQpingParams(keywords, values, 1);
  while ((answer == PQPING_REJECT || answer == PQPING_NO_RESPONSE) && ua_clock_monotonic_ms() < deadline) {
    (void)nanosleep(&pause, NULL);
    answer = PQpingParams(keywords, values, 1);
  }
}

/* The settings that all statements rely on, and the operating system's user, for events. */
static ua_status set_up(const ua_operator_connection *opened, ua_error_line *error)
{
  char name[UA_MAX_OPERATING_USER_BYTES];
  const char *const parameters[] = {name};
  ua_operator_user_own_name(name);
  ua_status status = ua_operator_connection_settle(
      opened, PQexec(opened->connection, ua_operator_sql_connection_settings), error);
  return status == UA_OK
             ? ua_operator_connection_settle(
                   opened,
                   PQexecParams(opened->connection, "SELECT pg_catalog.set_config('user_api.by', $1, false)",
                                1, NULL, parameters, NULL, NULL, 0),
                   error)
             : status;
}

/* For `user`, see ua_operator_connection_dial. */
static ua_status open_as(const char *user, const char *url, const char *database,
                         ua_operator_connection **connection_r, ua_error_line *error)
{
  /* libpq uses the last of a repeated keyword, and only the first "dbname" may be a URL. */
  const char *const keywords[] = {
      "dbname",          "dbname",           "application_name", "client_encoding",
      "connect_timeout", "tcp_user_timeout", "keepalives_idle",  NULL};
  const char *const values[] = {url, database, "user-api-admin", "UTF8", "10", "30000", "30", NULL};
  ua_status status = ua_store_url_check(url, error);
  if (status != UA_OK) {
    return status;
  }
  ua_operator_connection *opened = calloc(1, sizeof *opened);
  if (opened != NULL) {
    ua_operator_connection_dial(opened, user, keywords, values);
  }
  if (opened == NULL || opened->connection == NULL) {
    free(opened);
    ua_error_line_set(error, "out of memory");
    return UA_INTERNAL;
  }
  if (PQstatus(opened->connection) != CONNECTION_OK) {
    ua_store_libpq_failure(opened->connection, url, error);
    status = user == NULL ? UA_UNAVAILABLE : ua_operator_connection_refusal(opened);
  } else {
    status = set_up(opened, error);
  }
  if (status != UA_OK) {
    ua_operator_connection_close(&opened);
    return status;
  }
  *connection_r = opened;
  return UA_OK;
}

ua_status ua_operator_connection_open(const char *url, const char *database,
                                      ua_operator_connection **connection_r, ua_error_line *error)
{
  return open_as(NULL, url, database, connection_r, error);
}

ua_status ua_operator_connection_try(const char *user, const char *url, ua_operator_connection **connection_r,
                                     ua_error_line *error)
{
  return open_as(user == NULL ? "" : user, url, NULL, connection_r, error);
}

void ua_operator_connection_close(ua_operator_connection **connection)
{
  if (*connection != NULL) {
    PQfinish((*connection)->connection);
    free(*connection);
    *connection = NULL;
  }
}

/* --- execution --- */

ua_status ua_operator_connection_run(ua_operator_connection *connection, ua_text script, ua_error_line *error)
{
  char *sql = strndup(script.data, script.length);
  if (sql == NULL) {
    ua_error_line_set(error, "out of memory");
    return UA_INTERNAL;
  }
  ua_status status = ua_operator_connection_settle(connection, PQexec(connection->connection, sql), error);
  free(sql);
  return status;
}

/* Appends one piece, or sets *used to the size if it does not fit. */
static void append(char *out, size_t *used, const char *piece, size_t length)
{
  if (piece == NULL || length >= MAX_COMMAND_BYTES - *used) {
    *used = MAX_COMMAND_BYTES;
    return;
  }
  memcpy(out + *used, piece, length);
  *used += length;
}

ua_status ua_operator_connection_command(ua_operator_connection *connection, const char *template,
                                         const char *const *names, ua_error_line *error)
{
  char sql[MAX_COMMAND_BYTES];
  size_t used = 0;
  for (const char *at = template; *at != '\0' && used < sizeof sql; at++) {
    if (at[0] != '%' || (at[1] != 'I' && at[1] != 'L')) {
      append(sql, &used, at, 1);
      continue;
    }
    const char *name = *names++;
    at++;
    char *quoted = *at == 'I' ? PQescapeIdentifier(connection->connection, name, strlen(name))
                              : PQescapeLiteral(connection->connection, name, strlen(name));
    append(sql, &used, quoted, quoted == NULL ? 0 : strlen(quoted));
    PQfreemem(quoted);
  }
  if (used >= sizeof sql) {
    ua_error_line_set(error, "a name is too long, or not UTF-8");
    return UA_BAD_REQUEST;
  }
  sql[used] = '\0';
  ua_status status = settle(connection, PQexec(connection->connection, sql), true, error);
  explicit_bzero(sql, used);
  return status;
}

ua_status ua_operator_connection_begin(ua_operator_connection *connection, ua_error_line *error)
{
  return ua_operator_connection_run(connection, UA_TEXT("BEGIN"), error);
}

bool ua_operator_connection_in_transaction(const ua_operator_connection *connection)
{
  return PQtransactionStatus(connection->connection) == PQTRANS_INTRANS;
}

ua_status ua_operator_connection_commit(ua_operator_connection *connection, ua_error_line *error)
{
  /* The server answers the COMMIT of a failed transaction with success and the tag ROLLBACK. */
  if (!ua_operator_connection_in_transaction(connection)) {
    ua_error_line_set(error, "the transaction has ended before its COMMIT");
    ua_operator_connection_rollback(connection);
    return UA_INTERNAL;
  }
  return ua_operator_connection_run(connection, UA_TEXT("COMMIT"), error);
}

void ua_operator_connection_rollback(ua_operator_connection *connection)
{
  if (PQtransactionStatus(connection->connection) != PQTRANS_IDLE) {
    PQclear(PQexec(connection->connection, "ROLLBACK"));
  }
}

ua_status ua_operator_connection_verifier(ua_operator_connection *connection, const char *role,
                                          const char *password, char verifier_r[UA_MAX_VERIFIER_BYTES],
                                          ua_error_line *error)
{
  ua_status status = UA_INTERNAL;
  char *verifier = PQencryptPasswordConn(connection->connection, password, role, "scram-sha-256");
  if (verifier != NULL && strlen(verifier) < UA_MAX_VERIFIER_BYTES) {
    (void)snprintf(verifier_r, UA_MAX_VERIFIER_BYTES, "%s", verifier);
    status = UA_OK;
  } else {
    ua_error_line_set(error, "cannot hash the password of role %s", role);
  }
  PQfreemem(verifier);
  return status;
}
