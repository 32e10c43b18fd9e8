#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/libpq.h"
#include "store/sqlstate.h"

/* The server's own statement_timeout comes first and keeps the connection; this is for a server that no
 * longer answers at all. */
enum { CLIENT_TIMEOUT_MARGIN_MS = 1000 };

struct ua_db {
  ua_db_settings settings;
  PGconn *connection; /* NULL: not connected */
  bool prepared[UA_STATEMENT_COUNT];
  bool in_transaction;
  ua_db_refusal refusal;
};

struct ua_db_row {
  const PGresult *result;
  int number;
};

/* What became of one statement on one connection. */
typedef enum outcome {
  FATE_DONE,     /* the server answered, with success or an error of its own */
  FATE_NOT_SENT, /* it never reached a server */
  FATE_LOST      /* the connection broke after it was sent */
} outcome;

/* --- rows --- */

bool ua_store_db_is_null(const ua_db_row *row, int column)
{
  return PQgetisnull(row->result, row->number, column) != 0;
}

ua_text ua_store_db_text(const ua_db_row *row, int column)
{
  if (ua_store_db_is_null(row, column)) {
    return UA_TEXT_ABSENT;
  }
  return (ua_text){PQgetvalue(row->result, row->number, column),
                   (size_t)PQgetlength(row->result, row->number, column)};
}

int64_t ua_store_db_int(const ua_db_row *row, int column)
{
  ua_text text = ua_store_db_text(row, column);
  bool negative = ua_text_starts_with(text, UA_TEXT("-"));
  uint64_t value = 0;
  if (negative) {
    text = (ua_text){text.data + 1, text.length - 1};
  }
  (void)ua_text_to_uint(text, INT64_MAX, &value); /* 0 for NULL */
  return negative ? -(int64_t)value : (int64_t)value;
}

bool ua_store_db_bool(const ua_db_row *row, int column)
{
  return !ua_store_db_is_null(row, column) && PQgetvalue(row->result, row->number, column)[0] == 't';
}

/* --- connection --- */

static void discard_notice(void *context, const PGresult *result)
{
  (void)context;
  (void)result;
}

static void disconnect(ua_db *db)
{
  PQfinish(db->connection);
  db->connection = NULL; /* a transaction stays begun: its other statements must not run outside of it */
  memset(db->prepared, 0, sizeof db->prepared);
}

static void log_connection_failure(const ua_db *db)
{
  ua_error_line reason = {""};
  ua_store_libpq_failure(db->connection, db->settings.url, &reason);
  ua_log(UA_LOG_ERROR, UA_EVENT("database unavailable"), ua_log_str("reason", reason.text));
}

/* Waits until the server has answered what was sent, and takes the (last) result. NULL: the connection is of
 * no use any more. */
static PGresult *receive(ua_db *db)
{
  int64_t deadline = ua_clock_monotonic_ms() + db->settings.statement_timeout_ms + CLIENT_TIMEOUT_MARGIN_MS;
  PGresult *last = NULL;
  for (;;) {
    while (PQisBusy(db->connection)) {
      struct pollfd socket = {.fd = PQsocket(db->connection), .events = POLLIN};
      int64_t left = deadline - ua_clock_monotonic_ms();
      int ready = left > 0 ? poll(&socket, 1, (int)left) : 0;
      if (ready == 0 || (ready < 0 && errno != EINTR) || PQconsumeInput(db->connection) == 0) {
        PQclear(last);
        return NULL;
      }
    }
    PGresult *next = PQgetResult(db->connection);
    if (next == NULL) {
      return last;
    }
    PQclear(last);
    last = next;
  }
}

static bool set_up_session(ua_db *db)
{
  const char *sql = ua_store_statement_get(UA_STATEMENT_SESSION_SETTINGS)->sql;
  char timeout[16];
  char idle_timeout[16];
  const char *const values[] = {timeout, idle_timeout};
  (void)snprintf(timeout, sizeof timeout, "%d", db->settings.statement_timeout_ms);
  (void)snprintf(idle_timeout, sizeof idle_timeout, "%d", 2 * db->settings.statement_timeout_ms);
  bool sent = PQsendQueryParams(db->connection, sql, 2, NULL, values, NULL, NULL, 0) == 1;
  PGresult *result = sent ? receive(db) : NULL;
  bool done = PQresultStatus(result) == PGRES_TUPLES_OK;
  PQclear(result);
  return done;
}

