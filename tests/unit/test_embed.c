#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <user_api.h>

#include "base/error.h"
#include "embed/instance.h"
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

/* --- statuses --- */

static void every_status_but_pending_has_its_name_on_both_sides(void **state)
{
  (void)state;
  int seen = 0;
  for (int inside = 0; inside < UA_STATUS_COUNT; inside++) {
    for (int outside = 0; outside <= USER_API_PRECONDITION_FAILED; outside++) {
      bool same =
          strcmp(ua_status_name((ua_status)inside), user_api_status_name((user_api_status)outside)) == 0;
      seen += same && outside != USER_API_LENGTH_REQUIRED;
    }
  }
  assert_int_equal(seen, UA_STATUS_COUNT - 1);
  assert_int_equal(ua_embed_status(UA_PENDING), USER_API_BUSY);
  assert_int_equal(ua_embed_status_inside(USER_API_BUSY), UA_BUSY);
  assert_string_equal(user_api_status_name(USER_API_MISUSED), "misused");
  assert_string_equal(user_api_status_name(USER_API_LENGTH_REQUIRED), "internal");
  assert_string_equal(user_api_status_name((user_api_status)1000), "internal");
}

static void statuses_map_to_http(void **state)
{
  (void)state;
  assert_int_equal(user_api_http_status(USER_API_OK), 200);
  assert_int_equal(user_api_http_status(USER_API_WRONG_LOGIN), 401);
  assert_int_equal(user_api_http_status(USER_API_FORBIDDEN), 403);
  assert_int_equal(user_api_http_status(USER_API_QUOTA_EXCEEDED), 409);
  assert_int_equal(user_api_http_status(USER_API_PRECONDITION_FAILED), 412);
  assert_int_equal(user_api_http_status(USER_API_TOO_MANY_REQUESTS), 429);
  assert_int_equal(user_api_http_status(USER_API_MISUSED), 500);
  assert_int_equal(user_api_http_status((user_api_status)-1), 500);
}

/* --- memory --- */

static void formatted_text_lives_until_the_memory_is_cleared(void **state)
{
  (void)state;
  user_api_memory *memory = user_api_memory_create();
  const char *text = user_api_format(memory, "%s %d", "seven", 7);
  assert_string_equal(text, "seven 7");
  user_api_memory_clear(memory);
  user_api_memory_destroy(&memory);
  assert_null(memory);
  user_api_memory_destroy(&memory);
}

static void strings_become_json(void **state)
{
  (void)state;
  user_api_memory *memory = user_api_memory_create();
  assert_string_equal(user_api_json_string(memory, "a\"b\\\n\xC3\xA9/"), "\"a\\\"b\\\\\\n\xC3\xA9/\"");
  assert_string_equal(user_api_json_string(memory, ""), "\"\"");
  assert_null(user_api_json_string(memory, "\xFF"));
  user_api_memory_destroy(&memory);
}

static void records_become_the_json_of_the_api(void **state)
{
  (void)state;
  user_api_memory *memory = user_api_memory_create();
  const user_api_role admin = {1, "admin", "Admin"};
  user_api_identity identity = {.user = {7, 3, "e", "n", true, &admin, 1}, .expires_at = 99};
  assert_string_equal(user_api_user_json(memory, &identity.user),
                      "{\"active\":true,\"customer\":{\"id\":3},\"email\":\"e\",\"id\":7,\"name\":\"n\","
                      "\"roles\":[{\"code\":\"admin\",\"id\":1,\"name\":\"Admin\"}]}");
  identity.user.role_count = 0;
  assert_string_equal(user_api_identity_json(memory, &identity),
                      "{\"active\":true,\"customer\":{\"id\":3},\"email\":\"e\",\"exp\":99,\"id\":7,"
                      "\"name\":\"n\",\"roles\":[]}");
  user_api_memory_destroy(&memory);
}

/* --- settings --- */

static void assert_refused(user_api_settings settings, const char *part)
{
  user_api *api = NULL;
  char error[512] = "";
  assert_int_equal(user_api_create(&settings, &api, error, sizeof error), USER_API_BAD_REQUEST);
  assert_null(api);
  if (strstr(error, part) == NULL) {
    fail_msg("'%s' does not mention '%s'", error, part);
  }
  assert_null(strstr(error, "thirty-two"));
}

