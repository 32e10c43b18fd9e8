#include <stdio.h>
#include <string.h>

#include "api/handlers.h"
#include "api/heavy.h"
#include "api/routes.h"
#include "base/metrics.h"
#include "unit.h"

typedef struct load_row {
  const char *route;
  ua_load load;
  bool may_be_heavy; /* arguments may make it a search */
} load_row;

/* All routes: add each new one, with how long it may occupy its worker. */
static const load_row loads[] = {
    {"ANY /g", UA_LOAD_LIGHT, false},
    {"GET /healthz", UA_LOAD_LIGHT, false},
    {"GET /readyz", UA_LOAD_LIGHT, false},
    {"GET /metrics", UA_LOAD_LIGHT, false},
    {"POST /u/login", UA_LOAD_COMMON, false},
    {"GET /u/token", UA_LOAD_LIGHT, false},
    {"GET /u/logout", UA_LOAD_COMMON, false},
    {"POST /u/logout", UA_LOAD_COMMON, false},
    {"POST /u/reset-password", UA_LOAD_COMMON, false},
    {"POST /u/", UA_LOAD_COMMON, false},
    {"GET /u/", UA_LOAD_COMMON, true},
    {"GET /u/<int:id>", UA_LOAD_COMMON, false},
    {"PUT /u/<int:id>", UA_LOAD_COMMON, false},
    {"DELETE /u/<int:id>", UA_LOAD_COMMON, false},
    {"POST /u/<int:id>/logout", UA_LOAD_COMMON, false},
    {"GET /r/", UA_LOAD_COMMON, true},
    {"POST /r/", UA_LOAD_COMMON, false},
    {"GET /r/<int:id>", UA_LOAD_COMMON, true},
    {"PUT /r/<int:id>", UA_LOAD_COMMON, false},
    {"DELETE /r/<int:id>", UA_LOAD_COMMON, false},
    {"GET /c/", UA_LOAD_COMMON, true},
    {"POST /c/", UA_LOAD_COMMON, false},
    {"GET /c/<int:id>", UA_LOAD_COMMON, false},
    {"PUT /c/<int:id>", UA_LOAD_COMMON, false},
    {"DELETE /c/<int:id>", UA_LOAD_COMMON, false},
    {"GET /a/", UA_LOAD_COMMON, false},
    {"GET /e/", UA_LOAD_COMMON, true},
    {"GET /o", UA_LOAD_LIGHT, false},
};

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
    default:
      return "ANY";
  }
}

static void every_route_says_how_long_it_may_occupy_its_worker(void **state)
{
  (void)state;
  static char prefix[][3] = {"/u", "/r", "/c", "/a", "/e", "/g", "/o"};
  const ua_config config = {.users_prefix = prefix[0],
                            .roles_prefix = prefix[1],
                            .customers_prefix = prefix[2],
                            .account_prefix = prefix[3],
                            .events_prefix = prefix[4],
                            .guard_prefix = prefix[5],
                            .openapi_path = prefix[6]};
  ua_routes routes = {0};
  assert_int_equal(ua_api_routes_add_ours(&routes, &config, true, true), UA_OK);
  assert_int_equal(routes.count, sizeof loads / sizeof loads[0]);
  for (size_t i = 0; i < routes.count; i++) {
    const ua_route *route = &routes.list[i];
    char name[64];
    (void)snprintf(name, sizeof name, "%s %s%s", method_name(route->pattern.method), route->pattern.mount,
                   route->pattern.pattern);
    assert_string_equal(name, loads[i].route);
    assert_int_equal(route->load, loads[i].load);
    assert_int_equal(route->is_heavy != NULL, loads[i].may_be_heavy);
  }
  ua_api_routes_clear(&routes);
}

static unsigned number_of(const ua_routes *routes, const char *mount, const char *pattern)
{
  for (size_t i = 0; i < routes->count; i++) {
    const ua_route_pattern *its = &routes->list[i].pattern;
    if (strcmp(its->mount, mount) == 0 && strcmp(its->pattern, pattern) == 0) {
      return routes->list[i].number;
    }
  }
  return UA_METRICS_OTHER;
}

static void a_route_is_counted_by_the_same_number_whatever_else_is_mounted(void **state)
{
  (void)state;
  static char events[] = "/e";
  static char elsewhere[] = "/elsewhere";
  static char users[] = "/u";
  const ua_config all = {.users_prefix = users, .events_prefix = events};
  const ua_config one = {.events_prefix = elsewhere};
  ua_routes many = {0};
  ua_routes few = {0};
  assert_int_equal(ua_api_routes_add_ours(&many, &all, true, true), UA_OK);
  assert_int_equal(ua_api_routes_add_ours(&few, &one, false, true), UA_OK);
  assert_int_not_equal(number_of(&many, "/e", "/"), UA_METRICS_OTHER);
  assert_int_equal(number_of(&few, "/elsewhere", "/"), number_of(&many, "/e", "/"));
  assert_int_equal(number_of(&few, "", "/metrics"), number_of(&many, "", "/metrics"));
  for (size_t i = 0; i < many.count; i++) {
    assert_in_range(many.list[i].number, UA_METRICS_OURS, UA_METRICS_HOSTS - 1);
    assert_true(i == 0 || many.list[i].number > many.list[i - 1].number);
  }
  ua_api_routes_clear(&many);
  ua_api_routes_clear(&few);
}

