/* user-api-admin role … */
#ifndef UA_ADMIN_ROLE_H
#define UA_ADMIN_ROLE_H

#include "cli/command.h"

extern const ua_cli_option ua_admin_role_options[]; /* add, rename */
extern const ua_cli_option ua_admin_role_list_options[];
extern const ua_cli_option ua_admin_role_delete_options[];
extern const char ua_admin_role_details[];
extern const char ua_admin_role_delete_details[];

int ua_admin_role_add(const ua_cli_arguments *arguments);
int ua_admin_role_list(const ua_cli_arguments *arguments);
int ua_admin_role_rename(const ua_cli_arguments *arguments);
int ua_admin_role_delete(const ua_cli_arguments *arguments);

#endif
