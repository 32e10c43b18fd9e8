#include <stdio.h>
#include <string.h>

#include "http/request.h"
#include "unit.h"

enum { MAX_TEST_PARAMS = 40 };

/* A request in preparation, as a web server would send it: GET /api/users/3 through nginx. */
typedef struct fixture {
  ua_arena *arena;
  const char *names[MAX_TEST_PARAMS];
  const char *values[MAX_TEST_PARAMS];
  size_t count;
  ua_param params[UA_MAX_PARAMS];
  ua_input input;
  ua_request request;
} fixture;

static void add(fixture *f, const char *name, const char *value)
{
  assert_in_range(f->count, 0, MAX_TEST_PARAMS - 1);
  f->names[f->count] = name;
  f->values[f->count++] = value;
}

static void set(fixture *f, const char *name, const char *value)
{
  for (size_t i = 0; i < f->count; i++) {
    if (strcmp(f->names[i], name) == 0) {
      f->values[i] = value;
      return;
    }
  }
  add(f, name, value);
}

static void drop(fixture *f, const char *name)
{
  size_t kept = 0;
  for (size_t i = 0; i < f->count; i++) {
    if (strcmp(f->names[i], name) != 0) {
      f->names[kept] = f->names[i];
      f->values[kept++] = f->values[i];
    }
  }
  f->count = kept;
}

static int open_request(void **state)
{
  static fixture f;
  f = (fixture){.arena = ua_arena_create(4096, 1 << 20)};
  f.input = (ua_input){.role = UA_ROLE_RESPONDER};
  add(&f, "QUERY_STRING", "x=1");
  add(&f, "REQUEST_METHOD", "GET");
  add(&f, "CONTENT_TYPE", "");
  add(&f, "CONTENT_LENGTH", "");
  add(&f, "SCRIPT_NAME", "/api/users/3");
  add(&f, "REQUEST_URI", "/api/users/3?x=1");
  add(&f, "HTTP_HOST", "localhost");
  *state = &f;
  return f.arena == NULL;
}

static int close_request(void **state)
{
  fixture *f = *state;
  ua_arena_destroy(&f->arena);
  return 0;
}

static ua_status parse(fixture *f)
{
  static char pairs[MAX_TEST_PARAMS][UA_MAX_URI_BYTES + 64];
  f->input = (ua_input){.role = f->input.role,
                        .params = f->params,
                        .params_damaged = f->input.params_damaged,
                        .params_too_large = f->input.params_too_large,
                        .body = UA_TEXT(""),
                        .body_too_large = f->input.body_too_large,
                        .body_damaged = f->input.body_damaged};
  for (size_t i = 0; i < f->count; i++) {
    int length = snprintf(pairs[i], sizeof pairs[i], "%s=%s", f->names[i], f->values[i]);
    assert_in_range(length, 0, sizeof pairs[i] - 1);
    assert_true(ua_http_input_add(&f->input, ua_text_of(pairs[i])));
  }
  return ua_http_request_parse(f->arena, &f->input, &f->request);
}

static void assert_text(ua_text text, const char *expected)
{
  assert_true(ua_text_equal(text, ua_text_of(expected)));
}

static void a_request_of_nginx_is_read(void **state)
{
  fixture *f = *state;
  assert_int_equal(parse(f), UA_OK);
  assert_int_equal(f->request.method, UA_METHOD_GET);
  assert_text(f->request.method_name, "GET");
  assert_int_equal(f->request.path.count, 3);
  assert_text(f->request.raw_path, "/api/users/3");
  assert_text(f->request.raw_query, "x=1");
  assert_false(f->request.https);
  assert_text(ua_http_request_param(&f->request, "HTTP_HOST"), "localhost");
  assert_null(ua_http_request_param(&f->request, "HTTP_COOKIE").data);
}

static void mod_fcgids_script_name_and_path_info_are_joined(void **state)
{
  fixture *f = *state;
  set(f, "SCRIPT_NAME", "/api");
  add(f, "PATH_INFO", "/users/3");
  set(f, "CONTENT_LENGTH", "0");
  assert_int_equal(parse(f), UA_OK);
}

