#include "operator/throttle.h"

#include <stdio.h>
#include <string.h>

#include "admin/commands.h"
#include "admin/session.h"
#include "auth/digest.h"
#include "base/address.h"

/* The options of both commands, after the common ones. */
enum { OPTION_EMAIL = UA_ADMIN_SESSION_OPTIONS, OPTION_ADDRESS, OPTION_DIGEST, OPTION_ALL, OPTION_LIMIT };

enum { LEAST_DIGITS = 4, MOST_DIGITS = 2 * UA_SHA256_BYTES };

#define CHOICE_ROWS                                                               \
  [OPTION_EMAIL] = {"--email", "EMAIL", "the account of this user, and devices"}, \
  [OPTION_ADDRESS] = {"--address", "ADDRESS", "this address; for IPv6, its /64"}, \
  [OPTION_DIGEST] = {"--digest", "DIGITS", "the counter whose digest begins with this"}

static const ua_cli_option list_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    CHOICE_ROWS,
    [OPTION_ALL] = {"--all", NULL, "also failures below the limit"},
    [OPTION_LIMIT] = {"--limit", "N", "at most N, instead of all"},
    {NULL, NULL, NULL},
};

static const ua_cli_option lift_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    CHOICE_ROWS,
    [OPTION_ALL] = {"--all", NULL, "all counters"},
    {NULL, NULL, NULL},
};

#define RULES                                                                      \
  "The service counts failed logins by account, by address, and by device: a\n"    \
  "browser that has logged in to the account before. A counter that reaches its\n" \
  "limit blocks until its window ends: further logins are answered 429.\n"

static const char list_details[] = RULES
    "Lists the blocks that are in force, those that end last first. The digest is the\n"
    "one in the service's log. `unknown email` means that no user has the email with\n"
    "which the logins failed: the database does not store it.\n";

static const char lift_details[] = RULES
    "Removes counters. Counting then begins again. Give one of --email, --address,\n"
    "--digest and --all. --email does not lift the block of the address from which\n"
    "the user tried. To find failures from before the user was registered, it needs\n"
    "the JWT secret in the service's settings.\n";

/* The columns of the JSON output, */
static const ua_cli_column json_columns[] = {
    [UA_OPERATOR_THROTTLE_EMAIL] = {"email", UA_CLI_TEXT, NULL},
    [UA_OPERATOR_THROTTLE_ADDRESS] = {"address", UA_CLI_TEXT, NULL},
    [UA_OPERATOR_THROTTLE_USER_ID] = {"user_id", UA_CLI_INTEGER, NULL},
    [UA_OPERATOR_THROTTLE_BLOCKED] = {"blocked", UA_CLI_BOOLEAN, NULL},
    [UA_OPERATOR_THROTTLE_KIND] = {"kind", UA_CLI_TEXT, NULL},
    [UA_OPERATOR_THROTTLE_FAILURES] = {"failures", UA_CLI_INTEGER, NULL},
    [UA_OPERATOR_THROTTLE_LIMIT] = {"limit", UA_CLI_INTEGER, NULL},
    [UA_OPERATOR_THROTTLE_UNTIL] = {"until", UA_CLI_TEXT, NULL},
    [UA_OPERATOR_THROTTLE_DIGEST] = {"digest", UA_CLI_TEXT, NULL},
    {NULL, UA_CLI_TEXT, NULL},
};

/* and of the table: the columns from UA_OPERATOR_THROTTLE_KIND on, in the same order. */
static const ua_cli_column columns[] = {
    {"kind", UA_CLI_TEXT, NULL},  {"failures", UA_CLI_INTEGER, NULL}, {"limit", UA_CLI_INTEGER, NULL},
    {"until", UA_CLI_TEXT, NULL}, {"digest", UA_CLI_TEXT, NULL},      {"whom", UA_CLI_TEXT, NULL},
    {NULL, UA_CLI_TEXT, NULL},
};

static const ua_cli_column lift_columns[] = {
    [UA_OPERATOR_THROTTLE_BLOCKS] = {"blocks", UA_CLI_INTEGER, NULL},
    [UA_OPERATOR_THROTTLE_COUNTERS] = {"counters", UA_CLI_INTEGER, NULL},
    {NULL, UA_CLI_TEXT, NULL},
};

