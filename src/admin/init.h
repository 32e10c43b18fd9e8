/* user-api-admin init */
#ifndef UA_ADMIN_INIT_H
#define UA_ADMIN_INIT_H

#include "cli/command.h"

extern const ua_cli_option ua_admin_init_options[];
extern const char ua_admin_init_details[];

int ua_admin_init(const ua_cli_arguments *arguments);

#endif
