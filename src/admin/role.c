#include "admin/role.h"

#include <string.h>

#include "admin/session.h"
#include "operator/upkeep.h"

enum { OPTION_FORCE = UA_ADMIN_DESK_OPTIONS };

const ua_admin_option ua_admin_role_options[] = {
    UA_ADMIN_DESK_OPTION_ROWS,
    {NULL, NULL, NULL},
};

const ua_admin_option ua_admin_role_list_options[] = {
    UA_ADMIN_DESK_OPTION_ROWS,
    UA_ADMIN_PAGE_OPTION_ROWS,
    {NULL, NULL, NULL},
};

const ua_admin_option ua_admin_role_delete_options[] = {
    UA_ADMIN_DESK_OPTION_ROWS,
    [OPTION_FORCE] = {"--force", NULL, "also when users hold it, and also the role admin"},
    {NULL, NULL, NULL},
};

const char ua_admin_role_details[] =
    "Roles belong to no customer. The code is what applications and guards ask for and stays, the name is\n"
    "what people read. Without a name the code is shown. Changing is for an owner of the tables.\n";

const char ua_admin_role_delete_details[] =
    "Refuses where users hold the role, and for the role admin, unless --force is given: it is then taken "
    "from\n"
    "everybody, whose tokens end, and deleted, in one transaction. For an owner of the tables.\n";

static const ua_admin_column columns[] = {
    {"id", UA_ADMIN_INTEGER, NULL},    {"code", UA_ADMIN_TEXT, NULL}, {"name", UA_ADMIN_TEXT, NULL},
    {"users", UA_ADMIN_INTEGER, NULL}, {NULL, UA_ADMIN_TEXT, NULL},
};

static int open_desk(const ua_admin_arguments *arguments, ua_admin_desk *desk_r)
{
  int code = ua_admin_desk_open(arguments, UA_ADMIN_NEEDS_DATABASE, desk_r);
  desk_r->columns = UA_UPKEEP_ROLE_COLUMNS;
  return code;
}

/* A guard's list of roles is separated by commas, blanks around a code do not count, and control characters
 * are refused there: a new code has to be one that can be asked for. */
static int check_new_code(const char *code)
{
  ua_text text = ua_text_of(code);
  int checked = ua_admin_check_string("the code", code, 1);
  if (checked != UA_ADMIN_OK) {
    return checked;
  }
  for (const char *at = code; *at != '\0'; at++) {
    if ((unsigned char)*at < ' ' || *at == 0x7F || *at == ',') {
      return ua_admin_misused("the code may hold no comma and no control character");
    }
  }
  return ua_text_equal(ua_text_trim(text), text)
             ? UA_ADMIN_OK
             : ua_admin_misused("the code may not begin or end with a blank");
}

int ua_admin_role_add(const ua_admin_arguments *arguments)
{
  ua_admin_desk desk = {.json = false};
  const char *role = arguments->positional[0];
  const char *name = arguments->positional_count > 1 ? arguments->positional[1] : role;
  int code = check_new_code(role);
  if (code == UA_ADMIN_OK) {
    code = ua_admin_check_string("the name", name, 0);
  }
  if (code == UA_ADMIN_OK) {
    code = open_desk(arguments, &desk);
  }
  if (code == UA_ADMIN_OK) {
    ua_status status =
        ua_upkeep_role_add(desk.connection, role, name, ua_admin_desk_keep, &desk, &desk.error);
    if (status != UA_OK) {
      code = ua_admin_desk_fail(&desk, status);
    } else {
      code = desk.found ? ua_admin_print_object(desk.json, columns, desk.row)
                        : ua_admin_fail("there is a role %s already", role);
    }
  }
  ua_admin_desk_close(&desk);
  return code;
}

