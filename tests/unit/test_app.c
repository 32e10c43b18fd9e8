#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/app.h"
#include "base/log.h"
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
      ua_api_app_create(&made.config, &host, NULL, &made.app) != UA_OK) {
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

/* The status of an answer, whose body must have the announced length. */
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
    /* Takes most of the block, so that each allocation of an answer is the first to fail at some limit. */
    void *taken = ua_arena_alloc(arena, BLOCK - 512);
    assert_non_null(taken);
    status = whole_status(ua_api_app_handle(made->app, arena, &input));
    assert_true(status == 500 || status == 401);
    exhausted += status == 500;
    ua_arena_destroy(&arena);
  }
  assert_true(exhausted > 0);
}

/* --- turns --- */

/* An admission that gives prepared answers, and counts. */
typedef struct gate {
  ua_status common;
  ua_status heavy;
  int common_asked;
  int heavy_asked;
  int left;
  bool waits; /* at the last leave */
  int handled;
  ua_status outcome; /* of the handler */
} gate;

static gate door;

static ua_status enter(void *context, ua_load load, uint64_t request, int32_t caller)
{
  gate *gate_of = context;
  assert_int_equal(request, 7);
  assert_int_equal(caller, 0);
  gate_of->common_asked += load == UA_LOAD_COMMON;
  gate_of->heavy_asked += load == UA_LOAD_HEAVY;
  return load == UA_LOAD_COMMON ? gate_of->common : gate_of->heavy;
}

static void leave(void *context, uint64_t request, bool waits)
{
  gate *gate_of = context;
  assert_int_equal(request, 7);
  gate_of->left++;
  gate_of->waits = waits;
}

static ua_status handle(ua_exchange *exchange)
{
  door.handled++;
  return door.outcome == UA_OK ? ua_api_exchange_answer_nothing(exchange) : door.outcome;
}

static bool always(const ua_exchange *exchange)
{
  (void)exchange;
  return true;
}

static int make_gated(void **state)
{
  static const ua_route routes[] = {
      {.pattern = {"", "/search", UA_METHOD_GET},
       .access = {.kind = UA_ACCESS_PUBLIC},
       .is_heavy = always,
       .handler = handle},
      {.pattern = {"", "/page", UA_METHOD_GET}, .access = {.kind = UA_ACCESS_PUBLIC}, .handler = handle},
      {.pattern = {"", "/closed", UA_METHOD_GET},
       .access = {.kind = UA_ACCESS_CONNECTED},
       .is_heavy = always,
       .handler = handle},
  };
  static const ua_app_host host = {.health = true, .routes = routes, .route_count = 3};
  static const ua_app_pool pool = {.admission = {.enter = enter, .leave = leave, .context = &door}};
  static served made;
  char error[256];
  ua_config_options options;
  ua_log_set_level(UA_LOG_ERROR);
  if (ua_config_load(1, arguments, environment, &made.config, &options, error, sizeof error) != UA_OK ||
      ua_api_app_create(&made.config, &host, &pool, &made.app) != UA_OK) {
    return -1;
  }
  *state = &made;
  return 0;
}

static int open_door(void **state)
{
  (void)state;
  door = (gate){.common = UA_OK, .heavy = UA_OK, .outcome = UA_OK};
  return 0;
}

/* The HTTP status of the answer, which must contain `part` unless this is NULL; 0: there is no answer yet. */
static int try_request(const served *made, const char *target, bool last_try, const char *part)
{
  ua_param params[2];
  char uri[64];
  ua_input input = {
      .role = UA_ROLE_RESPONDER, .params = params, .body = UA_TEXT(""), .id = 7, .last_try = last_try};
  (void)snprintf(uri, sizeof uri, "REQUEST_URI=%s", target);
  assert_true(ua_http_input_add(&input, UA_TEXT("REQUEST_METHOD=GET")));
  assert_true(ua_http_input_add(&input, ua_text_of(uri)));
  ua_arena *arena = ua_arena_create(BLOCK, MOST);
  ua_text answer = ua_api_app_handle(made->app, arena, &input);
  int status = 0;
  if (answer.data != NULL) {
    uint64_t number;
    assert_true(ua_text_to_uint((ua_text){answer.data + 8, 3}, 599, &number));
    assert_true(part == NULL || strstr(answer.data, part) != NULL);
    status = (int)number;
  }
  ua_arena_destroy(&arena);
  return status;
}

