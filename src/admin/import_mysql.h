/* `import-mysql`: a copy of the Python original's MySQL or MariaDB database. */
#ifndef UA_ADMIN_IMPORT_MYSQL_H
#define UA_ADMIN_IMPORT_MYSQL_H

#include "cli/command.h"

extern const ua_cli_option ua_admin_import_mysql_options[];
extern const char ua_admin_import_mysql_details[];

UA_CHECK int ua_admin_import_mysql(const ua_cli_arguments *arguments);

#endif
