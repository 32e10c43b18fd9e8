#include "admin/user_session.h"

#include <string.h>

#include "base/limits.h"
#include "cli/terminal.h"
#include "service/password_rules.h"
#include "service/permissions.h"
#include "store/users.h"

enum { GENERATED_BYTES = 24 /* 144 bits */ };

static int check_name(const ua_cli_arguments *arguments)
{
  const ua_cli_command *command = arguments->command;
  const char *id = arguments->option[UA_ADMIN_USER_ID];
  if (id == NULL && arguments->positional_count == 0) {
    return ua_cli_misused("%s: which user? Give an EMAIL, or --id", command->name);
  }
  /* After the user, `grant` and `revoke` take roles, and the other commands nothing. */
  size_t others = arguments->positional_count - (id == NULL);
  if (command->positionals == 1 && others > 0) {
    return ua_cli_misused("%s: give either EMAIL or --id, not both", command->name);
  }
  if (command->positionals > 1 && others == 0) {
    return ua_cli_misused("%s: which role?", command->name);
  }
  return id != NULL ? ua_admin_check_id("--id", id)
                    : ua_admin_check_string("EMAIL", arguments->positional[0], 1);
}

static int read_user(const ua_cli_arguments *arguments, ua_admin_session *session, ua_user *user_r)
{
  ua_operator_user_address address;
  const char *id = arguments->option[UA_ADMIN_USER_ID];
  const char *email = id == NULL ? arguments->positional[0] : NULL;
  ua_status status = ua_operator_users_find(session->connection, email, id, &address, &session->error);
  if (status == UA_OK) {
    status = ua_store_users_get(session->service.db, session->arena, address.customer_id, address.id, user_r);
  }
  return status == UA_OK ? UA_CLI_OK : ua_admin_user_fail(session, status, NULL, NULL);
}

int ua_admin_user_run(const ua_cli_arguments *arguments, ua_admin_user_fn *work)
{
  ua_admin_session session;
  ua_user user = {.id = 0};
  int code = check_name(arguments);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = ua_admin_session_open(arguments, UA_ADMIN_NEEDS_SERVICE, &session);
  if (code == UA_CLI_OK) {
    code = read_user(arguments, &session, &user);
  }
  if (code == UA_CLI_OK) {
    code = work(arguments, &session, &user);
  }
  ua_admin_session_close(&session);
  return code;
}

int ua_admin_user_roles(ua_admin_session *session, const char *const *codes, size_t count,
                        int32_t *role_ids_r)
{
  for (size_t i = 0; i < count; i++) {
    int code = ua_admin_check_string("a role's code", codes[i], 1);
    if (code != UA_CLI_OK) {
      return code;
    }
    if (ua_operator_users_role(session->connection, codes[i], &role_ids_r[i], &session->error) != UA_OK) {
      return ua_cli_fail("%s", session->error.text);
    }
  }
  return UA_CLI_OK;
}

static int refuse_last_admin(void)
{
  return ua_cli_fail(
      "this user is the customer's last active user with the role admin: add --force to do it anyway");
}

/* Reports the first violation only: a command line sets few fields at a time. */
static int fail_wrong(const ua_refusal *refusal)
{
  const ua_violation *violation = &refusal->violations.list[0];
  if (ua_text_equal(violation->sentence, UA_TEXT(UA_PASSWORD_TOO_COMMON))) {
    return ua_cli_fail("the password is too common: choose another, or add --force to set it anyway");
  }
  return ua_cli_fail("nothing was changed: the %.*s: %.*s", UA_TEXT_ARGS(violation->field),
                     UA_TEXT_ARGS(violation->sentence));
}

int ua_admin_user_fail(ua_admin_session *session, ua_status status, const ua_refusal *refusal,
                       const char *email)
{
  ua_violated violated = ua_store_db_failure(session->service.db)->meaning.violated;
  if (session->error.text[0] == '\0' && violated == UA_VIOLATED_EMAIL && email != NULL) {
    return ua_cli_fail("there is a user %s already", email);
  }
  if (refusal != NULL && refusal->defect != NULL) {
    return ua_cli_fail("nothing was changed: %s", refusal->defect);
  }
  if (status == UA_WRONG_DOCUMENT && refusal != NULL && refusal->violations.count > 0) {
    return fail_wrong(refusal);
  }
  if (status != UA_CONFLICT || refusal == NULL || refusal->message.length == 0) {
    return ua_admin_session_fail(session, status);
  }
  return ua_text_equal(refusal->message, UA_TEXT(UA_LAST_ADMIN_STAYS))
             ? refuse_last_admin()
             : ua_cli_fail("%.*s", UA_TEXT_ARGS(refusal->message));
}