static void assert_left(bool waits)
{
  assert_int_equal(door.left, 1);
  assert_int_equal(door.waits, waits);
}

static void a_request_with_its_turns_is_answered_and_gives_them_back(void **state)
{
  assert_int_equal(try_request(*state, "/search", false, NULL), 204);
  assert_int_equal(door.common_asked, 1);
  assert_int_equal(door.heavy_asked, 1);
  assert_left(false);
}

static void what_is_no_search_asks_for_a_common_turn_alone(void **state)
{
  assert_int_equal(try_request(*state, "/page", false, NULL), 204);
  assert_int_equal(door.common_asked, 1);
  assert_int_equal(door.heavy_asked, 0);
  assert_left(false);
}

static void what_waits_for_nobody_asks_for_no_turn(void **state)
{
  door.common = UA_PENDING;
  assert_int_equal(try_request(*state, "/healthz", false, NULL), 200);
  assert_int_equal(try_request(*state, "/api/users/token", false, NULL), 401);
  assert_int_equal(try_request(*state, "/api/guard", false, NULL), 401);
  assert_int_equal(try_request(*state, "/nowhere", false, NULL), 404);
  assert_int_equal(door.common_asked, 0);
  assert_int_equal(door.left, 4);
}

static void a_request_without_a_turn_has_no_answer_and_holds_its_place_alone(void **state)
{
  door.common = UA_PENDING;
  assert_int_equal(try_request(*state, "/page", false, NULL), 0);
  assert_int_equal(door.handled, 0);
  assert_left(true);
}

static void a_search_without_a_turn_has_no_answer_and_holds_its_place_alone(void **state)
{
  door.heavy = UA_PENDING;
  assert_int_equal(try_request(*state, "/search", false, NULL), 0);
  assert_int_equal(door.handled, 0);
  assert_left(true);
}

static void one_that_has_waited_long_enough_is_told_to_come_back(void **state)
{
  door.heavy = UA_PENDING;
  assert_int_equal(try_request(*state, "/search", true, "Retry-After: 1\r\n"), 503);
  assert_int_equal(door.handled, 0);
  assert_left(false);
}

static void one_that_has_waited_long_enough_and_has_its_turn_is_answered(void **state)
{
  assert_int_equal(try_request(*state, "/search", true, NULL), 204);
  assert_left(false);
}

static void a_caller_with_too_many_is_told_so(void **state)
{
  door.heavy = UA_TOO_MANY_REQUESTS;
  assert_int_equal(try_request(*state, "/search", false, "Retry-After: 1\r\n"), 429);
  assert_left(false);
  assert_int_equal(try_request(*state, "/search", false,
                               "{\"error_code\":\"TOO_MANY_REQUESTS\",\"message\":\"Too many requests.\"}\n"),
                   429);
}

static void one_that_may_not_be_made_asks_for_no_search(void **state)
{
  door.heavy = UA_PENDING;
  assert_int_equal(try_request(*state, "/closed", false, NULL), 401);
  assert_int_equal(door.heavy_asked, 0);
  assert_left(false);
}

static void a_failure_gives_turns_back(void **state)
{
  door.outcome = UA_INTERNAL;
  assert_int_equal(try_request(*state, "/search", false, NULL), 500);
  assert_left(false);
}

#define GATED(name) cmocka_unit_test_setup(name, open_door)

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(an_answer_is_whole_wherever_memory_runs_out)};
  const struct CMUnitTest turns[] = {
      GATED(a_request_with_its_turns_is_answered_and_gives_them_back),
      GATED(what_is_no_search_asks_for_a_common_turn_alone),
      GATED(what_waits_for_nobody_asks_for_no_turn),
      GATED(a_request_without_a_turn_has_no_answer_and_holds_its_place_alone),
      GATED(a_search_without_a_turn_has_no_answer_and_holds_its_place_alone),
      GATED(one_that_has_waited_long_enough_is_told_to_come_back),
      GATED(one_that_has_waited_long_enough_and_has_its_turn_is_answered),
      GATED(a_caller_with_too_many_is_told_so),
      GATED(one_that_may_not_be_made_asks_for_no_search),
      GATED(a_failure_gives_turns_back),
  };
  return cmocka_run_group_tests_name("app", tests, make_app, destroy_app) +
         cmocka_run_group_tests_name("turns", turns, make_gated, destroy_app);
}
