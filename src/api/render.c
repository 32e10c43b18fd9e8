#include "api/render.h"

/* Members are written in the order of their names: json/writer.h. */

/* `created_at` is absent, or empty, where nobody knows or asks. */
static void begin_user(ua_json_writer *writer, const char *key, const ua_user *user, ua_text created_at)
{
  ua_json_begin_object(writer, key);
  ua_json_add_boolean(writer, "active", user->active);
  if (created_at.length > 0) {
    ua_json_add_text(writer, "created_at", created_at);
  }
  ua_json_begin_object(writer, "customer");
  ua_json_add_integer(writer, "id", user->customer_id);
  ua_json_end(writer);
  ua_json_add_text(writer, "email", user->email);
}

static void add_name(ua_json_writer *writer, const ua_user *user)
{
  ua_json_add_integer(writer, "id", user->id);
  ua_json_add_text(writer, "name", user->name);
}

static void add_roles(ua_json_writer *writer, const ua_user *user)
{
  ua_json_begin_array(writer, "roles");
  for (size_t i = 0; i < user->role_count; i++) {
    ua_api_render_role(writer, NULL, &user->roles[i]);
  }
  ua_json_end(writer);
}

void ua_api_render_user(ua_json_writer *writer, const char *key, const ua_user *user, bool with_roles)
{
  begin_user(writer, key, user, UA_TEXT_ABSENT);
  add_name(writer, user);
  if (with_roles) {
    add_roles(writer, user);
  }
  ua_json_end(writer);
}

static void add_role_members(ua_json_writer *writer, const ua_role *role)
{
  ua_json_add_text(writer, "code", role->code);
  ua_json_add_integer(writer, "id", role->id);
  ua_json_add_text(writer, "name", role->name);
}

void ua_api_render_role(ua_json_writer *writer, const char *key, const ua_role *role)
{
  ua_json_begin_object(writer, key);
  add_role_members(writer, role);
  ua_json_end(writer);
}

void ua_api_render_role_details(ua_json_writer *writer, const char *key, const ua_role_details *details)
{
  ua_json_begin_object(writer, key);
  ua_json_add_boolean(writer, "assignable", details->role.assignable);
  add_role_members(writer, &details->role);
  ua_json_add_integer(writer, "users", details->users);
  ua_json_end(writer);
}

void ua_api_render_customer(ua_json_writer *writer, const char *key, const ua_customer *customer)
{
  ua_json_begin_object(writer, key);
  ua_json_add_integer(writer, "id", customer->id);
  if (customer->quota.limited) {
    ua_json_add_integer(writer, "max_user_quota", customer->quota.users);
  } else {
    ua_json_add_null(writer, "max_user_quota");
  }
  ua_json_add_text(writer, "name", customer->name);
  ua_json_add_integer(writer, "users", customer->users);
  ua_json_end(writer);
}

void ua_api_render_account(ua_json_writer *writer, const char *key, const ua_user *user, ua_text created_at,
                           bool is_admin, bool is_operator)
{
  begin_user(writer, key, user, created_at);
  add_name(writer, user);
  ua_json_begin_array(writer, "rights");
  if (is_admin) {
    ua_json_add_text(writer, NULL, UA_TEXT("admin"));
  }
  if (is_operator) {
    ua_json_add_text(writer, NULL, UA_TEXT("operator"));
  }
  ua_json_end(writer);
  add_roles(writer, user);
  ua_json_end(writer);
}

void ua_api_render_claims(ua_json_writer *writer, const char *key, const ua_claims *claims)
{
  begin_user(writer, key, &claims->user, UA_TEXT_ABSENT);
  ua_json_add_integer(writer, "exp", claims->expires_at);
  add_name(writer, &claims->user);
  add_roles(writer, &claims->user);
  ua_json_end(writer);
}
