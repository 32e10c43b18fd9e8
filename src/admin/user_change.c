/* user show, update, activate, deactivate and set-password: the commands for an existing user. */
#include "admin/commands.h"
#include "admin/user_session.h"

enum { OPTION_EMAIL = UA_ADMIN_USER_OPTIONS, OPTION_NAME };
enum { OPTION_FORCE = UA_ADMIN_USER_OPTIONS };
enum { OPTION_PASSWORDS = UA_ADMIN_USER_OPTIONS /* four rows */ };

static const ua_cli_option options[] = {UA_ADMIN_USER_OPTION_ROWS, {NULL, NULL, NULL}};

static const ua_cli_option update_options[] = {
    UA_ADMIN_USER_OPTION_ROWS,
    [OPTION_EMAIL] = {"--email", "EMAIL", "the new email"},
    [OPTION_NAME] = {"--name", "NAME", "the new name"},
    {NULL, NULL, NULL},
};

static const ua_cli_option deactivate_options[] = {
    UA_ADMIN_USER_OPTION_ROWS,
    [OPTION_FORCE] = UA_ADMIN_FORCE_OPTION_ROW,
    {NULL, NULL, NULL},
};

static const ua_cli_option set_password_options[] = {
    UA_ADMIN_USER_OPTION_ROWS,
    UA_ADMIN_PASSWORD_OPTION_ROWS,
    {NULL, NULL, NULL},
};

#define NAMED                                                                    \
  "EMAIL is never an id, even if it looks like a number. Neither its case nor\n" \
  "blanks at its end matter.\n"

static const char show_details[] = NAMED;
static const char update_details[] =
    "Changes only what you give. Another email ends the user's sessions at once.\n" NAMED;
static const char activate_details[] = NAMED;
static const char deactivate_details[] =
    "Ends the user's sessions at once. They do not come back when you activate the\n"
    "user again.\n" UA_ADMIN_FORCE_DETAILS NAMED;
static const char set_password_details[] =
    "The user's sessions end at once.\n" NAMED UA_ADMIN_PASSWORD_DETAILS;

static int show(const ua_cli_arguments *arguments, ua_admin_session *session, ua_user *user)
{
  (void)arguments;
  return ua_admin_user_print(session, user);
}

static int run_show(const ua_cli_arguments *arguments)
{
  return ua_admin_user_run(arguments, show);
}

static int update(const ua_cli_arguments *arguments, ua_admin_session *session, ua_user *user)
{
  const ua_user_change change = {.email = ua_text_of(arguments->option[OPTION_EMAIL]),
                                 .name = ua_text_of(arguments->option[OPTION_NAME]),
                                 .keep_active = true};
  int code = ua_admin_user_change(session, &change, false, user);
  return code == UA_CLI_OK ? ua_admin_user_say(session, user, "updated") : code;
}

static int run_update(const ua_cli_arguments *arguments)
{
  const char *email = arguments->option[OPTION_EMAIL];
  const char *name = arguments->option[OPTION_NAME];
  if (email == NULL && name == NULL) {
    return ua_cli_misused("user update: nothing to change: give --email or --name");
  }
  int code = ua_admin_check_string("--email", email, 1);
  if (code == UA_CLI_OK) {
    code = ua_admin_check_string("--name", name, 1);
  }
  return code == UA_CLI_OK ? ua_admin_user_run(arguments, update) : code;
}

static int activate(const ua_cli_arguments *arguments, ua_admin_session *session, ua_user *user)
{
  (void)arguments;
  const ua_user_change change = {.active = true};
  int code = ua_admin_user_change(session, &change, false, user);
  return code == UA_CLI_OK ? ua_admin_user_say(session, user, "activated") : code;
}

static int run_activate(const ua_cli_arguments *arguments)
{
  return ua_admin_user_run(arguments, activate);
}

static int deactivate(const ua_cli_arguments *arguments, ua_admin_session *session, ua_user *user)
{
  static const ua_user_change change = {.active = false};
  int code = ua_admin_user_change(session, &change, arguments->option[OPTION_FORCE] != NULL, user);
  return code == UA_CLI_OK ? ua_admin_user_say(session, user, "deactivated") : code;
}

static int run_deactivate(const ua_cli_arguments *arguments)
{
  return ua_admin_user_run(arguments, deactivate);
}

static int set_password(const ua_cli_arguments *arguments, ua_admin_session *session, ua_user *user)
{
  ua_cli_secret password = {.given = false};
  bool made_up = arguments->option[OPTION_PASSWORDS + UA_ADMIN_PASSWORD_GENERATE] != NULL;
  bool force = arguments->option[OPTION_PASSWORDS + UA_ADMIN_PASSWORD_FORCE] != NULL;
  int code = ua_admin_user_password_read(arguments, OPTION_PASSWORDS, session, user->email, &password);
  if (code == UA_CLI_OK) {
    const ua_user_change change = {.password = ua_cli_secret_text(&password), .keep_active = true};
    code = ua_admin_user_change(session, &change, force, user);
  }
  if (code == UA_CLI_OK) {
    code = ua_admin_user_say_password(session, user, "has a new password", made_up ? &password : NULL);
  }
  ua_cli_secret_wipe(&password);
  return code;
}

static int run_set_password(const ua_cli_arguments *arguments)
{
  int code = ua_admin_user_password_check(arguments, OPTION_PASSWORDS);
  return code == UA_CLI_OK ? ua_admin_user_run(arguments, set_password) : code;
}

const ua_cli_command ua_admin_user_show = {
    .name = "user show",
    .synopsis = "[OPTIONS] EMAIL",
    .summary = "Shows a user",
    .details = show_details,
    .example = "ann@example.org",
    .options = options,
    .positionals = 1,
    .run = run_show,
};

const ua_cli_command ua_admin_user_update = {
    .name = "user update",
    .synopsis = "[OPTIONS] EMAIL",
    .summary = "Changes a user's email or name",
    .details = update_details,
    .example = "ann@example.org --email ann.smith@example.org",
    .options = update_options,
    .positionals = 1,
    .run = run_update,
};

const ua_cli_command ua_admin_user_activate = {
    .name = "user activate",
    .synopsis = "[OPTIONS] EMAIL",
    .summary = "Lets a user log in again",
    .details = activate_details,
    .example = "ann@example.org",
    .options = options,
    .positionals = 1,
    .run = run_activate,
};

const ua_cli_command ua_admin_user_deactivate = {
    .name = "user deactivate",
    .synopsis = "[OPTIONS] EMAIL",
    .summary = "Deactivates a user, and ends the user's sessions",
    .details = deactivate_details,
    .example = "ann@example.org",
    .options = deactivate_options,
    .positionals = 1,
    .run = run_deactivate,
};

const ua_cli_command ua_admin_user_set_password = {
    .name = "user set-password",
    .synopsis = "[OPTIONS] EMAIL",
    .summary = "Gives a user a new password",
    .details = set_password_details,
    .example = "ann@example.org --generate-password",
    .options = set_password_options,
    .positionals = 1,
    .run = run_set_password,
};
