#include "store/watch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error_line.h"
#include "store/libpq.h"
#include "store/statements.h"

/* The columns of UA_STATEMENT_WATCH_PEER and of watch_proof.sql: both begin with these. */
enum { PEER_BACKEND, PEER_STANDBY, PEER_COLUMNS };
enum { PROOF_ARMED = PEER_COLUMNS, PROOF_ORIGIN, PROOF_TRIGGERS, PROOF_NOTIFIED, PROOF_USAGE, PROOF_COLUMNS };

/* From this server version on, every commit wakes the listeners. */
enum { WAKES_AT_COMMIT = 150000 };

struct ua_watch {
  ua_watch_settings settings;
  PGconn *connection; /* NULL: none */
  ua_error_line reason;
  bool proving;
  int64_t deadline_ms; /* monotonic: of the answer to the proof that was sent */
  PGresult *answer;    /* to it, until the server is ready for the next one; or NULL */
  bool proved;
  ua_watch_proof proof; /* only sent_ms until it is `proved`, then all of it */
};

ua_watch *ua_store_watch_create(const ua_watch_settings *settings)
{
  ua_watch *watch = calloc(1, sizeof *watch);
  if (watch != NULL) {
    watch->settings = *settings;
  }
  return watch;
}

void ua_store_watch_disconnect(ua_watch *watch)
{
  PQclear(watch->answer);
  PQfinish(watch->connection);
  watch->answer = NULL;
  watch->connection = NULL;
  watch->proving = watch->proved = false;
}

void ua_store_watch_destroy(ua_watch **watch)
{
  if (*watch != NULL) {
    ua_store_watch_disconnect(*watch);
    free(*watch);
    *watch = NULL;
  }
}

const char *ua_store_watch_reason(const ua_watch *watch)
{
  return watch->reason.text;
}

int ua_store_watch_backend(const ua_watch *watch)
{
  return watch->connection == NULL ? 0 : PQbackendPID(watch->connection);
}

bool ua_store_watch_is_proving(const ua_watch *watch)
{
  return watch->proving;
}

/* --- states of the connection --- */

/* Texts for states without a message of the server or of libpq. */
static const char *const reasons[] = {
    [UA_WATCH_POOLED] =
        "a pooler loses notifications: USER_API_SESSION_LISTEN_URL has to lead to the database itself",
    [UA_WATCH_STANDBY] = "the server is in recovery: nobody can listen on a standby",
    [UA_WATCH_DISARMED] =
        "the triggers that end sessions are missing or off: user-api-admin doctor says which",
};

static ua_watch_state state_because(ua_watch *watch, ua_watch_state state)
{
  if (state != UA_WATCH_SOUND) {
    ua_error_line_set(&watch->reason, "%s", reasons[state]);
  }
  return state;
}

static ua_watch_state lost(ua_watch *watch)
{
  ua_store_libpq_failure(watch->connection, watch->settings.url, &watch->reason);
  if (watch->reason.text[0] == '\0') {
    ua_error_line_set(&watch->reason, "the connection to the database was lost");
  }
  return UA_WATCH_LOST;
}

static ua_watch_state too_late(ua_watch *watch)
{
  ua_error_line_set(&watch->reason, "the database did not answer within %d ms",
                    watch->settings.answer_timeout_ms);
  return UA_WATCH_LOST;
}

ua_watch_state ua_store_watch_leave(ua_watch *watch, const char *reason)
{
  ua_error_line_set(&watch->reason, "%s", reason);
  return UA_WATCH_LOST;
}

/* A server that shuts down or cancels a statement also answers with an error (class 57 of SQLSTATE). */
static ua_watch_state refused(ua_watch *watch, const PGresult *result)
{
  const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  bool goes_away = sqlstate != NULL && strncmp(sqlstate, "57", 2) == 0;
  ua_store_libpq_refusal(result, false, &watch->reason);
  return goes_away ? UA_WATCH_LOST : UA_WATCH_REFUSED;
}

static int64_t answer_deadline(const ua_watch *watch)
{
  return ua_clock_monotonic_ms() + watch->settings.answer_timeout_ms;
}

/* --- answers --- */

static bool is_row_of(const PGresult *result, int columns)
{
  return PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1 && PQnfields(result) == columns;
}

