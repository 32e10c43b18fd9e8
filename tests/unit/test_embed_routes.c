#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <user_api.h>

#include "unit.h"

static const char *const secrets[] = {"a secret of more than thirty-two bytes", NULL};

/* No server listens there: calls that need the database fail, all others must not. */
static user_api_settings good_settings(void)
{
  return (user_api_settings){.size = sizeof(user_api_settings),
                             .database_url = "host=/nonexistent dbname=none",
                             .jwt_secrets = secrets,
                             .log_level = USER_API_LOG_ERROR,
                             .bcrypt_cost = 10};
}

static user_api *instance(void)
{
  user_api_settings settings = good_settings();
  user_api *api = NULL;
  assert_int_equal(user_api_create(&settings, &api, NULL, 0), USER_API_OK);
  return api;
}

static user_api_status count_calls(void *context, const user_api_request *request,
                                   user_api_response *response)
{
  (void)request;
  ++*(int *)context;
  return user_api_respond_json(response, 200, "{}");
}

static void assert_starts_with(user_api_answer answer, const char *start)
{
  assert_true(answer.length >= strlen(start));
  assert_memory_equal(answer.bytes, start, strlen(start));
}

static void assert_holds(user_api_answer answer, const char *part)
{
  assert_non_null(memmem(answer.bytes, answer.length, part, strlen(part)));
}

static user_api_status handle(user_api *api, user_api_memory *memory, const char *method, const char *uri,
                              user_api_answer *answer)
{
  char method_text[64], uri_text[256];
  (void)snprintf(method_text, sizeof method_text, "REQUEST_METHOD=%s", method);
  (void)snprintf(uri_text, sizeof uri_text, "REQUEST_URI=%s", uri);
  char *const parameters[] = {method_text, uri_text, NULL};
  return user_api_handle(api, memory, parameters, NULL, 0, answer);
}

static void patterns_methods_and_rules_that_are_none_are_refused(void **state)
{
  (void)state;
  static const char *const bad[] = {"",
                                    "x",
                                    "//",
                                    "/a//b",
                                    "/<float:x>",
                                    "/<int:>",
                                    "/a b",
                                    "/a/../b",
                                    "/.",
                                    "/%41",
                                    "/<int:x",
                                    "/a?b",
                                    "/caf\xC3\xA9",
                                    "/<int:a>/<int:b>/<int:c>/<int:d>/<int:e>"};
  user_api *api = instance();
  int calls = 0;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_int_equal(user_api_route(api, "GET", bad[i], user_api_anybody(), count_calls, &calls),
                     USER_API_BAD_REQUEST);
  }
  assert_int_equal(user_api_route(api, "get", "/x", user_api_anybody(), count_calls, &calls),
                   USER_API_BAD_REQUEST);
  assert_int_equal(user_api_route(api, "HEAD", "/x", user_api_anybody(), count_calls, &calls),
                   USER_API_BAD_REQUEST);
  assert_int_equal(user_api_route(api, "GET", "/x", (user_api_access){0}, count_calls, &calls),
                   USER_API_MISUSED);
  assert_int_equal(user_api_route(api, "GET", "/x", user_api_has_roles(NULL), count_calls, &calls),
                   USER_API_MISUSED);
  assert_int_equal(
      user_api_route(api, "GET", "/x", user_api_has_roles((const char *const[]){NULL}), count_calls, &calls),
      USER_API_MISUSED);
  assert_int_equal(user_api_route(api, "GET", "/x", user_api_anybody(), NULL, NULL), USER_API_MISUSED);
  assert_int_equal(user_api_route(api, "GET", "/x", user_api_anybody(), count_calls, &calls), USER_API_OK);
  assert_int_equal(user_api_route(api, "GET", "/x", user_api_anybody(), count_calls, &calls),
                   USER_API_CONFLICT);
  user_api_destroy(&api);
}

static void a_route_of_the_same_paths_exists_whatever_its_parameters_are_called(void **state)
{
  (void)state;
  static const struct {
    const char *method;
    const char *pattern;
    user_api_status status;
  } table[] = {
      {"GET", "/a/<int:x>/<string:y>", USER_API_OK},
      {"GET", "/a/<int:other>/<string:z>", USER_API_CONFLICT},
      {"PUT", "/a/<int:other>/<string:z>", USER_API_OK},
      {"GET", "/a/<string:x>/<string:y>", USER_API_OK},
      {"GET", "/a/<int:x>", USER_API_OK},
      {"GET", "/a/<int:x>/", USER_API_OK},
      {"GET", "/a/<int:y>/", USER_API_CONFLICT},
      {"GET", "/a/<int:x>/y", USER_API_OK},
      {"GET", "/a/<int:x>/<string:y>/z", USER_API_OK},
      {"GET", "/", USER_API_OK},
      {"GET", "/", USER_API_CONFLICT},
  };
  user_api *api = instance();
  int calls = 0;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    user_api_status status =
        user_api_route(api, table[i].method, table[i].pattern, user_api_anybody(), count_calls, &calls);
    if (status != table[i].status) {
      fail_msg("%s %s is '%s'", table[i].method, table[i].pattern, user_api_status_name(status));
    }
  }
  user_api_destroy(&api);
}

