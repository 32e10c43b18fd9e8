/* user grant and revoke. */
#include <stdio.h>

#include "admin/commands.h"
#include "admin/user_session.h"

enum { OPTION_FORCE = UA_ADMIN_USER_OPTIONS };

static const ua_cli_option grant_options[] = {UA_ADMIN_USER_OPTION_ROWS, {NULL, NULL, NULL}};

static const ua_cli_option revoke_options[] = {
    UA_ADMIN_USER_OPTION_ROWS,
    [OPTION_FORCE] = UA_ADMIN_FORCE_OPTION_ROW,
    {NULL, NULL, NULL},
};

static const char grant_details[] =
    "Also gives roles that administrators of customers may not grant, so it can make\n"
    "a user an operator. If the user did not have one of the roles, the user's\n"
    "sessions end at once: the role takes effect at the next login.\n";
static const char revoke_details[] =
    "If the user had one of them, the user's sessions end at once.\n" UA_ADMIN_FORCE_DETAILS;

static bool has_role(const ua_user *user, int32_t id)
{
  for (size_t i = 0; i < user->role_count; i++) {
    if (user->roles[i].id == id) {
      return true;
    }
  }
  return false;
}

/* How many roles `user` has that `other` does not have. */
static size_t count_more(const ua_user *user, const ua_user *other)
{
  size_t count = 0;
  for (size_t i = 0; i < user->role_count; i++) {
    count += !has_role(other, user->roles[i].id);
  }
  return count;
}

static int change_roles(const ua_cli_arguments *arguments, ua_admin_session *session, ua_user *user,
                        ua_roles_change how, bool force)
{
  const ua_user before = *user;
  int32_t role_ids[UA_CLI_MAX_POSITIONALS];
  char what[64];
  size_t named = arguments->option[UA_ADMIN_USER_ID] == NULL; /* by the first positional */
  size_t count = arguments->positional_count - named;
  int code = ua_admin_user_roles(session, arguments->positional + named, count, role_ids);
  if (code != UA_CLI_OK) {
    return code;
  }
  const ua_user_change change = {
      .keep_active = true, .roles = how, .role_ids = role_ids, .role_count = count};
  code = ua_admin_user_change(session, &change, force, user);
  if (code != UA_CLI_OK) {
    return code;
  }
  bool adds = how == UA_ROLES_ADD;
  size_t changes = adds ? count_more(user, &before) : count_more(&before, user);
  (void)snprintf(what, sizeof what, "%s %zu role%s", adds ? "was given" : "has lost", changes,
                 changes == 1 ? "" : "s");
  return ua_admin_user_say(session, user, what);
}

static int grant(const ua_cli_arguments *arguments, ua_admin_session *session, ua_user *user)
{
  return change_roles(arguments, session, user, UA_ROLES_ADD, false);
}

static int run_grant(const ua_cli_arguments *arguments)
{
  return ua_admin_user_run(arguments, grant);
}

static int revoke(const ua_cli_arguments *arguments, ua_admin_session *session, ua_user *user)
{
  return change_roles(arguments, session, user, UA_ROLES_REMOVE, arguments->option[OPTION_FORCE] != NULL);
}

static int run_revoke(const ua_cli_arguments *arguments)
{
  return ua_admin_user_run(arguments, revoke);
}

const ua_cli_command ua_admin_user_grant = {
    .name = "user grant",
    .synopsis = "[OPTIONS] EMAIL ROLE...",
    .summary = "Gives a user roles",
    .details = grant_details,
    .example = "ann@example.org editor reader",
    .options = grant_options,
    .required = 1,
    .positionals = UA_CLI_MAX_POSITIONALS,
    .run = run_grant,
};

const ua_cli_command ua_admin_user_revoke = {
    .name = "user revoke",
    .synopsis = "[OPTIONS] EMAIL ROLE...",
    .summary = "Takes roles from a user",
    .details = revoke_details,
    .example = "ann@example.org editor",
    .options = revoke_options,
    .required = 1,
    .positionals = UA_CLI_MAX_POSITIONALS,
    .run = run_revoke,
};
