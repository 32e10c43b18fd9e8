#include <string.h>

#include "admin/commands.h"
#include "admin/deletion.h"
#include "operator/customers.h"

enum { OPTION_NAME = UA_ADMIN_SESSION_OPTIONS, OPTION_QUOTA };

static const ua_cli_option add_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    [OPTION_NAME] = {"--name", "NAME", "the name that operators read"},
    [OPTION_QUOTA] = {"--quota", "N", "maximum number of users [no limit]"},
    {NULL, NULL, NULL},
};

static const ua_cli_option change_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    [OPTION_NAME] = {"--name", "NAME", "the name that operators read"},
    [OPTION_QUOTA] = {"--quota", "N|none", "maximum number of users"},
    {NULL, NULL, NULL},
};

static const ua_cli_option list_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    UA_ADMIN_PAGE_OPTION_ROWS,
    {NULL, NULL, NULL},
};

static const ua_cli_option options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    {NULL, NULL, NULL},
};

static const char details[] =
    "A customer is a tenant: its users and administrators cannot see those of other\n"
    "customers. The commands show its id, its name, its quota (how many users it may\n"
    "have), how many users it has, and how many of them are active.\n";

static const char delete_details[] = "Refuses to delete a customer that has users: delete them first.\n";

static const ua_cli_column columns[UA_OPERATOR_CUSTOMERS_COLUMNS + 1] = {
    [UA_OPERATOR_CUSTOMERS_ID] = {"id", UA_CLI_INTEGER, NULL},
    [UA_OPERATOR_CUSTOMERS_NAME] = {"name", UA_CLI_TEXT, NULL},
    [UA_OPERATOR_CUSTOMERS_QUOTA] = {"quota", UA_CLI_INTEGER, "none"},
    [UA_OPERATOR_CUSTOMERS_USERS] = {"users", UA_CLI_INTEGER, NULL},
    [UA_OPERATOR_CUSTOMERS_ACTIVE_USERS] = {"active_users", UA_CLI_INTEGER, NULL},
};

/* The number that is given; NULL, for no limit, if it is missing or "none". */
static const char *quota_of(const char *given)
{
  return given != NULL && strcmp(given, "none") == 0 ? NULL : given;
}

static int check_quota(const char *what, const char *given)
{
  uint64_t number;
  return ua_admin_read_number(what, quota_of(given), 0, INT32_MAX, &number);
}

static int check_options(const ua_cli_arguments *arguments)
{
  int code = ua_admin_check_string("--name", arguments->option[OPTION_NAME], 1);
  return code == UA_CLI_OK ? check_quota("--quota", arguments->option[OPTION_QUOTA]) : code;
}

static ua_admin_row row_for(const ua_admin_session *session)
{
  return (ua_admin_row){.arena = session->arena, .columns = UA_OPERATOR_CUSTOMERS_COLUMNS};
}

/* Prints the customer in `row`. */
static int print(const ua_admin_session *session, ua_status status, const ua_admin_row *row, const char *id)
{
  if (status != UA_OK) {
    return ua_admin_session_fail(session, status);
  }
  return row->found ? ua_cli_print_object(session->json, columns, row->value)
                    : ua_cli_fail("there is no customer %s", id);
}

static int add(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  ua_admin_row row = row_for(session);
  ua_status status = ua_operator_customers_add(session->connection, arguments->option[OPTION_NAME],
                                               quota_of(arguments->option[OPTION_QUOTA]), ua_admin_row_keep,
                                               &row, &session->error);
  return print(session, status, &row, "");
}

static int run_add(const ua_cli_arguments *arguments)
{
  int code = check_options(arguments);
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_DATABASE, add) : code;
}

static int run_list(const ua_cli_arguments *arguments)
{
  return ua_admin_session_list(arguments, "customers", columns, ua_operator_customers_list);
}

static int show(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  ua_admin_row row = row_for(session);
  const char *id = arguments->positional[0];
  ua_status status =
      ua_operator_customers_get(session->connection, id, ua_admin_row_keep, &row, &session->error);
  return print(session, status, &row, id);
}

static int run_show(const ua_cli_arguments *arguments)
{
  int code = ua_admin_check_id("the customer's id", arguments->positional[0]);
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_DATABASE, show) : code;
}

