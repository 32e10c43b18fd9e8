#include "store/libpq.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/sqlstate.h"
#include "store/url.h"

/* --- URLs --- */

const char *ua_store_libpq_option(const PQconninfoOption *options, const char *keyword)
{
  for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++) {
    if (strcmp(option->keyword, keyword) == 0) {
      return option->val == NULL ? "" : option->val;
    }
  }
  return "";
}

void ua_store_libpq_options_free(PQconninfoOption *options)
{
  for (PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++) {
    if (option->val != NULL) {
      explicit_bzero(option->val, strlen(option->val));
    }
  }
  PQconninfoFree(options);
}

/* Whether the scheme is not one of libpq's two. Without a scheme, libpq reads the text as keywords. */
static bool has_foreign_scheme(ua_text url)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.";
  size_t length = strspn(url.data, letters);
  ua_text rest = {url.data + length, url.length - length};
  return ua_text_starts_with(rest, UA_TEXT("://")) && !ua_text_starts_with(url, UA_TEXT("postgresql://")) &&
         !ua_text_starts_with(url, UA_TEXT("postgres://"));
}

/* One port for each host, separated by commas; an empty one is the default. */
static bool are_ports(ua_text ports)
{
  enum { HIGHEST_PORT = 65535 };
  ua_text port;
  uint64_t number;
  while (ua_text_split(&ports, ',', &port)) {
    if (port.length > 0 && (!ua_text_to_uint(port, HIGHEST_PORT, &number) || number == 0)) {
      return false;
    }
  }
  return true;
}

/* libpq reads a URI up to the first "/" for its hosts. After an unencoded "/" or "@" in the password, libpq
 * reads the rest as a port, a host or a database. */
static bool is_well_read(const PQconninfoOption *options)
{
  return strchr(ua_store_libpq_option(options, "host"), '@') == NULL &&
         strchr(ua_store_libpq_option(options, "dbname"), '@') == NULL &&
         are_ports(ua_text_of(ua_store_libpq_option(options, "port")));
}

PQconninfoOption *ua_store_libpq_options(const char *url, ua_error_line *error)
{
  char *complaint = NULL;
  ua_text text = ua_text_of(url);
  if (has_foreign_scheme(text)) {
    ua_error_line_set(error, "the database URL has to begin with postgresql:// or postgres://");
    return NULL;
  }
  PQconninfoOption *options = ua_text_has_control(text) ? NULL : PQconninfoParse(url, &complaint);
  /* libpq's message quotes the piece that it could not read, which may be a piece of the password. */
  if (complaint != NULL) {
    explicit_bzero(complaint, strlen(complaint));
    PQfreemem(complaint);
  }
  if (options == NULL || !is_well_read(options)) {
    ua_error_line_set(error,
                      "the database URL is malformed"
                      " (special characters of a password have to be percent-encoded)");
    ua_store_libpq_options_free(options);
    return NULL;
  }
  return options;
}

ua_status ua_store_url_check(const char *url, ua_error_line *error)
{
  PQconninfoOption *options = ua_store_libpq_options(url, error);
  ua_status status = options == NULL ? UA_BAD_REQUEST : UA_OK;
  ua_store_libpq_options_free(options);
  return status;
}

/* --- connections --- */

/* How long the first attempt, in this file, may take. */
enum { QUIET_MS = 1000 };

static void discard_notice(void *context, const PGresult *result)
{
  (void)context;
  (void)result;
}

/* Whether the attempt has ended, successful or not, before the deadline. */
static bool has_come_to_an_end(PGconn *connection, int64_t deadline)
{
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (next == PGRES_POLLING_WRITING || next == PGRES_POLLING_READING) {
    int64_t left = deadline - ua_clock_monotonic_ms();
    struct pollfd socket = {.fd = PQsocket(connection),
                            .events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT};
    int ready = left > 0 ? poll(&socket, 1, (int)left) : 0;
    if (ready == 0) {
      return false;
    }
    next = ready > 0 ? PQconnectPoll(connection) : next;
  }
  return true;
}

/* PQconnectdbParams writes the server's notices at login (about collation versions, for example) to standard
 * error: a notice receiver can be set only on a connection that exists already. The loop here has no time-out
 * that moves on to a URL's next address. PQreset has one, so a slow attempt is repeated with it. */
PGconn *ua_store_libpq_connect(const char *const *keywords, const char *const *values)
{
  PGconn *connection = PQconnectStartParams(keywords, values, 1);
  if (connection == NULL || PQstatus(connection) == CONNECTION_BAD) {
    return connection;
  }
  (void)PQsetNoticeReceiver(connection, discard_notice, NULL);
  if (!has_come_to_an_end(connection, ua_clock_monotonic_ms() + QUIET_MS)) {
    PQreset(connection);
  }
  return connection;
}

