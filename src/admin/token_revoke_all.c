#include "admin/commands.h"
#include "admin/session.h"
#include "cli/terminal.h"
#include "operator/tokens.h"

enum { OPTION_YES = UA_ADMIN_SESSION_OPTIONS, OPTION_DRY_RUN };

static const ua_cli_option options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    [OPTION_YES] = {"--yes", NULL, "do not ask; required without a terminal"},
    [OPTION_DRY_RUN] = {"--dry-run", NULL, "do everything, then undo it"},
    {NULL, NULL, NULL},
};

static const char details[] =
    "Ends all sessions of all users, in one transaction. Run it after you have\n"
    "restored a backup, before the service starts: tokens that were ended since the\n"
    "backup would be valid again. It also skips 100000 ids or more, so that new users\n"
    "do not get the ids, and with them the sessions, of users who were registered\n"
    "after the backup. Connect as the owner of the tables.\n";

enum { COLUMN_REVOKED, COLUMNS_BEFORE };

static const ua_cli_column columns[] = {
    [COLUMN_REVOKED] = {"revoked", UA_CLI_BOOLEAN, NULL},
    [COLUMNS_BEFORE + UA_OPERATOR_TOKENS_USERS] = {"users", UA_CLI_INTEGER, NULL},
    [COLUMNS_BEFORE + UA_OPERATOR_TOKENS_NEXT_ID] = {"next_id", UA_CLI_INTEGER, NULL},
    {NULL, UA_CLI_TEXT, NULL},
};

static int confirm(ua_admin_session *session)
{
  bool yes = false;
  if (ua_cli_terminal_confirm("End all sessions of all users?", &yes, &session->error) != UA_OK) {
    return ua_cli_misused("token revoke-all: %s: add --yes to confirm", session->error.text);
  }
  return yes ? UA_CLI_OK : ua_cli_fail("nothing was revoked");
}

/* One transaction, which is rolled back unless it is to be committed. */
static ua_status end_all(ua_admin_session *session, bool stay, ua_admin_row *row)
{
  ua_operator_connection *connection = session->connection;
  ua_status status = ua_operator_connection_begin(connection, &session->error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_operator_tokens_revoke_all(connection, ua_admin_row_keep, row, &session->error);
  if (status == UA_OK && stay) {
    return ua_operator_connection_commit(connection, &session->error);
  }
  ua_operator_connection_rollback(connection);
  return status;
}

static int revoke_all(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  bool stay = arguments->option[OPTION_DRY_RUN] == NULL;
  ua_admin_row row = {.arena = session->arena, .columns = UA_OPERATOR_TOKENS_COLUMNS};
  int code = stay && arguments->option[OPTION_YES] == NULL ? confirm(session) : UA_CLI_OK;
  if (code != UA_CLI_OK) {
    return code;
  }
  ua_status status = end_all(session, stay, &row);
  if (status != UA_OK) {
    return ua_admin_session_fail(session, status);
  }
  const char *const values[] = {stay ? "t" : "f", row.value[UA_OPERATOR_TOKENS_USERS],
                                row.value[UA_OPERATOR_TOKENS_NEXT_ID]};
  return ua_cli_print_object(session->json, columns, values);
}

static int run_revoke_all(const ua_cli_arguments *arguments)
{
  return ua_admin_session_run(arguments, UA_ADMIN_NEEDS_DATABASE, revoke_all);
}

const ua_cli_command ua_admin_token_revoke_all = {
    .name = "token revoke-all",
    .synopsis = "[OPTIONS]",
    .summary = "Ends all sessions of all users",
    .details = details,
    .example = "--database-url postgresql://postgres@/user_api",
    .options = options,
    .run = run_revoke_all,
};
