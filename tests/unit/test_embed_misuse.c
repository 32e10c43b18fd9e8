#include <stdio.h>
#include <string.h>

#include "embed.h"

static user_api_status answer_nothing(void *context, const user_api_request *request,
                                      user_api_response *response)
{
  (void)context;
  (void)request;
  return user_api_respond_json(response, 200, "{}");
}

static user_api_status handle(user_api *api, user_api_memory *memory, const char *uri,
                              user_api_answer *answer)
{
  char method[] = "REQUEST_METHOD=GET", uri_text[256];
  (void)snprintf(uri_text, sizeof uri_text, "REQUEST_URI=%s", uri);
  char *const parameters[] = {method, uri_text, NULL};
  return user_api_handle(api, memory, parameters, NULL, 0, answer);
}

static void null_is_misuse_of_setting_up_and_of_requests(void **state)
{
  (void)state;
  user_api *api = instance();
  user_api *none = NULL;
  user_api_memory *memory = user_api_memory_create();
  const user_api_settings settings = {.size = sizeof settings};
  const user_api_access access = user_api_connected();
  user_api_answer answer;
  char method[] = "REQUEST_METHOD=GET";
  char *const parameters[] = {method, NULL};
  const user_api_status statuses[] = {
      user_api_create(NULL, &none, NULL, 0),
      user_api_create(&settings, NULL, NULL, 0),
      user_api_create_from(1, NULL, NULL, NULL, &none, NULL, 0),
      user_api_mount_users(NULL, NULL),
      user_api_mount_roles(NULL, NULL),
      user_api_mount_guard(NULL, NULL),
      user_api_mount_openapi(NULL, NULL),
      user_api_mount_health(NULL),
      user_api_mount_metrics(NULL),
      user_api_route(NULL, "GET", "/", access, answer_nothing, NULL),
      user_api_route(api, NULL, "/", access, answer_nothing, NULL),
      user_api_route(api, "GET", NULL, access, answer_nothing, NULL),
      user_api_on_user_created(NULL, NULL, NULL),
      user_api_on_user_updated(NULL, NULL, NULL),
      user_api_handle(NULL, memory, parameters, NULL, 0, &answer),
      user_api_handle(api, NULL, parameters, NULL, 0, &answer),
      user_api_handle(api, memory, NULL, NULL, 0, &answer),
      user_api_handle(api, memory, parameters, NULL, 1, &answer),
      user_api_handle(api, memory, parameters, NULL, 0, NULL),
      user_api_guard(NULL, memory, parameters, access, NULL),
      user_api_guard(api, NULL, parameters, access, NULL),
      user_api_guard(api, memory, NULL, access, NULL),
      user_api_respond_json(NULL, 200, "{}"),
      user_api_respond_bytes(NULL, 200, "text/plain", "", 0),
      user_api_respond_error(NULL, USER_API_CONFLICT, NULL),
      user_api_respond_header(NULL, "A", "b"),
      user_api_respond_session(NULL, NULL),
  };
  ASSERT_ALL_MISUSED(statuses);
  assert_int_equal(user_api_serve(NULL), 2);
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

static void null_is_misuse_of_users(void **state)
{
  (void)state;
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  const user_api_user_change none = {.email = "e"}, listless = {.role_count = 1};
  const user_api_search search = {.limit = 1};
  user_api_user user;
  const user_api_user *users;
  const user_api_role *roles;
  size_t count;
  bool more;
  const user_api_status statuses[] = {
      user_api_register(NULL, memory, 1, &none, &user),
      user_api_register(api, NULL, 1, &none, &user),
      user_api_register(api, memory, 1, NULL, &user),
      user_api_register(api, memory, 1, &listless, &user),
      user_api_register(api, memory, 1, &none, NULL),
      user_api_update(NULL, memory, 1, 1, &none, &user),
      user_api_update(api, memory, 1, 1, NULL, &user),
      user_api_get(NULL, memory, 1, 1, &user),
      user_api_get(api, NULL, 1, 1, &user),
      user_api_get(api, memory, 1, 1, NULL),
      user_api_reset_password(NULL, memory, 1, "e", "p", &user),
      user_api_reset_password(api, memory, 1, "e", "p", NULL),
      user_api_list_users(NULL, memory, 1, &search, &users, &count, &more),
      user_api_list_users(api, memory, 1, NULL, &users, &count, &more),
      user_api_list_roles(NULL, memory, 1, 0, &roles, &count, &more),
      user_api_list_roles(api, memory, 1, 0, NULL, &count, &more),
  };
  ASSERT_ALL_MISUSED(statuses);
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

static void null_is_misuse_of_changes_on_terms_and_of_queries(void **state)
{
  (void)state;
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  const user_api_user_change none = {.email = "e"}, listless = {.role_count = 1};
  const user_api_user_query query = {.size = sizeof query, .limit = 1};
  user_api_user user;
  user_api_user_page page;
  const user_api_status statuses[] = {
      user_api_mount_customers(NULL, NULL),
      user_api_mount_account(NULL, NULL),
      user_api_register_as(NULL, memory, NULL, 1, &none, &user),
      user_api_register_as(api, NULL, NULL, 1, &none, &user),
      user_api_register_as(api, memory, NULL, 1, NULL, &user),
      user_api_register_as(api, memory, NULL, 1, &listless, &user),
      user_api_register_as(api, memory, NULL, 1, &none, NULL),
      user_api_update_as(NULL, memory, NULL, 1, 1, &none, &user),
      user_api_update_as(api, NULL, NULL, 1, 1, &none, &user),
      user_api_update_as(api, memory, NULL, 1, 1, NULL, &user),
      user_api_update_as(api, memory, NULL, 1, 1, &listless, &user),
      user_api_update_as(api, memory, NULL, 1, 1, &none, NULL),
      user_api_reset_password_as(NULL, memory, NULL, 1, "e", "p", &user),
      user_api_reset_password_as(api, NULL, NULL, 1, "e", "p", &user),
      user_api_reset_password_as(api, memory, NULL, 1, "e", "p", NULL),
      user_api_delete(NULL, NULL, 1, 1),
      user_api_end_sessions(NULL, NULL, 1, 1),
      user_api_find_users(NULL, memory, 1, &query, &page),
      user_api_find_users(api, NULL, 1, &query, &page),
      user_api_find_users(api, memory, 1, NULL, &page),
      user_api_find_users(api, memory, 1, &query, NULL),
  };
  ASSERT_ALL_MISUSED(statuses);
  assert_null(user_api_user_tag(NULL, &user));
  assert_null(user_api_user_tag(memory, NULL));
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

static void null_is_misuse_of_sessions(void **state)
{
  (void)state;
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  user_api_session session;
  user_api_identity identity;
  const user_api_status statuses[] = {
      user_api_authenticate(NULL, memory, "e", "p", &session),
      user_api_authenticate(api, memory, NULL, "p", &session),
      user_api_authenticate(api, memory, "e", NULL, &session),
      user_api_authenticate(api, NULL, "e", "p", &session),
      user_api_authenticate_from(NULL, memory, "::1", "e", "p", &session),
      user_api_authenticate_from(api, memory, "::1", NULL, "p", &session),
      user_api_authenticate_no_password(api, memory, NULL, &session),
      user_api_authenticate_no_password(NULL, memory, "e", &session),
      user_api_get_token_data(api, memory, NULL, &identity),
      user_api_get_token_data(NULL, memory, "t", &identity),
      user_api_token_has_roles(api, "t", NULL),
      user_api_token_has_roles(NULL, "t", secrets),
      user_api_logout(api, NULL),
      user_api_logout(NULL, "t"),
  };
  ASSERT_ALL_MISUSED(statuses);
  assert_false(user_api_is_token_valid(NULL, "t"));
  assert_false(user_api_is_token_valid(api, NULL));
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

static void null_gives_null_and_never_crashes(void **state)
{
  (void)state;
  user_api_memory *memory = user_api_memory_create();
  assert_null(user_api_format(NULL, "x"));
  assert_null(user_api_json_string(NULL, "x"));
  assert_null(user_api_json_string(memory, NULL));
  assert_null(user_api_user_json(memory, NULL));
  assert_null(user_api_identity_json(NULL, NULL));
  assert_null(user_api_problem(NULL));
  assert_null(user_api_request_instance(NULL));
  assert_null(user_api_request_memory(NULL));
  assert_null(user_api_request_method(NULL));
  assert_null(user_api_request_path(NULL));
  assert_null(user_api_request_id(NULL));
  assert_null(user_api_request_text(NULL, "x", NULL));
  assert_int_equal(user_api_request_integer(NULL, "x"), 0);
  assert_null(user_api_request_argument(NULL, "x", NULL));
  assert_null(user_api_request_header(NULL, "x"));
  assert_null(user_api_request_parameter(NULL, "x"));
  assert_null(user_api_request_body(NULL, NULL));
  assert_null(user_api_request_identity(NULL));
  assert_null(user_api_request_token(NULL));
  assert_null(user_api_request_roles(NULL));
  user_api_memory_clear(NULL);
  user_api_memory_destroy(NULL);
  user_api_destroy(NULL);
  user_api_memory_destroy(&memory);
}

static void mounts_and_routes_come_before_the_first_use(void **state)
{
  (void)state;
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  user_api_answer answer;
  assert_int_equal(user_api_mount_users(api, "no slash"), USER_API_BAD_REQUEST);
  assert_int_equal(user_api_mount_users(api, "/same"), USER_API_OK);
  assert_int_equal(user_api_mount_users(api, "/again"), USER_API_MISUSED);
  assert_int_equal(user_api_mount_roles(api, "/same"), USER_API_CONFLICT);
  assert_int_equal(user_api_mount_guard(api, "/same"), USER_API_CONFLICT);
  assert_int_equal(user_api_mount_customers(api, "/same"), USER_API_CONFLICT);
  assert_int_equal(user_api_mount_account(api, "/same"), USER_API_CONFLICT);
  assert_int_equal(user_api_mount_customers(api, "/customers/"), USER_API_BAD_REQUEST);
  assert_int_equal(user_api_mount_customers(api, NULL), USER_API_OK);
  assert_int_equal(user_api_mount_customers(api, "/again"), USER_API_MISUSED);
  assert_int_equal(user_api_mount_account(api, "/api/customers"), USER_API_CONFLICT);
  assert_int_equal(user_api_mount_account(api, "/me"), USER_API_OK);
  assert_int_equal(user_api_mount_guard(api, "/guard/"), USER_API_BAD_REQUEST);
  assert_int_equal(user_api_mount_guard(api, "/metrics"), USER_API_BAD_REQUEST);
  assert_int_equal(user_api_mount_guard(api, NULL), USER_API_OK);
  assert_int_equal(user_api_mount_openapi(api, "/api/guard"), USER_API_CONFLICT);
  assert_int_equal(user_api_mount_openapi(api, "/me/openapi.json"), USER_API_OK);
  assert_int_equal(user_api_mount_roles(api, NULL), USER_API_OK);
  assert_int_equal(user_api_mount_health(api), USER_API_OK);
  assert_int_equal(user_api_mount_metrics(api), USER_API_OK);
  assert_int_equal(user_api_mount_metrics(api), USER_API_MISUSED);
  assert_int_equal(handle(api, memory, "/healthz", &answer), USER_API_OK);
  assert_int_equal(handle(api, memory, "/metrics", &answer), USER_API_NOT_FOUND); /* without a pool */
  assert_int_equal(user_api_mount_health(api), USER_API_MISUSED);
  assert_int_equal(user_api_mount_metrics(api), USER_API_MISUSED);
  assert_int_equal(user_api_route(api, "GET", "/late", user_api_anybody(), answer_nothing, NULL),
                   USER_API_MISUSED);
  assert_int_equal(user_api_on_user_created(api, NULL, NULL), USER_API_MISUSED);
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

static void after_destroy_there_is_no_instance(void **state)
{
  (void)state;
  user_api *api = instance();
  user_api_destroy(&api);
  assert_null(api);
  user_api_destroy(&api);
  assert_int_equal(user_api_mount_users(api, NULL), USER_API_MISUSED);
  assert_int_equal(user_api_serve(api), 2);
}

static user_api_status misuse(void *context, const user_api_request *request, user_api_response *response)
{
  user_api *api = user_api_request_instance(request);
  user_api *copy = api;
  user_api_answer answer;
  char method[] = "REQUEST_METHOD=GET", uri[] = "REQUEST_URI=/x";
  char *const parameters[] = {method, uri, NULL};
  (void)context;
  assert_int_equal(user_api_handle(api, user_api_request_memory(request), parameters, NULL, 0, &answer),
                   USER_API_MISUSED);
  assert_int_equal(user_api_serve(api), 2);
  assert_int_equal(user_api_mount_health(api), USER_API_MISUSED);
  user_api_destroy(&copy);
  assert_ptr_equal(copy, api);
  return user_api_respond_json(response, 200, "{}");
}

static void what_may_not_be_called_from_a_handler_does_nothing(void **state)
{
  (void)state;
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  user_api_answer answer;
  assert_int_equal(user_api_route(api, "GET", "/x", user_api_anybody(), misuse, NULL), USER_API_OK);
  assert_int_equal(handle(api, memory, "/x", &answer), USER_API_OK);
  assert_memory_equal(answer.bytes, "Status: 200 ", 12);
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

static user_api_status tidy_up(void *context, const user_api_request *request, user_api_response *response)
{
  user_api_memory *own = user_api_request_memory(request);
  user_api_memory **given = context;
  const char *text = user_api_format(own, "{\"kept\":%d}", 1);
  user_api_memory_clear(own);
  user_api_memory_clear(*given);
  user_api_memory_destroy(given);
  user_api_memory_destroy(&own);
  assert_non_null(own);
  assert_non_null(*given);
  assert_string_equal(text, "{\"kept\":1}");
  return user_api_respond_json(response, 200, text);
}

static void the_memory_of_a_request_is_not_to_be_tidied_up(void **state)
{
  (void)state;
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  user_api_answer answer;
  assert_int_equal(user_api_route(api, "GET", "/x", user_api_anybody(), tidy_up, &memory), USER_API_OK);
  assert_int_equal(handle(api, memory, "/x", &answer), USER_API_OK);
  assert_memory_equal(answer.bytes, "Status: 200 ", 12);
  assert_memory_equal(answer.bytes + answer.length - 10, "{\"kept\":1}", 10);
  user_api_memory_clear(memory);
  user_api_memory_destroy(&memory);
  assert_null(memory);
  user_api_destroy(&api);
}

static void records_that_were_not_filled_are_written_as_far_as_they_go(void **state)
{
  (void)state;
  user_api_memory *memory = user_api_memory_create();
  const user_api_role empty = {0};
  const user_api_identity identity = {.user = {.roles = &empty, .role_count = 1}};
  const user_api_user listless = {.role_count = 3};
  assert_non_null(user_api_user_json(memory, &identity.user));
  assert_non_null(user_api_identity_json(memory, &identity));
  assert_non_null(strstr(user_api_user_json(memory, &listless), "\"roles\":[]"));
  assert_non_null(user_api_user_tag(memory, &identity.user));
  assert_non_null(user_api_user_tag(memory, &listless));
  user_api_memory_destroy(&memory);
}

static void memory_that_is_exhausted_gives_null(void **state)
{
  (void)state;
  enum { MORE_THAN_THERE_IS = 40 * 1024 * 1024 };
  user_api_memory *memory = user_api_memory_create();
  assert_null(user_api_format(memory, "%*d", MORE_THAN_THERE_IS, 1));
  assert_string_equal(user_api_format(memory, "%d", 1), "1");
  user_api_memory_destroy(&memory);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(null_is_misuse_of_setting_up_and_of_requests),
      cmocka_unit_test(null_is_misuse_of_users),
      cmocka_unit_test(null_is_misuse_of_changes_on_terms_and_of_queries),
      cmocka_unit_test(null_is_misuse_of_sessions),
      cmocka_unit_test(null_gives_null_and_never_crashes),
      cmocka_unit_test(mounts_and_routes_come_before_the_first_use),
      cmocka_unit_test(after_destroy_there_is_no_instance),
      cmocka_unit_test(what_may_not_be_called_from_a_handler_does_nothing),
      cmocka_unit_test(the_memory_of_a_request_is_not_to_be_tidied_up),
      cmocka_unit_test(records_that_were_not_filled_are_written_as_far_as_they_go),
      cmocka_unit_test(memory_that_is_exhausted_gives_null),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
