#include "api/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/handlers.h"

/* One name for all other values: the methods and paths that clients send must not create series. */
#define OTHER "other"

static const char *const login_outcomes[UA_LOGIN_OUTCOMES] = {[UA_LOGIN_SUCCEEDED] = "succeeded",
                                                              [UA_LOGIN_REFUSED] = "refused",
                                                              [UA_LOGIN_BLOCKED] = "blocked",
                                                              [UA_LOGIN_BUSY] = "busy",
                                                              [UA_LOGIN_FAILED] = "failed"};

static const char *const method_names[UA_METRICS_METHODS] = {OTHER, "GET",    "HEAD",  "POST",
                                                             "PUT", "DELETE", "PATCH", "OPTIONS"};

/* --- counting --- */

_Static_assert(UA_METHOD_GET == 1 && UA_METHOD_OPTIONS == 1 << (UA_METRICS_METHODS - 2) &&
                   UA_METHOD_PATCH == 1 << (UA_METRICS_METHODS - 3),
               "the names stand in the order of the bits");

static size_t number_of_method(ua_method method)
{
  unsigned bit = (unsigned)method & ((1U << (UA_METRICS_METHODS - 1)) - 1);
  return bit == 0 ? 0 : (size_t)__builtin_ctz(bit) + 1;
}

static ua_login_outcome outcome_of(const ua_exchange *exchange, ua_status status)
{
  switch (status) {
    case UA_OK:
      return UA_LOGIN_SUCCEEDED;
    case UA_WRONG_LOGIN:
    case UA_USER_INACTIVE:
      return UA_LOGIN_REFUSED;
    case UA_TOO_MANY_REQUESTS: /* only the counters of failed logins set a retry time */
      return exchange->problem.refusal.retry_after_seconds > 0 ? UA_LOGIN_BLOCKED : UA_LOGIN_BUSY;
    case UA_BUSY:
      return UA_LOGIN_BUSY;
    default:
      return UA_LOGIN_FAILED;
  }
}

void ua_api_metrics_count(ua_metrics *own, const ua_exchange *exchange, const ua_route *route,
                          ua_status status, int64_t duration_us)
{
  bool is_authorizer = exchange->request->input->role == UA_ROLE_AUTHORIZER;
  size_t number = route != NULL ? route->number : is_authorizer ? UA_METRICS_AUTHORIZER : UA_METRICS_OTHER;
  ua_metrics_count_request(own, number, number_of_method(exchange->request->method),
                           exchange->response.status, duration_us);
  if (route != NULL && route->handler == ua_api_handle_login) {
    ua_tally_add(&own->login[outcome_of(exchange, status)], 1);
  }
}

/* --- names of routes --- */

/* The text format's escapes in the value of a label. */
static void put_escaped(FILE *out, const char *text)
{
  for (; *text != '\0'; text++) {
    if (*text == '\n') {
      (void)fputs("\\n", out);
    } else {
      if (*text == '\\' || *text == '"') {
        (void)putc('\\', out);
      }
      (void)putc(*text, out);
    }
  }
}

typedef struct route_name {
  const char *mount;
  const char *pattern; /* NULL: no route has the number */
} route_name;

/* Whether "/a" and "/b" name the same as "" and "/a/b". */
static bool is_same(route_name a, route_name b)
{
  size_t first = strlen(a.mount);
  size_t second = strlen(b.mount);
  if (first > second) {
    return is_same(b, a);
  }
  return strncmp(a.mount, b.mount, first) == 0 && strncmp(a.pattern, b.mount + first, second - first) == 0 &&
         strcmp(a.pattern + (second - first), b.pattern) == 0;
}

/* Routes of several methods on one path are one series of durations. */
static void name_routes(const ua_routes *routes, ua_metrics *sum, route_name names[UA_METRICS_ROUTES])
{
  names[UA_METRICS_OTHER] = (route_name){"", OTHER};
  names[UA_METRICS_AUTHORIZER] = (route_name){"", "authorizer"};
  for (size_t i = 0; i < routes->count; i++) {
    const ua_route *route = &routes->list[i];
    const route_name own = {route->pattern.mount, route->pattern.pattern};
    size_t first = UA_METRICS_OURS;
    if (route->number < UA_METRICS_OURS) {
      continue;
    }
    while (first < route->number && (names[first].pattern == NULL || !is_same(names[first], own))) {
      first++;
    }
    if (first < route->number) {
      ua_metrics_add_route(&sum->route[first], &sum->route[route->number]);
    } else {
      names[route->number] = own;
    }
  }
}

static void put_route(FILE *out, route_name of)
{
  (void)fputs("route=\"", out);
  put_escaped(out, of.mount);
  put_escaped(out, of.pattern);
  (void)putc('"', out);
}

