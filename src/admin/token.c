#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "admin/commands.h"
#include "admin/session.h"
#include "base/clock.h"
#include "base/limits.h"
#include "operator/tokens.h"
#include "service/sessions.h"

enum { OPTION_LIFETIME = UA_ADMIN_SESSION_OPTIONS };
enum { OPTION_TOKEN_FILE = UA_ADMIN_SESSION_OPTIONS, OPTION_OFFLINE };
enum { MOST_LIFETIME_SECONDS = 315360000 }; /* USER_API_JWT_LIFETIME_SECONDS's */

static const ua_cli_option issue_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    [OPTION_LIFETIME] = {"--lifetime", "SECONDS", "how long it lasts [USER_API_JWT_LIFETIME_SECONDS]"},
    {NULL, NULL, NULL},
};

#define TOKEN_FILE_ROW {"--token-file", "FILE", "holds the token"}

static const ua_cli_option inspect_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    [OPTION_TOKEN_FILE] = TOKEN_FILE_ROW,
    [OPTION_OFFLINE] = {"--offline", NULL, "look at signature and time only, at no database"},
    {NULL, NULL, NULL},
};

static const ua_cli_option revoke_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    [OPTION_TOKEN_FILE] = TOKEN_FILE_ROW,
    {NULL, NULL, NULL},
};

#define SECRETS                                                                \
  "The JWT secrets come from the service's settings: USER_API_JWT_SECRET and " \
  "USER_API_JWT_PREVIOUS_SECRETS,\n"                                           \
  "their _FILEs, or --config.\n"

static const char issue_details[] =
    "Prints a token for the active user with that email, as a login would give it: for whoever was "
    "identified\n"
    "otherwise. It is worth a password: keep it from others.\n" SECRETS;

static const char inspect_details[] =
    "Tells what a token says and whether it counts now (exit code 0; 1 when not): whether it was signed by "
    "one\n"
    "of the secrets, and by which (1 is the one that signs), whether it has expired and, where a database "
    "is\n"
    "given, whether it was revoked, whether its user is there and active, and whether its epoch is the "
    "user's.\n"
    "The token is the argument, or in --token-file, or on standard input: everybody on the machine can read\n"
    "arguments until the program has started.\n" SECRETS;

static const char revoke_details[] =
    "Makes that one token worthless, as a logout does. May be repeated. The token is the argument, or in\n"
    "--token-file, or on standard input.\n" SECRETS;

/* --- what there is to say of a token --- */

enum {
  COLUMN_CLAIMS, /* first: as JSON they are no text, and written apart */
  COLUMN_COUNTS,
  COLUMN_SIGNED_BY,
  COLUMN_EXPIRED,
  COLUMN_EXPIRES,
  COLUMN_USER_EXISTS,
  COLUMN_USER_ACTIVE,
  COLUMN_EPOCH_CURRENT,
  COLUMN_REVOKED,
  COLUMNS
};

static const ua_cli_column columns[COLUMNS + 1] = {
    [COLUMN_CLAIMS] = {"claims", UA_CLI_TEXT, NULL},
    [COLUMN_COUNTS] = {"counts", UA_CLI_BOOLEAN, NULL},
    [COLUMN_SIGNED_BY] = {"signed_by_secret", UA_CLI_INTEGER, "none of those given"},
    [COLUMN_EXPIRED] = {"expired", UA_CLI_BOOLEAN, NULL},
    [COLUMN_EXPIRES] = {"expires", UA_CLI_TEXT, "never said"},
    [COLUMN_USER_EXISTS] = {"user_exists", UA_CLI_BOOLEAN, "not known"},
    [COLUMN_USER_ACTIVE] = {"user_active", UA_CLI_BOOLEAN, "not known"},
    [COLUMN_EPOCH_CURRENT] = {"epoch_current", UA_CLI_BOOLEAN, "not known"},
    [COLUMN_REVOKED] = {"revoked", UA_CLI_BOOLEAN, "not known"},
};

typedef struct token_report {
  ua_token_content content;
  bool asked; /* the database */
  ua_operator_token_state state;
} token_report;

static bool counts(const token_report *report)
{
  const ua_token_content *content = &report->content;
  const ua_operator_token_state *state = &report->state;
  return content->signed_by > 0 && content->is_session && content->is_in_time &&
         (!report->asked || (state->user_exists && state->user_active && !state->revoked &&
                             state->epoch == content->claims.user.epoch));
}

/* RFC 3339, or the bare seconds where there is no such day. */
static void write_time(int64_t seconds, char *out, size_t size)
{
  struct tm parts;
  time_t moment = (time_t)seconds;
  if (gmtime_r(&moment, &parts) == NULL || strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
    (void)snprintf(out, size, "%lld", (long long)seconds);
  }
}

