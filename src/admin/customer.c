#include <string.h>

#include "admin/commands.h"
#include "admin/session.h"
#include "operator/customers.h"

enum { OPTION_QUOTA = UA_ADMIN_SESSION_OPTIONS };

static const ua_cli_option add_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    [OPTION_QUOTA] = {"--quota", "N", "so many users at most [no limit]"},
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
    "A customer is a tenant: its users and administrators see nobody of another one. Shown are its id, its\n"
    "quota (how many users it may have), and how many it has and are active.\n"
    "Adding and changing is for an owner of the tables, looking for the workers' role, too.\n";

static const ua_cli_column columns[UA_OPERATOR_CUSTOMERS_COLUMNS + 1] = {
    [UA_OPERATOR_CUSTOMERS_ID] = {"id", UA_CLI_INTEGER, NULL},
    [UA_OPERATOR_CUSTOMERS_QUOTA] = {"quota", UA_CLI_INTEGER, "none"},
    [UA_OPERATOR_CUSTOMERS_USERS] = {"users", UA_CLI_INTEGER, NULL},
    [UA_OPERATOR_CUSTOMERS_ACTIVE_USERS] = {"active_users", UA_CLI_INTEGER, NULL},
};

static int open_session(const ua_cli_arguments *arguments, ua_admin_session *session_r)
{
  int code = ua_admin_session_open(arguments, UA_ADMIN_NEEDS_DATABASE, session_r);
  session_r->columns = UA_OPERATOR_CUSTOMERS_COLUMNS;
  return code;
}

/* The quota that `given` means: NULL for none. */
static int read_quota(const char *what, const char *given, const char **quota_r)
{
  uint64_t number;
  *quota_r = NULL;
  if (given == NULL || strcmp(given, "none") == 0) {
    return UA_CLI_OK;
  }
  int code = ua_admin_read_number(what, given, 0, INT32_MAX, &number);
  if (code == UA_CLI_OK) {
    *quota_r = given;
  }
  return code;
}

/* Prints the customer that was kept. */
static int print_kept(const ua_admin_session *session, ua_status status, const char *id)
{
  if (status != UA_OK) {
    return ua_admin_session_fail(session, status);
  }
  return session->found ? ua_cli_print_object(session->json, columns, session->row)
                        : ua_cli_fail("there is no customer %s", id);
}

static int run_add(const ua_cli_arguments *arguments)
{
  ua_admin_session session = {.json = false};
  const char *quota = NULL;
  int code = read_quota("--quota", arguments->option[OPTION_QUOTA], &quota);
  if (code == UA_CLI_OK) {
    code = open_session(arguments, &session);
  }
  if (code == UA_CLI_OK) {
    ua_status status =
        ua_operator_customers_add(session.connection, quota, ua_admin_session_keep, &session, &session.error);
    code = print_kept(&session, status, "");
  }
  ua_admin_session_close(&session);
  return code;
}

static int run_list(const ua_cli_arguments *arguments)
{
  ua_admin_session session = {.json = false};
  ua_admin_page page;
  int code = ua_admin_read_page(arguments, &page);
  if (code == UA_CLI_OK) {
    code = open_session(arguments, &session);
  }
  if (code == UA_CLI_OK) {
    ua_cli_list *list = ua_cli_list_begin(session.json, "customers", columns);
    ua_status status =
        list == NULL ? UA_INTERNAL
                     : ua_operator_customers_list(session.connection, page.parameters[0], page.parameters[1],
                                                  ua_cli_list_row, list, &session.error);
    code = ua_cli_list_end(&list, status, &session.error);
  }
  ua_admin_session_close(&session);
  return code;
}

static int run_show(const ua_cli_arguments *arguments)
{
  ua_admin_session session = {.json = false};
  const char *id = arguments->positional[0];
  int code = ua_admin_check_id("the customer's id", id);
  if (code == UA_CLI_OK) {
    code = open_session(arguments, &session);
  }
  if (code == UA_CLI_OK) {
    ua_status status =
        ua_operator_customers_get(session.connection, id, ua_admin_session_keep, &session, &session.error);
    code = print_kept(&session, status, id);
  }
  ua_admin_session_close(&session);
  return code;
}

static int run_set_quota(const ua_cli_arguments *arguments)
{
  ua_admin_session session = {.json = false};
  const char *id = arguments->positional[0];
  const char *quota = NULL;
  int code = ua_admin_check_id("the customer's id", id);
  if (code == UA_CLI_OK) {
    code = read_quota("the quota, unless it is none,", arguments->positional[1], &quota);
  }
  if (code == UA_CLI_OK) {
    code = open_session(arguments, &session);
  }
  if (code == UA_CLI_OK) {
    ua_status status = ua_operator_customers_set_quota(session.connection, id, quota, ua_admin_session_keep,
                                                       &session, &session.error);
    code = print_kept(&session, status, id);
  }
  ua_admin_session_close(&session);
  return code;
}

const ua_cli_command ua_admin_customer_add = {
    .name = "customer add",
    .synopsis = "[OPTIONS]",
    .summary = "Adds a customer",
    .details = details,
    .options = add_options,
    .run = run_add,
};

const ua_cli_command ua_admin_customer_list = {
    .name = "customer list",
    .synopsis = "[OPTIONS]",
    .summary = "Lists customers",
    .details = details,
    .options = list_options,
    .run = run_list,
};

const ua_cli_command ua_admin_customer_show = {
    .name = "customer show",
    .synopsis = "[OPTIONS] ID",
    .summary = "Tells about a customer",
    .details = details,
    .options = options,
    .required = 1,
    .positionals = 1,
    .run = run_show,
};

const ua_cli_command ua_admin_customer_set_quota = {
    .name = "customer set-quota",
    .synopsis = "[OPTIONS] ID N|none",
    .summary = "Sets how many users a customer may have",
    .details = details,
    .options = options,
    .required = 2,
    .positionals = 2,
    .run = run_set_quota,
};
