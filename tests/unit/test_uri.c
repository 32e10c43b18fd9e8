#include <string.h>

#include "http/uri.h"
#include "unit.h"

static int open_arena(void **state)
{
  *state = ua_arena_create(4096, 1 << 20);
  return *state == NULL;
}

static int close_arena(void **state)
{
  ua_arena *arena = *state;
  ua_arena_destroy(&arena);
  return 0;
}

static ua_status parse(void **state, const char *raw, ua_path *path)
{
  return ua_http_uri_parse_path(*state, ua_text_of(raw), path);
}

static void assert_text(ua_text text, const char *expected)
{
  assert_true(ua_text_equal(text, ua_text_of(expected)));
}

static void a_uri_is_split_at_its_first_question_mark(void **state)
{
  (void)state;
  ua_text path;
  ua_text query;
  ua_http_uri_split(UA_TEXT("/a?b=c?d"), &path, &query);
  assert_text(path, "/a");
  assert_text(query, "b=c?d");
  ua_http_uri_split(UA_TEXT("/a?"), &path, &query);
  assert_text(query, "");
  ua_http_uri_split(UA_TEXT("/a"), &path, &query);
  assert_text(path, "/a");
  assert_null(query.data);
  ua_http_uri_split(UA_TEXT_ABSENT, &path, &query);
  assert_null(path.data);
}

static void a_path_has_segments_and_perhaps_a_trailing_slash(void **state)
{
  ua_path path;
  assert_int_equal(parse(state, "/api/users/", &path), UA_OK);
  assert_int_equal(path.count, 2);
  assert_text(path.segment[0], "api");
  assert_text(path.segment[1], "users");
  assert_true(path.trailing_slash);
  assert_int_equal(parse(state, "/api", &path), UA_OK);
  assert_int_equal(path.count, 1);
  assert_false(path.trailing_slash);
  assert_int_equal(parse(state, "/", &path), UA_OK);
  assert_int_equal(path.count, 0);
  assert_true(path.trailing_slash);
}

static void escapes_are_decoded_once_after_splitting(void **state)
{
  ua_path path;
  assert_int_equal(parse(state, "/%61pi/x%20y/100%2541/%C3%A4/a+b", &path), UA_OK);
  assert_text(path.segment[0], "api");
  assert_text(path.segment[1], "x y");
  assert_text(path.segment[2], "100%41");
  assert_text(path.segment[3], "\xC3\xA4");
  assert_text(path.segment[4], "a+b");
  assert_int_equal(path.segment[0].data[3], '\0');
}

static void ambiguous_paths_are_refused(void **state)
{
  static const char *const ambiguous[] = {"",           "api",     "*",           "http://other/api/users/3",
                                          "//",         "//api",   "/api//users", "/api/users//",
                                          "/.",         "/..",     "/api/./x",    "/api/../x",
                                          "/api/x/..",  "/api/..", "/%2e%2E/x",   "/api/%2e",
                                          "/a%2Fb",     "/a%2fb",  "/a%5Cb",      "/a%5cb",
                                          "/a\\b",      "/3%00",   "/a%0Ab",      "/a%1F",
                                          "/a%7F",      "/a\x01",  "/a\x7F",      "/a b",
                                          "/a#b",       "/a?b",    "/%",          "/%2",
                                          "/%zz",       "/%2/",    "/users/%-1",  "/%C0%AF",
                                          "/%ED%A0%80", "/\xFF",   "/%FF",        "/a\r\nb"};
  ua_path path;
  for (size_t i = 0; i < sizeof ambiguous / sizeof *ambiguous; i++) {
    if (parse(state, ambiguous[i], &path) != UA_BAD_REQUEST) {
      fail_msg("'%s' was taken", ambiguous[i]);
    }
  }
  assert_int_equal(ua_http_uri_parse_path(*state, (ua_text){"/a\0b", 4}, &path), UA_BAD_REQUEST);
  assert_int_equal(ua_http_uri_parse_path(*state, UA_TEXT_ABSENT, &path), UA_BAD_REQUEST);
}

static void harmless_dots_are_no_dot_segments(void **state)
{
  ua_path path;
  assert_int_equal(parse(state, "/.well-known/.../a.b/..c", &path), UA_OK);
  assert_int_equal(path.count, 4);
}

static void a_path_has_at_most_16_segments(void **state)
{
  ua_path path;
  assert_int_equal(parse(state, "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/", &path), UA_OK);
  assert_int_equal(path.count, UA_MAX_PATH_SEGMENTS);
  assert_int_equal(parse(state, "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", &path), UA_BAD_REQUEST);
}

static bool same(void **state, const char *raw, const char *decoded)
{
  ua_path path;
  assert_int_equal(parse(state, raw, &path), UA_OK);
  return ua_http_uri_path_equals(&path, ua_text_of(decoded));
}

static void the_servers_decoded_path_is_recognised(void **state)
{
  assert_true(same(state, "/", "/"));
  assert_true(same(state, "/api/users/3", "/api/users/3"));
  assert_true(same(state, "/api/users/", "/api/users/"));
  assert_true(same(state, "/api/x%20y/%C3%A4", "/api/x y/\xC3\xA4"));
}

