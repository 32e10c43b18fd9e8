/* The database that a command works on. For all commands the first of these counts that names one:
 *
 *   1. --database-url, or the argument db_url of those commands that have it
 *   2. USER_API_DATABASE_URL or its _FILE
 *   3. the service's settings, when --config or USER_API_CONFIG names them
 *   4. libpq's variables that say where or as whom: PGHOST, PGHOSTADDR, PGPORT, PGDATABASE, PGUSER, PGSERVICE
 *   5. the usual file of settings: after 4, so that nobody who has set PGHOST works on another server
 * unawares
 *   6. libpq's other variables, as PGPASSFILE
 *
 * By 4 and 6 the URL is "", with which libpq uses its variables and its own defaults. */
#ifndef UA_ADMIN_DATABASE_H
#define UA_ADMIN_DATABASE_H

#include "admin/settings.h"

/* The URL, of settings that were read; NULL when nothing names a database. `given` is that of the command
 * line, or NULL. The string lives as long as its source. */
const char *ua_admin_database_choose(const char *given, const ua_config *config,
                                     const ua_admin_settings_file *file);

/* Prints that nothing names a database. Returns an exit code. */
int ua_admin_database_missing(const ua_admin_settings_file *file);

/* The same for a command that needs nothing else from the settings: reads them only if necessary. `config` is
 * the value of --config, or "" for a command that does not read settings. Returns an exit code. */
UA_CHECK int ua_admin_database_url(const char *argument, const char *option, const char *config,
                                   ua_cli_secret *url_r);

#endif
