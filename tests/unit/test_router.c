#include <string.h>

#include "http/router.h"
#include "unit.h"

/* Rows contain more than the pattern, as in the real table. */
typedef struct row {
  ua_route_pattern pattern;
  const char *name;
} row;

static const row rows[] = {
    {{"/api/users", "/<int:id>", UA_METHOD_GET}, "get"},
    {{"/api/users", "/<int:id>", UA_METHOD_PUT}, "update"},
    {{"/api/users", "/<string:name>", UA_METHOD_DELETE}, "delete by name"},
    {{"/api/users", "/login", UA_METHOD_POST}, "login"},
    {{"/api/users", "/logout", UA_METHOD_GET | UA_METHOD_POST}, "logout"},
    {{"/api/users", "/", UA_METHOD_GET}, "list"},
    {{"/api/users", "/", UA_METHOD_POST}, "register"},
    {{"/api/users", "/<int:id>/roles/<string:code>", UA_METHOD_GET}, "role of user"},
    {{"", "/healthz", UA_METHOD_GET}, "health"},
    {{"", "/", UA_METHOD_GET}, "root"},
};

static ua_match_result match(ua_method method, const char *raw, ua_match *found)
{
  ua_arena *arena = ua_arena_create(4096, 8192);
  ua_path path;
  assert_non_null(arena);
  assert_int_equal(ua_http_uri_parse_path(arena, ua_text_of(raw), &path), UA_OK);
  ua_match_result result =
      ua_http_router_match(rows, sizeof rows / sizeof *rows, sizeof *rows, method, &path, found);
  for (size_t i = 0; result == UA_MATCH_FOUND && i < found->parameter_count; i++) {
    static char kept[UA_MAX_PATH_PARAMETERS][64];
    ua_text text = found->parameter[i].text;
    assert_in_range(text.length, 1, sizeof kept[i] - 1);
    memcpy(kept[i], text.data, text.length);
    found->parameter[i].text.data = kept[i];
  }
  ua_arena_destroy(&arena);
  return result;
}

static void assert_found(ua_method method, const char *raw, const char *name)
{
  ua_match found;
  assert_int_equal(match(method, raw, &found), UA_MATCH_FOUND);
  assert_string_equal(rows[found.index].name, name);
}

static void a_row_is_found_by_method_and_path(void **state)
{
  (void)state;
  assert_found(UA_METHOD_GET, "/api/users/", "list");
  assert_found(UA_METHOD_POST, "/api/users/", "register");
  assert_found(UA_METHOD_PUT, "/api/users/3", "update");
  assert_found(UA_METHOD_POST, "/api/users/logout", "logout");
  assert_found(UA_METHOD_GET, "/api/users/logout", "logout");
  assert_found(UA_METHOD_GET, "/healthz", "health");
  assert_found(UA_METHOD_GET, "/", "root");
}

static void parameters_come_with_name_text_and_number(void **state)
{
  (void)state;
  ua_match found;
  assert_int_equal(match(UA_METHOD_GET, "/api/users/2147483647/roles/ad%20min", &found), UA_MATCH_FOUND);
  assert_string_equal(rows[found.index].name, "role of user");
  assert_int_equal(found.parameter_count, 2);
  assert_int_equal(found.parameter[0].integer, INT32_MAX);
  assert_true(
      ua_text_equal((ua_text){found.parameter[0].name, found.parameter[0].name_length}, UA_TEXT("id")));
  assert_true(
      ua_text_equal((ua_text){found.parameter[1].name, found.parameter[1].name_length}, UA_TEXT("code")));
  assert_true(ua_text_equal(found.parameter[1].text, UA_TEXT("ad min")));
}

static void an_id_that_is_no_positive_32_bit_decimal_is_no_path(void **state)
{
  (void)state;
  static const char *const wrong[] = {
      "/api/users/0/roles/x",          "/api/users/-1/roles/x",
      "/api/users/+1/roles/x",         "/api/users/01/roles/x",
      "/api/users/2147483648/roles/x", "/api/users/1.0/roles/x",
      "/api/users/1%20/roles/x",       "/api/users/99999999999999999999/roles/x"};
  ua_match found;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_int_equal(match(UA_METHOD_GET, wrong[i], &found), UA_MATCH_NONE);
  }
}

static void literal_segments_win_over_parameters(void **state)
{
  (void)state;
  ua_match found;
  assert_found(UA_METHOD_POST, "/api/users/login", "login");
  assert_found(UA_METHOD_GET, "/api/users/7", "get");
  assert_found(UA_METHOD_DELETE, "/api/users/bob", "delete by name");
  assert_int_equal(match(UA_METHOD_DELETE, "/api/users/login", &found), UA_MATCH_METHOD_NOT_ALLOWED);
  assert_int_equal(found.allowed, UA_METHOD_POST | UA_METHOD_OPTIONS);
}

