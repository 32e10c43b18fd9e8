/* user-api-admin import */
#ifndef UA_ADMIN_IMPORT_H
#define UA_ADMIN_IMPORT_H

#include "cli/command.h"

extern const ua_cli_option ua_admin_import_options[];
extern const char ua_admin_import_details[];

int ua_admin_import(const ua_cli_arguments *arguments);

#endif