static void settings_that_are_wrong_are_refused_with_one_line(void **state)
{
  (void)state;
  user_api_settings settings = good_settings();
  settings.database_url = NULL;
  assert_refused(settings, "USER_API_DATABASE_URL");
  settings = good_settings();
  settings.jwt_secrets = NULL;
  assert_refused(settings, "USER_API_JWT_SECRET");
  settings = good_settings();
  settings.bcrypt_cost = 99;
  assert_refused(settings, "BCRYPT_COST");
  settings = good_settings();
  settings.worker_memory_mib = 3;
  assert_refused(settings, "USER_API_WORKER_MEMORY_MIB");
  settings.worker_memory_mib = -2;
  assert_refused(settings, "USER_API_WORKER_MEMORY_MIB");
  settings = good_settings();
  settings.login_attempts_address = -2;
  assert_refused(settings, "USER_API_LOGIN_ATTEMPTS_ADDRESS");
  settings = good_settings();
  settings.workers = -5;
  assert_refused(settings, "WORKERS");
  settings = good_settings();
  settings.listen = (const char *const[]){"nonsense", NULL};
  assert_refused(settings, "nonsense");
  settings.listen = (const char *const[]){"127.0.0.1:1 127.0.0.1:2", NULL};
  assert_refused(settings, "blank");
  settings = good_settings();
  settings.allowed_origins = (const char *const[]){"https://a.example", "https://b.example/", NULL};
  assert_refused(settings, "USER_API_ALLOWED_ORIGINS");
  settings.allowed_origins = (const char *const[]){"https://a.example https://b.example", NULL};
  assert_refused(settings, "blank");
  settings = good_settings();
  settings.log_level = (user_api_log_level)77;
  assert_refused(settings, "log_level");
  settings = good_settings();
  settings.jwt_secrets = (const char *const[]){"first", "se cond", NULL};
  assert_refused(settings, "blank");
  settings = good_settings();
  settings.database_url = "postgresql://usr:thirty-two/x@db/user_api";
  assert_refused(settings, "USER_API_DATABASE_URL: the database URL is malformed");
}

static void a_secret_that_can_be_guessed_is_refused_unless_it_is_allowed(void **state)
{
  (void)state;
  user_api_settings settings = good_settings();
  user_api *api = NULL;
  settings.jwt_secrets = (const char *const[]){"changeme", NULL};
  assert_refused(settings, "USER_API_JWT_SECRET: a secret");
  settings.jwt_secrets = (const char *const[]){secrets[0], "changeme", NULL};
  assert_refused(settings, "USER_API_JWT_PREVIOUS_SECRETS: a secret");
  settings.allow_weak_secret = true;
  assert_int_equal(user_api_create(&settings, &api, NULL, 0), USER_API_OK);
  user_api_destroy(&api);
}

static void the_memory_of_workers_may_be_unbounded(void **state)
{
  (void)state;
  user_api_settings settings = good_settings();
  user_api *api = NULL;
  settings.worker_memory_mib = USER_API_UNBOUNDED;
  settings.login_attempts = USER_API_UNBOUNDED;
  settings.login_attempts_address = USER_API_UNBOUNDED;
  assert_int_equal(user_api_create(&settings, &api, NULL, 0), USER_API_OK);
  user_api_destroy(&api);
}

static void a_program_of_an_older_header_is_understood_and_of_a_newer_one_unless_it_uses_it(void **state)
{
  (void)state;
  struct {
    user_api_settings known;
    int64_t newer;
  } settings = {.known = good_settings()};
  user_api *api = NULL;
  settings.known.size = offsetof(user_api_settings, listen);
  assert_int_equal(user_api_create(&settings.known, &api, NULL, 0), USER_API_OK);
  user_api_destroy(&api);
  settings.known.size = sizeof settings;
  settings.known.allowed_origins = (const char *const[]){"https://a.example", NULL};
  assert_int_equal(user_api_create(&settings.known, &api, NULL, 0), USER_API_OK);
  user_api_destroy(&api);
  settings.newer = 1;
  assert_int_equal(user_api_create(&settings.known, &api, NULL, 0), USER_API_BAD_REQUEST);
  settings.newer = 0;
  settings.known.reserved[3] = true;
  assert_int_equal(user_api_create(&settings.known, &api, NULL, 0), USER_API_BAD_REQUEST);
  settings.known.size = 0;
  assert_int_equal(user_api_create(&settings.known, &api, NULL, 0), USER_API_BAD_REQUEST);
}

