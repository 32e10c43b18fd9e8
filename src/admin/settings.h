/* Readers of arguments that several commands have. Each prints what is wrong and returns an exit code. */
#ifndef UA_ADMIN_SETTINGS_H
#define UA_ADMIN_SETTINGS_H

#include "base/error.h"
#include "base/error_line.h"
#include "cli/secret.h"
#include "config/config.h"
#include "operator/migrations.h"

#define UA_ADMIN_DEFAULT_DATABASE        "user_api"
#define UA_ADMIN_DEFAULT_SERVICE_ACCOUNT "user_api_sa"

/* Waits until the database's server is up, for as many seconds (0 to 3600) as the option says; NULL: no
 * wait. */
UA_CHECK int ua_admin_await(const char *option, const ua_cli_secret *url);
#define UA_ADMIN_WAIT_OPTION_ROW {"--wait", "SECONDS", "wait up to SECONDS for the server to answer"}

/* The name of a database or role: `given`, or `preset` when that is NULL. */
UA_CHECK int ua_admin_name(const char *what, const char *given, const char *preset, const char **name_r);

/* The cost of new hashes, from the option, USER_API_BCRYPT_COST, or 12. */
UA_CHECK int ua_admin_bcrypt_cost(const char *option, int *cost_r);

/* The file of the service's settings unless the caller names another. */
#define UA_ADMIN_USUAL_SETTINGS    "/etc/user-api/user-api.conf"
#define UA_ADMIN_CONFIG_OPTION_ROW {"--config", "FILE", "the settings [" UA_ADMIN_USUAL_SETTINGS "]"}

/* Which file was read. */
typedef struct ua_admin_settings_file {
  const char *path;      /* NULL: none */
  bool is_usual;         /* the caller did not name it */
  ua_error_line skipped; /* why the usual file, which exists, was not read; "" otherwise */
} ua_admin_settings_file;

/* The service's settings, as the service reads them. The file is `file`; if that is NULL, the one that
 * USER_API_CONFIG names, or else the usual one; "" means no file. The usual one is skipped if it is missing,
 * or if this user may not read it or a file of a secret that it names. From the environment, reads only the
 * `variables` (NULL at the end), each also as …_FILE; ignores wrong values of other variables. Clear the
 * result with ua_config_clear. Stops the service's log lines: the caller prints what is wrong. */
UA_CHECK ua_status ua_admin_service_settings(const char *file, const char *const *variables,
                                             ua_config *config_r, ua_admin_settings_file *file_r,
                                             ua_error_line *error);

/* The migrations of a folder, or the program's own if that is NULL. The caller clears the set. */
UA_CHECK int ua_admin_migrations(const char *folder, ua_operator_migration_set *set_r);

#endif
