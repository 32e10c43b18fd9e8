#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/app.h"
#include "base/log.h"
#include "embed/instance.h"
#include "unit.h"

enum { MOST = 1024 * 1024, GET = 1, POST = 3 };

typedef struct fixture {
  ua_arena *arena;
  ua_metrics *sum;
  ua_pool_report report;
} fixture;

static int make(void **state)
{
  static fixture made;
  made = (fixture){.arena = ua_arena_create(UA_ARENA_BLOCK, MOST), .sum = calloc(1, sizeof *made.sum)};
  *state = &made;
  return made.arena == NULL || made.sum == NULL;
}

static int unmake(void **state)
{
  fixture *made = *state;
  ua_arena_destroy(&made->arena);
  free(made->sum);
  return 0;
}

/* --- counting --- */

static void a_duration_is_in_the_first_bucket_whose_bound_it_does_not_exceed(void **state)
{
  (void)state;
  assert_int_equal(ua_metrics_bucket(0), 0);
  for (size_t i = 0; i < UA_METRICS_BOUNDS; i++) {
    assert_int_equal(ua_metrics_bucket(ua_metrics_bounds[i]), i);
    assert_int_equal(ua_metrics_bucket(ua_metrics_bounds[i] + 1), i + 1);
  }
  assert_int_equal(ua_metrics_bucket(UINT64_MAX), UA_METRICS_BOUNDS);
}

static void what_no_request_has_is_counted_all_the_same(void **state)
{
  fixture *self = *state;
  ua_metrics_route *other = &self->sum->route[UA_METRICS_OTHER];
  ua_metrics_count_request(self->sum, UA_METRICS_ROUTES, UA_METRICS_METHODS, 0, -1);
  ua_metrics_count_request(self->sum, SIZE_MAX, SIZE_MAX, 600, INT64_MIN);
  assert_int_equal(ua_tally_read(&other->requests[0][4]), 2);
  assert_int_equal(ua_tally_read(&other->duration[0]), 2);
  assert_int_equal(ua_tally_read(&other->duration_us), 0);
}

static void counts_of_several_processes_are_added_up(void **state)
{
  fixture *self = *state;
  ua_metrics *one = calloc(1, sizeof *one);
  assert_non_null(one);
  ua_metrics_count_request(one, UA_METRICS_OURS, GET, 200, 700);
  ua_tally_add(&one->log_dropped, 3);
  for (int i = 0; i < 3; i++) {
    ua_metrics_add(self->sum, one);
  }
  assert_int_equal(ua_tally_read(&self->sum->route[UA_METRICS_OURS].requests[GET][1]), 3);
  assert_int_equal(ua_tally_read(&self->sum->route[UA_METRICS_OURS].duration[1]), 3);
  assert_int_equal(ua_tally_read(&self->sum->route[UA_METRICS_OURS].duration_us), 2100);
  assert_int_equal(ua_tally_read(&self->sum->log_dropped), 9);
  free(one);
}

/* --- the page --- */

static const char *page_of(fixture *self, ua_route *list, size_t count)
{
  ua_text page;
  const ua_routes routes = {.list = list, .count = count};
  assert_int_equal(ua_api_metrics_write(self->arena, &routes, self->sum, &self->report, &page), UA_OK);
  return page.data;
}

static void assert_line(const char *page, const char *line)
{
  char whole[256];
  (void)snprintf(whole, sizeof whole, "\n%s\n", line);
  if (strstr(page, whole) == NULL) {
    fail_msg("no line %s in\n%s", line, page);
  }
}

static void a_histogram_is_cumulative_and_ends_in_its_count(void **state)
{
  fixture *self = *state;
  ua_route list[] = {{.pattern = {"/api", "/x/<int:id>", UA_METHOD_GET}, .number = UA_METRICS_OURS}};
  ua_metrics_count_request(self->sum, UA_METRICS_OURS, GET, 200, 400);
  ua_metrics_count_request(self->sum, UA_METRICS_OURS, GET, 404, 2500);
  ua_metrics_count_request(self->sum, UA_METRICS_OURS, GET, 200, 11000001);
  const char *page = page_of(self, list, 1);
  assert_line(page,
              "user_api_http_requests_total{route=\"/api/x/<int:id>\",method=\"GET\",status=\"2xx\"} 2");
  assert_line(page,
              "user_api_http_requests_total{route=\"/api/x/<int:id>\",method=\"GET\",status=\"4xx\"} 1");
#define DURATION "user_api_http_request_duration_seconds"
  assert_line(page, DURATION "_bucket{route=\"/api/x/<int:id>\",le=\"0.0005\"} 1");
  assert_line(page, DURATION "_bucket{route=\"/api/x/<int:id>\",le=\"0.001\"} 1");
  assert_line(page, DURATION "_bucket{route=\"/api/x/<int:id>\",le=\"0.0025\"} 2");
  assert_line(page, DURATION "_bucket{route=\"/api/x/<int:id>\",le=\"10\"} 2");
  assert_line(page, DURATION "_bucket{route=\"/api/x/<int:id>\",le=\"+Inf\"} 3");
  assert_line(page, DURATION "_sum{route=\"/api/x/<int:id>\"} 11.002901");
  assert_line(page, DURATION "_count{route=\"/api/x/<int:id>\"} 3");
  assert_null(strstr(page, "route=\"other\""));
  assert_null(strstr(page, "} 0\nuser_api_http"));
}

