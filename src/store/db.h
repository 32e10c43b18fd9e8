/* One PostgreSQL connection: opened when needed, reopened when lost, bounded in time. Of the code that serves
 * requests, only the files that share db_private.h use libpq; no PGresult leaves them.
 *
 * The settings of session_settings.sql apply to every statement. They belong to the session; if a pooler
 * shares sessions, each transaction sets them itself, without a further round trip.
 *
 * A statement that only reads is tried again once on a new connection when the old one turns out to be dead
 * and no transaction is open; so is the BEGIN of a transaction. A write is never repeated. */
#ifndef UA_STORE_DB_H
#define UA_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/tally.h"
#include "store/constraints.h"
#include "store/statements.h"

typedef struct ua_db ua_db;
typedef struct ua_db_row ua_db_row; /* valid during the row function only */

typedef struct ua_db_settings {
  const char *url; /* libpq URI or keyword string; must outlive the connection */
  const char *application_name;
  int connect_timeout_ms;
  int statement_timeout_ms;
  bool prepared; /* named prepared statements; off behind a pooler that does not track them */
  /* Count what the log reports as errors; NULL: not counted. They must outlive the connection. */
  ua_tally *connection_errors; /* could not be opened, or broke */
  ua_tally *statement_errors;  /* failed, except for a lost race or a taken name */
} ua_db_settings;

/* Arguments of one statement, in the order of $1, $2, … Texts must outlive the execution and hold no NUL
 * (one with NUL makes the execution fail with UA_INTERNAL). */
enum { UA_DB_MAX_ARGS = 12 };
typedef struct ua_db_args {
  struct {
    const char *value; /* NULL: the text in `buffer`, or SQL NULL if that is empty */
    char buffer[24];   /* decimals; inside, so that arguments can be copied */
  } arg[UA_DB_MAX_ARGS];
  size_t count;
  bool failed;
} ua_db_args;

void ua_store_db_add_int(ua_db_args *args, int64_t value);
void ua_store_db_add_bool(ua_db_args *args, bool value);
void ua_store_db_add_null(ua_db_args *args);
/* `arena` holds the NUL-terminated copy; absent text is NULL. */
void ua_store_db_add_text(ua_db_args *args, ua_arena *arena, ua_text value);
void ua_store_db_add_bytes(ua_db_args *args, ua_arena *arena, const unsigned char *bytes, size_t length);
void ua_store_db_add_int_array(ua_db_args *args, ua_arena *arena, const int32_t *values, size_t count);

/* Does not connect yet. NULL when out of memory. */
ua_db *ua_store_db_create(const ua_db_settings *settings);
void ua_store_db_destroy(ua_db **db);

/* In a process that inherited `db` by fork: forgets the connection, which stays the parent's. */
void ua_store_db_abandon(ua_db *db);

/* Whether there is a session with the server, as far as we know without a round trip. */
bool ua_store_db_is_connected(const ua_db *db);

/* Who causes the changes of a request's transactions; triggers write it into events. */
typedef struct ua_audit {
  int32_t actor_id;           /* a user; 0: none, or not known yet */
  ua_text address;            /* absent: none */
  ua_text request_id;         /* absent: none */
  const char *operating_user; /* at a command line, the name of the operating system's user; NULL: none */
} ua_audit;

/* Sets the cause of every transaction that ua_store_db_begin begins from now on; NULL: none. Texts are
 * copied; a text of more than 255 bytes is left out. A statement outside a transaction has no cause. */
void ua_store_db_set_audit(ua_db *db, const ua_audit *audit);

/* The cause that is set now; its texts are valid until it is set again. False: none. */
bool ua_store_db_audit(const ua_db *db, ua_audit *audit_r);

/* The next execution checks again whether named statements work behind the pooler. For health checks: this
 * worker's first check may have passed by luck. */
void ua_store_db_doubt(ua_db *db);

/* Reads one row; any result except UA_OK ends the iteration and becomes the execution's result. */
typedef ua_status ua_db_row_fn(void *context, const ua_db_row *row);

/* Runs one statement of the table; calls `row` (may be NULL) for each row. rows_r (may be NULL) gets the
 * number of rows returned or, for a statement that returns none, affected. For a violated constraint, the
 * status comes from store/constraints.h (ua_store_db_failure names the constraint). Otherwise UA_UNAVAILABLE
 * when nothing was changed because the database is not available, refuses, is too slow, full, read-only,
 * shutting down or not as the service needs it; UA_OUTCOME_UNKNOWN when that happened during a write;
 * UA_INTERNAL otherwise. Blocks for at most a little more than connect_timeout + statement_timeout. */
UA_CHECK ua_status ua_store_db_execute(ua_db *db, ua_statement statement, const ua_db_args *args,
                                       ua_db_row_fn *row, void *context, size_t *rows_r);

/* Why the server refused the last statement, rollbacks excepted; "" and nothing violated if it did not. */
typedef struct ua_db_refusal {
  char sqlstate[6];
  char constraint[64];
  ua_violation_meaning meaning;
} ua_db_refusal;

/* Valid until the next execution. */
const ua_db_refusal *ua_store_db_failure(const ua_db *db);

/* Whether the server refused the last statement because rows of another table refer to a row to be
 * deleted. */
bool ua_store_db_still_refers(const ua_db *db);

/* Columns by number from 0. Absent text for NULL; the integer and boolean of NULL are 0 and false. */
ua_text ua_store_db_text(const ua_db_row *row, int column); /* valid during the row function only: copy it */
int64_t ua_store_db_int(const ua_db_row *row, int column);
bool ua_store_db_bool(const ua_db_row *row, int column);
bool ua_store_db_is_null(const ua_db_row *row, int column);

/* A transaction, READ COMMITTED whatever the database's default is. Commit is UA_OK only when the server
 * committed (a failed transaction's COMMIT answers ROLLBACK), UA_OUTCOME_UNKNOWN when the connection broke
 * meanwhile. Rollback may be called in any state and leaves the connection idle or closed. */
UA_CHECK ua_status ua_store_db_begin(ua_db *db);
UA_CHECK ua_status ua_store_db_commit(ua_db *db);
void ua_store_db_rollback(ua_db *db);

/* At the end of every request: rolls back an open transaction. Afterwards the connection is always idle. */
void ua_store_db_settle(ua_db *db);

#endif
