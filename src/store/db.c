#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "store/db_private.h"
#include "store/sqlstate.h"

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
    ua_store_db_disconnect(*db);
    free(*db);
    *db = NULL;
  }
}

/* PQfinish sends a goodbye to the server over the socket that the parent still uses: give it another one. */
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

bool ua_store_db_is_connected(const ua_db *db)
{
  return db->connection != NULL;
}

/* Stores an absent or too long text as an empty one, and returns an absent one. */
static ua_text keep(ua_db *db, size_t place, ua_text text)
{
  char *kept = db->audit_text[place];
  size_t length = text.length < UA_DB_AUDIT_BYTES ? text.length : 0;
  memcpy(kept, length == 0 ? "" : text.data, length);
  kept[length] = '\0';
  db->audit.arg[db->audit.count++].value = kept;
  return length == 0 ? UA_TEXT_ABSENT : (ua_text){kept, length};
}

void ua_store_db_set_audit(ua_db *db, const ua_audit *audit)
{
  db->audited = audit != NULL;
  db->audit = (ua_db_args){0};
  if (audit == NULL) {
    return;
  }
  if (audit->actor_id != 0) {
    ua_store_db_add_int(&db->audit, audit->actor_id);
  } else {
    ua_store_db_add_null(&db->audit);
  }
  db->said = (ua_audit){.actor_id = audit->actor_id};
  db->said.address = keep(db, 0, audit->address);
  db->said.request_id = keep(db, 1, audit->request_id);
  db->said.operating_user =
      keep(db, 2, audit->operating_user == NULL ? UA_TEXT_ABSENT : ua_text_of(audit->operating_user)).data;
}

bool ua_store_db_audit(const ua_db *db, ua_audit *audit_r)
{
  if (db->audited) {
    *audit_r = db->said;
  }
  return db->audited;
}

const ua_db_refusal *ua_store_db_failure(const ua_db *db)
{
  return &db->refusal;
}

bool ua_store_db_still_refers(const ua_db *db)
{
  static const char foreign_key_violation[] = "23503";
  static const char restrict_violation[] = "23001";
  return strcmp(db->refusal.sqlstate, foreign_key_violation) == 0 ||
         strcmp(db->refusal.sqlstate, restrict_violation) == 0;
}

/* --- execution --- */

/* Reads and BEGIN may be repeated on a new connection when the old one turns out to be dead. */
static bool may_repeat(const ua_db *db, ua_statement statement)
{
  return !db->in_transaction &&
         (statement == UA_STATEMENT_BEGIN || ua_store_statement_get(statement)->kind == UA_STATEMENT_READ);
}

static ua_status give_up(ua_db *db, ua_statement statement, ua_db_fate fate)
{
  const ua_statement_row *row = ua_store_statement_get(statement);
  bool could_have_happened =
      statement == UA_STATEMENT_COMMIT || (row->kind == UA_STATEMENT_WRITE && !db->in_transaction);
  ua_log(UA_LOG_ERROR, UA_EVENT("database connection lost"), ua_log_str("statement", row->name));
  ua_store_db_desert(db);
  return fate == UA_DB_LOST && could_have_happened ? UA_OUTCOME_UNKNOWN : UA_UNAVAILABLE;
}

/* Whether the statement only lost a race, or used a value that is taken: a normal answer to the caller. */
static bool is_ordinary(const ua_db *db, ua_status status)
{
  bool is_violation = db->refusal.meaning.violated != UA_VIOLATED_NOTHING;
  return status == UA_CONFLICT || (is_violation && status == UA_UNPROCESSABLE);
}

static void log_failure(const ua_db *db, ua_statement statement, ua_status status)
{
  const char *reason = db->refusal.meaning.reason;
  const char *hint = reason != NULL ? reason : ua_store_sqlstate_hint(db->refusal.sqlstate);
  const ua_log_field fields[] = {UA_EVENT("statement failed"),
                                 ua_log_str("statement", ua_store_statement_get(statement)->name),
                                 ua_log_str("sqlstate", db->refusal.sqlstate),
                                 ua_log_str("constraint", db->refusal.constraint),
                                 ua_log_str("account", PQuser(db->connection)),
                                 ua_log_str("hint", hint)};
  size_t count = sizeof fields / sizeof fields[0];
  ua_log_write(is_ordinary(db, status) ? UA_LOG_INFO : UA_LOG_ERROR, fields,
               hint == NULL ? count - 1 : count);
}

