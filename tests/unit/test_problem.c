#include <string.h>

#include "api/problem.h"
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

static ua_response render(ua_arena *arena, ua_status status, const ua_problem *problem)
{
  ua_response response = {0};
  assert_int_equal(ua_api_problem_render(arena, status, problem, &response), UA_OK);
  return response;
}

static const char *header_of(const ua_response *response, const char *name)
{
  for (size_t i = 0; i < response->header_count; i++) {
    if (ua_text_equal(response->header[i].name, ua_text_of(name))) {
      return response->header[i].value.data;
    }
  }
  return NULL;
}

static void the_table_is_the_contracts(void **state)
{
  static const struct {
    ua_status status;
    int http_status;
    const char *body;
  } table[] = {
      {UA_NO_CREDENTIALS, 401,
       "{\"error_code\":\"UNAUTHORIZED\",\"message\":\"No credentials supplied.\"}\n"},
      {UA_INVALID_TOKEN, 401, "{\"error_code\":\"UNAUTHORIZED\",\"message\":\"Invalid token.\"}\n"},
      {UA_WRONG_LOGIN, 401,
       "{\"error_code\":\"UNAUTHORIZED\",\"message\":\"Wrong login or / and password.\"}\n"},
      {UA_USER_INACTIVE, 401, "{\"error_code\":\"UNAUTHORIZED\",\"message\":\"User is not active.\"}\n"},
      {UA_NOT_FOUND, 404, "{\"error_code\":\"NOT_FOUND\",\"message\":\"Not found.\"}\n"},
      {UA_METHOD_NOT_ALLOWED, 405,
       "{\"error_code\":\"METHOD_NOT_ALLOWED\",\"message\":\"Method not allowed.\"}\n"},
      {UA_CONFLICT, 409, "{\"error_code\":\"CONFLICT\",\"message\":\"Conflict.\"}\n"},
      {UA_QUOTA_EXCEEDED, 409, "{\"error_code\":\"CONFLICT\",\"message\":\"User quota exceeded.\"}\n"},
      {UA_PAYLOAD_TOO_LARGE, 413,
       "{\"error_code\":\"PAYLOAD_TOO_LARGE\",\"message\":\"The payload is too large.\"}\n"},
      {UA_WRONG_PAYLOAD_FORMAT, 422,
       "{\"error_code\":\"WRONG_PAYLOAD_FORMAT\",\"message\":\"The payload format is unknown.\"}\n"},
      {UA_WRONG_PAYLOAD, 422, "{\"error_code\":\"WRONG_PAYLOAD\",\"message\":\"Wrong payload.\"}\n"},
      {UA_WRONG_DOCUMENT, 422,
       "{\"error_code\":\"WRONG_DOCUMENT_FORMAT\","
       "\"message\":\"The submitted document doesn't have the right format.\"}\n"},
      {UA_WRONG_ARGS, 422, "{\"error_code\":\"WRONG_ARGS\",\"message\":\"Wrong args.\"}\n"},
      {UA_INTERNAL, 500,
       "{\"error_code\":\"INTERNAL_SERVER_ERROR\",\"message\":\"Internal server error.\"}\n"},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    ua_response response = render(*state, table[i].status, &(ua_problem){0});
    assert_int_equal(response.status, table[i].http_status);
    assert_string_equal(response.body.data, table[i].body);
  }
}

static void every_status_but_ok_is_an_error_with_a_row_of_its_own(void **state)
{
  (void)state;
  for (int status = UA_OK + 1; status < UA_STATUS_COUNT; status++) {
    assert_in_range(ua_api_problem_http_status((ua_status)status), 400, 503);
    assert_int_not_equal(ua_api_problem_http_status((ua_status)status), 500);
  }
}

static void a_status_out_of_range_is_an_internal_error(void **state)
{
  (void)state;
  assert_int_equal(ua_api_problem_http_status((ua_status)999), 500);
  assert_int_equal(ua_api_problem_http_status((ua_status)-1), 500);
}