static void a_path_of_nobodys_is_left_to_the_caller(void **state)
{
  (void)state;
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  user_api_answer answer = {NULL, 0};
  int calls = 0;
  assert_int_equal(user_api_route(api, "GET", "/mine", user_api_anybody(), count_calls, &calls), USER_API_OK);
  assert_int_equal(user_api_mount_users(api, "/auth/users"), USER_API_OK);
  assert_int_equal(handle(api, memory, "GET", "/yours", &answer), USER_API_NOT_FOUND);
  assert_null(answer.bytes);
  assert_int_equal(handle(api, memory, "GET", "/api/users/token", &answer), USER_API_NOT_FOUND);
  assert_int_equal(handle(api, memory, "GET", "/healthz", &answer), USER_API_NOT_FOUND);
  assert_int_equal(handle(api, memory, "GET", "/mine", &answer), USER_API_OK);
  assert_starts_with(answer, "Status: 200 OK\r\n");
  assert_int_equal(handle(api, memory, "POST", "/mine", &answer), USER_API_OK);
  assert_starts_with(answer, "Status: 405 ");
  assert_holds(answer, "Allow: GET, HEAD, OPTIONS\r\n");
  assert_int_equal(handle(api, memory, "GET", "/auth/users/token", &answer), USER_API_OK);
  assert_starts_with(answer, "Status: 401 ");
  assert_int_equal(handle(api, memory, "GET", "/yours//mine", &answer), USER_API_OK);
  assert_starts_with(answer, "Status: 400 ");
  assert_int_equal(calls, 1);
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

static void guarded_routes_are_not_run_without_credentials(void **state)
{
  (void)state;
  static const char *const admin[] = {"admin", NULL};
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  user_api_answer answer = {NULL, 0};
  int calls = 0;
  assert_int_equal(user_api_route(api, "GET", "/c", user_api_connected(), count_calls, &calls), USER_API_OK);
  assert_int_equal(user_api_route(api, "GET", "/r", user_api_has_roles(admin), count_calls, &calls),
                   USER_API_OK);
  assert_int_equal(handle(api, memory, "GET", "/c", &answer), USER_API_OK);
  assert_starts_with(answer, "Status: 401 ");
  assert_int_equal(handle(api, memory, "GET", "/r", &answer), USER_API_OK);
  assert_starts_with(answer, "Status: 401 ");
  assert_int_equal(calls, 0);
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

static user_api_status everything(void *context, const user_api_request *request, user_api_response *response)
{
  size_t length = 99, body_length = 99;
  (void)context;
  const char *argument = user_api_request_argument(request, "q", &length);
  const char *body = user_api_request_body(request, &body_length);
  assert_string_equal(user_api_request_method(request), "POST");
  assert_string_equal(user_api_request_path(request), "/book/7/a%20b");
  assert_int_equal(user_api_request_integer(request, "id"), 7);
  assert_string_equal(user_api_request_text(request, "title", NULL), "a b");
  assert_null(user_api_request_text(request, "none", NULL));
  assert_int_equal(user_api_request_integer(request, "title"), 0);
  assert_int_equal(length, 3);
  assert_memory_equal(argument, "x\0y", 4);
  assert_null(user_api_request_argument(request, "none", NULL));
  assert_int_equal(body_length, 5);
  assert_string_equal(body, "hello");
  assert_string_equal(user_api_request_header(request, "x-thing"), "one");
  assert_string_equal(user_api_request_header(request, "Content-Type"), "text/plain");
  assert_string_equal(user_api_request_parameter(request, "REMOTE_ADDR"), "127.0.0.1");
  assert_null(user_api_request_header(request, "Absent"));
  assert_non_null(user_api_request_id(request));
  assert_null(user_api_request_identity(request));
  assert_null(user_api_request_token(request));
  assert_null(user_api_request_roles(request)[0]);
  assert_non_null(user_api_request_instance(request));
  assert_int_equal(user_api_respond_header(response, "X-Mine", "yes"), USER_API_OK);
  assert_int_equal(user_api_respond_header(response, "Cache-Control", "max-age=60"), USER_API_OK);
  assert_int_equal(user_api_respond_header(response, "content-length", "3"), USER_API_MISUSED);
  assert_int_equal(user_api_respond_header(response, "X-Bad", "a\r\nSet-Cookie: b"), USER_API_MISUSED);
  assert_int_equal(user_api_respond_header(response, "X Bad", "a"), USER_API_MISUSED);
  assert_int_equal(user_api_respond_json(response, 99, "{}"), USER_API_MISUSED);
  assert_int_equal(user_api_respond_bytes(response, 200, "text/plain\n", "x", 1), USER_API_MISUSED);
  return user_api_respond_bytes(response, 201, "application/octet-stream", "a\0b", 3);
}

static void a_handler_sees_the_request_and_shapes_the_response(void **state)
{
  (void)state;
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  user_api_answer answer = {NULL, 0};
  char method[] = "REQUEST_METHOD=POST", uri[] = "REQUEST_URI=/book/7/a%20b?q=x%00y&q=second",
       type[] = "CONTENT_TYPE=text/plain", length[] = "CONTENT_LENGTH=5", thing[] = "HTTP_X_THING=one",
       address[] = "REMOTE_ADDR=127.0.0.1";
  char *const parameters[] = {method, uri, type, length, thing, address, NULL};
  assert_int_equal(
      user_api_route(api, "POST", "/book/<int:id>/<string:title>", user_api_anybody(), everything, NULL),
      USER_API_OK);
  assert_int_equal(user_api_handle(api, memory, parameters, "hello", 5, &answer), USER_API_OK);
  assert_starts_with(answer, "Status: 201 Created\r\n");
  assert_holds(answer, "\r\nContent-Type: application/octet-stream\r\n");
  assert_holds(answer, "\r\nX-Mine: yes\r\n");
  assert_holds(answer, "\r\nCache-Control: max-age=60\r\n");
  assert_null(memmem(answer.bytes, answer.length, "no-store", 8));
  assert_memory_equal(answer.bytes + answer.length - 7, "\r\n\r\na\0b", 7);
  assert_int_equal(user_api_handle(api, memory, parameters, "hell", 4, &answer), USER_API_OK);
  assert_starts_with(answer, "Status: 400 ");
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

static user_api_status says(void *context, const user_api_request *request, user_api_response *response)
{
  (void)request;
  const char *message = context;
  return message == NULL ? USER_API_OK : user_api_respond_error(response, USER_API_CONFLICT, message);
}

static user_api_status says_otherwise(void *context, const user_api_request *request,
                                      user_api_response *response)
{
  (void)request;
  assert_int_equal(user_api_respond_error(response, USER_API_CONFLICT, context), USER_API_CONFLICT);
  assert_int_equal(user_api_respond_error(response, USER_API_OK, NULL), USER_API_MISUSED);
  assert_int_equal(user_api_respond_error(response, USER_API_CONFLICT, "\xFF"), USER_API_MISUSED);
  return user_api_respond_error(response, USER_API_NOT_FOUND, NULL);
}

static void of_two_errors_the_last_is_answered_in_its_own_words(void **state)
{
  (void)state;
  char message[] = "Lent already.";
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  user_api_answer answer = {NULL, 0};
  assert_int_equal(user_api_route(api, "GET", "/x", user_api_anybody(), says_otherwise, message),
                   USER_API_OK);
  assert_int_equal(handle(api, memory, "GET", "/x", &answer), USER_API_OK);
  assert_starts_with(answer, "Status: 404 ");
  assert_holds(answer, "{\"error_code\":\"NOT_FOUND\",\"message\":\"Not found.\"}\n");
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

static void a_handlers_error_is_worded_and_an_empty_response_is_an_error(void **state)
{
  (void)state;
  char message[] = "Lent already.";
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  user_api_answer answer = {NULL, 0};
  assert_int_equal(user_api_route(api, "GET", "/taken", user_api_anybody(), says, message), USER_API_OK);
  assert_int_equal(user_api_route(api, "GET", "/empty", user_api_anybody(), says, NULL), USER_API_OK);
  assert_int_equal(handle(api, memory, "GET", "/taken", &answer), USER_API_OK);
  assert_starts_with(answer, "Status: 409 ");
  assert_holds(answer, "{\"error_code\":\"CONFLICT\",\"message\":\"Lent already.\"}\n");
  assert_int_equal(handle(api, memory, "GET", "/empty", &answer), USER_API_OK);
  assert_starts_with(answer, "Status: 500 ");
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

static void a_body_beyond_the_limit_reaches_no_handler(void **state)
{
  (void)state;
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  user_api_answer answer = {NULL, 0};
  char method[] = "REQUEST_METHOD=POST", uri[] = "REQUEST_URI=/x";
  char *const parameters[] = {method, uri, NULL};
  char *body = calloc(1, 65537);
  int calls = 0;
  assert_int_equal(user_api_route(api, "POST", "/x", user_api_anybody(), count_calls, &calls), USER_API_OK);
  assert_int_equal(user_api_handle(api, memory, parameters, body, 65537, &answer), USER_API_OK);
  assert_starts_with(answer, "Status: 413 ");
  assert_int_equal(user_api_handle(api, memory, parameters, body, 65536, &answer), USER_API_OK);
  assert_starts_with(answer, "Status: 200 ");
  assert_int_equal(calls, 1);
  free(body);
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(patterns_methods_and_rules_that_are_none_are_refused),
      cmocka_unit_test(a_route_of_the_same_paths_exists_whatever_its_parameters_are_called),
      cmocka_unit_test(of_two_errors_the_last_is_answered_in_its_own_words),
      cmocka_unit_test(a_path_of_nobodys_is_left_to_the_caller),
      cmocka_unit_test(guarded_routes_are_not_run_without_credentials),
      cmocka_unit_test(a_handler_sees_the_request_and_shapes_the_response),
      cmocka_unit_test(a_handlers_error_is_worded_and_an_empty_response_is_an_error),
      cmocka_unit_test(a_body_beyond_the_limit_reaches_no_handler),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
