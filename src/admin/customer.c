#include "admin/customer.h"

#include <string.h>

#include "admin/session.h"
#include "operator/upkeep.h"

enum { OPTION_QUOTA = UA_ADMIN_DESK_OPTIONS };

const ua_admin_option ua_admin_customer_add_options[] = {
    UA_ADMIN_DESK_OPTION_ROWS,
    [OPTION_QUOTA] = {"--quota", "N", "so many users at most [no limit]"},
    {NULL, NULL, NULL},
};

const ua_admin_option ua_admin_customer_list_options[] = {
    UA_ADMIN_DESK_OPTION_ROWS,
    UA_ADMIN_PAGE_OPTION_ROWS,
    {NULL, NULL, NULL},
};

const ua_admin_option ua_admin_customer_options[] = {
    UA_ADMIN_DESK_OPTION_ROWS,
    {NULL, NULL, NULL},
};

const char ua_admin_customer_details[] =
    "A customer is a tenant: its users and administrators see nobody of another one. Shown are its id, its\n"
    "quota (how many users it may have), and how many it has and are active.\n"
    "Adding and changing is for an owner of the tables, looking for the workers' role, too.\n";

static const ua_admin_column columns[] = {
    {"id", UA_ADMIN_INTEGER, NULL},    {"quota", UA_ADMIN_INTEGER, "none"},
    {"users", UA_ADMIN_INTEGER, NULL}, {"active_users", UA_ADMIN_INTEGER, NULL},
    {NULL, UA_ADMIN_TEXT, NULL},
};

static int open_desk(const ua_admin_arguments *arguments, ua_admin_desk *desk_r)
{
  int code = ua_admin_desk_open(arguments, UA_ADMIN_NEEDS_DATABASE, desk_r);
  desk_r->columns = UA_UPKEEP_CUSTOMER_COLUMNS;
  return code;
}

/* The quota that `given` means: NULL for none. */
static int read_quota(const char *what, const char *given, const char **quota_r)
{
  uint64_t number;
  *quota_r = NULL;
  if (given == NULL || strcmp(given, "none") == 0) {
    return UA_ADMIN_OK;
  }
  int code = ua_admin_read_number(what, given, 0, INT32_MAX, &number);
  if (code == UA_ADMIN_OK) {
    *quota_r = given;
  }
  return code;
}

/* Prints the customer that was kept. */
static int print_kept(const ua_admin_desk *desk, ua_status status, const char *id)
{
  if (status != UA_OK) {
    return ua_admin_desk_fail(desk, status);
  }
  return desk->found ? ua_admin_print_object(desk->json, columns, desk->row)
                     : ua_admin_fail("there is no customer %s", id);
}

int ua_admin_customer_add(const ua_admin_arguments *arguments)
{
  ua_admin_desk desk = {.json = false};
  const char *quota = NULL;
  int code = read_quota("--quota", arguments->option[OPTION_QUOTA], &quota);
  if (code == UA_ADMIN_OK) {
    code = open_desk(arguments, &desk);
  }
  if (code == UA_ADMIN_OK) {
    ua_status status = ua_upkeep_customer_add(desk.connection, quota, ua_admin_desk_keep, &desk, &desk.error);
    code = print_kept(&desk, status, "");
  }
  ua_admin_desk_close(&desk);
  return code;
}

int ua_admin_customer_list(const ua_admin_arguments *arguments)
{
  ua_admin_desk desk = {.json = false};
  ua_admin_page page;
  int code = ua_admin_read_page(arguments, &page);
  if (code == UA_ADMIN_OK) {
    code = open_desk(arguments, &desk);
  }
  if (code == UA_ADMIN_OK) {
    ua_admin_list *list = ua_admin_list_begin(desk.json, "customers", columns);
    ua_status status = list == NULL
                           ? UA_INTERNAL
                           : ua_upkeep_customer_list(desk.connection, page.parameters[0], page.parameters[1],
                                                     ua_admin_list_row, list, &desk.error);
    code = ua_admin_list_end(&list, status, &desk.error);
  }
  ua_admin_desk_close(&desk);
  return code;
}

int ua_admin_customer_show(const ua_admin_arguments *arguments)
{
  ua_admin_desk desk = {.json = false};
  const char *id = arguments->positional[0];
  int code = ua_admin_check_id("the customer's id", id);
  if (code == UA_ADMIN_OK) {
    code = open_desk(arguments, &desk);
  }
  if (code == UA_ADMIN_OK) {
    ua_status status = ua_upkeep_customer_get(desk.connection, id, ua_admin_desk_keep, &desk, &desk.error);
    code = print_kept(&desk, status, id);
  }
  ua_admin_desk_close(&desk);
  return code;
}

int ua_admin_customer_set_quota(const ua_admin_arguments *arguments)
{
  ua_admin_desk desk = {.json = false};
  const char *id = arguments->positional[0];
  const char *quota = NULL;
  int code = ua_admin_check_id("the customer's id", id);
  if (code == UA_ADMIN_OK) {
    code = read_quota("the quota, unless it is none,", arguments->positional[1], &quota);
  }
  if (code == UA_ADMIN_OK) {
    code = open_desk(arguments, &desk);
  }
  if (code == UA_ADMIN_OK) {
    ua_status status =
        ua_upkeep_customer_set_quota(desk.connection, id, quota, ua_admin_desk_keep, &desk, &desk.error);
    code = print_kept(&desk, status, id);
  }
  ua_admin_desk_close(&desk);
  return code;
}
