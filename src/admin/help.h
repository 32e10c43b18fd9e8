/* user-api-admin help */
#ifndef UA_ADMIN_HELP_H
#define UA_ADMIN_HELP_H

#include "admin/command.h"

int ua_admin_help(const ua_admin_arguments *arguments);

#endif
