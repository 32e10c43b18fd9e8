#include <string.h>

#include "auth/credentials.h"
#include "base/limits.h"
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

/* Finds the token in a request with these values; NULL leaves a parameter out. */
static ua_status find(ua_arena *arena, const char *authorization, const char *authentication,
                      const char *cookie, ua_text *token_r)
{
  ua_param params[] = {{UA_TEXT("HTTP_AUTHENTICATION"), ua_text_of(authentication)},
                       {UA_TEXT("HTTP_COOKIE"), ua_text_of(cookie)}};
  const ua_input input = {.single = {[UA_SINGLE_HTTP_AUTHORIZATION] = ua_text_of(authorization)},
                          .params = params,
                          .param_count = sizeof params / sizeof params[0]};
  const ua_request request = {.arena = arena, .input = &input};
  return ua_auth_credentials_find(&request, token_r);
}

#define ASSERT_TOKEN(authorization, authentication, cookie, expected)                           \
  do {                                                                                          \
    ua_text token = UA_TEXT_ABSENT;                                                             \
    assert_int_equal(find(*state, (authorization), (authentication), (cookie), &token), UA_OK); \
    assert_true(ua_text_equal(token, ua_text_of(expected)));                                    \
  } while (0)

#define ASSERT_STATUS(authorization, authentication, cookie, status)                               \
  do {                                                                                             \
    ua_text token = UA_TEXT_ABSENT;                                                                \
    assert_int_equal(find(*state, (authorization), (authentication), (cookie), &token), (status)); \
  } while (0)

/* base64 of "a.b.c" is "YS5iLmM=", of "a.b.cd" "YS5iLmNk" */
#define COOKIE "user-api-credentials=YS5iLmM="

static void a_request_without_any_has_no_credentials(void **state)
{
  ASSERT_STATUS(NULL, NULL, NULL, UA_NO_CREDENTIALS);
  ASSERT_STATUS(NULL, NULL, "other=1", UA_NO_CREDENTIALS);
  ASSERT_STATUS("", "", "user-api-credentials=", UA_NO_CREDENTIALS);
}

static void both_headers_carry_a_bearer_token(void **state)
{
  ASSERT_TOKEN("Bearer a.b.c", NULL, NULL, "a.b.c");
  ASSERT_TOKEN(NULL, "Bearer a.b.c", NULL, "a.b.c");
  ASSERT_TOKEN("Bearer first", "Bearer second", NULL, "first");
}

static void the_schemes_case_does_not_matter(void **state)
{
  ASSERT_TOKEN("bearer a.b.c", NULL, NULL, "a.b.c");
  ASSERT_TOKEN("BEARER a.b.c", NULL, NULL, "a.b.c");
}

static void a_header_is_exactly_bearer_one_space_and_the_token(void **state)
{
  ASSERT_STATUS("Bearer", NULL, NULL, UA_INVALID_TOKEN);
  ASSERT_STATUS("Bearer ", NULL, NULL, UA_INVALID_TOKEN);
  ASSERT_STATUS("Bearer  a.b.c", NULL, NULL, UA_INVALID_TOKEN);
  ASSERT_STATUS("Bearer a.b.c d", NULL, NULL, UA_INVALID_TOKEN);
  ASSERT_STATUS("Bearera.b.c", NULL, NULL, UA_INVALID_TOKEN);
  ASSERT_STATUS("Bearer\ta.b.c", NULL, NULL, UA_INVALID_TOKEN);
  ASSERT_STATUS("xBearer a.b.c", NULL, NULL, UA_INVALID_TOKEN);
}

static void another_scheme_is_an_invalid_token(void **state)
{
  ASSERT_STATUS("Basic YWRtaW46c2VjcmV0", NULL, NULL, UA_INVALID_TOKEN);
  ASSERT_STATUS("a.b.c", NULL, NULL, UA_INVALID_TOKEN);
}

static void a_header_decides_alone(void **state)
{
  ASSERT_STATUS("Basic x", NULL, COOKIE, UA_INVALID_TOKEN);
  ASSERT_STATUS("Basic x", "Bearer a.b.c", COOKIE, UA_INVALID_TOKEN);
  ASSERT_TOKEN("Bearer x.y.z", NULL, COOKIE, "x.y.z");
}

static void the_cookie_is_base64_of_the_token(void **state)
{
  ASSERT_TOKEN(NULL, NULL, COOKIE, "a.b.c");
  ASSERT_TOKEN(NULL, NULL, "a=1; " COOKIE "; b=2", "a.b.c");
  ASSERT_TOKEN(NULL, NULL, "user-api-credentials=YS5iLmNk", "a.b.cd");
}

