#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "admin/commands.h"
#include "admin/token_report.h"
#include "base/clock.h"
#include "base/limits.h"
#include "service/sessions.h"

enum { OPTION_LIFETIME = UA_ADMIN_SESSION_OPTIONS };
enum { OPTION_TOKEN_FILE = UA_ADMIN_SESSION_OPTIONS, OPTION_OFFLINE };
enum { MOST_LIFETIME_SECONDS = 315360000 }; /* USER_API_JWT_LIFETIME_SECONDS's */

static const ua_cli_option issue_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    [OPTION_LIFETIME] = {"--lifetime", "SECONDS", "lifetime [USER_API_JWT_LIFETIME_SECONDS]"},
    {NULL, NULL, NULL},
};

#define TOKEN_FILE_ROW {"--token-file", "FILE", "holds the token"}

static const ua_cli_option inspect_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    [OPTION_TOKEN_FILE] = TOKEN_FILE_ROW,
    [OPTION_OFFLINE] = {"--offline", NULL, "check signature and time, not the database"},
    {NULL, NULL, NULL},
};

static const ua_cli_option revoke_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    [OPTION_TOKEN_FILE] = TOKEN_FILE_ROW,
    {NULL, NULL, NULL},
};

#define SECRETS                                         \
  "The JWT secrets come from USER_API_JWT_SECRET and\n" \
  "USER_API_JWT_PREVIOUS_SECRETS, their _FILEs, or --config.\n"

static const char issue_details[] =
    "Prints a token for the active user with that email, as a login would. Use it for\n"
    "a person whom you have identified in another way. Protect it like a password.\n" SECRETS;

static const char inspect_details[] =
    "Shows what a token contains and whether it is valid now (exit code 0; 1 if not):\n"
    "which of the secrets signed it (1 is the one that signs new tokens), and whether\n"
    "it has expired. With a database it also shows whether the token was revoked,\n"
    "whether its user exists and is active, and whether its epoch is the user's. The\n"
    "token is the argument, or in --token-file, or on standard input. All users of\n"
    "the machine can read arguments until the program has started.\n" SECRETS;

static const char revoke_details[] =
    "Makes this one token invalid, as a logout does. You may run it again. The token\n"
    "is the argument, or in --token-file, or on standard input.\n" SECRETS;

/* The first line of `file`, without the blanks around it. */
static int read_line(FILE *file, const char *name, ua_arena *arena, ua_text *token_r)
{
  char line[UA_MAX_TOKEN_BYTES + 3];
  int code = UA_CLI_OK;
  if (fgets(line, sizeof line, file) == NULL) {
    line[0] = '\0';
  }
  if (ferror(file) != 0) {
    code = ua_cli_fail("cannot read %s: %s", name, strerror(errno));
    goto done;
  }
  line[strcspn(line, "\r\n")] = '\0';
  *token_r = ua_arena_copy(arena, ua_text_trim(ua_text_of(line)));
  if (token_r->data == NULL) {
    code = ua_cli_fail("out of memory");
  }
done:
  explicit_bzero(line, sizeof line);
  return code;
}

static int read_file(const char *path, ua_arena *arena, ua_text *token_r)
{
  FILE *file = fopen(path, "re");
  if (file == NULL) {
    return ua_cli_fail("cannot read %s: %s", path, strerror(errno));
  }
  int code = read_line(file, path, arena, token_r);
  (void)fclose(file);
  return code;
}

/* The token is the argument, the first line of --token-file, or that of standard input. */
static int find_token(const ua_cli_arguments *arguments, ua_arena *arena, ua_text *token_r)
{
  const char *argument = arguments->positional[0];
  const char *path = arguments->option[OPTION_TOKEN_FILE];
  int code = UA_CLI_OK;
  if (path != NULL && argument != NULL) {
    return ua_cli_misused("%s: the token is given both as an argument and as a file",
                          arguments->command->name);
  }
  if (argument != NULL) {
    *token_r = ua_text_of(argument);
  } else if (path != NULL) {
    code = read_file(path, arena, token_r);
  } else {
    code = read_line(stdin, "standard input", arena, token_r);
  }
  if (code == UA_CLI_OK && token_r->length == 0) {
    code = ua_cli_misused("%s: no token given", arguments->command->name);
  }
  return code;
}

static int read_token(const ua_cli_arguments *arguments, ua_admin_session *session,
                      ua_admin_token_report *report_r)
{
  ua_text token = UA_TEXT_ABSENT;
  int code = find_token(arguments, session->arena, &token);
  if (code != UA_CLI_OK) {
    return code;
  }
  ua_status status = ua_auth_token_read(&session->service.secrets, session->arena, token,
                                        ua_clock_wall_seconds(), &report_r->content);
  return status == UA_OK ? UA_CLI_OK
                         : ua_cli_fail(status == UA_INVALID_TOKEN ? "this is not a token" : "out of memory");
}