/* libpq counts whole seconds, at least 2, and applies them to each host of the URL in turn. */
static bool connect_now(ua_db *db)
{
  char timeout[16];
  char tcp_timeout[16];
  (void)snprintf(timeout, sizeof timeout, "%d", (db->settings.connect_timeout_ms + 999) / 1000);
  (void)snprintf(tcp_timeout, sizeof tcp_timeout, "%d",
                 db->settings.statement_timeout_ms + CLIENT_TIMEOUT_MARGIN_MS);
  const char *const keywords[] = {"dbname",          "application_name", "client_encoding",
                                  "connect_timeout", "tcp_user_timeout", NULL};
  const char *const values[] = {
      db->settings.url, db->settings.application_name, "UTF8", timeout, tcp_timeout, NULL};
  db->connection = PQconnectdbParams(keywords, values, 1);
  if (db->connection == NULL) {
    return false;
  }
  (void)PQsetNoticeReceiver(db->connection, discard_notice, NULL);
  if (PQstatus(db->connection) != CONNECTION_OK || (db->settings.prepared && !set_up_session(db))) {
    log_connection_failure(db);
    disconnect(db);
    return false;
  }
  ua_log(UA_LOG_INFO, UA_EVENT("database connected"),
         ua_log_int("server_version", PQserverVersion(db->connection)));
  return true;
}

ua_db *ua_store_db_create(const ua_db_settings *settings)
{
  ua_db *db = calloc(1, sizeof *db);
  if (db != NULL) {
    db->settings = *settings;
  }
  return db;
}

void ua_store_db_destroy(ua_db **db)
{
  if (*db != NULL) {
    disconnect(*db);
    free(*db);
    *db = NULL;
  }
}

/* PQfinish takes leave of the server, over the very socket that the parent goes on using: give it another. */
void ua_store_db_abandon(ua_db *db)
{
  int fd = db->connection == NULL ? -1 : PQsocket(db->connection);
  int nowhere = fd < 0 ? -1 : open("/dev/null", O_RDWR | O_CLOEXEC);
  if (fd >= 0 && dup3(nowhere, fd, O_CLOEXEC) < 0) {
    (void)close(fd);
  }
  if (nowhere >= 0) {
    (void)close(nowhere);
  }
}

const ua_db_refusal *ua_store_db_failure(const ua_db *db)
{
  return &db->refusal;
}

/* --- execution --- */

static const char *sqlstate_of(const PGresult *result)
{
  const char *sqlstate = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return sqlstate == NULL ? "" : sqlstate;
}

