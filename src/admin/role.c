#include <string.h>

#include "admin/commands.h"
#include "admin/deletion.h"
#include "operator/roles.h"
#include "operator/users.h"
#include "service/roles.h"

enum { OPTION_FORCE = UA_ADMIN_SESSION_OPTIONS };
enum { OPTION_ASSIGNABLE = UA_ADMIN_SESSION_OPTIONS, OPTION_NAME };

static const ua_cli_option add_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    [OPTION_ASSIGNABLE] = {"--assignable", "yes|no", "whether administrators may grant it [yes]"},
    {NULL, NULL, NULL},
};

static const ua_cli_option change_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    [OPTION_ASSIGNABLE] = {"--assignable", "yes|no", "whether administrators may grant it"},
    [OPTION_NAME] = {"--name", "NAME", "the name that people read"},
    {NULL, NULL, NULL},
};

static const ua_cli_option options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    {NULL, NULL, NULL},
};

static const ua_cli_option list_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    UA_ADMIN_PAGE_OPTION_ROWS,
    {NULL, NULL, NULL},
};

static const ua_cli_option delete_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    [OPTION_FORCE] = {"--force", NULL, "even admin, operator role, or a role in use"},
    {NULL, NULL, NULL},
};

#define RULES                                                                        \
  "Roles belong to no customer. Applications and guards check the code, which\n"     \
  "never changes; people read the name. The administrators of all customers grant\n" \
  "and remove the roles that are assignable. Only operators (the users with the\n"   \
  "role that USER_API_OPERATOR_ROLE names) and this program grant and remove the\n"  \
  "others.\n"

static const char details[] = RULES;
static const char add_details[] = RULES "If you give no name, it is the code.\n";

static const char delete_details[] =
    "Refuses to delete the role admin, the operator role (USER_API_OPERATOR_ROLE in\n"
    "the service's settings), or a role that users hold. With --force it removes the\n"
    "role from its holders, ends their sessions, and deletes it, in one transaction.\n";

static const ua_cli_column columns[UA_OPERATOR_ROLES_COLUMNS + 1] = {
    [UA_OPERATOR_ROLES_ID] = {"id", UA_CLI_INTEGER, NULL},
    [UA_OPERATOR_ROLES_CODE] = {"code", UA_CLI_TEXT, NULL},
    [UA_OPERATOR_ROLES_NAME] = {"name", UA_CLI_TEXT, NULL},
    [UA_OPERATOR_ROLES_ASSIGNABLE] = {"assignable", UA_CLI_BOOLEAN, NULL},
    [UA_OPERATOR_ROLES_USERS] = {"users", UA_CLI_INTEGER, NULL},
};

/* A guard's list separates roles by commas, ignores blanks around a code, and must not contain control
 * characters. A new code has to be one that such a list can name. */
static int check_new_code(const char *code)
{
  ua_text text = ua_text_of(code);
  int checked = ua_admin_check_string("the code", code, 1);
  if (checked != UA_CLI_OK) {
    return checked;
  }
  if (ua_text_has_control(text) || strchr(code, ',') != NULL) {
    return ua_cli_misused("the code must not contain commas or control characters");
  }
  return ua_text_equal(ua_text_trim(text), text)
             ? UA_CLI_OK
             : ua_cli_misused("the code must not begin or end with a blank");
}

static int check_assignable(const char *given)
{
  return given == NULL || strcmp(given, "yes") == 0 || strcmp(given, "no") == 0
             ? UA_CLI_OK
             : ua_cli_misused("--assignable has to be yes or no");
}

static ua_admin_row row_for(const ua_admin_session *session)
{
  return (ua_admin_row){.arena = session->arena, .columns = UA_OPERATOR_ROLES_COLUMNS};
}

/* Prints the role in `row`. */
static int print(const ua_admin_session *session, ua_status status, const ua_admin_row *row)
{
  return status == UA_OK ? ua_cli_print_object(session->json, columns, row->value)
                         : ua_admin_session_fail(session, status);
}

static int add(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  ua_admin_row row = row_for(session);
  const char *role = arguments->positional[0];
  const char *name = arguments->positional_count > 1 ? arguments->positional[1] : role;
  const char *assignable = arguments->option[OPTION_ASSIGNABLE];
  ua_status status =
      ua_operator_roles_add(session->connection, role, name, assignable == NULL ? "yes" : assignable,
                            ua_admin_row_keep, &row, &session->error);
  if (status == UA_OK && !row.found) {
    return ua_cli_fail("there is a role %s already", role);
  }
  return print(session, status, &row);
}

static int run_add(const ua_cli_arguments *arguments)
{
  int code = check_new_code(arguments->positional[0]);
  if (code == UA_CLI_OK) {
    code = ua_admin_check_string("the name", arguments->positional[1], 0);
  }
  if (code == UA_CLI_OK) {
    code = check_assignable(arguments->option[OPTION_ASSIGNABLE]);
  }
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_DATABASE, add) : code;
}

static int run_list(const ua_cli_arguments *arguments)
{
  return ua_admin_session_list(arguments, "roles", columns, ua_operator_roles_list);
}

/* By the service's rule: the name is part of its holders' tokens, which must not get too long. */
static int give_name(ua_admin_session *session, const char *role, const char *name, const char *assignable)
{
  const ua_role_change change = {.name = ua_text_of(name),
                                 .has_assignable = assignable != NULL,
                                 .assignable = assignable != NULL && strcmp(assignable, "yes") == 0};
  ua_role_details changed;
  ua_refusal refusal = {.message = UA_TEXT_ABSENT};
  int32_t id = 0;
  ua_status status = ua_operator_users_role(session->connection, role, &id, &session->error);
  if (status != UA_OK) {
    return ua_admin_session_fail(session, status);
  }
  status = ua_service_roles_change(&session->service, session->arena, id, &change, &changed, &refusal);
  if (status == UA_NOT_FOUND) {
    return ua_cli_fail("there is no role %s", role);
  }
  if (status == UA_CONFLICT && refusal.message.length > 0) {
    return ua_cli_fail("%.*s", UA_TEXT_ARGS(refusal.message));
  }
  return status == UA_OK ? UA_CLI_OK : ua_admin_session_fail(session, status);
}

