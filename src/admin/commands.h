/* The commands of user-api-admin. The file with a command's name, or its group's, has its help, options and
 * function. */
#ifndef UA_ADMIN_COMMANDS_H
#define UA_ADMIN_COMMANDS_H

#include "cli/command.h"

extern const ua_cli_command ua_admin_init;
extern const ua_cli_command ua_admin_migrate;
extern const ua_cli_command ua_admin_doctor;
extern const ua_cli_command ua_admin_adopt;
extern const ua_cli_command ua_admin_finalize;
extern const ua_cli_command ua_admin_import_mysql;
extern const ua_cli_command ua_admin_customer_add;
extern const ua_cli_command ua_admin_customer_list;
extern const ua_cli_command ua_admin_customer_show;
extern const ua_cli_command ua_admin_customer_change;
extern const ua_cli_command ua_admin_customer_set_quota;
extern const ua_cli_command ua_admin_customer_delete;
extern const ua_cli_command ua_admin_role_add;
extern const ua_cli_command ua_admin_role_list;
extern const ua_cli_command ua_admin_role_change;
extern const ua_cli_command ua_admin_role_rename;
extern const ua_cli_command ua_admin_role_delete;
extern const ua_cli_command ua_admin_throttle_list;
extern const ua_cli_command ua_admin_throttle_lift;
extern const ua_cli_command ua_admin_event_list;
extern const ua_cli_command ua_admin_event_tail;
extern const ua_cli_command ua_admin_event_export;
extern const ua_cli_command ua_admin_token_issue;
extern const ua_cli_command ua_admin_token_inspect;
extern const ua_cli_command ua_admin_token_revoke;
extern const ua_cli_command ua_admin_token_revoke_all;
extern const ua_cli_command ua_admin_user_add;
extern const ua_cli_command ua_admin_user_list;
extern const ua_cli_command ua_admin_user_show;
extern const ua_cli_command ua_admin_user_update;
extern const ua_cli_command ua_admin_user_activate;
extern const ua_cli_command ua_admin_user_deactivate;
extern const ua_cli_command ua_admin_user_delete;
extern const ua_cli_command ua_admin_user_set_password;
extern const ua_cli_command ua_admin_user_grant;
extern const ua_cli_command ua_admin_user_revoke;
extern const ua_cli_command ua_admin_import;
extern const ua_cli_command ua_admin_export;

/* The program: its name, and all of them in the order in which help lists them. */
extern const ua_cli_program ua_admin_program;

#endif