static void another_path_of_the_server_is_seen(void **state)
{
  assert_false(same(state, "/", ""));
  assert_false(same(state, "/api/users", "/api/users/"));
  assert_false(same(state, "/api/users/", "/api/users"));
  assert_false(same(state, "/api/users", "/api/user"));
  assert_false(same(state, "/api/users", "/api"));
  assert_false(same(state, "/api/users", "/api/users/3"));
  assert_false(same(state, "/api/users", "/private/users"));
  assert_false(same(state, "/api/users", "/api/users\\"));
  assert_false(same(state, "/api", "/"));
  assert_false(same(state, "/api", ""));
  assert_false(same(state, "/api", "api"));
}

static size_t query(void **state, ua_text raw, ua_argument **arguments)
{
  size_t count = 99;
  assert_int_equal(ua_http_uri_parse_query(*state, raw, arguments, &count), UA_OK);
  return count;
}

static void arguments_come_decoded_and_in_order(void **state)
{
  ua_argument *arguments;
  assert_int_equal(query(state, UA_TEXT("limit=20&na%6De=a+b%2B%26&x=1=2&email="), &arguments), 4);
  assert_text(arguments[0].name, "limit");
  assert_text(arguments[0].value, "20");
  assert_text(arguments[1].name, "name");
  assert_text(arguments[1].value, "a b+&");
  assert_text(arguments[2].value, "1=2");
  assert_text(arguments[3].name, "email");
  assert_text(arguments[3].value, "");
  assert_int_equal(arguments[0].value.data[2], '\0');
}

static void empty_arguments_are_skipped_and_valueless_ones_are_empty(void **state)
{
  ua_argument *arguments;
  assert_int_equal(query(state, UA_TEXT("&&a&&=b&"), &arguments), 2);
  assert_text(arguments[0].name, "a");
  assert_text(arguments[0].value, "");
  assert_text(arguments[1].name, "");
  assert_text(arguments[1].value, "b");
}

static void an_absent_or_empty_query_has_no_arguments(void **state)
{
  ua_argument *arguments;
  assert_int_equal(query(state, UA_TEXT_ABSENT, &arguments), 0);
  assert_int_equal(query(state, UA_TEXT(""), &arguments), 0);
  assert_int_equal(query(state, UA_TEXT("&&"), &arguments), 0);
}

static void values_may_hold_any_bytes(void **state)
{
  ua_argument *arguments;
  assert_int_equal(query(state, UA_TEXT("name=a%00b%FF"), &arguments), 1);
  assert_int_equal(arguments[0].value.length, 4);
  assert_memory_equal(arguments[0].value.data, "a\0b\xFF", 4);
}

static void incomplete_escapes_in_a_query_are_refused(void **state)
{
  static const char *const broken[] = {"a=%", "a=%4", "a=%zz", "%", "%4=1", "a=%%41", "a=1&b=%4", "a=%+1"};
  ua_argument *arguments = NULL;
  size_t count = 99;
  for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
    assert_int_equal(ua_http_uri_parse_query(*state, ua_text_of(broken[i]), &arguments, &count),
                     UA_BAD_REQUEST);
  }
  assert_null(arguments);
  assert_int_equal(count, 99);
}

static void a_query_has_at_most_64_arguments(void **state)
{
  char raw[2 * (UA_MAX_QUERY_ARGS + 1)];
  for (size_t i = 0; i < sizeof raw; i++) {
    raw[i] = i % 2 == 0 ? 'a' : '&';
  }
  ua_argument *arguments;
  size_t count;
  assert_int_equal(query(state, (ua_text){raw, 2 * UA_MAX_QUERY_ARGS}, &arguments), UA_MAX_QUERY_ARGS);
  assert_int_equal(ua_http_uri_parse_query(*state, (ua_text){raw, sizeof raw}, &arguments, &count),
                   UA_BAD_REQUEST);
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_uri_is_split_at_its_first_question_mark),
      WITH_ARENA(a_path_has_segments_and_perhaps_a_trailing_slash),
      WITH_ARENA(escapes_are_decoded_once_after_splitting),
      WITH_ARENA(ambiguous_paths_are_refused),
      WITH_ARENA(harmless_dots_are_no_dot_segments),
      WITH_ARENA(a_path_has_at_most_16_segments),
      WITH_ARENA(the_servers_decoded_path_is_recognised),
      WITH_ARENA(another_path_of_the_server_is_seen),
      WITH_ARENA(arguments_come_decoded_and_in_order),
      WITH_ARENA(empty_arguments_are_skipped_and_valueless_ones_are_empty),
      WITH_ARENA(an_absent_or_empty_query_has_no_arguments),
      WITH_ARENA(values_may_hold_any_bytes),
      WITH_ARENA(incomplete_escapes_in_a_query_are_refused),
      WITH_ARENA(a_query_has_at_most_64_arguments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