static void an_unauthorized_answer_says_how_to_authenticate(void **state)
{
  ua_response response = render(*state, UA_NO_CREDENTIALS, &(ua_problem){0});
  assert_string_equal(header_of(&response, "WWW-Authenticate"), "Bearer");
  response = render(*state, UA_INVALID_TOKEN, &(ua_problem){0});
  assert_string_equal(header_of(&response, "WWW-Authenticate"), "Bearer error=\"invalid_token\"");
}

static void an_unavailable_answer_says_when_to_come_back(void **state)
{
  static const ua_status statuses[] = {UA_BUSY, UA_UNAVAILABLE, UA_OUTCOME_UNKNOWN};
  for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
    ua_response response = render(*state, statuses[i], &(ua_problem){0});
    assert_int_equal(response.status, 503);
    assert_non_null(header_of(&response, "Retry-After"));
  }
}

static void a_refusal_that_knows_how_long_says_it(void **state)
{
  const ua_problem problem = {
      .refusal = {.message = UA_TEXT("Too many attempts."), .retry_after_seconds = 871}};
  const ua_problem silent = {.refusal = {.message = UA_TEXT_ABSENT}};
  ua_response response = render(*state, UA_TOO_MANY_REQUESTS, &problem);
  assert_string_equal(header_of(&response, "Retry-After"), "871");
  assert_int_equal(response.header_count, 1);
  response = render(*state, UA_TOO_MANY_REQUESTS, &silent);
  assert_string_equal(header_of(&response, "Retry-After"), "1");
  response = render(*state, UA_UNAVAILABLE, &problem);
  assert_string_equal(header_of(&response, "Retry-After"), "2");
}

static void what_a_handler_says_replaces_the_tables_message(void **state)
{
  ua_response response =
      render(*state, UA_NOT_FOUND, &(ua_problem){.refusal.message = UA_TEXT("User '9' doesn't exist.")});
  assert_string_equal(response.body.data,
                      "{\"error_code\":\"NOT_FOUND\",\"message\":\"User '9' doesn't exist.\"}\n");
  response = render(*state, UA_METHOD_NOT_ALLOWED, &(ua_problem){.allow = UA_TEXT("GET")});
  assert_string_equal(header_of(&response, "Allow"), "GET");
}

static void a_forbidden_answer_names_the_missing_roles(void **state)
{
  ua_response response =
      render(*state, UA_FORBIDDEN, &(ua_problem){.refusal.missing_roles = UA_TEXT("admin, editor")});
  assert_string_equal(
      response.body.data,
      "{\"error_code\":\"FORBIDDEN\",\"message\":\"You don't have the admin, editor role(s).\"}\n");
}

static void only_a_wrong_document_or_argument_answers_with_violations(void **state)
{
  ua_problem problem = {0};
  ua_service_violations_add(*state, &problem.refusal.violations,
                            (ua_violation){UA_TEXT("a"), -1, NULL, UA_TEXT("unknown field")});
  static const char payload[] = "\"payload\":{\"a\":[\"unknown field\"]}";
  for (int status = 0; status < UA_STATUS_COUNT; status++) {
    if (status == UA_OK) {
      continue;
    }
    ua_response response = render(*state, (ua_status)status, &problem);
    bool is_wrong = status == UA_WRONG_DOCUMENT || status == UA_WRONG_ARGS;
    assert_int_equal(strstr(response.body.data, payload) != NULL, is_wrong);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_table_is_the_contracts),
      cmocka_unit_test(every_status_but_ok_is_an_error_with_a_row_of_its_own),
      cmocka_unit_test(a_status_out_of_range_is_an_internal_error),
      cmocka_unit_test(an_unauthorized_answer_says_how_to_authenticate),
      cmocka_unit_test(an_unavailable_answer_says_when_to_come_back),
      cmocka_unit_test(a_refusal_that_knows_how_long_says_it),
      cmocka_unit_test(what_a_handler_says_replaces_the_tables_message),
      cmocka_unit_test(a_forbidden_answer_names_the_missing_roles),
      cmocka_unit_test(only_a_wrong_document_or_argument_answers_with_violations),
  };
  return cmocka_run_group_tests_name("problem", tests, open_arena, close_arena);
}
