#include <string.h>

#include "admin/user.h"
#include "admin/user_session.h"
#include "base/limits.h"
#include "service/users.h"

enum {
  OPTION_NAME = UA_ADMIN_DESK_OPTIONS,
  OPTION_CUSTOMER,
  OPTION_ROLES,
  OPTION_INACTIVE,
  OPTION_PASSWORDS /* three rows */
};

const ua_admin_option ua_admin_user_add_options[] = {
    UA_ADMIN_DESK_OPTION_ROWS,
    [OPTION_NAME] = {"--name", "NAME", "the person's name"},
    [OPTION_CUSTOMER] = {"--customer", "ID", "whose user it is, where there are several customers"},
    [OPTION_ROLES] = {"--roles", "CODES", "roles to give, with commas between them"},
    [OPTION_INACTIVE] = {"--inactive", NULL, "may not log in yet"},
    UA_ADMIN_PASSWORD_OPTION_ROWS,
    {NULL, NULL, NULL},
};

const char ua_admin_user_add_details[] =
    "The email has to be a new one, whatever its case, among the users of all "
    "customers.\n" UA_ADMIN_PASSWORD_DETAILS;

/* Splits the codes of --roles; the pieces live in the arena. */
static int read_roles(ua_admin_desk *desk, const char *given, ua_user_change *change)
{
  const char *codes[UA_MAX_ROLES];
  size_t count = 0;
  ua_text rest = ua_text_of(given);
  ua_text code;
  while (ua_text_split(&rest, ',', &code)) {
    if (count == UA_MAX_ROLES) {
      return ua_admin_misused("user add: at most %d roles", UA_MAX_ROLES);
    }
    codes[count] = ua_arena_copy(desk->arena, ua_text_trim(code)).data;
    if (codes[count++] == NULL) {
      return ua_admin_fail("out of memory");
    }
  }
  int32_t *role_ids = ua_arena_calloc(desk->arena, count, sizeof *role_ids);
  if (role_ids == NULL) {
    return ua_admin_fail("out of memory");
  }
  change->has_roles = true;
  change->role_ids = role_ids;
  change->role_count = count;
  return ua_admin_user_roles(desk, codes, count, role_ids);
}

/* Before anybody is asked for a password. */
static int refuse_known_email(ua_admin_desk *desk, const char *email)
{
  ua_user_address address;
  ua_status status = ua_directory_find(desk->connection, email, NULL, &address, &desk->error);
  if (status == UA_NOT_FOUND) {
    desk->error.text[0] = '\0';
    return UA_ADMIN_OK;
  }
  return ua_admin_user_fail(desk, status == UA_OK ? UA_CONFLICT : status, email);
}

static int check_arguments(const ua_admin_arguments *arguments)
{
  const char *const *option = arguments->option;
  if (option[OPTION_NAME] == NULL) {
    return ua_admin_misused("user add: --name is missing");
  }
  int code = ua_admin_check_string("EMAIL", arguments->positional[0], 1);
  if (code == UA_ADMIN_OK) {
    code = ua_admin_check_string("--name", option[OPTION_NAME], 1);
  }
  if (code == UA_ADMIN_OK && option[OPTION_CUSTOMER] != NULL) {
    code = ua_admin_check_id("--customer", option[OPTION_CUSTOMER]);
  }
  return code == UA_ADMIN_OK ? ua_admin_user_password_check(arguments, OPTION_PASSWORDS) : code;
}

static int add(const ua_admin_arguments *arguments, ua_admin_desk *desk, ua_admin_secret *password)
{
  const char *email = arguments->positional[0];
  const char *roles = arguments->option[OPTION_ROLES];
  ua_user_change change = {.email = ua_text_of(email),
                           .name = ua_text_of(arguments->option[OPTION_NAME]),
                           .active = arguments->option[OPTION_INACTIVE] == NULL};
  ua_unknown_roles unknown = {0};
  ua_user user = {.id = 0};
  int32_t customer_id;
  if (ua_directory_customer(desk->connection, arguments->option[OPTION_CUSTOMER], &customer_id,
                            &desk->error) != UA_OK) {
    return ua_admin_fail("%s", desk->error.text);
  }
  int code = roles == NULL ? UA_ADMIN_OK : read_roles(desk, roles, &change);
  if (code == UA_ADMIN_OK) {
    code = refuse_known_email(desk, email);
  }
  if (code == UA_ADMIN_OK) {
    code = ua_admin_user_password_read(arguments, OPTION_PASSWORDS, desk, change.email, password);
  }
  if (code != UA_ADMIN_OK) {
    return code;
  }
  change.password = ua_admin_secret_text(password);
  ua_status status = ua_users_register(&desk->service, desk->arena, customer_id, &change, &user, &unknown);
  if (status != UA_OK) {
    return ua_admin_user_fail(desk, status, email);
  }
  bool made_up = arguments->option[OPTION_PASSWORDS + UA_ADMIN_PASSWORD_GENERATE] != NULL;
  return ua_admin_user_say_password(desk, &user, "added", made_up ? password : NULL);
}

int ua_admin_user_add(const ua_admin_arguments *arguments)
{
  ua_admin_desk desk = {.json = false};
  ua_admin_secret password = {.given = false};
  int code = check_arguments(arguments);
  if (code != UA_ADMIN_OK) {
    return code;
  }
  code = ua_admin_desk_open(arguments, UA_ADMIN_NEEDS_SERVICE, &desk);
  if (code == UA_ADMIN_OK) {
    code = add(arguments, &desk, &password);
  }
  ua_admin_secret_wipe(&password);
  ua_admin_desk_close(&desk);
  return code;
}
