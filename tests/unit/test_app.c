#include <stdlib.h>
#include <string.h>

#include "api/app.h"
#include "unit.h"

enum { BLOCK = 1024, MOST = 64 * 1024 };

static char database_url[] = "USER_API_DATABASE_URL=postgresql://nobody@127.0.0.1:1/none";
static char secret[] = "USER_API_JWT_SECRET=b7Kq9XvZ2mLw4Rt8Yp1Nc6Hd3Jf5Gs0A";
static char program[] = "user-api";
static char *const environment[] = {database_url, secret, NULL};
static char *const arguments[] = {program, NULL};

typedef struct served {
  ua_config config;
  ua_app *app;
} served;

static int make_app(void **state)
{
  static const ua_app_host host = {.health = true};
  static served made;
  char error[256];
  ua_config_options options;
  if (ua_config_load(1, arguments, environment, &made.config, &options, error, sizeof error) != UA_OK ||
      ua_api_app_create(&made.config, &host, NULL, NULL, &made.app) != UA_OK) {
    return -1;
  }
  *state = &made;
  return 0;
}

static int destroy_app(void **state)
{
  served *made = *state;
  ua_api_app_destroy(&made->app);
  ua_config_clear(&made->config);
  return 0;
}

/* The status of an answer whose body has the length that it announces. */
static int whole_status(ua_text answer)
{
  static const char announced[] = "\r\nContent-Length: ";
  assert_non_null(answer.data);
  const char *length = strstr(answer.data, announced);
  const char *body = strstr(answer.data, "\r\n\r\n");
  assert_non_null(length);
  assert_non_null(body);
  length += sizeof announced - 1;
  body += 4;
  uint64_t number;
  ua_text digits = {length, strcspn(length, "\r")};
  assert_true(ua_text_to_uint(digits, MOST, &number));
  assert_int_equal(number, answer.length - (size_t)(body - answer.data));
  assert_true(ua_text_starts_with(answer, UA_TEXT("Status: ")));
  assert_true(ua_text_to_uint((ua_text){answer.data + 8, 3}, 599, &number));
  return (int)number;
}

static void an_answer_is_whole_wherever_memory_runs_out(void **state)
{
  const served *made = *state;
  ua_param params[2];
  ua_input input = {.role = UA_ROLE_RESPONDER, .params = params, .body = UA_TEXT("")};
  assert_true(ua_http_input_add(&input, UA_TEXT("REQUEST_METHOD=GET")));
  assert_true(ua_http_input_add(&input, UA_TEXT("REQUEST_URI=/api/users/?limit=20&email=%25&foo=bar")));
  size_t exhausted = 0;
  int status = 0;
  for (size_t limit = BLOCK; status != 401; limit += 64) {
    assert_true(limit < MOST);
    ua_arena *arena = ua_arena_create(64, limit);
    assert_non_null(arena);
    /* All but a little, so that each of the allocations of an answer is the first to fail at some limit. */
    void *taken = ua_arena_alloc(arena, BLOCK - 512);
    assert_non_null(taken);
    status = whole_status(ua_api_app_handle(made->app, arena, &input));
    assert_true(status == 500 || status == 401);
    exhausted += status == 500;
    ua_arena_destroy(&arena);
  }
  assert_true(exhausted > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(an_answer_is_whole_wherever_memory_runs_out)};
  return cmocka_run_group_tests_name("app", tests, make_app, destroy_app);
}