static void routes_of_one_path_are_one_series_however_it_is_put_together(void **state)
{
  fixture *self = *state;
  ua_route list[] = {{.pattern = {"/api/users", "/logout", UA_METHOD_GET}, .number = 5},
                     {.pattern = {"/api/users", "/logout", UA_METHOD_POST}, .number = 6},
                     {.pattern = {"", "/api/users/logout", UA_METHOD_PUT}, .number = 7},
                     {.pattern = {"/api", "/users/logou", UA_METHOD_PUT}, .number = 8}};
  for (size_t i = 0; i < 4; i++) {
    ua_metrics_count_request(self->sum, list[i].number, i == 0 ? GET : POST, 200, 100);
  }
  const char *page = page_of(self, list, 4);
  assert_line(page,
              "user_api_http_requests_total{route=\"/api/users/logout\",method=\"GET\",status=\"2xx\"} 1");
  assert_line(page,
              "user_api_http_requests_total{route=\"/api/users/logout\",method=\"POST\",status=\"2xx\"} 2");
  assert_line(page,
              "user_api_http_requests_total{route=\"/api/users/logou\",method=\"POST\",status=\"2xx\"} 1");
  assert_line(page, DURATION "_count{route=\"/api/users/logout\"} 3");
}

static void what_a_label_must_not_hold_is_escaped(void **state)
{
  fixture *self = *state;
  ua_route list[] = {{.pattern = {"", "/a\"b\\c\nd", UA_METHOD_GET}, .number = UA_METRICS_HOSTS}};
  ua_metrics_count_request(self->sum, UA_METRICS_HOSTS, GET, 200, 1);
  assert_line(page_of(self, list, 1),
              "user_api_http_requests_total{route=\"/a\\\"b\\\\c\\nd\",method=\"GET\",status=\"2xx\"} 1");
}

static void routes_beyond_the_last_number_are_other(void **state)
{
  fixture *self = *state;
  ua_route list[] = {{.pattern = {"", "/beyond", UA_METHOD_GET}, .number = UA_METRICS_OTHER}};
  ua_metrics_count_request(self->sum, UA_METRICS_OTHER, GET, 200, 1);
  assert_line(page_of(self, list, 1),
              "user_api_http_requests_total{route=\"other\",method=\"GET\",status=\"2xx\"} 1");
}

static void the_session_table_is_shown_where_there_is_one(void **state)
{
  fixture *self = *state;
  assert_null(strstr(page_of(self, NULL, 0), "user_api_session_table"));
  self->report.has_sessions = true;
  self->report.is_stale = true;
  assert_line(page_of(self, NULL, 0), "user_api_session_table_age_seconds +Inf");
  self->report.is_proved = true;
  self->report.proof_age_ms = 1002;
  const char *page = page_of(self, NULL, 0);
  assert_line(page, "user_api_session_table_age_seconds 1.002");
  assert_line(page, "user_api_session_table_stale 1");
  assert_line(page, "user_api_session_watcher_up 0");
}

static void a_page_for_which_memory_lacks_is_none(void **state)
{
  fixture *self = *state;
  ua_arena *small = ua_arena_create(64, 1024);
  ua_text page;
  assert_int_equal(ua_api_metrics_write(small, &(ua_routes){0}, self->sum, &self->report, &page),
                   UA_INTERNAL);
  ua_arena_destroy(&small);
}

/* --- the application --- */

static char database_url[] = "USER_API_DATABASE_URL=postgresql://nobody@127.0.0.1:1/none";
static char secret[] = "USER_API_JWT_SECRET=b7Kq9XvZ2mLw4Rt8Yp1Nc6Hd3Jf5Gs0A";
static char *const environment[] = {database_url, secret, NULL};

static void read_pool(void *context, ua_metrics *sum_r, ua_pool_report *report_r)
{
  memset(sum_r, 0, sizeof *sum_r);
  ua_metrics_add(sum_r, context);
  *report_r = (ua_pool_report){.idle = 1};
}

static bool holds_back;

static ua_status answer_at_last(ua_exchange *exchange)
{
  exchange->response.status = 204;
  exchange->response.body = UA_TEXT("");
  return holds_back ? UA_PENDING : UA_OK;
}