static bool succeeded(const PGresult *result)
{
  ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* Prepares the statement on this connection unless it is already. A failure of the server is left in
 * *result_r. */
static outcome prepare(ua_db *db, ua_statement statement, PGresult **result_r)
{
  const ua_statement_row *row = ua_store_statement_get(statement);
  if (db->prepared[statement]) {
    return FATE_DONE;
  }
  if (PQsendPrepare(db->connection, row->name, row->sql, 0, NULL) != 1) {
    return FATE_NOT_SENT;
  }
  PGresult *result = receive(db);
  if (result == NULL || PQstatus(db->connection) != CONNECTION_OK) {
    PQclear(result);
    return FATE_NOT_SENT;
  }
  if (succeeded(result)) {
    db->prepared[statement] = true;
    PQclear(result);
  } else {
    *result_r = result;
  }
  return FATE_DONE;
}

static int send_statement(ua_db *db, ua_statement statement, const ua_db_args *args)
{
  const char *values[UA_DB_MAX_ARGS];
  const ua_statement_row *row = ua_store_statement_get(statement);
  for (size_t i = 0; i < args->count; i++) {
    const char *buffer = args->arg[i].buffer[0] == '\0' ? NULL : args->arg[i].buffer;
    values[i] = args->arg[i].value == NULL ? buffer : args->arg[i].value;
  }
  int count = (int)args->count;
  if (row->kind == UA_STATEMENT_CONTROL) {
    return PQsendQuery(db->connection, row->sql);
  }
  if (db->settings.prepared) {
    return PQsendQueryPrepared(db->connection, row->name, count, values, NULL, NULL, 0);
  }
  return PQsendQueryParams(db->connection, row->sql, count, NULL, values, NULL, NULL, 0);
}

/* Sends the statement once, connecting and preparing as needed. *result_r is the caller's to clear. */
static outcome attempt(ua_db *db, ua_statement statement, const ua_db_args *args, PGresult **result_r)
{
  *result_r = NULL;
  if (db->connection == NULL && (db->in_transaction || !connect_now(db))) {
    return FATE_NOT_SENT;
  }
  if (db->settings.prepared && ua_store_statement_get(statement)->kind != UA_STATEMENT_CONTROL) {
    outcome prepared = prepare(db, statement, result_r);
    if (prepared != FATE_DONE || *result_r != NULL) {
      return prepared;
    }
  }
  if (send_statement(db, statement, args) != 1) {
    return FATE_NOT_SENT;
  }
  *result_r = receive(db);
  return *result_r == NULL || PQresultStatus(*result_r) == PGRES_BAD_RESPONSE ||
                 (!succeeded(*result_r) && sqlstate_of(*result_r)[0] == '\0')
             ? FATE_LOST
             : FATE_DONE;
}

/* Reads, and the beginning of a transaction, may go to a fresh connection when the old one proves dead. */
static bool may_repeat(const ua_db *db, ua_statement statement)
{
  return !db->in_transaction &&
         (statement == UA_STATEMENT_BEGIN || ua_store_statement_get(statement)->kind == UA_STATEMENT_READ);
}

static ua_status give_up(ua_db *db, ua_statement statement, outcome fate)
{
  const ua_statement_row *row = ua_store_statement_get(statement);
  bool could_have_happened =
      statement == UA_STATEMENT_COMMIT || (row->kind == UA_STATEMENT_WRITE && !db->in_transaction);
  ua_log(UA_LOG_ERROR, UA_EVENT("database connection lost"), ua_log_str("statement", row->name));
  disconnect(db);
  return fate == FATE_LOST && could_have_happened ? UA_OUTCOME_UNKNOWN : UA_UNAVAILABLE;
}

static ua_status report_failure(ua_db *db, ua_statement statement, const PGresult *result)
{
  const char *sqlstate = sqlstate_of(result);
  const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
  ua_status status = ua_store_sqlstate_status(sqlstate);
  if (statement == UA_STATEMENT_COMMIT && status == UA_UNAVAILABLE) {
    status = UA_OUTCOME_UNKNOWN; /* interrupted while waiting for a standby, it may be committed here */
  }
  (void)snprintf(db->refusal.sqlstate, sizeof db->refusal.sqlstate, "%s", sqlstate);
  (void)snprintf(db->refusal.constraint, sizeof db->refusal.constraint, "%s",
                 constraint == NULL ? "" : constraint);
  ua_log(status == UA_CONFLICT ? UA_LOG_INFO : UA_LOG_ERROR, UA_EVENT("statement failed"),
         ua_log_str("statement", ua_store_statement_get(statement)->name), ua_log_str("sqlstate", sqlstate),
         ua_log_str("constraint", db->refusal.constraint));
  if (ua_store_sqlstate_ends_connection(sqlstate)) {
    disconnect(db);
  }
  return status;
}

static ua_status read_rows(PGresult *result, ua_db_row_fn *row, void *context, size_t *rows_r)
{
  ua_status status = UA_OK;
  int count = PQntuples(result);
  uint64_t affected = 0;
  for (int i = 0; row != NULL && i < count && status == UA_OK; i++) {
    status = row(context, &(ua_db_row){.result = result, .number = i});
  }
  if (status == UA_OK && rows_r != NULL) {
    (void)ua_text_to_uint(ua_text_of(PQcmdTuples(result)), SIZE_MAX, &affected); /* "" for BEGIN */
    *rows_r = PQresultStatus(result) == PGRES_TUPLES_OK ? (size_t)count : (size_t)affected;
  }
  return status;
}

ua_status ua_store_db_execute(ua_db *db, ua_statement statement, const ua_db_args *args, ua_db_row_fn *row,
                              void *context, size_t *rows_r)
{
  static const ua_db_args none;
  PGresult *result = NULL;
  ua_status status;
  bool repeatable = db->connection != NULL && may_repeat(db, statement);
  if (statement != UA_STATEMENT_ROLLBACK) {
    db->refusal = (ua_db_refusal){.sqlstate = ""};
  }
  if (args != NULL && args->failed) {
    return UA_INTERNAL;
  }
  args = args == NULL ? &none : args;
  outcome fate = attempt(db, statement, args, &result);
  if (repeatable && (fate != FATE_DONE || ua_store_sqlstate_ends_connection(sqlstate_of(result)))) {
    PQclear(result);
    disconnect(db);
    fate = attempt(db, statement, args, &result);
  }
  if (fate != FATE_DONE) {
    status = give_up(db, statement, fate);
  } else if (!succeeded(result)) {
    status = report_failure(db, statement, result);
  } else {
    status = read_rows(result, row, context, rows_r);
  }
  PQclear(result);
  return status;
}

/* --- transactions --- */

ua_status ua_store_db_begin(ua_db *db)
{
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_BEGIN, NULL, NULL, NULL, NULL);
  db->in_transaction = status == UA_OK;
  return status;
}

ua_status ua_store_db_commit(ua_db *db)
{
  /* The server answers the COMMIT of a failed transaction with success and the tag ROLLBACK. */
  if (db->connection == NULL || PQtransactionStatus(db->connection) != PQTRANS_INTRANS) {
    ua_store_db_rollback(db);
    return UA_INTERNAL;
  }
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_COMMIT, NULL, NULL, NULL, NULL);
  db->in_transaction = false;
  return status;
}

void ua_store_db_rollback(ua_db *db)
{
  if (db->connection != NULL && PQtransactionStatus(db->connection) != PQTRANS_IDLE &&
      ua_store_db_execute(db, UA_STATEMENT_ROLLBACK, NULL, NULL, NULL, NULL) != UA_OK) {
    disconnect(db);
  }
  db->in_transaction = false;
}

void ua_store_db_settle(ua_db *db)
{
  ua_store_db_rollback(db);
  if (db->connection != NULL && PQtransactionStatus(db->connection) != PQTRANS_IDLE) {
    disconnect(db);
  }
}