/* {"claims":…, …}: the claims as they were signed, before what is said of them. */
static int print_with_claims(ua_admin_session *session, ua_text claims, ua_json_writer **writer)
{
  ua_text text;
  if (ua_json_finish(writer, session->arena, true, &text) != UA_OK) {
    return ua_cli_fail("out of memory");
  }
  (void)printf("{\"claims\":%.*s,%s", UA_TEXT_ARGS(claims), text.data + 1);
  return UA_CLI_OK;
}

static int print_report(ua_admin_session *session, const token_report *report)
{
  static const char *const words[] = {"f", "t"};
  const ua_token_content *content = &report->content;
  const ua_operator_token_state *state = &report->state;
  const char *values[COLUMNS] = {[COLUMN_COUNTS] = words[counts(report)],
                                 [COLUMN_CLAIMS] = content->payload.data,
                                 [COLUMN_EXPIRED] = words[!content->is_in_time]};
  char signed_by[16];
  char expires[32];
  (void)snprintf(signed_by, sizeof signed_by, "%zu", content->signed_by);
  write_time(content->expires_at, expires, sizeof expires);
  values[COLUMN_SIGNED_BY] = content->signed_by > 0 ? signed_by : NULL;
  values[COLUMN_EXPIRES] = content->has_expiry ? expires : NULL;
  if (report->asked) {
    values[COLUMN_USER_EXISTS] = words[state->user_exists];
    values[COLUMN_REVOKED] = words[state->revoked];
  }
  if (report->asked && state->user_exists) {
    values[COLUMN_USER_ACTIVE] = words[state->user_active];
    values[COLUMN_EPOCH_CURRENT] = words[state->epoch == content->claims.user.epoch];
  }
  if (!session->json) {
    return ua_cli_print_object(false, columns, values);
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_cli_write_members(writer, columns + 1, values + 1);
  ua_json_end(writer);
  return print_with_claims(session, content->payload, &writer);
}

/* --- where the token comes from --- */

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
  } else {
    line[strcspn(line, "\r\n")] = '\0';
    *token_r = ua_arena_copy(arena, ua_text_trim(ua_text_of(line)));
    code = token_r->data == NULL ? ua_cli_fail("out of memory") : UA_CLI_OK;
  }
  explicit_bzero(line, sizeof line);
  return code;
}

static int find_token(const ua_cli_arguments *arguments, ua_arena *arena, ua_text *token_r)
{
  const char *path = arguments->option[OPTION_TOKEN_FILE];
  int code = UA_CLI_OK;
  if (path != NULL && arguments->positional_count > 0) {
    return ua_cli_misused("%s: the token is given both as an argument and as a file",
                          arguments->command->name);
  }
  if (arguments->positional_count > 0) {
    *token_r = ua_text_of(arguments->positional[0]);
  } else if (path == NULL) {
    code = read_line(stdin, "standard input", arena, token_r);
  } else {
    FILE *file = fopen(path, "re");
    if (file == NULL) {
      return ua_cli_fail("cannot read %s: %s", path, strerror(errno));
    }
    code = read_line(file, path, arena, token_r);
    (void)fclose(file);
  }
  if (code == UA_CLI_OK && token_r->length == 0) {
    code = ua_cli_misused("%s: no token given", arguments->command->name);
  }
  return code;
}

static int read_token(const ua_cli_arguments *arguments, ua_admin_session *session, token_report *report_r)
{
  ua_text token = UA_TEXT_ABSENT;
  int code = find_token(arguments, session->arena, &token);
  if (code != UA_CLI_OK) {
    return code;
  }
  ua_status status = ua_auth_token_read(&session->service.secrets, session->arena, token,
                                        ua_clock_wall_seconds(), &report_r->content);
  return status == UA_OK ? UA_CLI_OK
                         : ua_cli_fail(status == UA_INVALID_TOKEN ? "that is no token" : "out of memory");
}

/* Asks the database, where there is one, about a token that has a user. */
static int ask_database(ua_admin_session *session, token_report *report)
{
  const ua_token_content *content = &report->content;
  if (session->connection == NULL || !content->is_session) {
    return UA_CLI_OK;
  }
  report->asked = true;
  ua_status status =
      ua_operator_token_state_get(session->connection, &content->claims.key, &report->state, &session->error);
  return status == UA_OK ? UA_CLI_OK : ua_admin_session_fail(session, status);
}

/* --- commands --- */