static bool is_true(const PGresult *result, int column)
{
  return strcmp(PQgetvalue(result, 0, column), "t") == 0;
}

/* The bits of a signed 64-bit number. */
static uint64_t bits_of(const PGresult *result, int column)
{
  ua_text text = ua_text_of(PQgetvalue(result, 0, column));
  bool negative = ua_text_starts_with(text, UA_TEXT("-"));
  uint64_t value = 0;
  if (negative) {
    text = (ua_text){text.data + 1, text.length - 1};
  }
  (void)ua_text_to_uint(text, (uint64_t)INT64_MAX + 1, &value);
  return negative ? 0 - value : value;
}

/* A PostgreSQL process reports its process id at login and again in its answers. A pooler accepts logins
 * itself. Behind a pooler, LISTEN, queries and our own notifications all work, but notifications of others
 * never arrive. */
static ua_watch_state judge_peer(const ua_watch *watch, const PGresult *result)
{
  uint64_t backend = 0;
  ua_text text = ua_text_of(PQgetvalue(result, 0, PEER_BACKEND));
  if (!ua_text_to_uint(text, INT32_MAX, &backend) || backend != (uint64_t)PQbackendPID(watch->connection)) {
    return UA_WATCH_POOLED;
  }
  return is_true(result, PEER_STANDBY) ? UA_WATCH_STANDBY : UA_WATCH_SOUND;
}

static ua_watch_proof judge_proof(const ua_watch *watch, const PGresult *result)
{
  ua_watch_proof proof = {.state = judge_peer(watch, result),
                          .sent_ms = watch->proof.sent_ms,
                          .origin = bits_of(result, PROOF_ORIGIN),
                          .triggers = bits_of(result, PROOF_TRIGGERS)};
  if (proof.state == UA_WATCH_SOUND && !is_true(result, PROOF_ARMED)) {
    proof.state = UA_WATCH_DISARMED;
  }
  return proof;
}

/* --- the beginning: one statement after the other --- */

/* Waits for the answer to what was sent: the result, or NULL, and the state says why. */
static PGresult *receive(ua_watch *watch, int sent, ua_watch_state *state_r)
{
  PGresult *result = sent == 1 ? ua_store_libpq_receive(watch->connection, answer_deadline(watch)) : NULL;
  ExecStatusType status = PQresultStatus(result);
  *state_r = UA_WATCH_SOUND;
  if (result == NULL) {
    bool waits = sent == 1 && PQstatus(watch->connection) == CONNECTION_OK;
    *state_r = waits ? too_late(watch) : lost(watch);
  } else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    *state_r = refused(watch, result);
    PQclear(result);
    result = NULL;
  }
  return result;
}

/* Checks before it sets anything, so a session that a pooler shares is not changed. */
static ua_watch_state look_at_peer(ua_watch *watch)
{
  ua_watch_state state;
  const char *sql = ua_store_statement_get(UA_STATEMENT_WATCH_PEER)->sql;
  PGresult *result = receive(watch, PQsendQuery(watch->connection, sql), &state);
  if (result == NULL) {
    return state;
  }
  state = is_row_of(result, PEER_COLUMNS) ? state_because(watch, judge_peer(watch, result))
                                          : refused(watch, result);
  PQclear(result);
  return state;
}

static ua_watch_state run(ua_watch *watch, ua_statement statement, size_t count, const char *const *values)
{
  ua_watch_state state;
  const char *sql = ua_store_statement_get(statement)->sql;
  int sent = PQsendQueryParams(watch->connection, sql, (int)count, NULL, values, NULL, NULL, 0);
  PQclear(receive(watch, sent, &state));
  return state;
}

static ua_watch_state prepare_proof(ua_watch *watch)
{
  ua_watch_state state;
  const ua_statement_row *row = ua_store_statement_get(UA_STATEMENT_WATCH_PROOF);
  PQclear(receive(watch, PQsendPrepare(watch->connection, row->name, row->sql, 0, NULL), &state));
  return state;
}

