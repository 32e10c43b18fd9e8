/* user-api-admin user … */
#ifndef UA_ADMIN_USER_H
#define UA_ADMIN_USER_H

#include "cli/command.h"

extern const ua_cli_option ua_admin_user_options[]; /* of those that have no others */
extern const ua_cli_option ua_admin_user_add_options[];
extern const ua_cli_option ua_admin_user_list_options[];
extern const ua_cli_option ua_admin_user_update_options[];
extern const ua_cli_option ua_admin_user_delete_options[];
extern const ua_cli_option ua_admin_user_set_password_options[];

extern const char ua_admin_user_add_details[];
extern const char ua_admin_user_list_details[];
extern const char ua_admin_user_show_details[];
extern const char ua_admin_user_update_details[];
extern const char ua_admin_user_activate_details[];
extern const char ua_admin_user_deactivate_details[];
extern const char ua_admin_user_delete_details[];
extern const char ua_admin_user_set_password_details[];
extern const char ua_admin_user_grant_details[];
extern const char ua_admin_user_revoke_details[];

int ua_admin_user_add(const ua_cli_arguments *arguments);
int ua_admin_user_list(const ua_cli_arguments *arguments);
int ua_admin_user_show(const ua_cli_arguments *arguments);
int ua_admin_user_update(const ua_cli_arguments *arguments);
int ua_admin_user_activate(const ua_cli_arguments *arguments);
int ua_admin_user_deactivate(const ua_cli_arguments *arguments);
int ua_admin_user_delete(const ua_cli_arguments *arguments);
int ua_admin_user_set_password(const ua_cli_arguments *arguments);
int ua_admin_user_grant(const ua_cli_arguments *arguments);
int ua_admin_user_revoke(const ua_cli_arguments *arguments);

#endif
