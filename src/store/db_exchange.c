#include <stdio.h>

#include "base/clock.h"
#include "store/db_private.h"

/* The server's own statement_timeout comes first and keeps the connection. This time-out is for a server that
 * does not answer at all. */
enum { CLIENT_TIMEOUT_MARGIN_MS = 1000 };

/* BEGIN, settings, PREPARE, the statement, COMMIT. */
enum { MAX_STEPS = 5 };

typedef struct exchange_step {
  ua_statement statement;
  bool prepares; /* prepares its text, which a later step executes */
} exchange_step;

const char *ua_store_db_sqlstate(const PGresult *result)
{
  const char *sqlstate = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return sqlstate == NULL ? "" : sqlstate;
}

bool ua_store_db_succeeded(const PGresult *result)
{
  ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_PIPELINE_SYNC;
}

int64_t ua_store_db_deadline(const ua_db *db)
{
  return ua_clock_monotonic_ms() + db->settings.statement_timeout_ms + CLIENT_TIMEOUT_MARGIN_MS;
}

int ua_store_db_send_settings(ua_db *db, bool for_transaction)
{
  const char *sql = ua_store_statement_get(UA_STATEMENT_SESSION_SETTINGS)->sql;
  char timeout[16];
  char idle_timeout[16];
  const char *const values[] = {timeout, idle_timeout, for_transaction ? "t" : "f"};
  (void)snprintf(timeout, sizeof timeout, "%d", db->settings.statement_timeout_ms);
  (void)snprintf(idle_timeout, sizeof idle_timeout, "%d", 2 * db->settings.statement_timeout_ms);
  return PQsendQueryParams(db->connection, sql, 3, NULL, values, NULL, NULL, 0);
}

static bool is_named(const ua_db *db, ua_statement statement)
{
  return db->settings.prepared && ua_store_statement_get(statement)->kind != UA_STATEMENT_CONTROL;
}

static bool needs_preparation(const ua_db *db, ua_statement statement)
{
  return is_named(db, statement) && !db->prepared[statement];
}

static int send_step(ua_db *db, exchange_step step, const ua_db_args *args)
{
  args = step.statement == UA_STATEMENT_AUDIT ? &db->audit : args;
  const char *values[UA_DB_MAX_ARGS];
  const ua_statement_row *row = ua_store_statement_get(step.statement);
  if (step.prepares) {
    return PQsendPrepare(db->connection, row->name, row->sql, 0, NULL);
  }
  if (step.statement == UA_STATEMENT_SESSION_SETTINGS) {
    return ua_store_db_send_settings(db, true);
  }
  if (row->kind == UA_STATEMENT_CONTROL) {
    return PQsendQueryParams(db->connection, row->sql, 0, NULL, NULL, NULL, NULL, 0);
  }
  for (size_t i = 0; i < args->count; i++) {
    const char *buffer = args->arg[i].buffer[0] == '\0' ? NULL : args->arg[i].buffer;
    values[i] = args->arg[i].value == NULL ? buffer : args->arg[i].value;
  }
  if (is_named(db, step.statement)) {
    return PQsendQueryPrepared(db->connection, row->name, (int)args->count, values, NULL, NULL, 0);
  }
  return PQsendQueryParams(db->connection, row->sql, (int)args->count, NULL, values, NULL, NULL, 0);
}

/* Adds the statement, and before it its PREPARE if needed. */
static size_t add(const ua_db *db, ua_statement statement, exchange_step steps[MAX_STEPS], size_t count)
{
  if (needs_preparation(db, statement)) {
    steps[count++] = (exchange_step){.statement = statement, .prepares = true};
  }
  steps[count++] = (exchange_step){.statement = statement};
  return count;
}

/* Plans all steps that execute `statement` in one round trip. A new transaction states its cause. Behind a
 * pooler that shares sessions, each transaction sets its settings, and a single statement gets a transaction
 * around it. */