/* --- which counters --- */

/* Also reads the form that `throttle list` prints: "2001:db8:1:2::/64". */
static bool read_address(const char *given, ua_address *address_r)
{
  static const char mask[] = "/64";
  ua_text text = ua_text_of(given);
  bool masked = text.length > strlen(mask) && strcmp(given + text.length - strlen(mask), mask) == 0;
  if (masked) {
    text.length -= strlen(mask);
  }
  ua_address_read(text, address_r);
  /* The service counts IPv4 addresses one by one: no mask. */
  return address_r->text[0] != '\0' && (!masked || strchr(address_r->text, ':') != NULL);
}

static bool is_digest(const char *given)
{
  size_t length = strlen(given);
  return length >= LEAST_DIGITS && length <= MOST_DIGITS && strspn(given, "0123456789abcdefABCDEF") == length;
}

/* At most one option is given, or exactly one if it is `needed`. */
static int check_choice(const ua_cli_arguments *arguments, int last, bool needed)
{
  int given = 0;
  const char *name = arguments->command->name;
  for (int i = OPTION_EMAIL; i <= last; i++) {
    given += arguments->option[i] != NULL;
  }
  if (given > 1) {
    return ua_cli_misused("%s: --email, --address%s --digest%s exclude each other", name,
                          needed ? "," : " and", needed ? " and --all" : "");
  }
  return given == 0 && needed
             ? ua_cli_misused("%s: which ones? Give --email, --address, --digest or --all", name)
             : UA_CLI_OK;
}

static int check(const ua_cli_arguments *arguments, int last, bool needed)
{
  ua_address address;
  const char *const *option = arguments->option;
  int code = check_choice(arguments, last, needed);
  if (code == UA_CLI_OK) {
    code = ua_admin_check_string("--email", option[OPTION_EMAIL], 1);
  }
  if (code != UA_CLI_OK) {
    return code;
  }
  if (option[OPTION_ADDRESS] != NULL && !read_address(option[OPTION_ADDRESS], &address)) {
    return ua_cli_misused("--address has to be an IPv4 or IPv6 address");
  }
  return option[OPTION_DIGEST] == NULL || is_digest(option[OPTION_DIGEST])
             ? UA_CLI_OK
             : ua_cli_misused("--digest has to be %d to %d hexadecimal digits", (int)LEAST_DIGITS,
                              (int)MOST_DIGITS);
}

/* What the options name, for the operator's SQL. */
typedef struct choice {
  ua_operator_throttle_filter filter;
  ua_address address;
  char account_digest[MOST_DIGITS + 1];
} choice;

/* The digest by which the service counts the account, also if the user did not exist yet. Needs the JWT
 * secret. */
static int choose_account(const ua_admin_session *session, const char *folded_email, choice *chosen)
{
  unsigned char digest[UA_SHA256_BYTES];
  if (session->service.secrets.count == 0) {
    return UA_CLI_OK;
  }
  if (!ua_auth_digest(&session->service.secrets, UA_DIGEST_OF_ACCOUNT, ua_text_of(folded_email), digest)) {
    return ua_cli_fail("OpenSSL cannot make a digest of the email");
  }
  ua_text_hex(digest, sizeof digest, chosen->account_digest);
  chosen->filter.account_digest = chosen->account_digest;
  return UA_CLI_OK;
}

static int choose_user(ua_admin_session *session, const char *email, choice *chosen)
{
  ua_admin_row row = {.arena = session->arena, .columns = UA_OPERATOR_THROTTLE_USER_COLUMNS};
  ua_status status =
      ua_operator_throttle_user(session->connection, email, ua_admin_row_keep, &row, &session->error);
  if (status != UA_OK) {
    return ua_admin_session_fail(session, status);
  }
  if (!row.found) {
    return ua_cli_fail("there is no user %s", email);
  }
  chosen->filter.user_id = row.value[UA_OPERATOR_THROTTLE_ID];
  return choose_account(session, row.value[UA_OPERATOR_THROTTLE_FOLDED_EMAIL], chosen);
}

