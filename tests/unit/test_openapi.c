#include <json-c/json.h>
#include <string.h>

#include "api/openapi.h"
#include "api/openapi_source.h"
#include "base/metrics.h"
#include "unit.h"

static ua_config everything(void)
{
  static char users[] = "/api/users", roles[] = "/api/roles", customers[] = "/api/customers";
  static char account[] = "/api/account", events[] = "/api/events", guard[] = "/api/guard";
  static char openapi[] = "/api/openapi.json";
  return (ua_config){.users_prefix = users,
                     .roles_prefix = roles,
                     .customers_prefix = customers,
                     .account_prefix = account,
                     .events_prefix = events,
                     .guard_prefix = guard,
                     .openapi_path = openapi};
}

/* Writes the document into the arena, with a NUL after it. If `with_fixed`, it includes health and metrics,
 * which have fixed paths. */
static ua_text write_document(ua_arena *arena, const ua_config *config, bool with_fixed)
{
  ua_routes routes = {0};
  ua_text document;
  assert_int_equal(ua_api_routes_add_ours(&routes, config, with_fixed, with_fixed), UA_OK);
  assert_int_equal(ua_api_openapi_write(arena, config, &routes, &document), UA_OK);
  ua_api_routes_clear(&routes);
  return ua_arena_printf(arena, "%.*s", (int)document.length, document.data);
}

/* The document's paths, in order, each followed by a blank. */
static ua_text paths_of(ua_arena *arena, ua_text document)
{
  json_object *root = json_tokener_parse(document.data);
  assert_non_null(root);
  ua_text names = UA_TEXT("");
  json_object_object_foreach(json_object_object_get(root, "paths"), name, item)
  {
    assert_true(json_object_is_type(item, json_type_object));
    names = ua_arena_printf(arena, "%.*s%s ", (int)names.length, names.data, name);
  }
  json_object_put(root);
  return names;
}

static void assert_paths(const ua_config *config, bool with_fixed, const char *wanted)
{
  ua_arena *arena = ua_arena_create(1 << 16, 1 << 20);
  assert_string_equal(paths_of(arena, write_document(arena, config, with_fixed)).data, wanted);
  ua_arena_destroy(&arena);
}

static void unmoved_it_is_the_source(void **state)
{
  (void)state;
  ua_arena *arena = ua_arena_create(1 << 16, 1 << 20);
  ua_config config = everything();
  ua_text document = write_document(arena, &config, true);
  assert_int_equal(document.length, ua_api_openapi_length + 1);
  assert_memory_equal(document.data, ua_api_openapi_source, ua_api_openapi_length);
  assert_int_equal(document.data[document.length - 1], '\n');
  ua_arena_destroy(&arena);
}

static void what_is_not_mounted_is_left_out(void **state)
{
  (void)state;
  ua_config config = {.account_prefix = everything().account_prefix};
  assert_paths(&config, true, "/api/account/ /healthz /metrics /readyz ");
  assert_paths(&config, false, "/api/account/ ");
}

static void without_any_path_it_is_a_document(void **state)
{
  (void)state;
  ua_config config = {0};
  assert_paths(&config, false, "");
}

static void moved_paths_are_in_the_order_of_their_names(void **state)
{
  (void)state;
  static char roles[] = "/z", account[] = "/me", events[] = "/e";
  ua_config config = {.roles_prefix = roles, .account_prefix = account, .events_prefix = events};
  assert_paths(&config, false, "/e/ /me/ /z/ /z/{id} ");
}

static void a_part_may_be_where_another_one_was(void **state)
{
  (void)state;
  static char roles[] = "/api/users", account[] = "/api/roles";
  ua_config config = {.roles_prefix = roles, .account_prefix = account};
  assert_paths(&config, false, "/api/roles/ /api/users/ /api/users/{id} ");
}

static size_t count_of(const char *text, const char *part)
{
  size_t count = 0;
  for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
    count++;
  }
  return count;
}

static void a_path_where_two_parts_meet_is_there_once(void **state)
{
  (void)state;
  ua_arena *arena = ua_arena_create(1 << 16, 1 << 20);
  static char token[] = "/api/users/token", login[] = "/api/users/login";
  ua_config config = everything();
  config.guard_prefix = token;
  config.openapi_path = login;
  ua_text document = write_document(arena, &config, true);
  assert_int_equal(count_of(document.data, "\"/api/users/token\":"), 1);
  assert_int_equal(count_of(document.data, "\"/api/users/login\":{\"post\":"), 1);
  assert_int_equal(count_of(document.data, "\"/api/users/login\":"), 1);
  ua_arena_destroy(&arena);
}

static void a_route_of_an_embedding_program_is_not_described(void **state)
{
  (void)state;
  ua_arena *arena = ua_arena_create(1 << 16, 1 << 20);
  static char account[] = "/me";
  ua_config config = {.account_prefix = account};
  ua_routes routes = {0};
  ua_text document;
  const ua_route of_host = {.pattern = {"", "/healthz", UA_METHOD_GET}, .number = UA_METRICS_HOSTS};
  const ua_route uncounted = {.pattern = {"", "/metrics", UA_METHOD_GET}, .number = UA_METRICS_OTHER};
  assert_int_equal(ua_api_routes_add_ours(&routes, &config, false, false), UA_OK);
  assert_int_equal(ua_api_routes_add(&routes, &of_host), UA_OK);
  assert_int_equal(ua_api_routes_add(&routes, &uncounted), UA_OK);
  assert_int_equal(ua_api_openapi_write(arena, &config, &routes, &document), UA_OK);
  document = ua_arena_printf(arena, "%.*s", (int)document.length, document.data);
  assert_string_equal(paths_of(arena, document).data, "/me/ ");
  ua_api_routes_clear(&routes);
  ua_arena_destroy(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unmoved_it_is_the_source),
      cmocka_unit_test(what_is_not_mounted_is_left_out),
      cmocka_unit_test(without_any_path_it_is_a_document),
      cmocka_unit_test(moved_paths_are_in_the_order_of_their_names),
      cmocka_unit_test(a_part_may_be_where_another_one_was),
      cmocka_unit_test(a_path_where_two_parts_meet_is_there_once),
      cmocka_unit_test(a_route_of_an_embedding_program_is_not_described),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