static int change_role(ua_admin_session *session, const char *role, const char *name, const char *assignable)
{
  ua_admin_row row = row_for(session);
  int code = name == NULL ? UA_CLI_OK : give_name(session, role, name, assignable);
  if (code != UA_CLI_OK) {
    return code;
  }
  ua_status status =
      name != NULL
          ? ua_operator_roles_get(session->connection, role, ua_admin_row_keep, &row, &session->error)
          : ua_operator_roles_set_assignable(session->connection, role, assignable, ua_admin_row_keep, &row,
                                             &session->error);
  if (status == UA_OK && !row.found) {
    return ua_cli_fail("there is no role %s", role);
  }
  return print(session, status, &row);
}

static int change(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  return change_role(session, arguments->positional[0], arguments->option[OPTION_NAME],
                     arguments->option[OPTION_ASSIGNABLE]);
}

static int run_change(const ua_cli_arguments *arguments)
{
  const char *name = arguments->option[OPTION_NAME];
  const char *assignable = arguments->option[OPTION_ASSIGNABLE];
  if (name == NULL && assignable == NULL) {
    return ua_cli_misused("role change: nothing to change: give --name or --assignable");
  }
  int code = ua_admin_check_string("the code", arguments->positional[0], 1);
  if (code == UA_CLI_OK) {
    code = ua_admin_check_string("--name", name, 0);
  }
  if (code == UA_CLI_OK) {
    code = check_assignable(assignable);
  }
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_SERVICE, change) : code;
}

static int rename_role(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  return change_role(session, arguments->positional[0], arguments->positional[1], NULL);
}

static int run_rename(const ua_cli_arguments *arguments)
{
  int code = ua_admin_check_string("the code", arguments->positional[0], 1);
  if (code == UA_CLI_OK) {
    code = ua_admin_check_string("the name", arguments->positional[1], 0);
  }
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_SERVICE, rename_role) : code;
}

/* Whether the role in `row` may be deleted. */
static int check_held(const ua_cli_arguments *arguments, const ua_admin_session *session,
                      const ua_admin_row *row)
{
  const char *role = arguments->positional[0];
  const char *operator_role = session->config.operator_role;
  if (!row->found) {
    return ua_cli_fail("there is no role %s", role);
  }
  if (arguments->option[OPTION_FORCE] != NULL) {
    return UA_CLI_OK;
  }
  if (strcmp(role, "admin") == 0) {
    return ua_cli_fail("administrators need the role admin: add --force to delete it anyway");
  }
  if (operator_role != NULL && strcmp(role, operator_role) == 0) {
    return ua_cli_fail(
        "operators need the role %s, which USER_API_OPERATOR_ROLE names: add --force to delete it anyway",
        role);
  }
  const char *users = row->value[UA_OPERATOR_ROLES_USERS];
  if (strcmp(users, "0") == 0) {
    return UA_CLI_OK;
  }
  const char *holders = strcmp(users, "1") == 0 ? "user holds" : "users hold";
  return ua_cli_fail("%s %s the role %s: add --force to take it from them", users, holders, role);
}

static int delete_role(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  static const ua_admin_deletion deletion = {.columns = columns,
                                             .count = UA_OPERATOR_ROLES_COLUMNS,
                                             .lock = ua_operator_roles_lock,
                                             .check = check_held,
                                             .remove = ua_operator_roles_delete};
  return ua_admin_delete(arguments, session, &deletion);
}

static int run_delete(const ua_cli_arguments *arguments)
{
  int code = ua_admin_check_string("the code", arguments->positional[0], 1);
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_DATABASE, delete_role) : code;
}

const ua_cli_command ua_admin_role_add = {
    .name = "role add",
    .synopsis = "[OPTIONS] CODE [NAME]",
    .summary = "Adds a role",
    .details = add_details,
    .example = "editor 'The editor'",
    .options = add_options,
    .required = 1,
    .positionals = 2,
    .run = run_add,
};

const ua_cli_command ua_admin_role_list = {
    .name = "role list",
    .synopsis = "[OPTIONS]",
    .summary = "Lists roles",
    .details = details,
    .example = "--json",
    .options = list_options,
    .run = run_list,
};

const ua_cli_command ua_admin_role_change = {
    .name = "role change",
    .synopsis = "[OPTIONS] CODE",
    .summary = "Changes the name, or who may grant it",
    .details = details,
    .example = "editor --assignable no",
    .options = change_options,
    .required = 1,
    .positionals = 1,
    .run = run_change,
};

const ua_cli_command ua_admin_role_rename = {
    .name = "role rename",
    .synopsis = "[OPTIONS] CODE NAME",
    .summary = "Changes the name that people read",
    .details = details,
    .example = "editor 'Chief editor'",
    .options = options,
    .required = 2,
    .positionals = 2,
    .run = run_rename,
};

const ua_cli_command ua_admin_role_delete = {
    .name = "role delete",
    .synopsis = "[OPTIONS] CODE",
    .summary = "Deletes a role",
    .details = delete_details,
    .example = "editor",
    .options = delete_options,
    .required = 1,
    .positionals = 1,
    .run = run_delete,
};
