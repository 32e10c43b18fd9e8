#include <string.h>

#include "http/response.h"
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

static void assert_serialised(void **state, const ua_response *response, const char *expected)
{
  ua_text bytes;
  assert_int_equal(ua_http_response_serialise(*state, response, &bytes), UA_OK);
  assert_int_equal(bytes.length, strlen(expected));
  assert_memory_equal(bytes.data, expected, bytes.length);
}

static void assert_unsendable(void **state, const ua_response *response)
{
  ua_text bytes = UA_TEXT("untouched");
  assert_int_equal(ua_http_response_serialise(*state, response, &bytes), UA_INTERNAL);
  assert_true(ua_text_equal(bytes, UA_TEXT("untouched")));
}

static void a_response_is_status_headers_length_and_body(void **state)
{
  ua_response response = {.status = 201, .body = UA_TEXT("{}\n")};
  ua_http_response_add_header(&response, "Content-Type", UA_TEXT("application/json"));
  ua_http_response_add_header(&response, "Set-Cookie", UA_TEXT("a=b; Path=/"));
  assert_serialised(state, &response,
                    "Status: 201 Created\r\nContent-Type: application/json\r\nSet-Cookie: a=b; Path=/\r\n"
                    "Content-Length: 3\r\n\r\n{}\n");
}

static void the_answer_to_head_announces_the_body_it_leaves_out(void **state)
{
  ua_response response = {.status = 200, .body = UA_TEXT("{}\n"), .head = true};
  assert_serialised(state, &response, "Status: 200 OK\r\nContent-Length: 3\r\n\r\n");
}

static void a_response_without_body_has_length_zero(void **state)
{
  ua_response response = {.status = 308};
  ua_http_response_add_header(&response, "X-Empty", UA_TEXT(""));
  assert_serialised(state, &response,
                    "Status: 308 Permanent Redirect\r\nX-Empty: \r\nContent-Length: 0\r\n\r\n");
}

static void a_body_may_hold_nul_bytes(void **state)
{
  ua_response response = {.status = 200, .body = {"a\0b", 3}};
  ua_text bytes;
  assert_int_equal(ua_http_response_serialise(*state, &response, &bytes), UA_OK);
  assert_memory_equal(bytes.data + bytes.length - 3, "a\0b", 3);
}

static void a_smuggled_header_never_goes_out(void **state)
{
  static const ua_text smuggled[] = {{"/x\r\nSet-Cookie: a=b", 19},
                                     {"a\nb", 3},
                                     {"a\r", 2},
                                     {"a\0b", 3},
                                     {"a\x1B", 2},
                                     {"\x7F", 1},
                                     {"\t", 1},
                                     {NULL, 0}};
  for (size_t i = 0; i < sizeof smuggled / sizeof *smuggled; i++) {
    ua_response response = {.status = 200};
    ua_http_response_add_header(&response, "X-First", UA_TEXT("ok"));
    ua_http_response_add_header(&response, "Location", smuggled[i]);
    assert_int_equal(response.status, 0);
    assert_unsendable(state, &response);
  }
}

static void a_status_set_later_does_not_make_a_spoiled_response_fit(void **state)
{
  ua_response response = {.status = 200};
  ua_http_response_add_header(&response, "Location", UA_TEXT("a\nb"));
  ua_http_response_add_header(&response, "X-Next", UA_TEXT("ok"));
  response.status = 302;
  assert_unsendable(state, &response);
}

static void letters_beyond_ascii_may_stand_in_a_header(void **state)
{
  ua_response response = {.status = 200};
  ua_http_response_add_header(&response, "X-Name", UA_TEXT("\xC3\xA4 b"));
  assert_serialised(state, &response, "Status: 200 OK\r\nX-Name: \xC3\xA4 b\r\nContent-Length: 0\r\n\r\n");
}

static void one_header_too_many_is_not_sent(void **state)
{
  ua_response response = {.status = 200};
  for (int i = 0; i < UA_MAX_RESPONSE_HEADERS; i++) {
    ua_http_response_add_header(&response, "X-A", UA_TEXT("b"));
  }
  ua_text bytes;
  assert_int_equal(ua_http_response_serialise(*state, &response, &bytes), UA_OK);
  ua_http_response_add_header(&response, "X-A", UA_TEXT("b"));
  assert_unsendable(state, &response);
}

static void a_status_outside_http_is_not_sent(void **state)
{
  static const int wrong[] = {-1, 0, 99, 600};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    ua_response response = {.status = wrong[i]};
    assert_unsendable(state, &response);
  }
}

static void reasons_are_those_of_rfc_9110(void **state)
{
  (void)state;
  assert_string_equal(ua_http_response_reason(200), "OK");
  assert_string_equal(ua_http_response_reason(413), "Content Too Large");
  assert_string_equal(ua_http_response_reason(422), "Unprocessable Content");
  assert_string_equal(ua_http_response_reason(503), "Service Unavailable");
  assert_string_equal(ua_http_response_reason(299), "Unknown");
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

int main(void)
{
  const struct CMUnitTest tests[] = {
      WITH_ARENA(a_response_is_status_headers_length_and_body),
      WITH_ARENA(the_answer_to_head_announces_the_body_it_leaves_out),
      WITH_ARENA(a_response_without_body_has_length_zero),
      WITH_ARENA(a_body_may_hold_nul_bytes),
      WITH_ARENA(a_smuggled_header_never_goes_out),
      WITH_ARENA(a_status_set_later_does_not_make_a_spoiled_response_fit),
      WITH_ARENA(letters_beyond_ascii_may_stand_in_a_header),
      WITH_ARENA(one_header_too_many_is_not_sent),
      WITH_ARENA(a_status_outside_http_is_not_sent),
      cmocka_unit_test(reasons_are_those_of_rfc_9110),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