static size_t plan(const ua_db *db, ua_statement statement, exchange_step steps_r[MAX_STEPS])
{
  size_t count = 0;
  bool begins = statement == UA_STATEMENT_BEGIN;
  bool opens = db->is_pooled && !db->in_transaction && statement != UA_STATEMENT_COMMIT &&
               statement != UA_STATEMENT_ROLLBACK;
  if (!opens && !(begins && db->audited)) {
    steps_r[count++] = (exchange_step){.statement = statement};
    return count;
  }
  steps_r[count++] = (exchange_step){.statement = UA_STATEMENT_BEGIN};
  if (opens) {
    steps_r[count++] = (exchange_step){.statement = UA_STATEMENT_SESSION_SETTINGS};
  }
  if (begins) {
    return db->audited ? add(db, UA_STATEMENT_AUDIT, steps_r, count) : count;
  }
  count = add(db, statement, steps_r, count);
  steps_r[count++] = (exchange_step){.statement = UA_STATEMENT_COMMIT};
  return count;
}

/* Takes the answer to one step. The first failure decides for all of them, because the server skips the rest.
 * False: the connection is unusable. */
static bool take(ua_db *db, exchange_step step, ua_statement wanted, int64_t deadline, ua_db_answer *answer)
{
  PGresult *result = ua_store_libpq_receive(db->connection, deadline);
  bool failed_before = answer->result != NULL && !ua_store_db_succeeded(answer->result);
  if (result == NULL) {
    return false;
  }
  if (PQresultStatus(result) == PGRES_BAD_RESPONSE ||
      (!failed_before && !ua_store_db_succeeded(result) && ua_store_db_sqlstate(result)[0] == '\0')) {
    PQclear(result);
    return false;
  }
  bool failed = !ua_store_db_succeeded(result);
  if (step.prepares && !failed) {
    db->prepared[step.statement] = true;
  }
  if (!failed_before && (failed || (step.statement == wanted && !step.prepares))) {
    PQclear(answer->result);
    *answer = (ua_db_answer){.result = result, .statement = step.statement};
    return true;
  }
  PQclear(result);
  return true;
}

/* All steps in one round trip. */
static bool run(ua_db *db, const exchange_step *steps, size_t count, ua_statement wanted,
                const ua_db_args *args, bool *sent_r, ua_db_answer *answer)
{
  int64_t deadline = ua_store_db_deadline(db);
  bool together = count > 1;
  *sent_r = !together || PQenterPipelineMode(db->connection) == 1;
  for (size_t i = 0; *sent_r && i < count; i++) {
    *sent_r = send_step(db, steps[i], args) == 1;
  }
  if (together && *sent_r) {
    *sent_r = PQpipelineSync(db->connection) == 1;
  }
  if (!*sent_r) {
    return false;
  }
  for (size_t i = 0; i < count; i++) {
    if (!take(db, steps[i], wanted, deadline, answer)) {
      return false;
    }
  }
  if (!together) {
    return true;
  }
  PGresult *end = ua_store_libpq_receive(db->connection, deadline);
  bool done = PQresultStatus(end) == PGRES_PIPELINE_SYNC && PQexitPipelineMode(db->connection) == 1;
  PQclear(end);
  return done;
}

static ua_db_fate run_wanted(ua_db *db, const exchange_step *steps, size_t count, ua_statement wanted,
                             const ua_db_args *args, ua_db_answer *answer_r)
{
  bool sent;
  *answer_r = (ua_db_answer){.result = NULL, .statement = wanted};
  if (run(db, steps, count, wanted, args, &sent, answer_r)) {
    return UA_DB_DONE;
  }
  if (answer_r->result != NULL && !ua_store_db_succeeded(answer_r->result)) {
    ua_store_db_disconnect(db); /* it gave the reason before it closed the connection */
    return UA_DB_DONE;
  }
  PQclear(answer_r->result);
  *answer_r = (ua_db_answer){.result = NULL, .statement = wanted};
  return sent ? UA_DB_LOST : UA_DB_NOT_SENT;
}

ua_db_fate ua_store_db_exchange(ua_db *db, ua_statement statement, const ua_db_args *args,
                                ua_db_answer *answer_r)
{
  exchange_step steps[MAX_STEPS];
  size_t count = plan(db, statement, steps);
  if (count == 1 && needs_preparation(db, statement)) {
    const exchange_step preparation = {.statement = statement, .prepares = true};
    ua_db_fate fate = run_wanted(db, &preparation, 1, statement, args, answer_r);
    if (fate != UA_DB_DONE) {
      return UA_DB_NOT_SENT;
    }
    if (answer_r->result != NULL) {
      return fate; /* a failure */
    }
  }
  return run_wanted(db, steps, count, statement, args, answer_r);
}
