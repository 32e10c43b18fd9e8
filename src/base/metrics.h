/* What one process of a pool counts for GET /metrics. Each process has its own area in shared memory: a
 * reader adds them up. */
#ifndef UA_BASE_METRICS_H
#define UA_BASE_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/tally.h"

/* Routes have numbers, which stay the same however the settings name their paths. */
enum {
  UA_METRICS_OTHER =
      0, /* no route: unknown paths, methods that are not allowed, OPTIONS, what cannot be read */
  UA_METRICS_AUTHORIZER = 1, /* requests of that FastCGI role */
  UA_METRICS_OURS = 2,       /* the routes of the API, */
  UA_METRICS_HOSTS =
      64, /* and those of an embedding program; any beyond the last number are UA_METRICS_OTHER */
  UA_METRICS_ROUTES = 128
};

/* A method is a number that the caller chooses, 0 for an unknown one. */
enum { UA_METRICS_METHODS = 8 };

/* 1xx to 5xx. */
enum { UA_METRICS_CLASSES = 5 };

/* Upper bounds of durations in microseconds; longer ones are in one more bucket. */
enum { UA_METRICS_BOUNDS = 14, UA_METRICS_BUCKETS = UA_METRICS_BOUNDS + 1 };
extern const uint64_t ua_metrics_bounds[UA_METRICS_BOUNDS];

typedef enum ua_login_outcome {
  UA_LOGIN_SUCCEEDED,
  UA_LOGIN_REFUSED, /* wrong password or email, inactive user */
  UA_LOGIN_BLOCKED, /* too many failed ones before */
  UA_LOGIN_BUSY,    /* too many hashes at once */
  UA_LOGIN_FAILED,  /* anything else: a payload that is wrong, no database */
  UA_LOGIN_OUTCOMES
} ua_login_outcome;

/* What a route has answered. The number of durations is the sum of the buckets: it has no counter of its own,
 * which could differ after a process was killed between two stores. */
typedef struct ua_metrics_route {
  ua_tally requests[UA_METRICS_METHODS][UA_METRICS_CLASSES];
  ua_tally duration[UA_METRICS_BUCKETS]; /* each without the ones below it */
  ua_tally duration_us;                  /* of all */
} ua_metrics_route;

/* Counters and nothing else, because ua_metrics_add requires that. Zeroed memory is a valid one. */
typedef struct ua_metrics {
  ua_metrics_route route[UA_METRICS_ROUTES];
  ua_tally login[UA_LOGIN_OUTCOMES];
  ua_tally hash_refused;
  ua_tally database_connection; /* could not be opened, or was lost */
  ua_tally database_statement;  /* failed, and not for an ordinary reason */
  ua_tally session_hit;
  ua_tally session_miss;
  ua_tally log_dropped;
} ua_metrics;

/* Counts an answer. `method` is below UA_METRICS_METHODS, `status` that of HTTP; a duration below 0, after a
 * clock was set back, counts as 0. */
void ua_metrics_count_request(ua_metrics *metrics, size_t route, size_t method, int status,
                              int64_t duration_us);

/* Which bucket such a duration is in. */
size_t ua_metrics_bucket(uint64_t duration_us);

/* Adds what one process has counted to a sum, which is the caller's alone. */
void ua_metrics_add(ua_metrics *sum, const ua_metrics *one);

/* Likewise one route of it to another. */
void ua_metrics_add_route(ua_metrics_route *sum, const ua_metrics_route *one);

#endif
