/* user grant and revoke. */
#include <stdio.h>

#include "admin/commands.h"
#include "admin/user_session.h"
#include "base/limits.h"
#include "service/users.h"

static const ua_cli_option options[] = {UA_ADMIN_USER_OPTION_ROWS, {NULL, NULL, NULL}};

static const char grant_details[] =
    "Gives the user further roles. If one of them is new, the user's sessions end at\n"
    "once: the next login has it.\n";
static const char revoke_details[] =
    "Takes roles from the user. If the user had one of them, the user's sessions end\n"
    "at once.\n";

static int change_roles(const ua_cli_arguments *arguments, ua_admin_session *session, const ua_user *user,
                        ua_roles_change how, const char *done)
{
  const ua_scope scope = {.customer_id = user->customer_id, .force = true};
  int32_t role_ids[UA_CLI_MAX_POSITIONALS];
  char what[64];
  ua_refusal refusal = {.message = UA_TEXT_ABSENT};
  ua_user changed;
  size_t named = arguments->option[UA_ADMIN_USER_ID] == NULL; /* by the first positional */
  size_t count = arguments->positional_count - named;
  int code = ua_admin_user_roles(session, arguments->positional + named, count, role_ids);
  if (code != UA_CLI_OK) {
    return code;
  }
  const ua_user_change change = {
      .keep_active = true, .roles = how, .role_ids = role_ids, .role_count = count};
  ua_status status = ua_service_users_change(&session->service, session->arena, &scope, user->id, &change,
                                             NULL, &changed, &refusal);
  if (status == UA_BAD_REQUEST) {
    return ua_cli_fail("a user can have %d roles at most", UA_MAX_ROLES);
  }
  if (status != UA_OK) {
    return ua_admin_user_fail(session, status, NULL);
  }
  ua_admin_user_warn_of_last_admin(session, user, &changed);
  size_t changes =
      how == UA_ROLES_ADD ? changed.role_count - user->role_count : user->role_count - changed.role_count;
  (void)snprintf(what, sizeof what, "%s %zu role%s", done, changes, changes == 1 ? "" : "s");
  return ua_admin_user_say(session, &changed, what);
}

static int grant(const ua_cli_arguments *arguments, ua_admin_session *session, ua_user *user)
{
  return change_roles(arguments, session, user, UA_ROLES_ADD, "was given");
}

static int run_grant(const ua_cli_arguments *arguments)
{
  return ua_admin_user_run(arguments, grant);
}

static int revoke(const ua_cli_arguments *arguments, ua_admin_session *session, ua_user *user)
{
  return change_roles(arguments, session, user, UA_ROLES_REMOVE, "has lost");
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
    .options = options,
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
    .options = options,
    .required = 1,
    .positionals = UA_CLI_MAX_POSITIONALS,
    .run = run_revoke,
};