static void an_authorizer_request_without_script_name_is_read(void **state)
{
  fixture *f = *state;
  f->input.role = UA_ROLE_AUTHORIZER;
  drop(f, "SCRIPT_NAME");
  drop(f, "CONTENT_LENGTH");
  add(f, "FCGI_ROLE", "AUTHORIZER");
  add(f, "FCGI_ROLE", "AUTHORIZER");
  assert_int_equal(parse(f), UA_OK);
}

static void nothing_an_authorizer_is_told_of_a_path_is_refused(void **state)
{
  fixture *f = *state;
  static const char *const uris[] = {"/a//b/../%2F%00%zz\\", "http://other/x", "", "/x?#\n", "*"};
  f->input.role = UA_ROLE_AUTHORIZER;
  for (size_t i = 0; i < sizeof uris / sizeof *uris; i++) {
    set(f, "REQUEST_URI", uris[i]);
    assert_int_equal(parse(f), UA_OK);
    assert_int_equal(f->request.path.count, 0);
  }
  drop(f, "REQUEST_URI");
  assert_int_equal(parse(f), UA_OK);
}

static void a_path_the_web_server_saw_otherwise_is_refused(void **state)
{
  fixture *f = *state;
  set(f, "SCRIPT_NAME", "/api/users/4");
  assert_int_equal(parse(f), UA_BAD_REQUEST);
  set(f, "SCRIPT_NAME", "/_auth");
  assert_int_equal(parse(f), UA_BAD_REQUEST);
  set(f, "SCRIPT_NAME", "/api/users/3");
  add(f, "PATH_INFO", "/users/3");
  assert_int_equal(parse(f), UA_BAD_REQUEST);
}

static void nginx_decodes_the_path_and_request_uri_stays_raw(void **state)
{
  fixture *f = *state;
  set(f, "REQUEST_URI", "/users/a%2Fb/..%2f/x%20y");
  set(f, "SCRIPT_NAME", "/users/a/x y");
  assert_int_equal(parse(f), UA_BAD_REQUEST);
  set(f, "REQUEST_URI", "/api//users///3");
  set(f, "SCRIPT_NAME", "/api/users/3");
  assert_int_equal(parse(f), UA_BAD_REQUEST);
  set(f, "REQUEST_URI", "/users/x%20y");
  set(f, "SCRIPT_NAME", "/users/x y");
  assert_int_equal(parse(f), UA_OK);
  assert_text(f->request.path.segment[1], "x y");
}

static void an_absolute_request_uri_is_refused(void **state)
{
  fixture *f = *state;
  set(f, "REQUEST_URI", "http://other/api/users/3");
  assert_int_equal(parse(f), UA_BAD_REQUEST);
}

static void a_duplicated_parameter_is_refused(void **state)
{
  fixture *f = *state;
  /* clang-format off */
  static const char *const names[] = {
      "REQUEST_METHOD", "REQUEST_URI", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_LENGTH", "CONTENT_TYPE",
      "HTTPS", "REMOTE_ADDR", "HTTP_AUTHORIZATION", "USER_API_REQUIRE_ROLES", "USER_API_REQUIRE_CUSTOMER"};
  /* clang-format on */
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t before = f->count;
    add(f, names[i], "");
    add(f, names[i], "");
    if (parse(f) != UA_BAD_REQUEST) {
      fail_msg("two %s were taken", names[i]);
    }
    f->count = before;
  }
  assert_int_equal(parse(f), UA_OK);
}

static void the_content_length_nginx_repeats_as_empty_is_refused(void **state)
{
  fixture *f = *state;
  set(f, "CONTENT_LENGTH", "7");
  add(f, "CONTENT_LENGTH", "");
  assert_int_equal(parse(f), UA_BAD_REQUEST);
}

static void the_headers_nginx_sends_twice_under_http_are_ignored(void **state)
{
  fixture *f = *state;
  add(f, "HTTP_CONTENT_LENGTH", "bogus");
  add(f, "HTTP_CONTENT_TYPE", "application/json");
  assert_int_equal(parse(f), UA_OK);
  assert_false(ua_http_request_is_json(&f->request));
}

