#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/db_private.h"
#include "store/sqlstate.h"

/* Behind a pooler that gives each client a session of its own, a second client may have to wait for one. */
enum { PROBE_TIMEOUT_MS = 1000, TCP_TIMEOUT_MARGIN_MS = 1000, CANCELLER_STACK_BYTES = 256 * 1024 };

void ua_store_db_disconnect(ua_db *db)
{
  PQfinish(db->connection);
  db->connection = NULL; /* a transaction still counts as open: its statements must not run outside it */
  memset(db->prepared, 0, sizeof db->prepared);
}

/* --- cancelling a statement --- */

/* One at a time: while a server does not answer, PQcancel blocks. */
static atomic_flag cancelling = ATOMIC_FLAG_INIT;

/* A pooler can forward a cancellation only while its client is connected, so the connection is closed
 * afterwards. */
static void *cancel_and_finish(void *argument)
{
  PGconn *connection = argument;
  char complaint[256];
  PGcancel *handle = PQgetCancel(connection);
  if (handle != NULL) {
    (void)PQcancel(handle, complaint, (int)sizeof complaint);
    PQfreeCancel(handle);
  }
  PQfinish(connection);
  atomic_flag_clear(&cancelling);
  return NULL;
}

/* The thread blocks all signals: the serving thread handles them. */
static bool start_canceller(PGconn *connection)
{
  pthread_attr_t attributes;
  pthread_t thread;
  sigset_t all;
  sigset_t before;
  if (pthread_attr_init(&attributes) != 0) {
    return false;
  }
  (void)sigfillset(&all);
  int error = pthread_attr_setstacksize(&attributes, CANCELLER_STACK_BYTES);
  if (error == 0) {
    error = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  }
  if (error == 0) {
    error = pthread_sigmask(SIG_SETMASK, &all, &before);
  }
  if (error == 0) {
    error = pthread_create(&thread, &attributes, cancel_and_finish, connection);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  }
  (void)pthread_attr_destroy(&attributes);
  return error == 0;
}

void ua_store_db_desert(ua_db *db)
{
  bool is_busy = db->connection != NULL && PQstatus(db->connection) == CONNECTION_OK &&
                 PQtransactionStatus(db->connection) == PQTRANS_ACTIVE;
  if (is_busy && !atomic_flag_test_and_set(&cancelling)) {
    if (start_canceller(db->connection)) {
      db->connection = NULL;
    } else {
      atomic_flag_clear(&cancelling);
    }
  }
  ua_store_db_disconnect(db);
}

/* --- a new session --- */

static PGconn *open_connection(const ua_db *db)
{
  return ua_store_libpq_open(db->settings.url, db->settings.application_name, db->settings.connect_timeout_ms,
                             db->settings.statement_timeout_ms + TCP_TIMEOUT_MARGIN_MS);
}

/* A PostgreSQL process reports its process id at login and again in this answer. A pooler accepts logins
 * itself, so the two differ. */
static bool set_up_session(ua_db *db)
{
  uint64_t process = 0;
  bool sent = ua_store_db_send_settings(db, false) == 1;
  PGresult *result = sent ? ua_store_libpq_receive(db->connection, ua_store_db_deadline(db)) : NULL;
  bool done = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0 &&
              ua_text_to_uint(ua_text_of(PQgetvalue(result, 0, 0)), INT32_MAX, &process);
  PQclear(result);
  db->is_pooled = done && process != (uint64_t)PQbackendPID(db->connection);
  return done;
}

/* Whether another client has prepared a statement of this name in the session that this client gets now. */
static bool collides(PGconn *connection, const char *name)
{
  if (PQstatus(connection) != CONNECTION_OK || PQsendPrepare(connection, name, "SELECT", 0, NULL) != 1) {
    return false;
  }
  PGresult *result = ua_store_libpq_receive(connection, ua_clock_monotonic_ms() + PROBE_TIMEOUT_MS);
  bool collision = strcmp(ua_store_db_sqlstate(result), "42P05") == 0; /* duplicate prepared statement */
  PQclear(result);
  return collision;
}

/* Named statements collide behind a pooler that shares a session among clients and does not track their
 * names. To detect it, two clients prepare the same name, one after the other. Several names, because the
 * second client may get an unused session. */
static bool loses_statements(const ua_db *db)
{
  static const char *const names[] = {"pooler_probe_1", "pooler_probe_2", "pooler_probe_3"};
  bool collision = false;
  PGconn *other = open_connection(db);
  for (size_t i = 0; i < sizeof names / sizeof names[0] && !collision; i++) {
    collision = collides(db->connection, names[i]) || collides(other, names[i]);
  }
  PQfinish(other);
  return collision;
}

static bool give_up(ua_db *db, const char *reason)
{
  ua_log(UA_LOG_ERROR, UA_EVENT("database unavailable"), ua_log_str("reason", reason));
  ua_tally_add(db->settings.connection_errors, 1);
  ua_store_db_disconnect(db);
  return false;
}

bool ua_store_db_connect(ua_db *db)
{
  db->connection = open_connection(db);
  db->is_pooled = !db->settings.prepared;
  if (db->connection == NULL) {
    ua_tally_add(db->settings.connection_errors, 1);
    return false;
  }
  if (PQstatus(db->connection) != CONNECTION_OK || (db->settings.prepared && !set_up_session(db))) {
    ua_error_line reason = {""};
    ua_store_libpq_failure(db->connection, db->settings.url, &reason);
    return give_up(db, reason.text);
  }
  if (db->settings.prepared && db->is_pooled && loses_statements(db)) {
    return give_up(db, ua_store_sqlstate_hint("42P05"));
  }
  ua_log(UA_LOG_INFO, UA_EVENT("database connected"),
         ua_log_int("server_version", PQserverVersion(db->connection)));
  return true;
}

void ua_store_db_doubt(ua_db *db)
{
  if (db->connection != NULL && db->is_pooled && db->settings.prepared && !db->in_transaction) {
    ua_store_db_disconnect(db);
  }
}
