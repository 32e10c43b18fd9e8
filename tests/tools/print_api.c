/* Prints the tables of the API as JSON: the routes with their fields, and the answer to each outcome. Tests
 * compare them with docs/api.md and the OpenAPI document. */
#include <stdio.h>

#include "api/problem.h"
#include "api/routes.h"
#include "base/limits.h"
#include "json/writer.h"

static const char *method_name(ua_method method)
{
  switch (method) {
    case UA_METHOD_GET:
      return "GET";
    case UA_METHOD_POST:
      return "POST";
    case UA_METHOD_PUT:
      return "PUT";
    case UA_METHOD_DELETE:
      return "DELETE";
    case UA_METHOD_PATCH:
      return "PATCH";
    default:
      return "any";
  }
}

static void print_access(ua_json_writer *writer, const ua_route *route)
{
  static const char *const rights[] = {
      [UA_RIGHT_NONE] = "connected", [UA_RIGHT_ADMIN] = "admin", [UA_RIGHT_OPERATOR] = "operator"};
  bool is_public = route->access.kind == UA_ACCESS_PUBLIC;
  ua_json_begin_array(writer, "access");
  ua_json_add_text(writer, NULL, ua_text_of(is_public ? "anyone" : rights[route->right]));
  ua_json_end(writer);
}

static const char *type_name(ua_field_type type)
{
  static const char *const names[] = {
      [UA_FIELD_STRING] = "string",   [UA_FIELD_SECRET] = "secret",   [UA_FIELD_PASSWORD] = "password",
      [UA_FIELD_BOOLEAN] = "boolean", [UA_FIELD_INTEGER] = "integer", [UA_FIELD_CUSTOMER] = "customer",
      [UA_FIELD_ROLES] = "roles",     [UA_FIELD_IGNORED] = "ignored"};
  return names[type];
}

static void print_field(ua_json_writer *writer, const ua_field *field)
{
  static const char *const forms[] = {
      [UA_FORM_ANY] = "any", [UA_FORM_IDENTIFIER] = "identifier", [UA_FORM_CODE] = "code"};
  ua_json_begin_object(writer, field->name);
  ua_json_add_text(writer, "excludes", ua_text_of(field->excludes));
  ua_json_add_boolean(writer, "for_operators", field->for_operators);
  ua_json_add_text(writer, "form", ua_text_of(forms[field->form]));
  ua_json_add_integer(writer, "maximum", field->maximum);
  ua_json_add_integer(writer, "minimum", field->minimum);
  ua_json_add_boolean(writer, "nullable", field->nullable);
  ua_json_add_integer(writer, "preset", field->preset);
  ua_json_add_boolean(writer, "required", field->required);
  ua_json_add_text(writer, "type", ua_text_of(type_name(field->type)));
  ua_json_end(writer);
}

static void print_fields(ua_json_writer *writer, const char *key, const ua_document_schema *schema)
{
  ua_json_begin_object(writer, key);
  for (size_t i = 0; schema != NULL && i < schema->count; i++) {
    print_field(writer, &schema->fields[i]);
  }
  ua_json_end(writer);
}

static void print_routes(ua_json_writer *writer, const ua_routes *routes)
{
  ua_json_begin_array(writer, "routes");
  for (size_t i = 0; i < routes->count; i++) {
    const ua_route *route = &routes->list[i];
    char path[256];
    (void)snprintf(path, sizeof path, "%s%s", route->pattern.mount, route->pattern.pattern);
    ua_json_begin_object(writer, NULL);
    print_access(writer, route);
    print_fields(writer, "arguments", route->arguments);
    ua_json_add_text(writer, "method", ua_text_of(method_name(route->pattern.method)));
    ua_json_add_text(writer, "path", ua_text_of(path));
    print_fields(writer, "payload", route->payload);
    ua_json_end(writer);
  }
  ua_json_end(writer);
}

/* Limits from base/limits.h that the tables of fields do not have. */
static void print_limits(ua_json_writer *writer)
{
  ua_json_begin_object(writer, "limits");
  ua_json_add_integer(writer, "password_bytes", UA_MAX_PASSWORD_BYTES);
  ua_json_add_integer(writer, "roles", UA_MAX_ROLES);
  ua_json_add_integer(writer, "string_characters", UA_MAX_STRING_CHARACTERS);
  ua_json_end(writer);
}

static ua_status print_errors(ua_json_writer *writer, ua_arena *arena)
{
  ua_json_begin_array(writer, "errors");
  for (int status = 0; status < UA_STATUS_COUNT; status++) {
    ua_response response = {0};
    if (status == UA_OK) {
      continue;
    }
    if (ua_api_problem_render(arena, (ua_status)status, &(ua_problem){0}, &response) != UA_OK) {
      return UA_INTERNAL;
    }
    ua_json_begin_object(writer, NULL);
    ua_json_add_text(writer, "body", response.body);
    ua_json_begin_object(writer, "headers");
    for (size_t i = 0; i < response.header_count; i++) {
      ua_json_add_text(writer, response.header[i].name.data, response.header[i].value);
    }
    ua_json_end(writer);
    ua_json_add_integer(writer, "status", response.status);
    ua_json_end(writer);
  }
  ua_json_end(writer);
  return UA_OK;
}

int main(void)
{
  static char users[] = "/api/users";
  static char roles[] = "/api/roles";
  static char customers[] = "/api/customers";
  static char account[] = "/api/account";
  static char events[] = "/api/events";
  static char guard[] = "/api/guard";
  static char openapi[] = "/api/openapi.json";
  const ua_config config = {.users_prefix = users,
                            .roles_prefix = roles,
                            .customers_prefix = customers,
                            .account_prefix = account,
                            .events_prefix = events,
                            .guard_prefix = guard,
                            .openapi_path = openapi};
  ua_arena *arena = ua_arena_create(4096, 1 << 20);
  ua_routes routes = {0};
  ua_text text;
  if (ua_api_routes_add_ours(&routes, &config, true, true) != UA_OK) {
    return 1;
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_status status = print_errors(writer, arena);
  print_limits(writer);
  print_routes(writer, &routes);
  ua_json_end(writer);
  if (status != UA_OK || ua_json_finish(&writer, arena, true, &text) != UA_OK) {
    return 1;
  }
  (void)fwrite(text.data, 1, text.length, stdout);
  ua_api_routes_clear(&routes);
  ua_arena_destroy(&arena);
  return 0;
}
