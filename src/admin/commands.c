#include "admin/adopt.h"
#include "admin/customer.h"
#include "admin/doctor.h"
#include "admin/export.h"
#include "admin/finalize.h"
#include "admin/import.h"
#include "admin/import_mysql.h"
#include "admin/init.h"
#include "admin/migrate.h"
#include "admin/role.h"
#include "admin/token.h"
#include "admin/user.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/help.h"

static const ua_cli_option no_options[] = {{NULL, NULL, NULL}};

const ua_cli_command ua_admin_commands[] = {
    {"init", "[OPTIONS] [db_url [jwt_secret [admin_password]]]",
     "Creates database, roles, schema, and the first customer and administrator", ua_admin_init_details,
     ua_admin_init_options, 0, 3, ua_admin_init},
    {"migrate", "[up|down|status] [OPTIONS] [db_url]", "Brings a database to this program's schema, or back",
     ua_admin_migrate_details, ua_admin_migrate_options, 0, 2, ua_admin_migrate},
    {"doctor", "[OPTIONS] [db_url]", "Tells what is wrong with a database, its rights and the secrets",
     ua_admin_doctor_details, ua_admin_doctor_options, 0, 1, ua_admin_doctor},
    {"adopt", "[OPTIONS] [db_url]", "Takes over the Python original's database, in place",
     ua_admin_adopt_details, ua_admin_adopt_options, 0, 1, ua_admin_adopt},
    {"finalize", "[OPTIONS] [db_url]", "Ends the time beside the Python original", ua_admin_finalize_details,
     ua_admin_finalize_options, 0, 1, ua_admin_finalize},
    {"import-mysql", "[OPTIONS] [mysql_url [db_url]]",
     "Copies the Python original's MySQL or MariaDB database", ua_admin_import_mysql_details,
     ua_admin_import_mysql_options, 0, 2, ua_admin_import_mysql},
    {"customer add", "[OPTIONS]", "Adds a customer", ua_admin_customer_details, ua_admin_customer_add_options,
     0, 0, ua_admin_customer_add},
    {"customer list", "[OPTIONS]", "Lists customers", ua_admin_customer_details,
     ua_admin_customer_list_options, 0, 0, ua_admin_customer_list},
    {"customer show", "[OPTIONS] ID", "Tells about a customer", ua_admin_customer_details,
     ua_admin_customer_options, 1, 1, ua_admin_customer_show},
    {"customer set-quota", "[OPTIONS] ID N|none", "Sets how many users a customer may have",
     ua_admin_customer_details, ua_admin_customer_options, 2, 2, ua_admin_customer_set_quota},

    {"role add", "[OPTIONS] CODE [NAME]", "Adds a role", ua_admin_role_details, ua_admin_role_options, 1, 2,
     ua_admin_role_add},
    {"role list", "[OPTIONS]", "Lists roles", ua_admin_role_details, ua_admin_role_list_options, 0, 0,
     ua_admin_role_list},
    {"role rename", "[OPTIONS] CODE NAME", "Changes the name that people read", ua_admin_role_details,
     ua_admin_role_options, 2, 2, ua_admin_role_rename},
    {"role delete", "[OPTIONS] CODE", "Deletes a role", ua_admin_role_delete_details,
     ua_admin_role_delete_options, 1, 1, ua_admin_role_delete},

    {"token issue", "[OPTIONS] EMAIL", "Prints a token for a user, without a password",
     ua_admin_token_issue_details, ua_admin_token_issue_options, 1, 1, ua_admin_token_issue},
    {"token inspect", "[OPTIONS] [TOKEN]", "Tells what a token says, and whether it counts",
     ua_admin_token_inspect_details, ua_admin_token_inspect_options, 0, 1, ua_admin_token_inspect},
    {"token revoke", "[OPTIONS] [TOKEN]", "Makes a token worthless", ua_admin_token_revoke_details,
     ua_admin_token_revoke_options, 0, 1, ua_admin_token_revoke},

    {"user add", "[OPTIONS] EMAIL", "Adds a user", ua_admin_user_add_details, ua_admin_user_add_options, 1, 1,
     ua_admin_user_add},
    {"user list", "[OPTIONS]", "Lists users", ua_admin_user_list_details, ua_admin_user_list_options, 0, 0,
     ua_admin_user_list},
    {"user show", "[OPTIONS] EMAIL", "Tells about a user", ua_admin_user_show_details, ua_admin_user_options,
     0, 1, ua_admin_user_show},
    {"user update", "[OPTIONS] EMAIL", "Changes a user's email or name", ua_admin_user_update_details,
     ua_admin_user_update_options, 0, 1, ua_admin_user_update},
    {"user activate", "[OPTIONS] EMAIL", "Lets a user log in again", ua_admin_user_activate_details,
     ua_admin_user_options, 0, 1, ua_admin_user_activate},
    {"user deactivate", "[OPTIONS] EMAIL", "Shuts a user out, at once", ua_admin_user_deactivate_details,
     ua_admin_user_options, 0, 1, ua_admin_user_deactivate},
    {"user delete", "[OPTIONS] EMAIL", "Removes a user for good", ua_admin_user_delete_details,
     ua_admin_user_delete_options, 0, 1, ua_admin_user_delete},
    {"user set-password", "[OPTIONS] EMAIL", "Gives a user a new password",
     ua_admin_user_set_password_details, ua_admin_user_set_password_options, 0, 1,
     ua_admin_user_set_password},
    {"user grant", "[OPTIONS] EMAIL ROLE...", "Gives a user roles", ua_admin_user_grant_details,
     ua_admin_user_options, 1, UA_CLI_MAX_POSITIONALS, ua_admin_user_grant},
    {"user revoke", "[OPTIONS] EMAIL ROLE...", "Takes roles from a user", ua_admin_user_revoke_details,
     ua_admin_user_options, 1, UA_CLI_MAX_POSITIONALS, ua_admin_user_revoke},
    {"import", "[OPTIONS] FILE", "Adds users from a file of JSON lines or CSV", ua_admin_import_details,
     ua_admin_import_options, 1, 1, ua_admin_import},
    {"export", "[OPTIONS] FILE", "Writes users to a file of JSON lines or CSV", ua_admin_export_details,
     ua_admin_export_options, 1, 1, ua_admin_export},

    {"completion", "bash|zsh", "Prints what completes this command line in a shell",
     ua_admin_completion_details, no_options, 1, 1, ua_cli_completion},
    {"help", "[COMMAND]", "Tells about a command", "", no_options, 0, 2, ua_cli_help},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
