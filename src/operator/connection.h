/* A privileged connection for an operator's work: DDL, grants, queries. No PGresult leaves connection*.c and
 * copy.c. Nothing here is retried, and nothing runs in a worker. */
#ifndef UA_OPERATOR_CONNECTION_H
#define UA_OPERATOR_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/error_line.h"
#include "base/row.h"
#include "base/text.h"

typedef struct ua_operator_connection ua_operator_connection;

enum {
  UA_MAX_IDENTIFIER_BYTES = 63,     /* PostgreSQL cuts longer names silently */
  UA_MAX_DATABASE_URL_BYTES = 2048, /* a URL that is made here, including its NUL */
  UA_MAX_VERIFIER_BYTES = 256
};

/* The value of a keyword ("dbname", "user") in a libpq URI or keyword string; "" if it has none. An empty
 * URL, here and below, stands for libpq's own variables (PGHOST, …) and defaults. UA_BAD_REQUEST if
 * ua_store_url_check refuses the URL. */
UA_CHECK ua_status ua_operator_connection_part_of(const char *url, const char *keyword, char *part_r,
                                                  size_t size, ua_error_line *error);

/* Waits until the URL's server accepts connections, at most `seconds` and the last try, which may take 2
 * seconds for each host. Reports nothing: connecting afterwards shows what is wrong. */
void ua_operator_connection_await(const char *url, int64_t seconds);

/* Connects to the URL's server, to `database` instead of the URL's own unless that is NULL. Blocks for about
 * 10 seconds at most for each host of the URL. UA_BAD_REQUEST for a malformed URL, UA_UNAVAILABLE for other
 * failures. If the server of a unix socket refuses root, connects as the operating system's user who has the
 * role's name. */
UA_CHECK ua_status ua_operator_connection_open(const char *url, const char *database,
                                               ua_operator_connection **connection_r, ua_error_line *error);
void ua_operator_connection_close(ua_operator_connection **connection);

/* Connects only as the URL says, as the operating system's `user` (NULL: as this process); only root can
 * connect as another user. UA_FORBIDDEN when the server's pg_hba.conf does not let the role in,
 * UA_WRONG_LOGIN for a wrong password, otherwise as above. */
UA_CHECK ua_status ua_operator_connection_try(const char *user, const char *url,
                                              ua_operator_connection **connection_r, ua_error_line *error);

/* Calls `work`, which makes another connection to the same server, as the operating system's user of this
 * connection. Returns the result of `work`, or UA_INTERNAL without having called it. */
UA_CHECK ua_status ua_operator_connection_as_its_user(const ua_operator_connection *connection,
                                                      ua_status (*work)(void *context), void *context);

/* Whether the server is reached over a unix socket. */
bool ua_operator_connection_is_over_socket(const ua_operator_connection *connection);

/* The operating system's users: whether one with that name exists, whether this process runs as that user,
 * and whether it can connect as that user. */
bool ua_operator_user_exists(const char *user);
bool ua_operator_user_is_own(const char *user);
bool ua_operator_user_is_within_reach(const char *user);

/* The name of the user who runs this process, as events contain it: "uid 1000" if the user has no name, or
 * one that is not plain ASCII. */
enum { UA_MAX_OPERATING_USER_BYTES = 64 };
void ua_operator_user_own_name(char name_r[UA_MAX_OPERATING_USER_BYTES]);

/* Runs SQL without parameters: one or many statements, atomic unless the SQL says otherwise. Results are as
 * for ua_operator_connection_query. */
UA_CHECK ua_status ua_operator_connection_run(ua_operator_connection *connection, ua_text script,
                                              ua_error_line *error);

/* For statements that take no parameters (CREATE ROLE, …): each %I of `template` is replaced by the next of
 * `names` as a quoted identifier, each %L by the next as a quoted literal. */
UA_CHECK ua_status ua_operator_connection_command(ua_operator_connection *connection, const char *template,
                                                  const char *const *names, ua_error_line *error);

/* Runs one statement with `count` text parameters (NULL: SQL NULL) and calls `row` (may be NULL) for each
 * row. UA_UNAVAILABLE when the connection is lost, UA_INTERNAL when the server refuses: *error says
 * why. */
UA_CHECK ua_status ua_operator_connection_query(ua_operator_connection *connection, const char *sql,
                                                const char *const *parameters, size_t count, ua_row_fn *row,
                                                void *context, ua_error_line *error);

/* As ua_operator_connection_query, but row by row as they arrive, in bounded memory for any number of rows.
 * If `row` returns anything but UA_OK, stops the server, too, and returns that; `row` itself sets the error.
 * Runs no other statement meanwhile. */
UA_CHECK ua_status ua_operator_connection_stream(ua_operator_connection *connection, const char *sql,
                                                 const char *const *parameters, size_t count, ua_row_fn *row,
                                                 void *context, ua_error_line *error);

/* Whether the query returns a row. */
UA_CHECK ua_status ua_operator_connection_exists(ua_operator_connection *connection, const char *sql,
                                                 const char *const *parameters, size_t count, bool *exists_r,
                                                 ua_error_line *error);

/* Whether a server's messages with this SQLSTATE may quote values or SQL: such messages are not repeated. */
bool ua_operator_connection_quotes(const char *sqlstate);

/* A transaction. Commit is UA_OK only when the server committed. Rollback may be called in any state. */
UA_CHECK ua_status ua_operator_connection_begin(ua_operator_connection *connection, ua_error_line *error);
UA_CHECK ua_status ua_operator_connection_commit(ua_operator_connection *connection, ua_error_line *error);
void ua_operator_connection_rollback(ua_operator_connection *connection);

/* Whether a transaction is open and has not failed. */
bool ua_operator_connection_in_transaction(const ua_operator_connection *connection);

/* The SCRAM-SHA-256 verifier of a password, made here so that the server never sees (and never logs) the
 * password itself. */
UA_CHECK ua_status ua_operator_connection_verifier(ua_operator_connection *connection, const char *role,
                                                   const char *password,
                                                   char verifier_r[UA_MAX_VERIFIER_BYTES],
                                                   ua_error_line *error);

/* The URI with which `role` reaches `database` on the server of this connection, with its host, port and TLS
 * settings. `password` NULL: without one. */
UA_CHECK ua_status ua_operator_connection_url_for(const ua_operator_connection *connection, const char *role,
                                                  const char *password, const char *database,
                                                  char url_r[UA_MAX_DATABASE_URL_BYTES],
                                                  ua_error_line *error);

#endif
