/* One connection, as the files that know libpq share it: db.c runs statements, db_exchange.c sends them and
 * takes the answers, db_session.c makes and ends sessions, db_rows.c reads rows. */
#ifndef UA_STORE_DB_PRIVATE_H
#define UA_STORE_DB_PRIVATE_H

#include "store/db.h"
#include "store/libpq.h"

/* Address, request id and the operating system's user. */
enum { UA_DB_AUDIT_TEXTS = 3, UA_DB_AUDIT_BYTES = 256 };

struct ua_db {
  ua_db_settings settings;
  PGconn *connection; /* NULL: not connected */
  bool prepared[UA_STATEMENT_COUNT];
  bool in_transaction;
  /* A pooler may give the next transaction another session of the server, so each transaction sends its
   * settings. */
  bool is_pooled;
  ua_db_refusal refusal;
  /* The cause of transactions, as arguments of the statement that states it; if not `audited`, none. */
  bool audited;
  ua_audit said; /* the same as the caller set it, with views of audit_text */
  char audit_text[UA_DB_AUDIT_TEXTS][UA_DB_AUDIT_BYTES];
  ua_db_args audit;
};

struct ua_db_row {
  const PGresult *result;
  int number;
};

/* The outcome of one statement on one connection. */
typedef enum ua_db_fate {
  UA_DB_DONE,     /* the server answered, with success or an error of its own */
  UA_DB_NOT_SENT, /* it never reached a server */
  UA_DB_LOST      /* the connection broke after it was sent */
} ua_db_fate;

/* The server's answer. `statement` is the one that was sent, or the one around it that failed. */
typedef struct ua_db_answer {
  PGresult *result; /* PQclear it; NULL when there is none */
  ua_statement statement;
} ua_db_answer;

/* "" when there is none, as for a connection that broke. */
const char *ua_store_db_sqlstate(const PGresult *result);
bool ua_store_db_succeeded(const PGresult *result);

/* --- db_session.c --- */

/* Opens a session with the settings that the service relies on. False: it failed, and the log says why.
 * Blocks for connect_timeout, statement_timeout and a second at most. */
UA_CHECK bool ua_store_db_connect(ua_db *db);
void ua_store_db_disconnect(ua_db *db);

/* Disconnects from a server that may still run a statement, and cancels that statement. Does not block. */
void ua_store_db_desert(ua_db *db);

/* --- db_exchange.c --- */

/* Settings of a session, or of the transaction that it is in. 0 when they could not be sent. */
UA_CHECK int ua_store_db_send_settings(ua_db *db, bool for_transaction);

/* When the server must have answered what is sent now, on the monotonic clock. */
int64_t ua_store_db_deadline(const ua_db *db);

/* Sends the statement once, on an open connection, with the steps that must come before and after it. */
ua_db_fate ua_store_db_exchange(ua_db *db, ua_statement statement, const ua_db_args *args,
                                ua_db_answer *answer_r);

#endif
