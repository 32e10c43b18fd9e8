/* user-api-admin customer … */
#ifndef UA_ADMIN_CUSTOMER_H
#define UA_ADMIN_CUSTOMER_H

#include "cli/command.h"

extern const ua_cli_option ua_admin_customer_add_options[];
extern const ua_cli_option ua_admin_customer_list_options[];
extern const ua_cli_option ua_admin_customer_options[]; /* show, set-quota */
extern const char ua_admin_customer_details[];

int ua_admin_customer_add(const ua_cli_arguments *arguments);
int ua_admin_customer_list(const ua_cli_arguments *arguments);
int ua_admin_customer_show(const ua_cli_arguments *arguments);
int ua_admin_customer_set_quota(const ua_cli_arguments *arguments);

#endif