/* Versions without operators had a shorter structure, which ended with `reserved`. */
static void a_program_that_knows_no_operators_has_none(void **state)
{
  (void)state;
  user_api_settings settings = good_settings();
  user_api *api = NULL;
  settings.size = offsetof(user_api_settings, operator_role);
  settings.operator_role = "admin"; /* beyond the program's structure: would be refused if it were read */
  assert_int_equal(user_api_create(&settings, &api, NULL, 0), USER_API_OK);
  user_api_destroy(&api);
  settings.reserved[0] = true;
  assert_refused(settings, "newer than the library");
}

static void the_operator_role_is_a_code_that_is_not_admin(void **state)
{
  (void)state;
  user_api_settings settings = good_settings();
  user_api *api = NULL;
  settings.operator_role = "operator";
  assert_int_equal(user_api_create(&settings, &api, NULL, 0), USER_API_OK);
  user_api_destroy(&api);
  settings.operator_role = ""; /* the same as NULL */
  assert_int_equal(user_api_create(&settings, &api, NULL, 0), USER_API_OK);
  user_api_destroy(&api);
  settings.operator_role = "admin";
  assert_refused(settings, "USER_API_OPERATOR_ROLE");
  settings.operator_role = "one,two";
  assert_refused(settings, "USER_API_OPERATOR_ROLE");
  settings.operator_role = " operator";
  assert_refused(settings, "USER_API_OPERATOR_ROLE");
}

static void events_are_kept_for_a_day_at_least(void **state)
{
  (void)state;
  user_api_settings settings = good_settings();
  user_api *api = NULL;
  settings.event_days = 1;
  assert_int_equal(user_api_create(&settings, &api, NULL, 0), USER_API_OK);
  user_api_destroy(&api);
  settings.event_days = -1;
  assert_refused(settings, "USER_API_EVENT_DAYS");
}

static void a_list_of_refused_passwords_is_read_at_once(void **state)
{
  (void)state;
  user_api_settings settings = good_settings();
  user_api *api = NULL;
  settings.refuse_common_passwords = true;
  assert_int_equal(user_api_create(&settings, &api, NULL, 0), USER_API_OK);
  user_api_destroy(&api);
  settings.password_deny_file = "/nonexistent/denied";
  assert_int_equal(user_api_create(&settings, &api, NULL, 0), USER_API_UNAVAILABLE);
}

/* --- entity tags --- */

static const char *tag_of(user_api_memory *memory, user_api_user user)
{
  const char *tag = user_api_user_tag(memory, &user);
  assert_non_null(tag);
  return tag;
}

static void a_tag_depends_on_all_that_an_answer_shows(void **state)
{
  (void)state;
  user_api_memory *memory = user_api_memory_create();
  const user_api_role roles[] = {{1, "admin", "Admin"}, {2, "reader", "Reader"}};
  const user_api_role renamed = {1, "admin", "Chief"};
  const user_api_user user = {7, 3, "e", "n", true, roles, 2};
  const user_api_user others[] = {
      {8, 3, "e", "n", true, roles, 2}, {7, 4, "e", "n", true, roles, 2},    {7, 3, "f", "n", true, roles, 2},
      {7, 3, "e", "m", true, roles, 2}, {7, 3, "e", "n", false, roles, 2},   {7, 3, "e", "n", true, roles, 1},
      {7, 3, "e", "n", true, NULL, 0},  {7, 3, "e", "n", true, &renamed, 1},
  };
  const char *tag = tag_of(memory, user);
  assert_int_equal(strlen(tag), 34);
  assert_true(tag[0] == '"' && tag[33] == '"');
  assert_string_equal(tag_of(memory, user), tag);
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    assert_string_not_equal(tag_of(memory, others[i]), tag);
    assert_true(i == 0 || strcmp(tag_of(memory, others[i]), tag_of(memory, others[i - 1])) != 0);
  }
  user_api_memory_destroy(&memory);
}