static void content_length_is_absent_empty_or_digits(void **state)
{
  fixture *f = *state;
  static const char *const right[] = {"", "0", "7", "65536", "9223372036854775807"};
  static const char *const wrong[] = {"-1", "+1", " 1", "1 ", "0x10", "007", "1,1", "9223372036854775808",
                                      "abc"};
  for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
    set(f, "CONTENT_LENGTH", right[i]);
    assert_int_equal(parse(f), UA_OK);
  }
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    set(f, "CONTENT_LENGTH", wrong[i]);
    assert_int_equal(parse(f), UA_BAD_REQUEST);
  }
  drop(f, "CONTENT_LENGTH");
  assert_int_equal(parse(f), UA_OK);
}

static void a_missing_or_empty_method_or_uri_is_refused(void **state)
{
  fixture *f = *state;
  set(f, "REQUEST_METHOD", "");
  assert_int_equal(parse(f), UA_BAD_REQUEST);
  drop(f, "REQUEST_METHOD");
  assert_int_equal(parse(f), UA_BAD_REQUEST);
  set(f, "REQUEST_METHOD", "GET");
  drop(f, "REQUEST_URI");
  assert_int_equal(parse(f), UA_BAD_REQUEST);
  f->count = 0;
  assert_int_equal(parse(f), UA_BAD_REQUEST);
}

static void truncated_parameters_are_never_trusted(void **state)
{
  fixture *f = *state;
  add(f, "HTTP_X_REQUEST_ID", "mine");
  f->input.params_damaged = true;
  assert_int_equal(parse(f), UA_BAD_REQUEST);
  assert_int_equal(f->request.method, UA_METHOD_OTHER);
  assert_int_equal(f->request.request_id.length, 32);
}

static void a_short_body_is_refused_and_a_large_one_left_to_the_route(void **state)
{
  fixture *f = *state;
  f->input.body_damaged = true;
  assert_int_equal(parse(f), UA_BAD_REQUEST);
  f->input.body_too_large = true;
  assert_int_equal(parse(f), UA_OK);
}

static void too_large_parameters_and_a_too_long_uri_are_refused(void **state)
{
  fixture *f = *state;
  static char large[UA_MAX_URI_BYTES + 2];
  memset(large, 'x', sizeof large - 1);
  set(f, "REQUEST_URI", large);
  assert_int_equal(parse(f), UA_HEADERS_TOO_LARGE);
  set(f, "REQUEST_URI", "/api/users/3");
  add(f, "HTTP_X_REQUEST_ID", "mine");
  f->input.params_too_large = true;
  assert_int_equal(parse(f), UA_HEADERS_TOO_LARGE);
  assert_int_equal(f->request.request_id.length, 32);
}

static void a_query_with_control_characters_is_refused(void **state)
{
  fixture *f = *state;
  static const char *const wrong[] = {"/api/users/3?a\nb", "/api/users/3?a\rb", "/api/users/3?\x7F",
                                      "/api/users/3?#"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    set(f, "REQUEST_URI", wrong[i]);
    assert_int_equal(parse(f), UA_BAD_REQUEST);
  }
}

static void a_well_formed_request_id_is_taken_over(void **state)
{
  fixture *f = *state;
  set(f, "HTTP_X_REQUEST_ID", "Az09._-");
  assert_int_equal(parse(f), UA_OK);
  assert_text(f->request.request_id, "Az09._-");
  set(f, "REQUEST_URI", "bad");
  assert_int_equal(parse(f), UA_BAD_REQUEST);
  assert_text(f->request.request_id, "Az09._-");
}

static void any_other_request_id_is_replaced_by_a_random_one(void **state)
{
  fixture *f = *state;
  static char large[UA_MAX_REQUEST_ID_BYTES + 2];
  memset(large, 'x', sizeof large - 1);
  static const char *const wrong[] = {"", "a b", "a\r\nSet-Cookie: x=y", "a;b", "\xC3\xA4", "\"x\""};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    set(f, "HTTP_X_REQUEST_ID", wrong[i]);
    assert_int_equal(parse(f), UA_OK);
    assert_int_equal(f->request.request_id.length, 32);
    assert_int_equal(strspn(f->request.request_id.data, "0123456789abcdef"), 32);
  }
  ua_text last = f->request.request_id;
  set(f, "HTTP_X_REQUEST_ID", large);
  assert_int_equal(parse(f), UA_OK);
  assert_int_equal(f->request.request_id.length, 32);
  assert_false(ua_text_equal(last, f->request.request_id));
}