static void a_collection_without_its_slash_is_told_to_add_it(void **state)
{
  (void)state;
  ua_match found;
  assert_int_equal(match(UA_METHOD_GET, "/api/users", &found), UA_MATCH_ADD_SLASH);
  assert_int_equal(match(UA_METHOD_POST, "/api/users", &found), UA_MATCH_ADD_SLASH);
}

static void a_slash_too_many_is_no_path(void **state)
{
  (void)state;
  ua_match found;
  assert_int_equal(match(UA_METHOD_POST, "/api/users/login/", &found), UA_MATCH_NONE);
  assert_int_equal(match(UA_METHOD_GET, "/api/users/3/", &found), UA_MATCH_NONE);
  assert_int_equal(match(UA_METHOD_GET, "/healthz/", &found), UA_MATCH_NONE);
}

static void a_mount_point_ends_at_a_boundary(void **state)
{
  (void)state;
  ua_match found;
  assert_int_equal(match(UA_METHOD_GET, "/api/usersx", &found), UA_MATCH_NONE);
  assert_int_equal(match(UA_METHOD_GET, "/api", &found), UA_MATCH_NONE);
  assert_int_equal(match(UA_METHOD_GET, "/x/api/users/3", &found), UA_MATCH_NONE);
  assert_int_equal(match(UA_METHOD_GET, "/API/users/3", &found), UA_MATCH_NONE);
}

static void head_matches_the_row_of_get(void **state)
{
  (void)state;
  ua_match found;
  assert_found(UA_METHOD_HEAD, "/api/users/3", "get");
  assert_int_equal(match(UA_METHOD_HEAD, "/api/users/login", &found), UA_MATCH_METHOD_NOT_ALLOWED);
}

static void a_wrong_method_is_told_the_allowed_ones(void **state)
{
  (void)state;
  ua_match found;
  assert_int_equal(match(UA_METHOD_PATCH, "/api/users/3", &found), UA_MATCH_METHOD_NOT_ALLOWED);
  assert_int_equal(found.allowed, UA_METHOD_GET | UA_METHOD_HEAD | UA_METHOD_PUT | UA_METHOD_OPTIONS);
  assert_int_equal(match(UA_METHOD_OTHER, "/api/users/", &found), UA_MATCH_METHOD_NOT_ALLOWED);
  assert_int_equal(match(UA_METHOD_OTHER, "/api/users/a/b", &found), UA_MATCH_NONE);
}

static void options_is_answered_on_known_paths_alone(void **state)
{
  (void)state;
  ua_match found;
  assert_int_equal(match(UA_METHOD_OPTIONS, "/api/users/", &found), UA_MATCH_OPTIONS);
  assert_int_equal(found.allowed, UA_METHOD_GET | UA_METHOD_HEAD | UA_METHOD_POST | UA_METHOD_OPTIONS);
  assert_int_equal(match(UA_METHOD_OPTIONS, "/nowhere", &found), UA_MATCH_NONE);
}

static void allow_lists_methods_in_a_fixed_order(void **state)
{
  (void)state;
  ua_arena *arena = ua_arena_create(1024, 4096);
  unsigned all = UA_METHOD_GET | UA_METHOD_HEAD | UA_METHOD_POST | UA_METHOD_PUT | UA_METHOD_DELETE |
                 UA_METHOD_PATCH | UA_METHOD_OPTIONS;
  assert_true(ua_text_equal(ua_http_router_allow(arena, all),
                            UA_TEXT("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")));
  assert_true(ua_text_equal(ua_http_router_allow(arena, UA_METHOD_OPTIONS | UA_METHOD_POST),
                            UA_TEXT("POST, OPTIONS")));
  assert_true(ua_text_equal(ua_http_router_allow(arena, 0), UA_TEXT("")));
  ua_arena_destroy(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_row_is_found_by_method_and_path),
      cmocka_unit_test(parameters_come_with_name_text_and_number),
      cmocka_unit_test(an_id_that_is_no_positive_32_bit_decimal_is_no_path),
      cmocka_unit_test(literal_segments_win_over_parameters),
      cmocka_unit_test(a_collection_without_its_slash_is_told_to_add_it),
      cmocka_unit_test(a_slash_too_many_is_no_path),
      cmocka_unit_test(a_mount_point_ends_at_a_boundary),
      cmocka_unit_test(head_matches_the_row_of_get),
      cmocka_unit_test(a_wrong_method_is_told_the_allowed_ones),
      cmocka_unit_test(options_is_answered_on_known_paths_alone),
      cmocka_unit_test(allow_lists_methods_in_a_fixed_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