int ua_admin_role_list(const ua_admin_arguments *arguments)
{
  ua_admin_desk desk = {.json = false};
  ua_admin_page page;
  int code = ua_admin_read_page(arguments, &page);
  if (code == UA_ADMIN_OK) {
    code = open_desk(arguments, &desk);
  }
  if (code == UA_ADMIN_OK) {
    ua_admin_list *list = ua_admin_list_begin(desk.json, "roles", columns);
    ua_status status = list == NULL
                           ? UA_INTERNAL
                           : ua_upkeep_role_list(desk.connection, page.parameters[0], page.parameters[1],
                                                 ua_admin_list_row, list, &desk.error);
    code = ua_admin_list_end(&list, status, &desk.error);
  }
  ua_admin_desk_close(&desk);
  return code;
}

int ua_admin_role_rename(const ua_admin_arguments *arguments)
{
  ua_admin_desk desk = {.json = false};
  const char *role = arguments->positional[0];
  const char *name = arguments->positional[1];
  int code = ua_admin_check_string("the code", role, 1);
  if (code == UA_ADMIN_OK) {
    code = ua_admin_check_string("the name", name, 0);
  }
  if (code == UA_ADMIN_OK) {
    code = open_desk(arguments, &desk);
  }
  if (code == UA_ADMIN_OK) {
    ua_status status =
        ua_upkeep_role_rename(desk.connection, role, name, ua_admin_desk_keep, &desk, &desk.error);
    if (status != UA_OK) {
      code = ua_admin_desk_fail(&desk, status);
    } else {
      code = desk.found ? ua_admin_print_object(desk.json, columns, desk.row)
                        : ua_admin_fail("there is no role %s", role);
    }
  }
  ua_admin_desk_close(&desk);
  return code;
}

/* Whether the role that was kept may go. */
static int check_held(const ua_admin_desk *desk, const char *role, bool force)
{
  if (!desk->found) {
    return ua_admin_fail("there is no role %s", role);
  }
  if (!force && strcmp(role, "admin") == 0) {
    return ua_admin_fail("the role admin is what administrators have: add --force if that is meant");
  }
  if (!force && strcmp(desk->row[3], "0") != 0) {
    return ua_admin_fail("%s users hold the role %s: add --force to take it from them", desk->row[3], role);
  }
  return UA_ADMIN_OK;
}

static int delete_role(ua_admin_desk *desk, const char *role, bool force)
{
  ua_status status = ua_maintenance_begin(desk->connection, &desk->error);
  if (status == UA_OK) {
    status = ua_upkeep_role_lock(desk->connection, role, ua_admin_desk_keep, desk, &desk->error);
  }
  int code = status == UA_OK ? check_held(desk, role, force) : ua_admin_desk_fail(desk, status);
  if (code == UA_ADMIN_OK) {
    status = ua_upkeep_role_delete(desk->connection, desk->row[0], &desk->error);
    if (status == UA_OK) {
      status = ua_maintenance_commit(desk->connection, &desk->error);
    }
    code = status == UA_OK ? UA_ADMIN_OK : ua_admin_desk_fail(desk, status);
  }
  if (code != UA_ADMIN_OK) {
    ua_maintenance_rollback(desk->connection);
  }
  return code;
}

int ua_admin_role_delete(const ua_admin_arguments *arguments)
{
  /* As the role is then: gone. */
  static const ua_admin_column deleted[] = {
      {"deleted", UA_ADMIN_BOOLEAN, NULL}, {"id", UA_ADMIN_INTEGER, NULL},    {"code", UA_ADMIN_TEXT, NULL},
      {"name", UA_ADMIN_TEXT, NULL},       {"users", UA_ADMIN_INTEGER, NULL}, {NULL, UA_ADMIN_TEXT, NULL}};
  ua_admin_desk desk = {.json = false};
  const char *role = arguments->positional[0];
  int code = ua_admin_check_string("the code", role, 1);
  if (code == UA_ADMIN_OK) {
    code = open_desk(arguments, &desk);
  }
  if (code == UA_ADMIN_OK) {
    code = delete_role(&desk, role, arguments->option[OPTION_FORCE] != NULL);
  }
  if (code == UA_ADMIN_OK) {
    const char *const values[] = {"t", desk.row[0], desk.row[1], desk.row[2], desk.row[3]};
    code = ua_admin_print_object(desk.json, deleted, values);
  }
  ua_admin_desk_close(&desk);
  return code;
}
