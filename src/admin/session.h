/* What the commands about customers, roles, users and tokens share: common options, the service's settings,
 * the database, the service's rules. */
#ifndef UA_ADMIN_SESSION_H
#define UA_ADMIN_SESSION_H

#include "admin/settings.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/report.h"
#include "config/config.h"
#include "operator/connection.h"
#include "service/service.h"

/* The first options of each command; those of lists continue with the options of a page. */
enum {
  UA_ADMIN_SESSION_DATABASE_URL,
  UA_ADMIN_SESSION_CONFIG,
  UA_ADMIN_SESSION_JSON,
  UA_ADMIN_SESSION_OPTIONS
};
enum { UA_ADMIN_PAGE_LIMIT = UA_ADMIN_SESSION_OPTIONS, UA_ADMIN_PAGE_AFTER, UA_ADMIN_PAGE_OPTIONS };

/* clang-format off */
#define UA_ADMIN_SESSION_OPTION_ROWS                                                                              \
  [UA_ADMIN_SESSION_DATABASE_URL] = {"--database-url", "URL", "the database [USER_API_DATABASE_URL]"},            \
  [UA_ADMIN_SESSION_CONFIG] = UA_ADMIN_CONFIG_OPTION_ROW,                                                         \
  [UA_ADMIN_SESSION_JSON] = UA_CLI_JSON_OPTION_ROW

#define UA_ADMIN_PAGE_OPTION_ROWS                                                                              \
  [UA_ADMIN_PAGE_LIMIT] = {"--limit", "N", "at most N, instead of all"},                                       \
  [UA_ADMIN_PAGE_AFTER] = {"--after", "ID", "only rows with a greater id"}
/* clang-format on */

/* Flags: what a command needs. A database has to have this program's own tables. */
enum {
  UA_ADMIN_NEEDS_DATABASE = 1,   /* ->connection, for the operator's own SQL */
  UA_ADMIN_NEEDS_SERVICE = 2,    /* ->service, and ->connection */
  UA_ADMIN_NEEDS_SECRETS = 4,    /* at least one JWT secret, in ->service.secrets */
  UA_ADMIN_DATABASE_IF_GIVEN = 8 /* ->connection, NULL if no database is given */
};

/* Must not be copied or moved: parts of it point to others. */
typedef struct ua_admin_session {
  bool json;
  /* The service's settings; those of database, tokens and passwords also come from the environment. */
  ua_config config;
  ua_admin_settings_file settings; /* where they come from */
  ua_arena *arena;                 /* until the session is closed */
  ua_operator_connection *connection;
  ua_service service; /* .db is NULL unless it was asked for */
  ua_error_line error;
} ua_admin_session;

/* Reads the common options and opens what is needed (UA_ADMIN_NEEDS_…). ua_admin_database_choose chooses the
 * database; secrets never come from the command line. Prints what is wrong, and returns an exit code. Close
 * the session in any case. */
UA_CHECK int ua_admin_session_open(const ua_cli_arguments *arguments, unsigned needs,
                                   ua_admin_session *session_r);
void ua_admin_session_close(ua_admin_session *session);

/* What a command does in its session. Returns an exit code. */
typedef int ua_admin_session_fn(const ua_cli_arguments *arguments, ua_admin_session *session);

/* A whole command: opens a session with what it needs, does `work` in it, and closes it. Returns an exit
 * code. */
UA_CHECK int ua_admin_session_run(const ua_cli_arguments *arguments, unsigned needs,
                                  ua_admin_session_fn *work);

/* A question of the operator's SQL for the rows with an id above `after`, at most `limit` of them (NULL:
 * all).
 */
typedef ua_status ua_admin_list_fn(ua_operator_connection *connection, const char *after, const char *limit,
                                   ua_row_fn *row, void *context, ua_error_line *error);

/* A whole command that lists what `ask` finds, with the options of a page, as ua_cli_list does. Returns an
 * exit code. */
UA_CHECK int ua_admin_session_list(const ua_cli_arguments *arguments, const char *name,
                                   const ua_cli_column *columns, ua_admin_list_fn *ask);

/* One row of a query, kept until the arena ends. */
typedef struct ua_admin_row {
  ua_arena *arena;
  size_t columns; /* of the query */
  bool found;
  const char *value[UA_MAX_COLUMNS];
} ua_admin_row;

/* Keeps the row; a ua_row_fn whose context is a ua_admin_row. */
UA_CHECK ua_status ua_admin_row_keep(void *row, const char *const *values);

/* Prints what a status of the service means, or ->error if `status` comes from the operator's SQL. Returns an
 * exit code. */
int ua_admin_session_fail(const ua_admin_session *session, ua_status status);

/* Readers of arguments; each prints what is wrong and returns an exit code. A missing argument (NULL) is
 * correct. */

/* The options of a page. */
UA_CHECK int ua_admin_check_page(const ua_cli_arguments *arguments);
/* An id: a positive 32-bit decimal. */
UA_CHECK int ua_admin_check_id(const char *what, const char *given);
/* A string as the API allows it: UTF-8, `least` to 255 characters. */
UA_CHECK int ua_admin_check_string(const char *what, const char *given, size_t least);
/* A new email or name of a user: such a string, not empty, by the rules of base/identifier.h. */
UA_CHECK int ua_admin_check_identifier(const char *what, const char *given);
/* A decimal from `least` to `most`; *number_r is untouched when none is given. */
UA_CHECK int ua_admin_read_number(const char *what, const char *given, uint64_t least, uint64_t most,
                                  uint64_t *number_r);

#endif
