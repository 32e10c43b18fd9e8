/* GET /metrics: what a pool has counted, in the text format of Prometheus. */
#ifndef UA_API_METRICS_H
#define UA_API_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "api/routes.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/metrics.h"

/* The state of a pool at one moment. */
typedef struct ua_pool_report {
  int64_t started_seconds; /* since 1970 UTC */
  int64_t uptime_ms;
  uint64_t starting, idle, busy, draining; /* workers */
  uint64_t deaths;                         /* of workers */
  uint64_t hash_slots, hash_slots_in_use;
  uint64_t log_dropped; /* by the processes other than workers */
  bool has_sessions;    /* it has a session table */
  bool is_stale;        /* whose answers are not used now */
  bool is_watched;      /* there is a watcher, and it is alive */
  bool is_proved;       /* the watcher has proved that the table is current */
  int64_t proof_age_ms; /* age of that proof */
} ua_pool_report;

/* The pool's part; all zero without a pool, and if nothing is to be counted: then there is no /metrics. */
typedef struct ua_pool_metrics {
  ua_metrics *own; /* what this process counts; must outlive the application */
  /* Fills both: what all workers have counted, and the state of the pool. Does not block. */
  void (*read)(void *context, ua_metrics *sum_r, ua_pool_report *report_r);
  void *context;
} ua_pool_metrics;

/* The page, in the arena. A route is named by its mount and pattern; `sum` is changed: routes of the same
 * name become one. UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_api_metrics_write(ua_arena *arena, const ua_routes *routes, ua_metrics *sum,
                                        const ua_pool_report *report, ua_text *page_r);

/* Counts what was answered to a request. `route` is NULL if no route was reached. */
void ua_api_metrics_count(ua_metrics *own, const ua_exchange *exchange, const ua_route *route,
                          ua_status status, int64_t duration_us);

#endif
