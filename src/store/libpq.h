/* What all files that use libpq share: its options, connections, and messages without secrets. For src/store/
 * and src/operator/connection*.c. */
#ifndef UA_STORE_LIBPQ_H
#define UA_STORE_LIBPQ_H

#include <libpq-fe.h>
#include <stdint.h>

#include "base/error_line.h"
#include "base/text.h"

/* The options of a URL that ua_store_url_check accepts; NULL for any other, with an error line that quotes
 * nothing of it. Free them with ua_store_libpq_options_free. */
PQconninfoOption *ua_store_libpq_options(const char *url, ua_error_line *error);

/* The value of an option, "" for none. The second function wipes and frees all of them. */
const char *ua_store_libpq_option(const PQconninfoOption *options, const char *keyword);
void ua_store_libpq_options_free(PQconninfoOption *options);

/* Connects as PQconnectdbParams does with expand_dbname, and writes nothing to standard error: notices of the
 * server are discarded, from the login on. Blocks for connect_timeout and a second at most, for each address.
 */
PGconn *ua_store_libpq_connect(const char *const *keywords, const char *const *values);

/* Connects as a process of the service does. Waits at most so many milliseconds for each address of the URL,
 * and later for a server that acknowledges nothing. */
PGconn *ua_store_libpq_open(const char *url, const char *application_name, int connect_timeout_ms,
                            int silence_ms);

/* Waits for all results of one statement until `deadline` (monotonic clock), and takes the last. NULL: the
 * connection is unusable. */
PGresult *ua_store_libpq_receive(PGconn *connection, int64_t deadline);

/* Why a connection to `url` failed: libpq's message, in which "***" replaces passwords and other secret
 * options. If ua_store_url_check refuses the URL, the line contains nothing of libpq's message. */
void ua_store_libpq_failure(PGconn *connection, const char *url, ua_error_line *reason_r);

/* Why a statement failed: the server's message and its SQLSTATE. Only the SQLSTATE if such messages quote
 * values, or, with `quotes_sql`, parts of a statement that may contain a secret. */
void ua_store_libpq_refusal(const PGresult *result, bool quotes_sql, ua_error_line *reason_r);

#endif
