#include <stdio.h>

#include "admin/commands.h"
#include "admin/user_session.h"
#include "cli/terminal.h"

enum { OPTION_YES = UA_ADMIN_USER_OPTIONS, OPTION_FORCE };

static const ua_cli_option delete_options[] = {
    UA_ADMIN_USER_OPTION_ROWS,
    [OPTION_YES] = {"--yes", NULL, "do not ask; required without a terminal"},
    [OPTION_FORCE] = UA_ADMIN_FORCE_OPTION_ROW,
    {NULL, NULL, NULL},
};

static const char delete_details[] =
    "Removes the user, the user's roles and the records of the user's tokens, in one\n"
    "transaction. The sessions end at once. To end the access but keep the user, run\n"
    "user deactivate.\n" UA_ADMIN_FORCE_DETAILS;

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
    return ua_cli_misused("user delete: %s: add --yes to confirm", session->error.text);
  }
  return yes ? UA_CLI_OK : ua_cli_fail("nothing was deleted");
}

static int print_json(const ua_user *user)
{
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_admin_user_write(writer, "deleted", user);
  ua_json_add_integer(writer, "roles", (int64_t)user->role_count);
  ua_json_end(writer);
  return ua_cli_print_json(&writer);
}

static int print_line(ua_admin_session *session, const ua_user *user)
{
  char what[64];
  (void)snprintf(what, sizeof what, "deleted, with %zu role%s", user->role_count,
                 user->role_count == 1 ? "" : "s");
  return ua_admin_user_say(session, user, what);
}

/* Also names the constraint that refers to the user: only the owner of that table knows what to do. */
static int fail(ua_admin_session *session, ua_status status, const ua_refusal *refusal)
{
  const ua_db_refusal *failure = ua_store_db_failure(session->service.db);
  return status == UA_CONFLICT && failure->constraint[0] != '\0'
             ? ua_cli_fail("nothing was deleted: rows of another table refer to the user (constraint %s)",
                           failure->constraint)
             : ua_admin_user_fail(session, status, refusal, NULL);
}

static int delete_user(const ua_cli_arguments *arguments, ua_admin_session *session, ua_user *user)
{
  const ua_scope scope = {.customer_id = user->customer_id, .force = arguments->option[OPTION_FORCE] != NULL};
  ua_refusal refusal = {.message = UA_TEXT_ABSENT};
  int code = ua_admin_user_check_last_admin(session, scope.force, user);
  if (code == UA_CLI_OK && arguments->option[OPTION_YES] == NULL) {
    code = confirm(session, user);
  }
  if (code != UA_CLI_OK) {
    return code;
  }
  ua_status status =
      ua_service_users_delete(&session->service, session->arena, &scope, user->id, NULL, user, &refusal);
  if (status != UA_OK) {
    return fail(session, status, &refusal);
  }
  return session->json ? print_json(user) : print_line(session, user);
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
