#include <string.h>

#include "admin/commands.h"
#include "admin/session.h"
#include "operator/roles.h"

enum { OPTION_FORCE = UA_ADMIN_SESSION_OPTIONS };

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
    [OPTION_FORCE] = {"--force", NULL, "also when users hold it, and also the role admin"},
    {NULL, NULL, NULL},
};

static const char details[] =
    "Roles belong to no customer. Applications and guards ask for the code, which\n"
    "never changes; people read the name, which is the code if you give none.\n";

static const char delete_details[] =
    "Refuses to delete the role admin, or a role that users hold, unless you give\n"
    "--force: it then takes the role from them, ends their tokens, and deletes it, in\n"
    "one transaction.\n";

static const ua_cli_column columns[UA_OPERATOR_ROLES_COLUMNS + 1] = {
    [UA_OPERATOR_ROLES_ID] = {"id", UA_CLI_INTEGER, NULL},
    [UA_OPERATOR_ROLES_CODE] = {"code", UA_CLI_TEXT, NULL},
    [UA_OPERATOR_ROLES_NAME] = {"name", UA_CLI_TEXT, NULL},
    [UA_OPERATOR_ROLES_USERS] = {"users", UA_CLI_INTEGER, NULL},
};

/* A guard's list of roles is separated by commas, blanks around a code do not count, and control characters
 * are refused there: a new code has to be one that can be asked for. */
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

static ua_admin_row row_for(const ua_admin_session *session)
{
  return (ua_admin_row){.arena = session->arena, .columns = UA_OPERATOR_ROLES_COLUMNS};
}

/* Prints the role that was kept. */
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
  ua_status status =
      ua_operator_roles_add(session->connection, role, name, ua_admin_row_keep, &row, &session->error);
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
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_DATABASE, add) : code;
}

static int run_list(const ua_cli_arguments *arguments)
{
  return ua_admin_session_list(arguments, "roles", columns, ua_operator_roles_list);
}

static int rename_role(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  ua_admin_row row = row_for(session);
  const char *role = arguments->positional[0];
  ua_status status = ua_operator_roles_rename(session->connection, role, arguments->positional[1],
                                              ua_admin_row_keep, &row, &session->error);
  if (status == UA_OK && !row.found) {
    return ua_cli_fail("there is no role %s", role);
  }
  return print(session, status, &row);
}

static int run_rename(const ua_cli_arguments *arguments)
{
  int code = ua_admin_check_string("the code", arguments->positional[0], 1);
  if (code == UA_CLI_OK) {
    code = ua_admin_check_string("the name", arguments->positional[1], 0);
  }
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_DATABASE, rename_role) : code;
}

/* Whether the role that was kept may go. */
static int check_held(const ua_admin_row *row, const char *role, bool force)
{
  if (!row->found) {
    return ua_cli_fail("there is no role %s", role);
  }
  if (!force && strcmp(role, "admin") == 0) {
    return ua_cli_fail("administrators need the role admin: add --force to delete it all the same");
  }
  const char *users = row->value[UA_OPERATOR_ROLES_USERS];
  if (!force && strcmp(users, "0") != 0) {
    return ua_cli_fail("%s users hold the role %s: add --force to take it from them", users, role);
  }
  return UA_CLI_OK;
}

/* Within a transaction, which the caller takes back unless the code is UA_CLI_OK. */
static int delete_locked(ua_admin_session *session, const char *role, bool force, ua_admin_row *row)
{
  ua_operator_connection *connection = session->connection;
  ua_status status = ua_operator_roles_lock(connection, role, ua_admin_row_keep, row, &session->error);
  if (status != UA_OK) {
    return ua_admin_session_fail(session, status);
  }
  int code = check_held(row, role, force);
  if (code != UA_CLI_OK) {
    return code;
  }
  status = ua_operator_roles_delete(connection, row->value[UA_OPERATOR_ROLES_ID], &session->error);
  if (status == UA_OK) {
    status = ua_operator_connection_commit(connection, &session->error);
  }
  return status == UA_OK ? UA_CLI_OK : ua_admin_session_fail(session, status);
}

/* The role as it was, behind the word that it is gone. */
static int print_deleted(const ua_admin_session *session, const ua_admin_row *row)
{
  ua_cli_column shown[UA_OPERATOR_ROLES_COLUMNS + 2] = {{"deleted", UA_CLI_BOOLEAN, NULL}};
  const char *values[UA_OPERATOR_ROLES_COLUMNS + 1] = {"t"};
  memcpy(shown + 1, columns, sizeof columns);
  memcpy(values + 1, row->value, UA_OPERATOR_ROLES_COLUMNS * sizeof values[0]);
  return ua_cli_print_object(session->json, shown, values);
}

static int delete_role(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  ua_admin_row row = row_for(session);
  bool force = arguments->option[OPTION_FORCE] != NULL;
  ua_status status = ua_operator_connection_begin(session->connection, &session->error);
  if (status != UA_OK) {
    return ua_admin_session_fail(session, status);
  }
  int code = delete_locked(session, arguments->positional[0], force, &row);
  if (code != UA_CLI_OK) {
    ua_operator_connection_rollback(session->connection);
    return code;
  }
  return print_deleted(session, &row);
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
    .details = details,
    .example = "editor 'The editor'",
    .options = options,
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