static void the_cookie_may_be_quoted_or_have_its_padding_escaped(void **state)
{
  ASSERT_TOKEN(NULL, NULL, "user-api-credentials=\"YS5iLmM=\"", "a.b.c");
  ASSERT_TOKEN(NULL, NULL, "user-api-credentials=YS5iLmM%3D", "a.b.c");
  ASSERT_TOKEN(NULL, NULL, "user-api-credentials=YS5iLmM%3d", "a.b.c");
}

static void a_cookie_that_is_no_base64_is_an_invalid_token(void **state)
{
  ASSERT_STATUS(NULL, NULL, "user-api-credentials=YS5iLmM", UA_INVALID_TOKEN);
  ASSERT_STATUS(NULL, NULL, "user-api-credentials=!!!!", UA_INVALID_TOKEN);
  ASSERT_STATUS(NULL, NULL, "user-api-credentials=====", UA_INVALID_TOKEN);
}

static void credentials_longer_than_a_token_can_be_are_refused(void **state)
{
  char *header = ua_arena_alloc(*state, 3 * UA_MAX_TOKEN_BYTES);
  memset(header, 'A', 3 * UA_MAX_TOKEN_BYTES - 1);
  memcpy(header, "Bearer ", 7);
  ASSERT_STATUS(header, NULL, NULL, UA_INVALID_TOKEN);
  memcpy(header, "user-api-credentials=", 21);
  ASSERT_STATUS(NULL, NULL, header, UA_INVALID_TOKEN);
}

static void a_cookie_is_made_as_the_contract_says(void **state)
{
  ua_text plain = ua_auth_credentials_cookie(*state, UA_TEXT("a.b.c"), 1700000000, false);
  ua_text secure = ua_auth_credentials_cookie(*state, UA_TEXT("a.b.c"), 1700000000, true);
  assert_string_equal(
      plain.data,
      "user-api-credentials=YS5iLmM=; Expires=Tue, 14 Nov 2023 22:13:20 GMT; HttpOnly; Path=/; "
      "SameSite=Lax");
  assert_string_equal(
      secure.data,
      "user-api-credentials=YS5iLmM=; Expires=Tue, 14 Nov 2023 22:13:20 GMT; HttpOnly; Path=/; "
      "SameSite=Lax; Secure");
}

static void a_cleared_cookie_is_empty_and_expired_in_1970(void **state)
{
  ua_text cookie = ua_auth_credentials_cookie(*state, UA_TEXT_ABSENT, 1700000000, false);
  assert_string_equal(
      cookie.data,
      "user-api-credentials=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Path=/; SameSite=Lax");
}

static void of_two_headers_none_is_picked(void **state)
{
  ua_param params[] = {{UA_TEXT("HTTP_AUTHENTICATION"), UA_TEXT("Bearer a.b.c")},
                       {UA_TEXT("HTTP_COOKIE"), UA_TEXT(COOKIE)},
                       {UA_TEXT("HTTP_AUTHENTICATION"), UA_TEXT("Bearer a.b.c")}};
  const ua_input input = {.params = params, .param_count = sizeof params / sizeof params[0]};
  const ua_request request = {.arena = *state, .input = &input};
  ua_text token;
  assert_int_equal(ua_auth_credentials_find(&request, &token), UA_INVALID_TOKEN);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_request_without_any_has_no_credentials),
      cmocka_unit_test(both_headers_carry_a_bearer_token),
      cmocka_unit_test(of_two_headers_none_is_picked),
      cmocka_unit_test(the_schemes_case_does_not_matter),
      cmocka_unit_test(a_header_is_exactly_bearer_one_space_and_the_token),
      cmocka_unit_test(another_scheme_is_an_invalid_token),
      cmocka_unit_test(a_header_decides_alone),
      cmocka_unit_test(the_cookie_is_base64_of_the_token),
      cmocka_unit_test(the_cookie_may_be_quoted_or_have_its_padding_escaped),
      cmocka_unit_test(a_cookie_that_is_no_base64_is_an_invalid_token),
      cmocka_unit_test(credentials_longer_than_a_token_can_be_are_refused),
      cmocka_unit_test(a_cookie_is_made_as_the_contract_says),
      cmocka_unit_test(a_cleared_cookie_is_empty_and_expired_in_1970),
  };
  return cmocka_run_group_tests_name("credentials", tests, open_arena, close_arena);
}
