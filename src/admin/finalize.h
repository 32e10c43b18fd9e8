/* user-api-admin finalize */
#ifndef UA_ADMIN_FINALIZE_H
#define UA_ADMIN_FINALIZE_H

#include "cli/command.h"

extern const ua_cli_option ua_admin_finalize_options[];
extern const char ua_admin_finalize_details[];

int ua_admin_finalize(const ua_cli_arguments *arguments);

#endif
