/* user-api-admin export */
#ifndef UA_ADMIN_EXPORT_H
#define UA_ADMIN_EXPORT_H

#include "cli/command.h"

extern const ua_cli_option ua_admin_export_options[];
extern const char ua_admin_export_details[];

int ua_admin_export(const ua_cli_arguments *arguments);

#endif