static int run_issue(const ua_cli_arguments *arguments)
{
  ua_admin_session session = {.json = false};
  ua_session issued;
  token_report report = {.asked = false};
  uint64_t lifetime = 0;
  const char *email = arguments->positional[0];
  const char *given = arguments->option[OPTION_LIFETIME];
  int code = ua_admin_check_string("the email", email, 1);
  if (code == UA_CLI_OK && given != NULL) {
    code = ua_admin_read_number("--lifetime", given, 1, MOST_LIFETIME_SECONDS, &lifetime);
  }
  if (code == UA_CLI_OK) {
    code = ua_admin_session_open(arguments, UA_ADMIN_NEEDS_SERVICE | UA_ADMIN_NEEDS_SECRETS, &session);
  }
  if (code == UA_CLI_OK) {
    session.service.token_lifetime_seconds =
        lifetime > 0 ? (int64_t)lifetime : session.service.token_lifetime_seconds;
    ua_status status = ua_service_sessions_trust(&session.service, session.arena, ua_text_of(email), &issued);
    if (status == UA_OK && session.json) {
      status = ua_auth_token_read(&session.service.secrets, session.arena, issued.token, 0, &report.content);
    }
    code = status == UA_OK ? UA_CLI_OK : ua_admin_session_fail(&session, status);
  }
  if (code == UA_CLI_OK && session.json) {
    ua_json_writer *writer = ua_json_writer_create();
    ua_json_begin_object(writer, NULL);
    ua_json_add_text(writer, "token", issued.token);
    ua_json_end(writer);
    code = print_with_claims(&session, report.content.payload, &writer);
  } else if (code == UA_CLI_OK) {
    (void)printf("%.*s\n", UA_TEXT_ARGS(issued.token));
  }
  ua_admin_session_close(&session);
  return code;
}

static int run_inspect(const ua_cli_arguments *arguments)
{
  ua_admin_session session = {.json = false};
  token_report report = {.asked = false};
  unsigned database = arguments->option[OPTION_OFFLINE] == NULL ? UA_ADMIN_DATABASE_IF_GIVEN : 0;
  int code = ua_admin_session_open(arguments, UA_ADMIN_NEEDS_SECRETS | database, &session);
  if (code == UA_CLI_OK) {
    code = read_token(arguments, &session, &report);
  }
  if (code == UA_CLI_OK) {
    code = ask_database(&session, &report);
  }
  if (code == UA_CLI_OK) {
    code = print_report(&session, &report);
  }
  if (code == UA_CLI_OK) {
    code = counts(&report) ? UA_CLI_OK : UA_CLI_FAILED;
  }
  ua_admin_session_close(&session);
  return code;
}

/* A token that was not signed here names nobody of ours; one that has expired is worthless already. */
static int revoke(ua_admin_session *session, const token_report *report)
{
  const ua_token_content *content = &report->content;
  if (content->signed_by == 0) {
    return ua_cli_fail("nothing was revoked: none of the secrets signed that token");
  }
  if (!content->is_session) {
    return ua_cli_fail("nothing was revoked: the token is no session's");
  }
  ua_status status = content->is_in_time
                         ? ua_service_sessions_logout(&session->service, session->arena, &content->claims)
                         : UA_OK;
  return status == UA_OK ? UA_CLI_OK : ua_admin_session_fail(session, status);
}

static int run_revoke(const ua_cli_arguments *arguments)
{
  ua_admin_session session = {.json = false};
  token_report report = {.asked = false};
  int code = ua_admin_session_open(arguments, UA_ADMIN_NEEDS_SERVICE | UA_ADMIN_NEEDS_SECRETS, &session);
  if (code == UA_CLI_OK) {
    code = read_token(arguments, &session, &report);
  }
  if (code == UA_CLI_OK) {
    code = revoke(&session, &report);
  }
  if (code == UA_CLI_OK) {
    code = ask_database(&session, &report);
  }
  if (code == UA_CLI_OK) {
    code = print_report(&session, &report);
  }
  ua_admin_session_close(&session);
  return code;
}

const ua_cli_command ua_admin_token_issue = {
    .name = "token issue",
    .synopsis = "[OPTIONS] EMAIL",
    .summary = "Prints a token for a user, without a password",
    .details = issue_details,
    .options = issue_options,
    .required = 1,
    .positionals = 1,
    .run = run_issue,
};

const ua_cli_command ua_admin_token_inspect = {
    .name = "token inspect",
    .synopsis = "[OPTIONS] [TOKEN]",
    .summary = "Tells what a token says, and whether it counts",
    .details = inspect_details,
    .options = inspect_options,
    .positionals = 1,
    .run = run_inspect,
};

const ua_cli_command ua_admin_token_revoke = {
    .name = "token revoke",
    .synopsis = "[OPTIONS] [TOKEN]",
    .summary = "Makes a token worthless",
    .details = revoke_details,
    .options = revoke_options,
    .positionals = 1,
    .run = run_revoke,
};