static bool is_last_admin(ua_admin_session *session, const ua_user *user)
{
  bool has_other = true;
  return ua_service_permissions_is_admin(user) &&
         ua_store_users_has_other_admin(session->service.db, user->customer_id, user->id, &has_other) ==
             UA_OK &&
         !has_other;
}

static void warn_of_last_admin(const ua_user *user)
{
  ua_cli_warn("this leaves customer %ld without any active user who has the role admin",
              (long)user->customer_id);
}

int ua_admin_user_change(ua_admin_session *session, const ua_user_change *change, bool force, ua_user *user)
{
  ua_refusal refusal = {.message = UA_TEXT_ABSENT};
  ua_session own; /* unused: there is no logged-in caller */
  const ua_scope scope = {.customer_id = user->customer_id, .force = force};
  bool was_last = force && is_last_admin(session, user);
  ua_status status = ua_service_users_change(&session->service, session->arena, &scope, user->id, change,
                                             NULL, user, &own, &refusal);
  if (status == UA_BAD_REQUEST) {
    return ua_cli_fail("a user can have %d roles at most", UA_MAX_ROLES);
  }
  if (status != UA_OK) {
    return ua_admin_user_fail(session, status, &refusal, change->email.data);
  }
  if (was_last && !ua_service_permissions_is_admin(user)) {
    warn_of_last_admin(user);
  }
  return UA_CLI_OK;
}

int ua_admin_user_check_last_admin(ua_admin_session *session, bool force, const ua_user *user)
{
  if (!is_last_admin(session, user)) {
    return UA_CLI_OK;
  }
  if (!force) {
    return refuse_last_admin();
  }
  warn_of_last_admin(user);
  return UA_CLI_OK;
}

/* --- passwords --- */

int ua_admin_user_password_check(const ua_cli_arguments *arguments, size_t first)
{
  size_t given = 0;
  for (size_t i = first; i < first + UA_ADMIN_PASSWORD_SOURCES; i++) {
    given += arguments->option[i] != NULL;
  }
  return given < 2
             ? UA_CLI_OK
             : ua_cli_misused("%s: --password-file, --generate-password and --password exclude each other",
                              arguments->command->name);
}

static ua_status make_up(size_t least, ua_cli_secret *password_r, ua_error_line *error)
{
  ua_status status = ua_cli_secret_generate(password_r, error);
  size_t length = least > GENERATED_BYTES ? least : GENERATED_BYTES;
  if (status == UA_OK && strlen(password_r->value) > length) {
    explicit_bzero(password_r->value + length, sizeof password_r->value - length);
  }
  return status;
}

static ua_status ask(ua_admin_session *session, ua_text email, ua_cli_secret *password_r)
{
  ua_text shown = ua_cli_printable(session->arena, email);
  ua_text what = ua_arena_printf(session->arena, "Password of %.*s", UA_TEXT_ARGS(shown));
  if (shown.data == NULL || what.data == NULL) {
    return UA_INTERNAL;
  }
  ua_status status = ua_cli_terminal_ask(what.data, password_r, &session->error);
  if (status == UA_NOT_FOUND) {
    ua_error_line_set(&session->error, "no password given: set USER_API_PASSWORD, or pass --password-file");
  }
  return status;
}

/* The limits apply to NFC, the form that is stored. */
static int check_password(ua_admin_session *session, ua_cli_secret *password)
{
  size_t least = (size_t)session->config.password_min_bytes;
  ua_status status = ua_cli_secret_compose("the password", password, &session->error);
  if (status != UA_OK) {
    return ua_admin_session_fail(session, status);
  }
  size_t length = ua_cli_secret_text(password).length;
  return length < least || length > UA_MAX_PASSWORD_BYTES
             ? ua_cli_fail("the password has to be %zu to %d bytes long", least, UA_MAX_PASSWORD_BYTES)
             : UA_CLI_OK;
}

int ua_admin_user_password_read(const ua_cli_arguments *arguments, size_t first, ua_admin_session *session,
                                ua_text email, ua_cli_secret *password_r)
{
  const char *const *option = arguments->option + first;
  size_t least = (size_t)session->config.password_min_bytes;
  ua_status status = UA_OK;
  if (option[UA_ADMIN_PASSWORD_GENERATE] != NULL) {
    status = make_up(least, password_r, &session->error);
  } else {
    status = ua_cli_secret_find("USER_API_PASSWORD", option[UA_ADMIN_PASSWORD_ARGUMENT],
                                option[UA_ADMIN_PASSWORD_FILE], password_r, &session->error);
  }
  if (status == UA_OK && !password_r->given) {
    status = ask(session, email, password_r);
  }
  return status == UA_OK ? check_password(session, password_r) : ua_admin_session_fail(session, status);
}
