#include "admin/commands.h"
#include "admin/user_session.h"
#include "base/limits.h"
#include "service/users.h"

enum {
  OPTION_NAME = UA_ADMIN_SESSION_OPTIONS,
  OPTION_CUSTOMER,
  OPTION_ROLES,
  OPTION_INACTIVE,
  OPTION_PASSWORDS /* four rows */
};

static const ua_cli_option add_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    [OPTION_NAME] = {"--name", "NAME", "the person's name"},
    [OPTION_CUSTOMER] = {"--customer", "ID", "required if there are several customers"},
    [OPTION_ROLES] = {"--roles", "CODES", "roles to give, with commas between them"},
    [OPTION_INACTIVE] = {"--inactive", NULL, "the user may not log in yet"},
    UA_ADMIN_PASSWORD_OPTION_ROWS,
    {NULL, NULL, NULL},
};

static const char add_details[] =
    "No other user, of any customer, may have this email, whatever its case.\n" UA_ADMIN_PASSWORD_DETAILS;

/* Splits the codes of --roles, if they are given; the pieces live in the arena. */
static int read_roles(ua_admin_session *session, const char *given, ua_user_change *change)
{
  const char *codes[UA_MAX_ROLES];
  size_t count = 0;
  ua_text rest = ua_text_of(given);
  ua_text code;
  if (given == NULL) {
    return UA_CLI_OK;
  }
  while (ua_text_split(&rest, ',', &code)) {
    if (count == UA_MAX_ROLES) {
      return ua_cli_misused("user add: at most %d roles", UA_MAX_ROLES);
    }
    codes[count] = ua_arena_copy(session->arena, ua_text_trim(code)).data;
    if (codes[count++] == NULL) {
      return ua_cli_fail("out of memory");
    }
  }
  int32_t *role_ids = ua_arena_calloc(session->arena, count, sizeof *role_ids);
  if (role_ids == NULL) {
    return ua_cli_fail("out of memory");
  }
  change->roles = UA_ROLES_REPLACE;
  change->role_ids = role_ids;
  change->role_count = count;
  return ua_admin_user_roles(session, codes, count, role_ids);
}

/* Called before the program asks for a password. */
static int refuse_known_email(ua_admin_session *session, const char *email)
{
  ua_operator_user_address address;
  ua_status status = ua_operator_users_find(session->connection, email, NULL, &address, &session->error);
  if (status == UA_NOT_FOUND) {
    session->error.text[0] = '\0';
    return UA_CLI_OK;
  }
  return status == UA_OK ? ua_cli_fail("there is a user %s already", email)
                         : ua_admin_user_fail(session, status, NULL, email);
}

static int check_arguments(const ua_cli_arguments *arguments)
{
  const char *const *option = arguments->option;
  if (option[OPTION_NAME] == NULL) {
    return ua_cli_misused("user add: --name is missing");
  }
  int code = ua_admin_check_identifier("EMAIL", arguments->positional[0]);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = ua_admin_check_identifier("--name", option[OPTION_NAME]);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = ua_admin_check_id("--customer", option[OPTION_CUSTOMER]);
  return code == UA_CLI_OK ? ua_admin_user_password_check(arguments, OPTION_PASSWORDS) : code;
}

/* Registers the user with the password, and prints the result. */
static int register_user(const ua_cli_arguments *arguments, ua_admin_session *session, int32_t customer_id,
                         ua_user_change *change, const ua_cli_secret *password)
{
  ua_refusal refusal = {.message = UA_TEXT_ABSENT};
  ua_user user = {.id = 0};
  bool made_up = arguments->option[OPTION_PASSWORDS + UA_ADMIN_PASSWORD_GENERATE] != NULL;
  change->password = ua_cli_secret_text(password);
  const ua_scope scope = {.customer_id = customer_id,
                          .force = arguments->option[OPTION_PASSWORDS + UA_ADMIN_PASSWORD_FORCE] != NULL};
  ua_status status =
      ua_service_users_register(&session->service, session->arena, &scope, change, &user, &refusal);
  return status == UA_OK ? ua_admin_user_say_password(session, &user, "added", made_up ? password : NULL)
                         : ua_admin_user_fail(session, status, &refusal, arguments->positional[0]);
}

static int add(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  const char *email = arguments->positional[0];
  ua_user_change change = {.email = ua_text_of(email),
                           .name = ua_text_of(arguments->option[OPTION_NAME]),
                           .active = arguments->option[OPTION_INACTIVE] == NULL};
  ua_cli_secret password = {.given = false};
  int32_t customer_id;
  if (ua_operator_users_customer(session->connection, arguments->option[OPTION_CUSTOMER], &customer_id,
                                 &session->error) != UA_OK) {
    return ua_cli_fail("%s", session->error.text);
  }
  int code = read_roles(session, arguments->option[OPTION_ROLES], &change);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = refuse_known_email(session, email);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = ua_admin_user_password_read(arguments, OPTION_PASSWORDS, session, change.email, &password);
  if (code == UA_CLI_OK) {
    code = register_user(arguments, session, customer_id, &change, &password);
  }
  ua_cli_secret_wipe(&password);
  return code;
}

static int run_add(const ua_cli_arguments *arguments)
{
  int code = check_arguments(arguments);
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_SERVICE, add) : code;
}

const ua_cli_command ua_admin_user_add = {
    .name = "user add",
    .synopsis = "[OPTIONS] EMAIL",
    .summary = "Adds a user",
    .details = add_details,
    .example = "ann@example.org --name 'Ann Smith' --roles reader",
    .options = add_options,
    .required = 1,
    .positionals = 1,
    .run = run_add,
};