static ua_status report_failure(ua_db *db, const ua_db_answer *answer)
{
  const char *sqlstate = ua_store_db_sqlstate(answer->result);
  const char *constraint = PQresultErrorField(answer->result, PG_DIAG_CONSTRAINT_NAME);
  db->refusal.meaning = ua_store_constraints_meaning(sqlstate, constraint);
  ua_status status = db->refusal.meaning.status;
  if (answer->statement == UA_STATEMENT_COMMIT && status == UA_UNAVAILABLE) {
    status = UA_OUTCOME_UNKNOWN; /* interrupted while waiting for a standby: perhaps committed here */
  }
  (void)snprintf(db->refusal.sqlstate, sizeof db->refusal.sqlstate, "%s", sqlstate);
  (void)snprintf(db->refusal.constraint, sizeof db->refusal.constraint, "%s",
                 constraint == NULL ? "" : constraint);
  log_failure(db, answer->statement, status);
  if (ua_store_sqlstate_ends_connection(sqlstate)) {
    ua_store_db_disconnect(db);
    return status;
  }
  if (!is_ordinary(db, status)) {
    ua_tally_add(db->settings.statement_errors, 1);
  }
  if (!db->in_transaction) {
    ua_store_db_rollback(db); /* of the transaction around a single statement */
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

static bool broke(ua_db_fate fate, const ua_db_answer *answer)
{
  return fate != UA_DB_DONE || ua_store_sqlstate_ends_connection(ua_store_db_sqlstate(answer->result));
}

/* Sends the statement once, connecting as needed. */
static ua_db_fate attempt(ua_db *db, ua_statement statement, const ua_db_args *args, ua_db_answer *answer_r)
{
  if (db->connection == NULL && (db->in_transaction || !ua_store_db_connect(db))) {
    *answer_r = (ua_db_answer){.result = NULL, .statement = statement};
    return UA_DB_NOT_SENT;
  }
  ua_db_fate fate = ua_store_db_exchange(db, statement, args, answer_r);
  if (broke(fate, answer_r)) {
    ua_tally_add(db->settings.connection_errors, 1);
  }
  return fate;
}

ua_status ua_store_db_execute(ua_db *db, ua_statement statement, const ua_db_args *args, ua_db_row_fn *row,
                              void *context, size_t *rows_r)
{
  static const ua_db_args none;
  ua_db_answer answer;
  ua_status status;
  bool repeatable = db->connection != NULL && may_repeat(db, statement);
  if (statement != UA_STATEMENT_ROLLBACK) {
    db->refusal = (ua_db_refusal){.sqlstate = ""};
  }
  if (args != NULL && args->failed) {
    return UA_INTERNAL;
  }
  args = args == NULL ? &none : args;
  ua_db_fate fate = attempt(db, statement, args, &answer);
  if (repeatable && broke(fate, &answer)) {
    PQclear(answer.result);
    ua_store_db_desert(db);
    fate = attempt(db, statement, args, &answer);
  }
  if (fate != UA_DB_DONE) {
    status = give_up(db, statement, fate);
  } else if (!ua_store_db_succeeded(answer.result)) {
    status = report_failure(db, &answer);
  } else {
    status = read_rows(answer.result, row, context, rows_r);
  }
  PQclear(answer.result);
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
    ua_store_db_disconnect(db);
  }
  db->in_transaction = false;
}

void ua_store_db_settle(ua_db *db)
{
  ua_store_db_rollback(db);
  if (db->connection != NULL && PQtransactionStatus(db->connection) != PQTRANS_IDLE) {
    ua_store_db_disconnect(db);
  }
}