static ua_watch_state begin(ua_watch *watch)
{
  char timeout[16];
  (void)snprintf(timeout, sizeof timeout, "%d", watch->settings.answer_timeout_ms);
  const char *const values[] = {timeout, timeout, "f"};
  ua_watch_state state = look_at_peer(watch);
  if (state == UA_WATCH_SOUND) {
    state = run(watch, UA_STATEMENT_SESSION_SETTINGS, 3, values);
  }
  if (state == UA_WATCH_SOUND) {
    state = run(watch, UA_STATEMENT_WATCH_SETTINGS, 1, values);
  }
  if (state != UA_WATCH_SOUND) {
    return state;
  }
  state = run(watch, UA_STATEMENT_WATCH_LISTEN, 0, NULL);
  return state == UA_WATCH_SOUND ? prepare_proof(watch) : state;
}

ua_watch_state ua_store_watch_connect(ua_watch *watch)
{
  const ua_watch_settings *settings = &watch->settings;
  ua_store_watch_disconnect(watch);
  watch->connection = ua_store_libpq_open(settings->url, "user-api-watch", settings->connect_timeout_ms,
                                          settings->answer_timeout_ms);
  if (PQstatus(watch->connection) != CONNECTION_OK || PQsetnonblocking(watch->connection, 1) != 0) {
    return lost(watch);
  }
  return begin(watch);
}

/* --- afterwards: notices, and proofs --- */

void ua_store_watch_prove(ua_watch *watch)
{
  const char *notifies = PQserverVersion(watch->connection) < WAKES_AT_COMMIT ? "t" : "f";
  const char *name = ua_store_statement_get(UA_STATEMENT_WATCH_PROOF)->name;
  if (watch->proving) {
    return;
  }
  watch->proved = false;
  watch->proof.sent_ms = ua_clock_boot_ms(); /* before it is sent */
  watch->deadline_ms = answer_deadline(watch);
  watch->proving = true; /* if it could not be sent, the next wait ends the connection */
  (void)PQsendQueryPrepared(watch->connection, name, 1, &notifies, NULL, NULL, 0);
}

/* Takes the part of the answer that has arrived. The answer is complete when the server is ready for the next
 * statement: notifications come before that. */
static ua_watch_state take_answer(ua_watch *watch)
{
  while (watch->proving && PQisBusy(watch->connection) == 0) {
    PGresult *next = PQgetResult(watch->connection);
    if (next != NULL) {
      PQclear(watch->answer);
      watch->answer = next;
      if (!is_row_of(next, PROOF_COLUMNS)) {
        return PQstatus(watch->connection) == CONNECTION_OK ? refused(watch, next) : lost(watch);
      }
      continue;
    }
    if (watch->answer == NULL) {
      return lost(watch);
    }
    watch->proof = judge_proof(watch, watch->answer);
    (void)state_because(watch, watch->proof.state);
    PQclear(watch->answer);
    watch->answer = NULL;
    watch->proving = false;
    watch->proved = true;
  }
  return UA_WATCH_SOUND;
}

ua_watch_state ua_store_watch_wait(ua_watch *watch, int64_t until_ms)
{
  int64_t now = ua_clock_monotonic_ms();
  int64_t end = watch->proving && watch->deadline_ms < until_ms ? watch->deadline_ms : until_ms;
  struct pollfd socket = {.fd = PQsocket(watch->connection), .events = POLLIN};
  (void)poll(&socket, 1, end > now ? (int)(end - now) : 0);
  /* Also if the socket is not readable: TLS may have buffered data that it has read already. */
  if (PQconsumeInput(watch->connection) == 0) {
    return lost(watch);
  }
  ua_watch_state state = take_answer(watch);
  if (state == UA_WATCH_SOUND && watch->proving && ua_clock_monotonic_ms() >= watch->deadline_ms) {
    return too_late(watch);
  }
  return state;
}

bool ua_store_watch_next_notice(ua_watch *watch, ua_watch_notice *notice_r)
{
  PGnotify *notification = PQnotifies(watch->connection);
  if (notification == NULL) {
    return false;
  }
  *notice_r = ua_store_watch_notice_read(ua_text_of(notification->extra));
  PQfreemem(notification);
  return true;
}

bool ua_store_watch_take_proof(ua_watch *watch, ua_watch_proof *proof_r)
{
  if (!watch->proved) {
    return false;
  }
  watch->proved = false;
  *proof_r = watch->proof;
  return true;
}
