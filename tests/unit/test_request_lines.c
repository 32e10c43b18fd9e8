/* Headers sent in several lines: parameters with the same name. */
#include <string.h>

#include "http/request.h"
#include "unit.h"

static ua_arena *arena;
static ua_param params[UA_MAX_PARAMS];
static ua_input input;
static ua_request request;

static int open_arena(void **state)
{
  (void)state;
  arena = ua_arena_create(4096, 1 << 16);
  return arena == NULL;
}

static int close_arena(void **state)
{
  (void)state;
  ua_arena_destroy(&arena);
  return 0;
}

/* Parses GET / with these "NAME=value" lines. */
static void parse(const char *const lines[])
{
  input = (ua_input){.role = UA_ROLE_RESPONDER, .params = params, .body = UA_TEXT("")};
  assert_true(ua_http_input_add(&input, UA_TEXT("REQUEST_METHOD=GET")));
  assert_true(ua_http_input_add(&input, UA_TEXT("REQUEST_URI=/")));
  for (size_t i = 0; lines[i] != NULL; i++) {
    assert_true(ua_http_input_add(&input, ua_text_of(lines[i])));
  }
  assert_int_equal(ua_http_request_parse(arena, &input, &request), UA_OK);
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void assert_text(ua_text text, const char *expected)
{
  assert_true(ua_text_equal(text, ua_text_of(expected)));
}

static ua_text joined(void)
{
  ua_text list = UA_TEXT("untouched");
  assert_int_equal(ua_http_request_joined(&request, "HTTP_IF_MATCH", UA_TEXT(", "), &list), UA_OK);
  return list;
}

static void the_lines_of_a_list_are_joined_in_their_order(void **state)
{
  (void)state;
  PARSE("HTTP_IF_MATCH=\"a\"");
  assert_text(joined(), "\"a\"");
  PARSE("HTTP_IF_MATCH=\"a\"", "HTTP_IF_MATCH=", "HTTP_IF_NONE_MATCH=\"x\"", "HTTP_IF_MATCH=\"b\", \"c\"");
  assert_text(joined(), "\"a\", \"b\", \"c\"");
}

static void a_list_of_empty_lines_is_empty_and_one_without_lines_is_absent(void **state)
{
  (void)state;
  PARSE("HTTP_IF_MATCH=", "HTTP_IF_MATCH=");
  assert_text(joined(), "");
  assert_non_null(joined().data);
  PARSE("HTTP_IF_NONE_MATCH=\"x\"");
  assert_null(joined().data);
}

static void exhausted_memory_is_no_absent_list(void **state)
{
  (void)state;
  ua_text list = UA_TEXT_ABSENT;
  PARSE("HTTP_IF_MATCH=\"a\"", "HTTP_IF_MATCH=\"b\"");
  while (ua_arena_alloc(arena, 16) != NULL) {
    continue;
  }
  assert_int_equal(ua_http_request_joined(&request, "HTTP_IF_MATCH", UA_TEXT(", "), &list), UA_INTERNAL);
}

static void cookies_of_several_lines_are_read_as_one(void **state)
{
  (void)state;
  PARSE("HTTP_COOKIE=theme=dark", "HTTP_COOKIE=", "HTTP_COOKIE=a=b; session=1", "HTTP_COOKIE=session=1");
  assert_text(ua_http_request_cookie(&request, "session"), "1");
  assert_text(ua_http_request_cookie(&request, "theme"), "dark");
  assert_false(ua_http_request_cookie_is_disputed(&request, "session"));
  PARSE("HTTP_COOKIE=session=1", "HTTP_COOKIE=theme=dark", "HTTP_COOKIE=session=2");
  assert_true(ua_http_request_cookie_is_disputed(&request, "session"));
  assert_false(ua_http_request_cookie_is_disputed(&request, "theme"));
}

static void another_header_that_comes_twice_is_no_reason_to_refuse(void **state)
{
  (void)state;
  PARSE("HTTP_AUTHENTICATION=one", "HTTP_AUTHENTICATION=two", "HTTP_ACCEPT=one", "HTTP_ACCEPT=two");
  assert_text(ua_http_request_param(&request, "HTTP_ACCEPT"), "one");
}

static void of_two_request_ids_none_is_taken_over(void **state)
{
  (void)state;
  PARSE("HTTP_X_REQUEST_ID=one");
  assert_text(request.request_id, "one");
  PARSE("HTTP_X_REQUEST_ID=one", "HTTP_X_REQUEST_ID=two");
  assert_int_equal(request.request_id.length, 32);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(the_lines_of_a_list_are_joined_in_their_order, open_arena, close_arena),
      cmocka_unit_test_setup_teardown(a_list_of_empty_lines_is_empty_and_one_without_lines_is_absent,
                                      open_arena, close_arena),
      cmocka_unit_test_setup_teardown(exhausted_memory_is_no_absent_list, open_arena, close_arena),
      cmocka_unit_test_setup_teardown(cookies_of_several_lines_are_read_as_one, open_arena, close_arena),
      cmocka_unit_test_setup_teardown(another_header_that_comes_twice_is_no_reason_to_refuse, open_arena,
                                      close_arena),
      cmocka_unit_test_setup_teardown(of_two_request_ids_none_is_taken_over, open_arena, close_arena),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