static void methods_are_known_by_their_exact_name(void **state)
{
  fixture *f = *state;
  static const struct {
    const char *name;
    ua_method method;
  } methods[] = {{"GET", UA_METHOD_GET},         {"HEAD", UA_METHOD_HEAD},     {"POST", UA_METHOD_POST},
                 {"PUT", UA_METHOD_PUT},         {"DELETE", UA_METHOD_DELETE}, {"PATCH", UA_METHOD_PATCH},
                 {"OPTIONS", UA_METHOD_OPTIONS}, {"get", UA_METHOD_OTHER},     {"TRACE", UA_METHOD_OTHER},
                 {"FOO", UA_METHOD_OTHER}};
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    set(f, "REQUEST_METHOD", methods[i].name);
    assert_int_equal(parse(f), UA_OK);
    assert_int_equal(f->request.method, methods[i].method);
    assert_text(f->request.method_name, methods[i].name);
  }
}

static bool https_with(fixture *f, const char *name, const char *value)
{
  set(f, name, value);
  assert_int_equal(parse(f), UA_OK);
  drop(f, name);
  return f->request.https;
}

static void https_is_what_the_server_says(void **state)
{
  fixture *f = *state;
  assert_true(https_with(f, "HTTPS", "on"));
  assert_true(https_with(f, "HTTPS", "ON"));
  assert_true(https_with(f, "HTTPS", "1"));
  assert_true(https_with(f, "REQUEST_SCHEME", "HTTPS"));
  assert_false(https_with(f, "HTTPS", ""));
  assert_false(https_with(f, "HTTPS", "off"));
  assert_false(https_with(f, "REQUEST_SCHEME", "http"));
  assert_false(https_with(f, "HTTP_X_FORWARDED_PROTO", "https"));
}

static void exhausted_memory_is_an_internal_error(void **state)
{
  fixture *f = *state;
  ua_request request;
  while (ua_arena_alloc(f->arena, 16) != NULL) {
    continue;
  }
  assert_int_equal(ua_http_request_parse(f->arena, &f->input, &request), UA_INTERNAL);
}

#define WITH_REQUEST(test) cmocka_unit_test_setup_teardown(test, open_request, close_request)

int main(void)
{
  const struct CMUnitTest tests[] = {
      WITH_REQUEST(a_request_of_nginx_is_read),
      WITH_REQUEST(mod_fcgids_script_name_and_path_info_are_joined),
      WITH_REQUEST(an_authorizer_request_without_script_name_is_read),
      WITH_REQUEST(nothing_an_authorizer_is_told_of_a_path_is_refused),
      WITH_REQUEST(a_path_the_web_server_saw_otherwise_is_refused),
      WITH_REQUEST(nginx_decodes_the_path_and_request_uri_stays_raw),
      WITH_REQUEST(an_absolute_request_uri_is_refused),
      WITH_REQUEST(a_duplicated_parameter_is_refused),
      WITH_REQUEST(the_content_length_nginx_repeats_as_empty_is_refused),
      WITH_REQUEST(the_headers_nginx_sends_twice_under_http_are_ignored),
      WITH_REQUEST(content_length_is_absent_empty_or_digits),
      WITH_REQUEST(a_missing_or_empty_method_or_uri_is_refused),
      WITH_REQUEST(truncated_parameters_are_never_trusted),
      WITH_REQUEST(a_short_body_is_refused_and_a_large_one_left_to_the_route),
      WITH_REQUEST(too_large_parameters_and_a_too_long_uri_are_refused),
      WITH_REQUEST(a_query_with_control_characters_is_refused),
      WITH_REQUEST(a_well_formed_request_id_is_taken_over),
      WITH_REQUEST(any_other_request_id_is_replaced_by_a_random_one),
      WITH_REQUEST(methods_are_known_by_their_exact_name),
      WITH_REQUEST(https_is_what_the_server_says),
      WITH_REQUEST(exhausted_memory_is_an_internal_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