static void a_guard_answers_where_another_route_is_as_well(void **state)
{
  (void)state;
  static char users[] = "/u";
  static char places[][9] = {"/u/token", "/u/login", "/u/1"};
  ua_arena *arena = ua_arena_create(4096, 65536);
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    const ua_config config = {.users_prefix = users, .guard_prefix = places[i]};
    ua_routes routes = {0};
    ua_path path;
    ua_match match = {0};
    assert_int_equal(ua_api_routes_add_ours(&routes, &config, true, true), UA_OK);
    assert_int_equal(ua_http_uri_parse_path(arena, ua_text_of(places[i]), &path), UA_OK);
    assert_int_equal(
        ua_http_router_match(routes.list, routes.count, sizeof(ua_route), UA_METHOD_GET, &path, &match),
        UA_MATCH_FOUND);
    assert_ptr_equal(routes.list[match.index].handler, ua_api_handle_guard);
    ua_api_routes_clear(&routes);
  }
  ua_arena_destroy(&arena);
}

static void a_page_of_users_is_light_whatever_it_is_filtered_by(void **state)
{
  (void)state;
  ua_exchange exchange = {.document.search.page = {.limit = UA_MAX_LIST_LIMIT, .offset = UA_LIGHT_OFFSET}};
  assert_false(ua_api_heavy_users(&exchange));
  exchange.document.search.page = (ua_page){.limit = 20, .after = INT32_MAX};
  exchange.document.user = (ua_user_change){.email = UA_TEXT("a"), .name = UA_TEXT("")};
  exchange.document.search.role = UA_TEXT("admin");
  exchange.document.search.by_active = true;
  assert_false(ua_api_heavy_users(&exchange));
}

static void a_count_or_a_deep_page_of_users_is_heavy_by_what_it_is_filtered(void **state)
{
  (void)state;
  const struct {
    ua_document filter;
    bool counts; /* a count is heavy */
    bool skips;
  } cases[] = {
      {{.search.count = false}, false, false}, /* no filter */
      {{.search.by_active = true}, false, true},
      {{.search.role = UA_TEXT("admin")}, true, true},
      {{.user.email = UA_TEXT("a")}, true, true},
      {{.user.name = UA_TEXT("")}, true, true},
      {{.user.name = UA_TEXT("a"), .search.by_active = true}, true, true},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    ua_exchange exchange = {.document = cases[i].filter};
    exchange.document.search.count = true;
    assert_int_equal(ua_api_heavy_users(&exchange), cases[i].counts);
    exchange.document.search.count = false;
    exchange.document.search.page.offset = UA_LIGHT_OFFSET + 1;
    assert_int_equal(ua_api_heavy_users(&exchange), cases[i].skips);
    exchange.document.search.count = true;
    assert_int_equal(ua_api_heavy_users(&exchange), cases[i].skips);
  }
}

static void only_a_deep_page_of_roles_is_a_search(void **state)
{
  (void)state;
  ua_exchange exchange = {.document.search.page.offset = UA_LIGHT_OFFSET};
  assert_false(ua_api_heavy_roles(&exchange));
  exchange.document.search.page.offset++;
  assert_true(ua_api_heavy_roles(&exchange));
}

/* Both count users. */
static void every_page_of_customers_and_the_details_of_a_role_are_heavy(void **state)
{
  (void)state;
  ua_exchange exchange = {.document.search.page.limit = 1};
  assert_true(ua_api_heavy_always(&exchange));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_route_says_how_long_it_may_occupy_its_worker),
      cmocka_unit_test(a_route_is_counted_by_the_same_number_whatever_else_is_mounted),
      cmocka_unit_test(a_guard_answers_where_another_route_is_as_well),
      cmocka_unit_test(a_page_of_users_is_light_whatever_it_is_filtered_by),
      cmocka_unit_test(a_count_or_a_deep_page_of_users_is_heavy_by_what_it_is_filtered),
      cmocka_unit_test(only_a_deep_page_of_roles_is_a_search),
      cmocka_unit_test(every_page_of_customers_and_the_details_of_a_role_are_heavy),
  };
  return cmocka_run_group_tests_name("routes", tests, NULL, NULL);
}