/* Asks the database, if there is one, about a token that has a user. */
static int ask_database(ua_admin_session *session, ua_admin_token_report *report)
{
  const ua_token_content *content = &report->content;
  if (session->connection == NULL || !content->is_session) {
    return UA_CLI_OK;
  }
  report->asked = true;
  ua_status status = ua_operator_token_state_get(session->connection, &content->claims.key,
                                                 content->claims.expires_at, &report->state, &session->error);
  return status == UA_OK ? UA_CLI_OK : ua_admin_session_fail(session, status);
}

static int print_issued(const ua_admin_session *session, ua_text token)
{
  ua_token_content content;
  if (!session->json) {
    (void)printf("%.*s\n", UA_TEXT_ARGS(token));
    return UA_CLI_OK;
  }
  ua_status status = ua_auth_token_read(&session->service.secrets, session->arena, token, 0, &content);
  if (status != UA_OK) {
    return ua_admin_session_fail(session, status);
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_json_add_text(writer, "token", token);
  ua_json_end(writer);
  return ua_admin_token_print_with_claims(session, content.payload, &writer);
}

static int issue(ua_admin_session *session, const char *email)
{
  ua_session issued;
  ua_status status = ua_service_sessions_trust(&session->service, session->arena, ua_text_of(email), &issued);
  return status == UA_OK ? print_issued(session, issued.token) : ua_admin_session_fail(session, status);
}

static int run_issue(const ua_cli_arguments *arguments)
{
  ua_admin_session session;
  uint64_t lifetime = 0;
  const char *email = arguments->positional[0];
  int code = ua_admin_check_string("the email", email, 1);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = ua_admin_read_number("--lifetime", arguments->option[OPTION_LIFETIME], 1, MOST_LIFETIME_SECONDS,
                              &lifetime);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = ua_admin_session_open(arguments, UA_ADMIN_NEEDS_SERVICE | UA_ADMIN_NEEDS_SECRETS, &session);
  if (code == UA_CLI_OK) {
    if (lifetime > 0) {
      session.service.token_lifetime_seconds = (int64_t)lifetime;
    }
    code = issue(&session, email);
  }
  ua_admin_session_close(&session);
  return code;
}

static int inspect(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  ua_admin_token_report report = {.asked = false};
  int code = read_token(arguments, session, &report);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = ask_database(session, &report);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = ua_admin_token_print_report(session, &report);
  return code == UA_CLI_OK && !ua_admin_token_counts(&report) ? UA_CLI_FAILED : code;
}

static int run_inspect(const ua_cli_arguments *arguments)
{
  unsigned database = arguments->option[OPTION_OFFLINE] == NULL ? UA_ADMIN_DATABASE_IF_GIVEN : 0;
  return ua_admin_session_run(arguments, UA_ADMIN_NEEDS_SECRETS | database, inspect);
}

/* A token that none of our secrets signed names none of our users. One that has expired by this machine's
 * clock may still be valid on others. */
static int revoke_token(ua_admin_session *session, const ua_token_content *content)
{
  if (content->signed_by == 0) {
    return ua_cli_fail("nothing was revoked: none of the secrets signed that token");
  }
  if (!content->is_session) {
    return ua_cli_fail("nothing was revoked: the token does not belong to a session");
  }
  ua_status status = ua_service_sessions_logout(&session->service, session->arena, &content->claims);
  return status == UA_OK ? UA_CLI_OK : ua_admin_session_fail(session, status);
}

static int revoke(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  ua_admin_token_report report = {.asked = false};
  int code = read_token(arguments, session, &report);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = revoke_token(session, &report.content);
  if (code != UA_CLI_OK) {
    return code;
  }
  /* Asks after the revocation: the report shows that the token is revoked. */
  code = ask_database(session, &report);
  return code == UA_CLI_OK ? ua_admin_token_print_report(session, &report) : code;
}

static int run_revoke(const ua_cli_arguments *arguments)
{
  return ua_admin_session_run(arguments, UA_ADMIN_NEEDS_SERVICE | UA_ADMIN_NEEDS_SECRETS, revoke);
}

const ua_cli_command ua_admin_token_issue = {
    .name = "token issue",
    .synopsis = "[OPTIONS] EMAIL",
    .summary = "Prints a token for a user, without a password",
    .details = issue_details,
    .example = "ann@example.org --lifetime 600",
    .options = issue_options,
    .required = 1,
    .positionals = 1,
    .run = run_issue,
};

const ua_cli_command ua_admin_token_inspect = {
    .name = "token inspect",
    .synopsis = "[OPTIONS] [TOKEN]",
    .summary = "Shows what a token contains, and whether it is valid",
    .details = inspect_details,
    .example = "--token-file /root/token --offline",
    .options = inspect_options,
    .positionals = 1,
    .run = run_inspect,
};

const ua_cli_command ua_admin_token_revoke = {
    .name = "token revoke",
    .synopsis = "[OPTIONS] [TOKEN]",
    .summary = "Makes a token invalid",
    .details = revoke_details,
    .example = "--token-file /root/token",
    .options = revoke_options,
    .positionals = 1,
    .run = run_revoke,
};
