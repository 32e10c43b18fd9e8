#include "base/metrics.h"

const uint64_t ua_metrics_bounds[UA_METRICS_BOUNDS] = {
    500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000};

_Static_assert(sizeof(ua_metrics) % sizeof(ua_tally) == 0, "counters and nothing else");
_Static_assert(sizeof(ua_metrics_route) % sizeof(ua_tally) == 0, "counters and nothing else");

size_t ua_metrics_bucket(uint64_t duration_us)
{
  size_t bucket = 0;
  while (bucket < UA_METRICS_BOUNDS && duration_us > ua_metrics_bounds[bucket]) {
    bucket++;
  }
  return bucket;
}

void ua_metrics_count_request(ua_metrics *metrics, size_t route, size_t method, int status,
                              int64_t duration_us)
{
  ua_metrics_route *counted = &metrics->route[route < UA_METRICS_ROUTES ? route : UA_METRICS_OTHER];
  size_t class = status >= 100 && status < 600 ? (size_t)status / 100 - 1 : UA_METRICS_CLASSES - 1;
  uint64_t duration = duration_us < 0 ? 0 : (uint64_t)duration_us;
  ua_tally_add(&counted->requests[method < UA_METRICS_METHODS ? method : 0][class], 1);
  ua_tally_add(&counted->duration[ua_metrics_bucket(duration)], 1);
  ua_tally_add(&counted->duration_us, duration);
}

static void add(ua_tally *sum, const ua_tally *one, size_t bytes)
{
  for (size_t i = 0; i < bytes / sizeof(ua_tally); i++) {
    ua_tally_add(&sum[i], ua_tally_read(&one[i]));
  }
}

void ua_metrics_add(ua_metrics *sum, const ua_metrics *one)
{
  add((ua_tally *)(void *)sum, (const ua_tally *)(const void *)one, sizeof *sum);
}

void ua_metrics_add_route(ua_metrics_route *sum, const ua_metrics_route *one)
{
  add((ua_tally *)(void *)sum, (const ua_tally *)(const void *)one, sizeof *sum);
}
