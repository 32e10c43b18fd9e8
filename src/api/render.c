#include "api/render.h"

#include "json/reader.h"

/* Members are written in the order of their names: json/writer.h. */

/* `created_at` is absent, or empty, if it is unknown or not wanted. */
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

/* {"id":…,"name":…}, or null without a person. */
static void add_person(ua_json_writer *writer, const char *key, int32_t id, ua_text name)
{
  if (id == 0) {
    ua_json_add_null(writer, key);
    return;
  }
  ua_json_begin_object(writer, key);
  ua_json_add_integer(writer, "id", id);
  ua_json_add_text(writer, "name", name);
  ua_json_end(writer);
}

static void add_value(ua_json_writer *writer, const char *key, const ua_json_value *value)
{
  bool is_object = value->type == UA_JSON_OBJECT;
  switch (value->type) {
    case UA_JSON_BOOLEAN:
      ua_json_add_boolean(writer, key, value->boolean);
      return;
    case UA_JSON_INTEGER:
      ua_json_add_integer(writer, key, value->integer);
      return;
    case UA_JSON_STRING:
      ua_json_add_text(writer, key, value->string);
      return;
    case UA_JSON_OBJECT:
      ua_json_begin_object(writer, key);
      break;
    case UA_JSON_ARRAY:
      ua_json_begin_array(writer, key);
      break;
    default: /* no code writes other numbers: service/events.h */
      ua_json_add_null(writer, key);
      return;
  }
  for (size_t i = 0; i < value->count; i++) {
    add_value(writer, is_object ? value->members[i].name.data : NULL, &value->members[i].value);
  }
  ua_json_end(writer);
}

ua_status ua_api_render_event_data(ua_json_writer *writer, const char *key, ua_arena *arena, ua_text data)
{
  ua_json_value value;
  ua_status status = ua_json_parse(arena, data, &value);
  if (status == UA_WRONG_PAYLOAD) { /* nested too deep, which only SQL can insert: the page stays readable */
    ua_json_begin_object(writer, key);
    ua_json_add_boolean(writer, "unreadable", true);
    ua_json_end(writer);
    return UA_OK;
  }
  if (status == UA_OK) {
    add_value(writer, key, &value);
  }
  return status;
}

ua_status ua_api_render_event(ua_json_writer *writer, const char *key, ua_arena *arena, const ua_event *event)
{
  ua_json_begin_object(writer, key);
  add_person(writer, "actor", event->actor_id, event->actor_name);
  ua_json_add_text(writer, "address", event->address);
  ua_json_add_text(writer, "at", event->at);
  if (event->has_customer) {
    ua_json_begin_object(writer, "customer");
    ua_json_add_integer(writer, "id", event->customer_id);
    ua_json_end(writer);
  } else {
    ua_json_add_null(writer, "customer");
  }
  ua_status status = ua_api_render_event_data(writer, "data", arena, event->data);
  ua_json_add_integer(writer, "id", event->id);
  ua_json_add_text(writer, "kind", event->kind);
  ua_json_add_text(writer, "request_id", event->request_id);
  add_person(writer, "user", event->user_id, event->user_name);
  ua_json_end(writer);
  return status;
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
