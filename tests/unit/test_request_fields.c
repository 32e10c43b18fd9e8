#include "http/request.h"
#include "unit.h"

static void assert_text(ua_text text, const char *expected)
{
  assert_true(ua_text_equal(text, ua_text_of(expected)));
}

/* NULL for a request without content type. */
static bool json_with(const char *type)
{
  const ua_input input = {.single = {[UA_SINGLE_CONTENT_TYPE] = ua_text_of(type)}};
  const ua_request request = {.input = &input};
  return ua_http_request_is_json(&request);
}

/* NULL for a request without cookies. */
static ua_text cookie_in(const char *header)
{
  ua_param param = {UA_TEXT("HTTP_COOKIE"), ua_text_of(header)};
  const ua_input input = {.params = &param, .param_count = header != NULL};
  const ua_request request = {.input = &input};
  return ua_http_request_cookie(&request, "user-api-credentials");
}

static void the_media_type_is_json_whatever_its_case_and_parameters(void **state)
{
  (void)state;
  assert_true(json_with("application/json"));
  assert_true(json_with("Application/JSON; charset=utf-8"));
  assert_true(json_with(" application/json ;"));
  assert_false(json_with(""));
  assert_false(json_with("application/jsonx"));
  assert_false(json_with("text/json"));
  assert_false(json_with("application/json, text/plain"));
  assert_false(json_with(NULL));
}

static void the_cookie_is_found_among_others(void **state)
{
  (void)state;
  assert_text(cookie_in("a=b; user-api-credentials=abc=; c=d"), "abc=");
  assert_text(cookie_in("user-api-credentials=abc"), "abc");
  assert_text(cookie_in("a=b;user-api-credentials=abc;"), "abc");
  assert_text(cookie_in("user-api-credentials="), "");
  assert_text(cookie_in("user-api-credentials=abc%3D"), "abc%3D");
}

static void a_quoted_cookie_comes_without_its_quotes(void **state)
{
  (void)state;
  assert_text(cookie_in("user-api-credentials=\"abc\""), "abc");
  assert_text(cookie_in("user-api-credentials=\"abc"), "\"abc");
  assert_text(cookie_in("user-api-credentials=\""), "\"");
  assert_text(cookie_in("user-api-credentials=\"\""), "");
}

static void of_a_repeated_cookie_the_first_counts(void **state)
{
  (void)state;
  assert_text(cookie_in("user-api-credentials=first; user-api-credentials=second"), "first");
}

static bool is_disputed(const char *cookies)
{
  ua_param param = {UA_TEXT("HTTP_COOKIE"), ua_text_of(cookies)};
  const ua_input input = {.params = &param, .param_count = cookies != NULL};
  const ua_request request = {.input = &input};
  return ua_http_request_cookie_is_disputed(&request, "user-api-credentials");
}

static const char *joined(ua_arena *arena, const char *cookies)
{
  ua_input input = {.params = (ua_param[UA_MAX_PARAMS]){{UA_TEXT("HTTP_COOKIE"), ua_text_of(cookies)},
                                                        {UA_TEXT("HTTP_COOKIE"), UA_TEXT("x=1; d=last")}},
                    .param_count = 2};
  const ua_request request = {.arena = arena, .input = &input};
  ua_text text;
  assert_int_equal(ua_http_request_cookies(&request, "d", '.', &text), UA_OK);
  return ua_arena_copy(arena, text).data;
}

static void cookies_of_one_name_are_joined_in_their_order(void **state)
{
  (void)state;
  ua_arena *arena = ua_arena_create(4096, 1 << 20);
  assert_string_equal(joined(arena, "d=one; e=no; d=\"two\"; dd=no"), "one.two.last");
  assert_string_equal(joined(arena, "e=no"), "last");
  assert_string_equal(joined(arena, "d=; d="), "..last");
  ua_input none = {.param_count = 0};
  const ua_request request = {.arena = arena, .input = &none};
  ua_text text;
  assert_int_equal(ua_http_request_cookies(&request, "d", '.', &text), UA_OK);
  assert_null(text.data);
  ua_arena_destroy(&arena);
}

static void two_cookies_that_differ_are_in_dispute(void **state)
{
  (void)state;
  assert_true(is_disputed("user-api-credentials=a; user-api-credentials=b"));
  assert_true(is_disputed("user-api-credentials=a; x=y; user-api-credentials=a;user-api-credentials=b"));
  assert_true(is_disputed("user-api-credentials=a; user-api-credentials="));
  assert_true(is_disputed("user-api-credentials=; user-api-credentials=a"));
}

static void one_cookie_or_the_same_again_is_not(void **state)
{
  (void)state;
  assert_false(is_disputed("user-api-credentials=a"));
  assert_false(is_disputed("user-api-credentials=a; user-api-credentials=\"a\""));
  assert_false(is_disputed("user-api-credentials=a; user-api-credentialsx=b; b=user-api-credentials=c"));
  assert_false(is_disputed("user-api-credentials; user-api-credentials=a"));
  assert_false(is_disputed(""));
  assert_false(is_disputed(NULL));
}

static void a_cookie_of_another_name_is_no_credential(void **state)
{
  (void)state;
  assert_null(cookie_in("").data);
  assert_null(cookie_in("xuser-api-credentials=a; user-api-credentialsx=b; USER-API-CREDENTIALS=c").data);
  assert_null(cookie_in("a=user-api-credentials=b").data);
  assert_null(cookie_in("user-api-credentials").data);
  assert_null(cookie_in(NULL).data);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_media_type_is_json_whatever_its_case_and_parameters),
      cmocka_unit_test(the_cookie_is_found_among_others),
      cmocka_unit_test(a_quoted_cookie_comes_without_its_quotes),
      cmocka_unit_test(of_a_repeated_cookie_the_first_counts),
      cmocka_unit_test(cookies_of_one_name_are_joined_in_their_order),
      cmocka_unit_test(two_cookies_that_differ_are_in_dispute),
      cmocka_unit_test(one_cookie_or_the_same_again_is_not),
      cmocka_unit_test(a_cookie_of_another_name_is_no_credential),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
