/* Readers of what several commands are given. Each says what is wrong and returns an exit code. */
#ifndef UA_ADMIN_SETTINGS_H
#define UA_ADMIN_SETTINGS_H

#include "base/error.h"
#include "base/error_line.h"
#include "cli/secret.h"
#include "config/config.h"
#include "operator/migrations.h"

#define UA_ADMIN_DEFAULT_DATABASE        "user_api"
#define UA_ADMIN_DEFAULT_SERVICE_ACCOUNT "user_api_sa"

/* Waits for the database's server to come up, as many seconds (0 to 3600) as the option says; NULL: not. */
UA_CHECK int ua_admin_await(const char *option, const ua_cli_secret *url);
#define UA_ADMIN_WAIT_OPTION_ROW {"--wait", "SECONDS", "wait so long for the server to answer"}

/* The name of a database or role: `given`, or `preset` when that is NULL. */
UA_CHECK int ua_admin_name(const char *what, const char *given, const char *preset, const char **name_r);

/* The cost of new hashes, from the option, USER_API_BCRYPT_COST, or 12. */
UA_CHECK int ua_admin_bcrypt_cost(const char *option, int *cost_r);

/* The file of the service's settings when nobody names another one. */
#define UA_ADMIN_USUAL_SETTINGS    "/etc/user-api/user-api.conf"
#define UA_ADMIN_CONFIG_OPTION_ROW {"--config", "FILE", "the settings [" UA_ADMIN_USUAL_SETTINGS "]"}

/* Which file was read. */
typedef struct ua_admin_settings_file {
  const char *path;      /* NULL: none */
  bool is_usual;         /* nobody has named it */
  ua_error_line skipped; /* why the usual one, which is there, was not read; "" otherwise */
} ua_admin_settings_file;

/* The service's settings as it reads them itself: those of `file`, or the one that USER_API_CONFIG names when
 * that is NULL, or else the usual one; "" names none. The usual one is skipped when it is not there, or when
 * this user may not read it or a file of a secret that it names. Of the environment, reads the `variables`
 * (NULL at the end), each also as …_FILE; a wrong setting beyond them that stands in the environment is of no
 * concern here. To be cleared by ua_config_clear. Ends the service's log lines: who calls says by itself what
 * is wrong. */
UA_CHECK ua_status ua_admin_service_settings(const char *file, const char *const *variables,
                                             ua_config *config_r, ua_admin_settings_file *file_r,
                                             ua_error_line *error);

/* The migrations of a folder, or the program's own when that is NULL. The set is to be cleared. */
UA_CHECK int ua_admin_migrations(const char *folder, ua_operator_migration_set *set_r);

#endif