/* The status of the answer; 0: there is none yet. */
static int ask(ua_app *app, const char *target)
{
  ua_param params[2];
  char uri[64];
  ua_input input = {.role = UA_ROLE_RESPONDER, .params = params, .body = UA_TEXT(""), .id = 7};
  (void)snprintf(uri, sizeof uri, "REQUEST_URI=%s", target);
  assert_true(ua_http_input_add(&input, UA_TEXT("REQUEST_METHOD=GET")));
  assert_true(ua_http_input_add(&input, ua_text_of(uri)));
  ua_arena *arena = ua_arena_create(UA_ARENA_BLOCK, MOST);
  ua_text answer = ua_api_app_handle(app, arena, &input);
  uint64_t status = 0;
  assert_true(answer.data == NULL || ua_text_to_uint((ua_text){answer.data + 8, 3}, 599, &status));
  ua_arena_destroy(&arena);
  return (int)status;
}

static ua_app *open_app(const ua_config *config, const ua_app_host *host, ua_metrics *own)
{
  const ua_app_pool pool = {.metrics = {.own = own, .read = read_pool, .context = own}};
  ua_app *app = NULL;
  assert_int_equal(ua_api_app_create(config, host, &pool, &app), UA_OK);
  return app;
}

static void a_request_that_waits_is_counted_once_when_it_is_answered(void **state)
{
  fixture *self = *state;
  static const ua_route routes[] = {{.pattern = {"", "/x", UA_METHOD_GET},
                                     .access = {.kind = UA_ACCESS_PUBLIC},
                                     .handler = answer_at_last}};
  const ua_app_host host = {.metrics = true, .routes = routes, .route_count = 1};
  ua_config config;
  ua_config_options options;
  char error[256];
  ua_log_set_level(UA_LOG_SILENT);
  assert_int_equal(ua_config_load(0, NULL, environment, &config, &options, error, sizeof error), UA_OK);
  ua_app *app = open_app(&config, &host, self->sum);
  const ua_tally *answered = &self->sum->route[UA_METRICS_HOSTS].requests[GET][1];
  holds_back = true;
  assert_int_equal(ask(app, "/x"), 0);
  assert_int_equal(ask(app, "/x"), 0);
  assert_int_equal(ua_tally_read(answered), 0);
  holds_back = false;
  assert_int_equal(ask(app, "/x"), 204);
  assert_int_equal(ua_tally_read(answered), 1);
  assert_int_equal(ask(app, "/metrics"), 200);
  ua_api_app_destroy(&app);
  ua_config_clear(&config);
}

static void without_a_pool_that_counts_or_a_host_that_wants_it_there_is_no_page(void **state)
{
  fixture *self = *state;
  const ua_app_host wants = {.metrics = true};
  const ua_app_host does_not = {.metrics = false};
  ua_config config;
  ua_config_options options;
  char error[256];
  ua_log_set_level(UA_LOG_SILENT);
  assert_int_equal(ua_config_load(0, NULL, environment, &config, &options, error, sizeof error), UA_OK);
  ua_app *app = open_app(&config, &wants, NULL);
  assert_int_equal(ask(app, "/metrics"), 404);
  ua_api_app_destroy(&app);
  app = open_app(&config, &does_not, self->sum);
  assert_int_equal(ask(app, "/metrics"), 404);
  ua_api_app_destroy(&app);
  ua_config_clear(&config);
}

static void an_embedding_program_switches_it_on_by_a_setting(void **state)
{
  static const char *const secrets[] = {"a secret of more than thirty-two bytes", NULL};
  (void)state;
  for (int counts = 0; counts < 2; counts++) {
    const user_api_settings settings = {.size = sizeof settings,
                                        .database_url = "postgresql://nobody@127.0.0.1:1/none",
                                        .jwt_secrets = secrets,
                                        .metrics = counts == 1};
    user_api *api = NULL;
    assert_int_equal(user_api_create(&settings, &api, NULL, 0), USER_API_OK);
    assert_int_equal(api->config.metrics, counts == 1);
    user_api_destroy(&api);
  }
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, make, unmake)

int main(void)
{
  const struct CMUnitTest tests[] = {
      EACH(a_duration_is_in_the_first_bucket_whose_bound_it_does_not_exceed),
      EACH(what_no_request_has_is_counted_all_the_same),
      EACH(counts_of_several_processes_are_added_up),
      EACH(a_histogram_is_cumulative_and_ends_in_its_count),
      EACH(routes_of_one_path_are_one_series_however_it_is_put_together),
      EACH(what_a_label_must_not_hold_is_escaped),
      EACH(routes_beyond_the_last_number_are_other),
      EACH(the_session_table_is_shown_where_there_is_one),
      EACH(a_page_for_which_memory_lacks_is_none),
      EACH(a_request_that_waits_is_counted_once_when_it_is_answered),
      EACH(an_embedding_program_switches_it_on_by_a_setting),
      EACH(without_a_pool_that_counts_or_a_host_that_wants_it_there_is_no_page),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
