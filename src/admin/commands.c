#include "admin/commands.h"

#include "admin/settings.h"
#include "cli/completion.h"
#include "cli/help.h"

/* The commands of a group are adjacent. */
static const ua_cli_command *const commands[] = {
    &ua_admin_init,
    &ua_admin_migrate,
    &ua_admin_doctor,
    &ua_admin_adopt,
    &ua_admin_finalize,
    &ua_admin_import_mysql,
    &ua_admin_customer_add,
    &ua_admin_customer_list,
    &ua_admin_customer_show,
    &ua_admin_customer_change,
    &ua_admin_customer_set_quota,
    &ua_admin_customer_delete,
    &ua_admin_role_add,
    &ua_admin_role_list,
    &ua_admin_role_change,
    &ua_admin_role_rename,
    &ua_admin_role_delete,
    &ua_admin_throttle_list,
    &ua_admin_throttle_lift,
    &ua_admin_event_list,
    &ua_admin_event_tail,
    &ua_admin_event_export,
    &ua_admin_token_issue,
    &ua_admin_token_inspect,
    &ua_admin_token_revoke,
    &ua_admin_token_revoke_all,
    &ua_admin_user_add,
    &ua_admin_user_list,
    &ua_admin_user_show,
    &ua_admin_user_update,
    &ua_admin_user_activate,
    &ua_admin_user_deactivate,
    &ua_admin_user_delete,
    &ua_admin_user_set_password,
    &ua_admin_user_grant,
    &ua_admin_user_revoke,
    &ua_admin_import,
    &ua_admin_export,
    &ua_cli_completion,
    &ua_cli_help,
    NULL,
};

const ua_cli_program ua_admin_program = {
    .name = "user-api-admin",
    .details =
        "Name the database with --database-url: a URI (postgresql://user@host/database)\n"
        "or a keyword string. Commands with db_url in their usage also take it as that\n"
        "argument. Without it, the first of these that names a database is used:\n"
        "\n"
        "  USER_API_DATABASE_URL, or the file that USER_API_DATABASE_URL_FILE names\n"
        "  the service's settings, if --config or USER_API_CONFIG names their file\n"
        "  PGHOST, PGHOSTADDR, PGPORT, PGDATABASE, PGUSER or PGSERVICE, as for psql\n"
        "  " UA_ADMIN_USUAL_SETTINGS
        ", if it exists and you may read it\n"
        "\n"
        "`init` does not read the service's settings.\n"
        "\n"
        "Exit codes: 0 done, 1 failed, 2 the command line was not understood.\n",
    .commands = commands,
};
