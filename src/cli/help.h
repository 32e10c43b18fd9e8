/* user-api-admin help */
#ifndef UA_CLI_HELP_H
#define UA_CLI_HELP_H

#include "cli/command.h"

int ua_cli_help(const ua_cli_arguments *arguments);

#endif