static void the_command_line_is_read_with_environment_and_flags(void **state)
{
  (void)state;
  user_api *api = NULL;
  char error[128] = "";
  char program[] = "program", flag[] = "--bcrypt-cost=10", wrong[] = "--nonsense";
  char url[] = "USER_API_DATABASE_URL=dbname=x",
       secret[] = "USER_API_JWT_SECRET=b7Kq9XvZ2mLw4Rt8Yp1Nc6Hd3Jf5Gs0A";
  char *const environment[] = {url, secret, NULL};
  char *const well[] = {program, flag, NULL};
  char *const badly[] = {program, wrong, NULL};
  assert_int_equal(user_api_create_from(2, well, environment, NULL, &api, error, sizeof error), USER_API_OK);
  user_api_destroy(&api);
  assert_int_equal(user_api_create_from(2, badly, environment, NULL, &api, error, sizeof error),
                   USER_API_BAD_REQUEST);
  assert_non_null(strstr(error, "--nonsense"));
  assert_null(api);
}

/* --- guard, and functions without a database --- */

static void the_guard_lets_nobody_in_without_a_token_that_counts(void **state)
{
  (void)state;
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  user_api_identity identity = {.expires_at = 5};
  char method[] = "REQUEST_METHOD=GET", uri[] = "REQUEST_URI=/",
       bearer[] = "HTTP_AUTHORIZATION=Bearer nonsense";
  char *const bare[] = {method, uri, NULL};
  char *const forged[] = {method, uri, bearer, NULL};
  char *const twice[] = {method, uri, bearer, bearer, NULL};
  assert_int_equal(user_api_guard(api, memory, bare, user_api_anybody(), &identity), USER_API_OK);
  assert_int_equal(user_api_guard(api, memory, bare, user_api_connected(), &identity),
                   USER_API_NO_CREDENTIALS);
  assert_string_equal(user_api_problem(api),
                      "{\"error_code\":\"UNAUTHORIZED\",\"message\":\"No credentials supplied.\"}\n");
  assert_int_equal(user_api_guard(api, memory, forged, user_api_connected(), &identity),
                   USER_API_INVALID_TOKEN);
  assert_int_equal(user_api_guard(api, memory, twice, user_api_connected(), &identity), USER_API_BAD_REQUEST);
  assert_int_equal(user_api_guard(api, memory, bare, (user_api_access){0}, NULL), USER_API_MISUSED);
  assert_int_equal(identity.expires_at, 5);
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

static void without_a_database_the_service_is_unavailable_and_fields_are_checked_first(void **state)
{
  (void)state;
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  user_api_user user = {.id = 5};
  user_api_user_change change = {.email = "e", .name = "n", .password = "short"};
  assert_int_equal(user_api_get(api, memory, 1, 1, &user), USER_API_UNAVAILABLE);
  assert_int_equal(user_api_register(api, memory, 1, &change, &user), USER_API_WRONG_DOCUMENT);
  assert_non_null(strstr(user_api_problem(api), "{\"password\":[\"min length is 8\"]}"));
  change = (user_api_user_change){.email = "\xFF"};
  assert_int_equal(user_api_register(api, memory, 1, &change, &user), USER_API_WRONG_DOCUMENT);
  assert_non_null(strstr(user_api_problem(api), "must be of string type"));
  assert_false(user_api_is_token_valid(api, "nonsense"));
  assert_int_equal(user.id, 5);
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_status_but_pending_has_its_name_on_both_sides),
      cmocka_unit_test(statuses_map_to_http),
      cmocka_unit_test(formatted_text_lives_until_the_memory_is_cleared),
      cmocka_unit_test(strings_become_json),
      cmocka_unit_test(records_become_the_json_of_the_api),
      cmocka_unit_test(settings_that_are_wrong_are_refused_with_one_line),
      cmocka_unit_test(a_secret_that_can_be_guessed_is_refused_unless_it_is_allowed),
      cmocka_unit_test(the_memory_of_workers_may_be_unbounded),
      cmocka_unit_test(a_program_of_an_older_header_is_understood_and_of_a_newer_one_unless_it_uses_it),
      cmocka_unit_test(a_program_that_knows_no_operators_has_none),
      cmocka_unit_test(the_operator_role_is_a_code_that_is_not_admin),
      cmocka_unit_test(events_are_kept_for_a_day_at_least),
      cmocka_unit_test(a_list_of_refused_passwords_is_read_at_once),
      cmocka_unit_test(a_tag_depends_on_all_that_an_answer_shows),
      cmocka_unit_test(the_command_line_is_read_with_environment_and_flags),
      cmocka_unit_test(the_guard_lets_nobody_in_without_a_token_that_counts),
      cmocka_unit_test(without_a_database_the_service_is_unavailable_and_fields_are_checked_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
