/* user-api-admin adopt */
#ifndef UA_ADMIN_ADOPT_H
#define UA_ADMIN_ADOPT_H

#include "cli/command.h"

extern const ua_cli_option ua_admin_adopt_options[];
extern const char ua_admin_adopt_details[];

int ua_admin_adopt(const ua_cli_arguments *arguments);

#endif
