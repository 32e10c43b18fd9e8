#include <stdio.h>

#include "admin/commands.h"
#include "admin/user_session.h"
#include "base/limits.h"
#include "service/users.h"

enum {
  OPTION_CUSTOMER = UA_ADMIN_PAGE_OPTIONS,
  OPTION_EMAIL,
  OPTION_NAME,
  OPTION_ROLE,
  OPTION_ACTIVE,
  OPTION_INACTIVE
};

static const ua_cli_option list_options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    UA_ADMIN_PAGE_OPTION_ROWS,
    [OPTION_CUSTOMER] = {"--customer", "ID", "users of this customer"},
    [OPTION_EMAIL] = {"--email", "PATTERN", "users whose email matches"},
    [OPTION_NAME] = {"--name", "PATTERN", "users whose name matches"},
    [OPTION_ROLE] = {"--role", "CODE", "users who have this role"},
    [OPTION_ACTIVE] = {"--active", NULL, "users who may log in"},
    [OPTION_INACTIVE] = {"--inactive", NULL, "users who may not log in"},
    {NULL, NULL, NULL},
};

static const char list_details[] =
    "Lists the users of all customers, or those that match all options, in the order\n"
    "of their ids and as they arrive: a million users take no more memory than one.\n"
    "Patterns ignore case. % stands for any characters and _ for one; a backslash\n"
    "makes the next character ordinary.\n";

/* Prints users as one JSON object, one user at a time. */
typedef struct listing {
  ua_arena *arena; /* of one user */
  size_t rows;
  const char *wrong; /* why it stopped */
} listing;

static ua_status render(ua_arena *arena, const char *const *values, ua_text *text_r)
{
  uint64_t id = 0;
  uint64_t customer_id = 0;
  (void)ua_text_to_uint(ua_text_of(values[UA_OPERATOR_USERS_ID]), INT32_MAX, &id);
  (void)ua_text_to_uint(ua_text_of(values[UA_OPERATOR_USERS_CUSTOMER]), INT32_MAX, &customer_id);
  ua_user user = {
      .id = (int32_t)id,
      .customer_id = (int32_t)customer_id,
      .email = ua_text_of(values[UA_OPERATOR_USERS_EMAIL]),
      .name = ua_text_of(values[UA_OPERATOR_USERS_NAME]),
      .active = values[UA_OPERATOR_USERS_ACTIVE] != NULL && values[UA_OPERATOR_USERS_ACTIVE][0] == 't'};
  ua_status status = ua_admin_user_parse_roles(arena, values[UA_OPERATOR_USERS_ROLES], &user);
  if (status != UA_OK) {
    return status;
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_admin_user_write(writer, NULL, &user);
  return ua_json_finish(&writer, arena, false, text_r);
}

static ua_status print_row(void *context, const char *const *values)
{
  listing *l = context;
  ua_text text;
  if (render(l->arena, values, &text) != UA_OK) {
    l->wrong = "out of memory";
    return UA_INTERNAL;
  }
  (void)printf("%s%.*s", l->rows++ == 0 ? "{\"users\":[" : ",", UA_TEXT_ARGS(text));
  ua_arena_reset(l->arena);
  if (ferror(stdout) != 0) {
    l->wrong = "cannot write to standard output";
    return UA_INTERNAL;
  }
  return UA_OK;
}

static int list_json(ua_admin_session *session, const ua_operator_users_filter *filter)
{
  listing l = {.arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT)};
  if (l.arena == NULL) {
    return ua_cli_fail("out of memory");
  }
  ua_status status = ua_operator_users_stream(session->connection, filter, print_row, &l, &session->error);
  ua_arena_destroy(&l.arena);
  if (status != UA_OK) {
    return ua_cli_fail("%s", l.wrong != NULL ? l.wrong : session->error.text);
  }
  (void)printf("%s]}\n", l.rows == 0 ? "{\"users\":[" : "");
  return fflush(stdout) == 0 ? UA_CLI_OK : ua_cli_fail("cannot write to standard output");
}

static int list_lines(ua_admin_session *session, const ua_operator_users_filter *filter)
{
  ua_status status = UA_INTERNAL;
  ua_cli_list *list = ua_cli_list_begin(false, "users", ua_admin_user_columns);
  if (list != NULL) {
    status = ua_operator_users_stream(session->connection, filter, ua_cli_list_row, list, &session->error);
  }
  return ua_cli_list_end(&list, status, &session->error);
}

/* A customer or role that does not exist is an error, not an empty list. */
static int check_names(ua_admin_session *session, const ua_operator_users_filter *filter)
{
  int32_t id;
  if (filter->customer_id != NULL &&
      ua_operator_users_customer(session->connection, filter->customer_id, &id, &session->error) != UA_OK) {
    return ua_cli_fail("%s", session->error.text);
  }
  if (filter->role != NULL &&
      ua_operator_users_role(session->connection, filter->role, &id, &session->error) != UA_OK) {
    return ua_cli_fail("%s", session->error.text);
  }
  return UA_CLI_OK;
}

static int list(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  const char *const *option = arguments->option;
  ua_text email = ua_service_users_pattern(session->arena, ua_text_of(option[OPTION_EMAIL]));
  ua_text name = ua_service_users_pattern(session->arena, ua_text_of(option[OPTION_NAME]));
  if ((option[OPTION_EMAIL] != NULL && email.data == NULL) ||
      (option[OPTION_NAME] != NULL && name.data == NULL)) {
    return ua_cli_fail("out of memory");
  }
  const char *active = option[OPTION_ACTIVE] != NULL ? "t" : option[OPTION_INACTIVE] != NULL ? "f" : NULL;
  const ua_operator_users_filter filter = {.customer_id = option[OPTION_CUSTOMER],
                                           .email_pattern = email.data,
                                           .name_pattern = name.data,
                                           .role = option[OPTION_ROLE],
                                           .active = active,
                                           .after = option[UA_ADMIN_PAGE_AFTER],
                                           .limit = option[UA_ADMIN_PAGE_LIMIT]};
  int code = check_names(session, &filter);
  if (code != UA_CLI_OK) {
    return code;
  }
  return session->json ? list_json(session, &filter) : list_lines(session, &filter);
}

static int check_arguments(const ua_cli_arguments *arguments)
{
  const char *const *option = arguments->option;
  static const struct {
    int option;
    const char *what;
  } texts[] = {{OPTION_EMAIL, "--email"}, {OPTION_NAME, "--name"}, {OPTION_ROLE, "--role"}};
  int code = ua_admin_check_page(arguments);
  for (size_t i = 0; code == UA_CLI_OK && i < sizeof texts / sizeof texts[0]; i++) {
    code = ua_admin_check_string(texts[i].what, option[texts[i].option], 1);
  }
  if (code == UA_CLI_OK) {
    code = ua_admin_check_id("--customer", option[OPTION_CUSTOMER]);
  }
  if (code == UA_CLI_OK && option[OPTION_ACTIVE] != NULL && option[OPTION_INACTIVE] != NULL) {
    code = ua_cli_misused("user list: --active and --inactive exclude each other");
  }
  return code;
}

static int run_list(const ua_cli_arguments *arguments)
{
  int code = check_arguments(arguments);
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_DATABASE, list) : code;
}

const ua_cli_command ua_admin_user_list = {
    .name = "user list",
    .synopsis = "[OPTIONS]",
    .summary = "Lists users",
    .details = list_details,
    .example = "--role admin --active",
    .options = list_options,
    .run = run_list,
};
