/* user-api-admin migrate */
#ifndef UA_ADMIN_MIGRATE_H
#define UA_ADMIN_MIGRATE_H

#include "cli/command.h"

extern const ua_cli_option ua_admin_migrate_options[];
extern const char ua_admin_migrate_details[];

int ua_admin_migrate(const ua_cli_arguments *arguments);

#endif
