/* Events, for embedding programs: misuse, versions of structures, and the JSON form of events. */
#include <string.h>

#include "embed.h"

static void null_is_misuse_of_events(void **state)
{
  (void)state;
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  const user_api_event_query query = {.size = sizeof query, .limit = 1};
  const user_api_event event = {.id = 1};
  const user_api_terms nobody = {.size = sizeof nobody};
  const user_api_terms condition = {.size = sizeof condition, .if_match = "*", .by_program = true};
  user_api_event_page page;
  const user_api_status statuses[] = {
      user_api_mount_events(NULL, NULL),
      user_api_list_events(NULL, memory, &query, &page),
      user_api_list_events(api, NULL, &query, &page),
      user_api_list_events(api, memory, NULL, &page),
      user_api_list_events(api, memory, &query, NULL),
      user_api_write_event(NULL, NULL, 1, 0, "app.x", "{}"),
      user_api_write_event(api, NULL, 1, 0, NULL, "{}"),
      user_api_write_event(api, NULL, 1, 0, "app.x", NULL),
      user_api_write_event(api, &nobody, 1, 0, "app.x", "{}"),
      user_api_write_event(api, &condition, 1, 0, "app.x", "{}"),
  };
  ASSERT_ALL_MISUSED(statuses);
  assert_null(user_api_event_json(NULL, &event));
  assert_null(user_api_event_json(memory, NULL));
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

static void a_query_of_a_newer_header_is_understood_unless_it_uses_it(void **state)
{
  (void)state;
  struct {
    user_api_event_query known;
    bool newer[8];
  } query = {.known = {.size = sizeof query}};
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  user_api_event_page page;
  assert_int_equal(user_api_list_events(api, memory, &query.known, &page), USER_API_UNAVAILABLE);
  query.newer[7] = true;
  assert_int_equal(user_api_list_events(api, memory, &query.known, &page), USER_API_MISUSED);
  query.newer[7] = false;
  query.known.reserved[6] = true;
  assert_int_equal(user_api_list_events(api, memory, &query.known, &page), USER_API_MISUSED);
  const size_t wrong[] = {0, sizeof query.known - 1, SIZE_MAX};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    query.known = (user_api_event_query){.size = wrong[i]};
    assert_int_equal(user_api_list_events(api, memory, &query.known, &page), USER_API_MISUSED);
  }
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

static void a_page_of_nonsense_is_refused_before_the_database_is_asked(void **state)
{
  (void)state;
  static const user_api_event_query queries[] = {
      {.limit = -1},
      {.limit = 1001},
      {.limit = 1, .after = -1},
      {.limit = 1, .before = -1},
      {.limit = 1, .after = 1, .before = 2},
      {.limit = 1, .from_oldest = true, .before = 2},
      {.limit = 1, .kind = "\xff"},
  };
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  user_api_event_page page = {.count = 4711};
  for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
    user_api_event_query query = queries[i];
    query.size = sizeof query;
    assert_int_equal(user_api_list_events(api, memory, &query, &page), USER_API_WRONG_ARGS);
    assert_non_null(user_api_problem(api));
    assert_int_equal(page.count, 4711);
  }
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

static void assert_refused(user_api *api, const char *kind, const char *data, const char *field)
{
  assert_int_equal(user_api_write_event(api, NULL, 1, 0, kind, data), USER_API_WRONG_DOCUMENT);
  assert_non_null(strstr(user_api_problem(api), field));
}

static void only_events_of_a_program_are_written(void **state)
{
  (void)state;
  static const char *const kinds[] = {"user.created", "app",   "app.", "app..x",       "app.-x", "app.X",
                                      "app.x y",      "App.x", "",     "app.\xc3\xa4", "xapp.x", "app.x\n"};
  static const char *const texts[] = {"",
                                      "[]",
                                      "null",
                                      "{",
                                      "1",
                                      "{\"a\":\"\xff\"}",
                                      "{\"a\":1.5}",
                                      "{\"a\":1e3}",
                                      "{\"a\":99999999999999999999}",
                                      "{\"a\":\"\\u0000\"}",
                                      "{\"\\u0000\":1}",
                                      "{\"a\":[{\"b\":1.5}]}",
                                      "{} {}"};
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    assert_refused(api, kinds[i], "{}", "\"kind\":");
  }
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    assert_refused(api, "app.x", texts[i], "\"data\":");
  }
  const char *longest = user_api_format(memory, "app.%059d", 0);
  assert_int_equal(user_api_write_event(api, NULL, 1, 0, longest, "{}"), USER_API_UNAVAILABLE);
  assert_refused(api, user_api_format(memory, "app.%060d", 0), "{}", "\"kind\":");
  longest = user_api_format(memory, "{\"a\":\"%04088d\"}", 0);
  assert_int_equal(user_api_write_event(api, NULL, 1, 0, "app.x", longest), USER_API_UNAVAILABLE);
  assert_refused(api, "app.x", user_api_format(memory, "{\"a\":\"%04089d\"}", 0), "\"data\":");
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

static void an_event_is_written_as_the_api_writes_it(void **state)
{
  (void)state;
  user_api_memory *memory = user_api_memory_create();
  const user_api_event event = {.id = INT64_MAX,
                                .at = "2026-11-27T08:15:00Z",
                                .kind = "user.updated",
                                .customer_id = 1,
                                .actor_id = 2,
                                .actor_name = "Ann",
                                .user_id = 3,
                                .user_name = "B\"ob",
                                .address = "203.0.113.9",
                                .request_id = "r",
                                .data = "{\"b\":[1,null,true],\"a\":{\"d\":\"x\",\"c\":-1}}"};
  assert_string_equal(
      user_api_event_json(memory, &event),
      "{\"actor\":{\"id\":2,\"name\":\"Ann\"},\"address\":\"203.0.113.9\",\"at\":\"2026-11-27T08:15:00Z\","
      "\"customer\":{\"id\":1},\"data\":{\"a\":{\"c\":-1,\"d\":\"x\"},\"b\":[1,null,true]},"
      "\"id\":9223372036854775807,\"kind\":\"user.updated\",\"request_id\":\"r\","
      "\"user\":{\"id\":3,\"name\":\"B\\\"ob\"}}");
  const user_api_event none = {.id = 0};
  assert_string_equal(user_api_event_json(memory, &none),
                      "{\"actor\":null,\"address\":null,\"at\":null,\"customer\":null,\"data\":{},\"id\":0,"
                      "\"kind\":null,\"request_id\":null,\"user\":null}");
  const user_api_event broken = {.data = "{"};
  assert_non_null(strstr(user_api_event_json(memory, &broken), "\"data\":{\"unreadable\":true}"));
  user_api_memory_destroy(&memory);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(null_is_misuse_of_events),
      cmocka_unit_test(a_query_of_a_newer_header_is_understood_unless_it_uses_it),
      cmocka_unit_test(a_page_of_nonsense_is_refused_before_the_database_is_asked),
      cmocka_unit_test(only_events_of_a_program_are_written),
      cmocka_unit_test(an_event_is_written_as_the_api_writes_it),
  };
  return cmocka_run_group_tests_name("events of the library", tests, NULL, NULL);
}
