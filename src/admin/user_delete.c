#include <inttypes.h>
#include <stdio.h>

#include "admin/commands.h"
#include "admin/user_session.h"
#include "cli/terminal.h"

enum { OPTION_YES = UA_ADMIN_USER_OPTIONS };

static const ua_cli_option delete_options[] = {
    UA_ADMIN_USER_OPTION_ROWS,
    [OPTION_YES] = {"--yes", NULL, "do not ask; required without a terminal"},
    {NULL, NULL, NULL},
};

static const char delete_details[] =
    "Removes the user, the user's roles and what is known of the user's tokens, all\n"
    "or nothing. The sessions end at once. To end the access but keep the user, run\n"
    "user deactivate.\n";

static int confirm(ua_admin_session *session, const ua_user *user)
{
  bool yes = false;
  ua_text email = ua_cli_printable(session->arena, user->email);
  ua_text question = ua_arena_printf(session->arena, "Delete user %ld %.*s of customer %ld?", (long)user->id,
                                     UA_TEXT_ARGS(email), (long)user->customer_id);
  if (email.data == NULL || question.data == NULL) {
    return ua_cli_fail("out of memory");
  }
  if (ua_cli_terminal_confirm(question.data, &yes, &session->error) != UA_OK) {
    return ua_cli_misused("user delete: %s: add --yes if it is meant", session->error.text);
  }
  return yes ? UA_CLI_OK : ua_cli_fail("nothing was deleted");
}

static int print_json(const ua_user *user, const ua_operator_users_removal *removal)
{
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_admin_user_write(writer, "deleted", user);
  ua_json_add_integer(writer, "revoked_tokens", removal->revoked_tokens);
  ua_json_add_integer(writer, "roles", removal->roles);
  ua_json_end(writer);
  return ua_cli_print_json(&writer);
}

static int print_lines(ua_admin_session *session, const ua_user *user,
                       const ua_operator_users_removal *removal)
{
  char what[96];
  (void)snprintf(what, sizeof what, "deleted, with %" PRId64 " role%s and %" PRId64 " revoked token%s",
                 removal->roles, removal->roles == 1 ? "" : "s", removal->revoked_tokens,
                 removal->revoked_tokens == 1 ? "" : "s");
  return ua_admin_user_say(session, user, what);
}

static int delete_user(const ua_cli_arguments *arguments, ua_admin_session *session, ua_user *user)
{
  const ua_operator_user_address address = {.id = user->id, .customer_id = user->customer_id};
  ua_operator_users_removal removal;
  bool may = false;
  if (ua_operator_users_may_remove(session->connection, &may, &session->error) != UA_OK) {
    return ua_cli_fail("%s", session->error.text);
  }
  if (!may) {
    return ua_cli_fail(
        "the database role may not delete users: run user-api-admin migrate, or connect as an owner of the "
        "tables");
  }
  ua_admin_user_warn_of_last_admin(session, user, NULL);
  int code = arguments->option[OPTION_YES] != NULL ? UA_CLI_OK : confirm(session, user);
  if (code != UA_CLI_OK) {
    return code;
  }
  if (ua_operator_users_remove(session->connection, &address, &removal, &session->error) != UA_OK) {
    return ua_cli_fail("%s", session->error.text);
  }
  return session->json ? print_json(user, &removal) : print_lines(session, user, &removal);
}

static int run_delete(const ua_cli_arguments *arguments)
{
  return ua_admin_user_run(arguments, delete_user);
}

const ua_cli_command ua_admin_user_delete = {
    .name = "user delete",
    .synopsis = "[OPTIONS] EMAIL",
    .summary = "Removes a user for good",
    .details = delete_details,
    .example = "ann@example.org --yes",
    .options = delete_options,
    .positionals = 1,
    .run = run_delete,
};
