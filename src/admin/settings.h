/* Readers of what several commands are given. Each says what is wrong and returns an exit code. */
#ifndef UA_ADMIN_SETTINGS_H
#define UA_ADMIN_SETTINGS_H

#include "base/error.h"
#include "cli/secret.h"
#include "config/config.h"
#include "operator/migrations.h"

#define UA_ADMIN_DEFAULT_DATABASE        "user_api"
#define UA_ADMIN_DEFAULT_SERVICE_ACCOUNT "user_api_sa"

/* The database's URL, from an argument, an option or USER_API_DATABASE_URL(_FILE). */
UA_CHECK int ua_admin_database_url(const char *argument, const char *option, ua_cli_secret *url_r);

/* Waits for the database's server to come up, as many seconds (0 to 3600) as the option says; NULL: not. */
UA_CHECK int ua_admin_await(const char *option, const ua_cli_secret *url);
#define UA_ADMIN_WAIT_OPTION_ROW {"--wait", "SECONDS", "wait so long for the server to answer"}

/* The name of a database or role: `given`, or `preset` when that is NULL. */
UA_CHECK int ua_admin_name(const char *what, const char *given, const char *preset, const char **name_r);

/* The cost of new hashes, from the option, USER_API_BCRYPT_COST, or 12. */
UA_CHECK int ua_admin_bcrypt_cost(const char *option, int *cost_r);

/* The service's settings as it reads them itself: `file` (or the one that USER_API_CONFIG names, when that is
 * NULL), and of the environment the `variables` (NULL at the end), each also as …_FILE; a wrong setting
 * beyond them that stands in the environment is of no concern here. To be cleared by ua_config_clear. Ends
 * the service's log lines: who calls says by itself what is wrong. */
UA_CHECK ua_status ua_admin_service_settings(const char *file, const char *const *variables,
                                             ua_config *config_r, ua_error_line *error);

/* The migrations of a folder, or the program's own when that is NULL. The set is to be cleared. */
UA_CHECK int ua_admin_migrations(const char *folder, ua_operator_migration_set *set_r);

#endif