static int choose(const ua_cli_arguments *arguments, ua_admin_session *session, choice *chosen)
{
  const char *const *option = arguments->option;
  chosen->filter = (ua_operator_throttle_filter){.digest = option[OPTION_DIGEST]};
  if (option[OPTION_ADDRESS] != NULL && read_address(option[OPTION_ADDRESS], &chosen->address)) {
    chosen->filter.address = chosen->address.text;
  }
  return option[OPTION_EMAIL] == NULL ? UA_CLI_OK : choose_user(session, option[OPTION_EMAIL], chosen);
}

/* --- list --- */

static ua_status print_for_people(void *list, const char *const *values)
{
  return ua_cli_list_row(list, values + UA_OPERATOR_THROTTLE_KIND);
}

static int list_counters(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  choice chosen;
  bool all = arguments->option[OPTION_ALL] != NULL;
  int code = choose(arguments, session, &chosen);
  if (code != UA_CLI_OK) {
    return code;
  }
  ua_status status = UA_INTERNAL;
  ua_cli_list *list = ua_cli_list_begin(session->json, "counters", session->json ? json_columns : columns);
  if (list != NULL) {
    status =
        ua_operator_throttle_list(session->connection, &chosen.filter, all, arguments->option[OPTION_LIMIT],
                                  session->json ? ua_cli_list_row : print_for_people, list, &session->error);
  }
  return ua_cli_list_end(&list, status, &session->error);
}

static int run_list(const ua_cli_arguments *arguments)
{
  uint64_t limit;
  int code = check(arguments, OPTION_DIGEST, false);
  if (code == UA_CLI_OK) {
    code = ua_admin_read_number("--limit", arguments->option[OPTION_LIMIT], 0, INT32_MAX, &limit);
  }
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_DATABASE, list_counters) : code;
}

/* --- lift --- */

static int print_lifted(const ua_admin_session *session, const char *const *values)
{
  const char *blocks = values[UA_OPERATOR_THROTTLE_BLOCKS];
  const char *counters = values[UA_OPERATOR_THROTTLE_COUNTERS];
  if (session->json) {
    return ua_cli_print_object(true, lift_columns, values);
  }
  if (strcmp(counters, "0") == 0) {
    (void)printf("nothing to lift\n");
  } else {
    (void)printf("%s block%s lifted, %s counter%s removed\n", blocks, strcmp(blocks, "1") == 0 ? "" : "s",
                 counters, strcmp(counters, "1") == 0 ? "" : "s");
  }
  return fflush(stdout) == 0 ? UA_CLI_OK : ua_cli_fail("cannot write to standard output");
}

static int lift(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  choice chosen;
  ua_admin_row row = {.arena = session->arena, .columns = UA_OPERATOR_THROTTLE_LIFT_COLUMNS};
  int code = choose(arguments, session, &chosen);
  if (code != UA_CLI_OK) {
    return code;
  }
  ua_status status = ua_operator_throttle_lift(session->connection, &chosen.filter, ua_admin_row_keep, &row,
                                               &session->error);
  if (status != UA_OK) {
    return ua_admin_session_fail(session, status);
  }
  return row.value[UA_OPERATOR_THROTTLE_AMBIGUOUS][0] == 't'
             ? ua_cli_fail("nothing was lifted: several digests begin with %s: give more digits",
                           chosen.filter.digest)
             : print_lifted(session, row.value);
}

static int run_lift(const ua_cli_arguments *arguments)
{
  int code = check(arguments, OPTION_ALL, true);
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_DATABASE, lift) : code;
}

const ua_cli_command ua_admin_throttle_list = {
    .name = "throttle list",
    .synopsis = "[OPTIONS]",
    .summary = "Lists blocks after failed logins",
    .details = list_details,
    .example = "--email ann@example.org --all",
    .options = list_options,
    .run = run_list,
};

const ua_cli_command ua_admin_throttle_lift = {
    .name = "throttle lift",
    .synopsis = "[OPTIONS]",
    .summary = "Lifts blocks after failed logins",
    .details = lift_details,
    .example = "--address 203.0.113.9",
    .options = lift_options,
    .run = run_lift,
};
