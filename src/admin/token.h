/* user-api-admin token … */
#ifndef UA_ADMIN_TOKEN_H
#define UA_ADMIN_TOKEN_H

#include "cli/command.h"

extern const ua_cli_option ua_admin_token_issue_options[];
extern const ua_cli_option ua_admin_token_inspect_options[];
extern const ua_cli_option ua_admin_token_revoke_options[];
extern const char ua_admin_token_issue_details[];
extern const char ua_admin_token_inspect_details[];
extern const char ua_admin_token_revoke_details[];

int ua_admin_token_issue(const ua_cli_arguments *arguments);
int ua_admin_token_inspect(const ua_cli_arguments *arguments);
int ua_admin_token_revoke(const ua_cli_arguments *arguments);

#endif