static int change_customer(ua_admin_session *session, const char *id, const char *name, const char *quota)
{
  ua_admin_row row = row_for(session);
  const ua_operator_customer_change change = {
      .name = name, .sets_quota = quota != NULL, .quota = quota_of(quota)};
  ua_status status = ua_operator_customers_change(session->connection, id, &change, ua_admin_row_keep, &row,
                                                  &session->error);
  return print(session, status, &row, id);
}

static int change(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  return change_customer(session, arguments->positional[0], arguments->option[OPTION_NAME],
                         arguments->option[OPTION_QUOTA]);
}

static int run_change(const ua_cli_arguments *arguments)
{
  if (arguments->option[OPTION_NAME] == NULL && arguments->option[OPTION_QUOTA] == NULL) {
    return ua_cli_misused("customer change: nothing to change: give --name or --quota");
  }
  int code = ua_admin_check_id("the customer's id", arguments->positional[0]);
  if (code == UA_CLI_OK) {
    code = check_options(arguments);
  }
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_DATABASE, change) : code;
}

static int set_quota(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  return change_customer(session, arguments->positional[0], NULL, arguments->positional[1]);
}

static int run_set_quota(const ua_cli_arguments *arguments)
{
  int code = ua_admin_check_id("the customer's id", arguments->positional[0]);
  if (code == UA_CLI_OK) {
    code = check_quota("the quota, unless it is none,", arguments->positional[1]);
  }
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_DATABASE, set_quota) : code;
}

/* Whether the customer in `row` may be deleted. */
static int check_empty(const ua_cli_arguments *arguments, const ua_admin_session *session,
                       const ua_admin_row *row)
{
  (void)session;
  const char *id = arguments->positional[0];
  if (!row->found) {
    return ua_cli_fail("there is no customer %s", id);
  }
  const char *users = row->value[UA_OPERATOR_CUSTOMERS_USERS];
  if (strcmp(users, "0") == 0) {
    return UA_CLI_OK;
  }
  const char *plural = strcmp(users, "1") == 0 ? "" : "s";
  return ua_cli_fail("customer %s has %s user%s: delete them first", id, users, plural);
}

static int delete_customer(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  static const ua_admin_deletion deletion = {.columns = columns,
                                             .count = UA_OPERATOR_CUSTOMERS_COLUMNS,
                                             .lock = ua_operator_customers_lock,
                                             .check = check_empty,
                                             .remove = ua_operator_customers_delete};
  return ua_admin_delete(arguments, session, &deletion);
}

static int run_delete(const ua_cli_arguments *arguments)
{
  int code = ua_admin_check_id("the customer's id", arguments->positional[0]);
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_DATABASE, delete_customer) : code;
}

const ua_cli_command ua_admin_customer_add = {
    .name = "customer add",
    .synopsis = "[OPTIONS]",
    .summary = "Adds a customer",
    .details = details,
    .example = "--name 'Example Ltd' --quota 50",
    .options = add_options,
    .run = run_add,
};

const ua_cli_command ua_admin_customer_list = {
    .name = "customer list",
    .synopsis = "[OPTIONS]",
    .summary = "Lists customers",
    .details = details,
    .example = "--limit 20 --after 40",
    .options = list_options,
    .run = run_list,
};

const ua_cli_command ua_admin_customer_show = {
    .name = "customer show",
    .synopsis = "[OPTIONS] ID",
    .summary = "Shows a customer",
    .details = details,
    .example = "2",
    .options = options,
    .required = 1,
    .positionals = 1,
    .run = run_show,
};

const ua_cli_command ua_admin_customer_change = {
    .name = "customer change",
    .synopsis = "[OPTIONS] ID",
    .summary = "Changes a customer's name or quota",
    .details = details,
    .example = "2 --name 'Example Ltd'",
    .options = change_options,
    .required = 1,
    .positionals = 1,
    .run = run_change,
};

const ua_cli_command ua_admin_customer_set_quota = {
    .name = "customer set-quota",
    .synopsis = "[OPTIONS] ID N|none",
    .summary = "Sets how many users a customer may have",
    .details = details,
    .example = "2 none",
    .options = options,
    .required = 2,
    .positionals = 2,
    .run = run_set_quota,
};

const ua_cli_command ua_admin_customer_delete = {
    .name = "customer delete",
    .synopsis = "[OPTIONS] ID",
    .summary = "Deletes a customer without users",
    .details = delete_details,
    .example = "2",
    .options = options,
    .required = 1,
    .positionals = 1,
    .run = run_delete,
};