/* --- families --- */

static void put_head(FILE *out, const char *name, const char *type, const char *help)
{
  (void)fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_number(FILE *out, const char *name, const char *type, uint64_t value, const char *help)
{
  put_head(out, name, type, help);
  (void)fprintf(out, "%s %" PRIu64 "\n", name, value);
}

static void put_labelled(FILE *out, const char *name, const char *key, const char *label, uint64_t value)
{
  (void)fprintf(out, "%s{%s=\"%s\"} %" PRIu64 "\n", name, key, label, value);
}

/* With whole numbers only: printf's format of fractions depends on the locale. */
static void put_milliseconds(FILE *out, const char *name, int64_t ms, const char *help)
{
  put_head(out, name, "gauge", help);
  (void)fprintf(out, "%s %" PRId64 ".%03d\n", name, ms / 1000, (int)(ms % 1000));
}

static void put_requests(FILE *out, const route_name *names, const ua_metrics *sum)
{
  put_head(out, "user_api_http_requests_total", "counter",
           "Requests that were answered, by route, method and class of the status.");
  for (size_t i = 0; i < UA_METRICS_ROUTES; i++) {
    for (size_t method = 0; names[i].pattern != NULL && method < UA_METRICS_METHODS; method++) {
      for (size_t class = 0; class < UA_METRICS_CLASSES; class ++) {
        uint64_t count = ua_tally_read(&sum->route[i].requests[method][class]);
        if (count > 0) {
          (void)fputs("user_api_http_requests_total{", out);
          put_route(out, names[i]);
          (void)fprintf(out, ",method=\"%s\",status=\"%zuxx\"} %" PRIu64 "\n", method_names[method],
                        class + 1, count);
        }
      }
    }
  }
}

static void put_bucket(FILE *out, route_name of, const char *bound, uint64_t count)
{
  (void)fputs("user_api_http_request_duration_seconds_bucket{", out);
  put_route(out, of);
  (void)fprintf(out, ",le=\"%s\"} %" PRIu64 "\n", bound, count);
}

static void put_duration(FILE *out, route_name of, const ua_metrics_route *route)
{
  static const char *const bounds[UA_METRICS_BUCKETS] = {"0.0005", "0.001", "0.0025", "0.005", "0.01",
                                                         "0.025",  "0.05",  "0.1",    "0.25",  "0.5",
                                                         "1",      "2.5",   "5",      "10",    "+Inf"};
  uint64_t us = ua_tally_read(&route->duration_us);
  uint64_t count = 0;
  for (size_t i = 0; i < UA_METRICS_BUCKETS; i++) {
    count += ua_tally_read(&route->duration[i]);
  }
  if (count == 0) {
    return;
  }
  uint64_t below = 0;
  for (size_t i = 0; i < UA_METRICS_BUCKETS; i++) {
    below += ua_tally_read(&route->duration[i]);
    put_bucket(out, of, bounds[i], below);
  }
  (void)fputs("user_api_http_request_duration_seconds_sum{", out);
  put_route(out, of);
  (void)fprintf(out, "} %" PRIu64 ".%06" PRIu64 "\n", us / 1000000, us % 1000000);
  (void)fputs("user_api_http_request_duration_seconds_count{", out);
  put_route(out, of);
  (void)fprintf(out, "} %" PRIu64 "\n", count);
}

static void put_durations(FILE *out, const route_name *names, const ua_metrics *sum)
{
  put_head(out, "user_api_http_request_duration_seconds", "histogram",
           "Time from a whole request to its answer, by route, waiting for a turn and for a hash included.");
  for (size_t i = 0; i < UA_METRICS_ROUTES; i++) {
    if (names[i].pattern != NULL) {
      put_duration(out, names[i], &sum->route[i]);
    }
  }
}

static void put_process(FILE *out, const ua_pool_report *report)
{
  put_head(out, "user_api_build_info", "gauge", "Always 1; the label says which version runs.");
  put_labelled(out, "user_api_build_info", "version", UA_VERSION, 1);
  put_number(out, "user_api_start_time_seconds", "gauge", (uint64_t)report->started_seconds,
             "When the pool was started, in seconds since 1970 UTC.");
  put_milliseconds(out, "user_api_uptime_seconds", report->uptime_ms, "How long ago the pool was started.");
}

static void put_workers(FILE *out, const ua_pool_report *report)
{
  put_head(out, "user_api_workers", "gauge",
           "Workers by what they do now. The one that answers this is busy.");
  put_labelled(out, "user_api_workers", "state", "starting", report->starting);
  put_labelled(out, "user_api_workers", "state", "idle", report->idle);
  put_labelled(out, "user_api_workers", "state", "busy", report->busy);
  put_labelled(out, "user_api_workers", "state", "draining", report->draining);
  put_number(out, "user_api_worker_deaths_total", "counter", report->deaths,
             "Workers that ended by a signal or a failure, those killed by the supervisor included.");
}

static void put_logins(FILE *out, const ua_metrics *sum, const ua_pool_report *report)
{
  put_number(out, "user_api_hash_slots", "gauge", report->hash_slots,
             "How many passwords may be hashed at a time.");
  put_number(out, "user_api_hash_slots_in_use", "gauge", report->hash_slots_in_use,
             "How many passwords are being hashed now.");
  put_number(out, "user_api_hash_refused_total", "counter", ua_tally_read(&sum->hash_refused),
             "Requests that were answered without a hash, because too many waited or the wait was too long.");
  put_head(out, "user_api_logins_total", "counter", "Login requests by what became of them.");
  for (size_t i = 0; i < UA_LOGIN_OUTCOMES; i++) {
    put_labelled(out, "user_api_logins_total", "outcome", login_outcomes[i], ua_tally_read(&sum->login[i]));
  }
}

static void put_database(FILE *out, const ua_metrics *sum)
{
  put_head(out, "user_api_database_errors_total", "counter",
           "Connections of workers that could not be opened or were lost, and statements that failed "
           "unexpectedly.");
  put_labelled(out, "user_api_database_errors_total", "kind", "connection",
               ua_tally_read(&sum->database_connection));
  put_labelled(out, "user_api_database_errors_total", "kind", "statement",
               ua_tally_read(&sum->database_statement));
}

static void put_sessions(FILE *out, const ua_metrics *sum, const ua_pool_report *report)
{
  put_head(out, "user_api_session_lookups_total", "counter",
           "Checks of tokens by whether the shared session table answered (hit) or the database was asked "
           "(miss).");
  put_labelled(out, "user_api_session_lookups_total", "result", "hit", ua_tally_read(&sum->session_hit));
  put_labelled(out, "user_api_session_lookups_total", "result", "miss", ua_tally_read(&sum->session_miss));
  if (!report->has_sessions) {
    return;
  }
  put_number(
      out, "user_api_session_table_stale", "gauge", report->is_stale,
      "Whether every check asks the database now, because nothing proves that the session table is current.");
  static const char age[] =
      "How long ago the watcher last proved that the session table is current; +Inf where it has not.";
  if (report->is_proved) {
    put_milliseconds(out, "user_api_session_table_age_seconds", report->proof_age_ms, age);
  } else {
    put_head(out, "user_api_session_table_age_seconds", "gauge", age);
    (void)fputs("user_api_session_table_age_seconds +Inf\n", out);
  }
  put_number(out, "user_api_session_watcher_up", "gauge", report->is_watched,
             "Whether the session watcher gives signs of life.");
}

/* --- the page --- */

ua_status ua_api_metrics_write(ua_arena *arena, const ua_routes *routes, ua_metrics *sum,
                               const ua_pool_report *report, ua_text *page_r)
{
  route_name names[UA_METRICS_ROUTES] = {{NULL, NULL}};
  char *bytes = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&bytes, &length);
  if (out == NULL) {
    return UA_INTERNAL;
  }
  name_routes(routes, sum, names);
  put_process(out, report);
  put_requests(out, names, sum);
  put_durations(out, names, sum);
  put_workers(out, report);
  put_logins(out, sum, report);
  put_database(out, sum);
  put_sessions(out, sum, report);
  put_number(out, "user_api_log_lines_dropped_total", "counter",
             ua_tally_read(&sum->log_dropped) + report->log_dropped,
             "Lines of the log that were dropped because nobody took them.");
  bool is_whole = ferror(out) == 0;
  is_whole = fclose(out) == 0 && is_whole;
  *page_r = is_whole ? ua_arena_copy(arena, (ua_text){bytes, length}) : UA_TEXT_ABSENT;
  free(bytes);
  return page_r->data == NULL ? UA_INTERNAL : UA_OK;
}

/* Needs neither a lock nor the database, so it answers also while the pool is blocked. */
ua_status ua_api_handle_metrics(ua_exchange *exchange)
{
  const ua_pool_metrics *metrics = exchange->metrics;
  ua_pool_report report = {0};
  ua_metrics *sum = ua_arena_alloc(exchange->arena, sizeof *sum);
  if (sum == NULL) {
    return UA_INTERNAL;
  }
  metrics->read(metrics->context, sum, &report);
  exchange->response.status = 200;
  ua_http_response_add_header(&exchange->response, "Content-Type",
                              UA_TEXT("text/plain; version=0.0.4; charset=utf-8"));
  return ua_api_metrics_write(exchange->arena, exchange->routes, sum, &report, &exchange->response.body);
}
