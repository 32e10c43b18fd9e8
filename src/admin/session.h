/* What the commands about customers, roles, users and tokens work with: their common options, the service's
 * settings, the database, the service's rules. */
#ifndef UA_ADMIN_SESSION_H
#define UA_ADMIN_SESSION_H

#include "cli/command.h"
#include "cli/output.h"
#include "cli/report.h"
#include "config/config.h"
#include "operator/connection.h"
#include "service/service.h"

/* The first rows of each one's options; a list's go on with those of a page. */
enum {
  UA_ADMIN_SESSION_DATABASE_URL,
  UA_ADMIN_SESSION_CONFIG,
  UA_ADMIN_SESSION_JSON,
  UA_ADMIN_SESSION_OPTIONS,
  UA_ADMIN_PAGE_LIMIT = UA_ADMIN_SESSION_OPTIONS,
  UA_ADMIN_PAGE_AFTER,
  UA_ADMIN_PAGE_OPTIONS
};

/* clang-format off */
#define UA_ADMIN_SESSION_OPTION_ROWS                                                                              \
  [UA_ADMIN_SESSION_DATABASE_URL] = {"--database-url", "URL", "the database [USER_API_DATABASE_URL]"},            \
  [UA_ADMIN_SESSION_CONFIG] = {"--config", "FILE",                                                                \
                            "the service's settings, beside the environment [USER_API_CONFIG]"},               \
  [UA_ADMIN_SESSION_JSON] = UA_CLI_JSON_OPTION_ROW

#define UA_ADMIN_PAGE_OPTION_ROWS                                                                              \
  [UA_ADMIN_PAGE_LIMIT] = {"--limit", "N", "at most so many, instead of all"},                                 \
  [UA_ADMIN_PAGE_AFTER] = {"--after", "ID", "only those with a greater id"}
/* clang-format on */

/* What a command needs, added up. */
enum {
  UA_ADMIN_NEEDS_DATABASE = 1,   /* ->connection, for the operator's own SQL */
  UA_ADMIN_NEEDS_SERVICE = 2,    /* ->service, and ->connection */
  UA_ADMIN_NEEDS_SECRETS = 4,    /* at least one JWT secret, in ->service.secrets */
  UA_ADMIN_DATABASE_IF_GIVEN = 8 /* ->connection, NULL where no database is given */
};

/* Stays where it was opened: parts of it point to others. */
typedef struct ua_admin_session {
  bool json;
  ua_config config; /* the service's settings; of the environment, the database, tokens and passwords */
  ua_arena *arena;  /* until the session is closed */
  ua_operator_connection *connection;
  ua_service service;              /* .db is NULL unless it was asked for */
  const char *row[UA_MAX_COLUMNS]; /* see ua_admin_session_keep; in the arena */
  size_t columns;                  /* of that row, to be set before it is kept */
  bool found;
  ua_error_line error;
} ua_admin_session;

/* Reads the common options and opens what is needed (UA_ADMIN_NEEDS_…). The database's URL comes from
 * --database-url, from USER_API_DATABASE_URL or its file, or from the settings; secrets never from the
 * command line. Returns an exit code, after saying what is wrong; close the session in any case. */
UA_CHECK int ua_admin_session_open(const ua_cli_arguments *arguments, unsigned needs,
                                   ua_admin_session *session_r);
void ua_admin_session_close(ua_admin_session *session);

/* Keeps one row of ->columns values for later, in ->row, and notes that it was found; a ua_row_fn
 * whose context is the session. */
UA_CHECK ua_status ua_admin_session_keep(void *session, const char *const *values);

/* Says what an outcome of the service's means, or ->error where `status` is of the operator's SQL. Returns an
 * exit code. */
int ua_admin_session_fail(const ua_admin_session *session, ua_status status);

/* The two arguments of a list's SQL, decimals or NULL: rows with an id above $1, at most $2 of them. */
typedef struct ua_admin_page {
  const char *parameters[2];
} ua_admin_page;

/* Readers of arguments; each says what is wrong and returns an exit code. */
UA_CHECK int ua_admin_read_page(const ua_cli_arguments *arguments, ua_admin_page *page_r);
/* An id: a positive 32-bit decimal. */
UA_CHECK int ua_admin_check_id(const char *what, const char *given);
/* A string of the contract's: UTF-8, `least` to 255 characters. */
UA_CHECK int ua_admin_check_string(const char *what, const char *given, size_t least);
/* A decimal from `least` to `most`. */
UA_CHECK int ua_admin_read_number(const char *what, const char *given, uint64_t least, uint64_t most,
                                  uint64_t *number_r);

#endif
