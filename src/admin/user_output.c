/* What the user commands print. The API renders the same user in the same words. */
#include <stdio.h>

#include "admin/user_session.h"
#include "api/render.h"
#include "json/reader.h"

const ua_cli_column ua_admin_user_columns[] = {
    [UA_OPERATOR_USERS_ID] = {"id", UA_CLI_INTEGER, NULL},
    [UA_OPERATOR_USERS_CUSTOMER] = {"customer", UA_CLI_INTEGER, NULL},
    [UA_OPERATOR_USERS_EMAIL] = {"email", UA_CLI_TEXT, NULL},
    [UA_OPERATOR_USERS_NAME] = {"name", UA_CLI_TEXT, NULL},
    [UA_OPERATOR_USERS_ACTIVE] = {"active", UA_CLI_BOOLEAN, NULL},
    [UA_OPERATOR_USERS_CODES] = {"roles", UA_CLI_STRINGS, NULL},
    {NULL, UA_CLI_TEXT, NULL},
};

void ua_admin_user_write(ua_json_writer *writer, const char *key, const ua_user *user)
{
  ua_api_render_user(writer, key, user, true);
}

static int print_json(const ua_user *user, const ua_cli_secret *password)
{
  ua_json_writer *writer = ua_json_writer_create();
  if (password == NULL) {
    ua_admin_user_write(writer, NULL, user);
  } else {
    ua_json_begin_object(writer, NULL);
    ua_json_add_text(writer, "password", ua_cli_secret_text(password));
    ua_admin_user_write(writer, "user", user);
    ua_json_end(writer);
  }
  return ua_cli_print_json(&writer);
}

static ua_status write_codes(ua_arena *arena, const ua_user *user, ua_text *codes_r)
{
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_array(writer, NULL);
  for (size_t i = 0; i < user->role_count; i++) {
    ua_json_add_text(writer, NULL, user->roles[i].code);
  }
  ua_json_end(writer);
  return ua_json_finish(&writer, arena, false, codes_r);
}

int ua_admin_user_print(ua_admin_session *session, const ua_user *user)
{
  ua_text codes;
  if (session->json) {
    return print_json(user, NULL);
  }
  ua_text id = ua_arena_printf(session->arena, "%ld", (long)user->id);
  ua_text customer = ua_arena_printf(session->arena, "%ld", (long)user->customer_id);
  if (id.data == NULL || customer.data == NULL || write_codes(session->arena, user, &codes) != UA_OK) {
    return ua_cli_fail("out of memory");
  }
  const char *const values[] = {[UA_OPERATOR_USERS_ID] = id.data,
                                [UA_OPERATOR_USERS_CUSTOMER] = customer.data,
                                [UA_OPERATOR_USERS_EMAIL] = user->email.data,
                                [UA_OPERATOR_USERS_NAME] = user->name.data,
                                [UA_OPERATOR_USERS_ACTIVE] = user->active ? "t" : "f",
                                [UA_OPERATOR_USERS_CODES] = codes.data};
  return ua_cli_print_object(false, ua_admin_user_columns, values);
}

int ua_admin_user_say_password(ua_admin_session *session, const ua_user *user, const char *what,
                               const ua_cli_secret *password)
{
  if (session->json) {
    return print_json(user, password);
  }
  ua_text email = ua_cli_printable(session->arena, user->email);
  if (email.data == NULL) {
    return ua_cli_fail("out of memory");
  }
  (void)printf("user %ld %.*s %s\n", (long)user->id, UA_TEXT_ARGS(email), what);
  if (password != NULL) {
    (void)printf("password %s\n", password->value);
  }
  return fflush(stdout) == 0 ? UA_CLI_OK : ua_cli_fail("cannot write to standard output");
}

int ua_admin_user_say(ua_admin_session *session, const ua_user *user, const char *what)
{
  return ua_admin_user_say_password(session, user, what, NULL);
}

ua_status ua_admin_user_parse_roles(ua_arena *arena, const char *json, ua_user *user)
{
  ua_json_value list;
  ua_status status = ua_json_parse(arena, ua_text_of(json), &list);
  if (status != UA_OK) {
    return UA_INTERNAL;
  }
  ua_role *roles = ua_arena_calloc(arena, list.count, sizeof *roles);
  for (size_t i = 0; roles != NULL && i < list.count; i++) {
    const ua_json_value *role = &list.members[i].value;
    const ua_json_value *id = ua_json_member_of(role, "id");
    const ua_json_value *code = ua_json_member_of(role, "code");
    const ua_json_value *name = ua_json_member_of(role, "name");
    if (id == NULL || code == NULL || name == NULL) {
      return UA_INTERNAL;
    }
    roles[i] = (ua_role){.id = (int32_t)id->integer, .code = code->string, .name = name->string};
  }
  user->roles = roles;
  user->role_count = list.count;
  return roles == NULL ? UA_INTERNAL : UA_OK;
}