/* libpq counts whole seconds, at least 2. */
PGconn *ua_store_libpq_open(const char *url, const char *application_name, int connect_timeout_ms,
                            int silence_ms)
{
  char timeout[16];
  char tcp_timeout[16];
  (void)snprintf(timeout, sizeof timeout, "%d", (connect_timeout_ms + 999) / 1000);
  (void)snprintf(tcp_timeout, sizeof tcp_timeout, "%d", silence_ms);
  const char *const keywords[] = {"dbname",          "application_name", "client_encoding",
                                  "connect_timeout", "tcp_user_timeout", NULL};
  const char *const values[] = {url, application_name, "UTF8", timeout, tcp_timeout, NULL};
  return ua_store_libpq_connect(keywords, values);
}

/* We send no COPY: for its results, PQgetResult would return the same for ever. */
static bool is_copy(const PGresult *result)
{
  ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

PGresult *ua_store_libpq_receive(PGconn *connection, int64_t deadline)
{
  PGresult *last = NULL;
  for (;;) {
    while (PQisBusy(connection)) {
      struct pollfd socket = {.fd = PQsocket(connection), .events = POLLIN};
      int64_t left = deadline - ua_clock_monotonic_ms();
      int ready = left > 0 ? poll(&socket, 1, (int)left) : 0;
      if (ready == 0 || (ready < 0 && errno != EINTR) || PQconsumeInput(connection) == 0) {
        PQclear(last);
        return NULL;
      }
    }
    PGresult *next = PQgetResult(connection);
    if (next == NULL) {
      return last;
    }
    PQclear(last);
    last = next;
    if (is_copy(last)) {
      PQclear(last);
      return NULL;
    }
  }
}

/* --- messages --- */

enum { MOST_SECRETS = 8 };

typedef struct secrets {
  const char *value[MOST_SECRETS];
  size_t count;
} secrets;

/* Whether an option like `user`, which is public, has the same value: hiding it there would reveal that the
 * password equals it. */
static bool is_shown(const PQconninfoOption *options, const char *value)
{
  for (const PQconninfoOption *option = options; option->keyword != NULL; option++) {
    if (option->dispchar[0] != '*' && option->val != NULL && strcmp(option->val, value) == 0) {
      return true;
    }
  }
  return false;
}

static void add_secret(secrets *self, const PQconninfoOption *options, const char *value)
{
  if (value != NULL && value[0] != '\0' && self->count < MOST_SECRETS && !is_shown(options, value)) {
    self->value[self->count++] = value;
  }
}

/* The secrets of the URL and the environment, and the password of the password file. */
static secrets secrets_of(const PGconn *connection, const PQconninfoOption *options)
{
  secrets found = {.count = 0};
  for (const PQconninfoOption *option = options; option->keyword != NULL; option++) {
    if (option->dispchar[0] == '*') {
      add_secret(&found, options, option->val);
    }
  }
  add_secret(&found, options, PQpass(connection));
  return found;
}

/* The length of the longest secret that `text` begins with. */
static size_t secret_at(const secrets *self, const char *text)
{
  size_t longest = 0;
  for (size_t i = 0; i < self->count; i++) {
    size_t length = strlen(self->value[i]);
    if (length > longest && strncmp(text, self->value[i], length) == 0) {
      longest = length;
    }
  }
  return longest;
}

void ua_store_libpq_failure(PGconn *connection, const char *url, ua_error_line *reason_r)
{
  static const char mask[] = "***";
  char text[sizeof reason_r->text];
  size_t used = 0;
  if (ua_store_url_check(url, reason_r) != UA_OK) {
    return;
  }
  PQconninfoOption *options = PQconninfo(connection);
  if (options == NULL) {
    ua_error_line_set(reason_r, "out of memory");
    return;
  }
  secrets hidden = secrets_of(connection, options);
  for (const char *at = PQerrorMessage(connection); *at != '\0' && used + sizeof mask < sizeof text;) {
    size_t length = secret_at(&hidden, at);
    if (length == 0) {
      text[used++] = *at++;
      continue;
    }
    memcpy(text + used, mask, sizeof mask - 1);
    used += sizeof mask - 1;
    at += length;
  }
  text[used] = '\0';
  ua_store_libpq_options_free(options);
  ua_error_line_set(reason_r, "%s", text);
}

void ua_store_libpq_refusal(const PGresult *result, bool quotes_sql, ua_error_line *reason_r)
{
  /* Both are NULL when the connection was lost. DETAIL, HINT and CONTEXT are left out: they quote values. */
  const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  if (message == NULL) {
    ua_error_line_set(reason_r, "the connection to the database was lost");
  } else if (sqlstate == NULL) {
    ua_error_line_set(reason_r, "%s", message);
  } else if (ua_store_sqlstate_quotes(sqlstate, quotes_sql)) {
    ua_error_line_set(reason_r, "the database refused (SQLSTATE %s); the server's log says why", sqlstate);
  } else {
    ua_error_line_set(reason_r, "%s (SQLSTATE %s)", message, sqlstate);
  }
}
