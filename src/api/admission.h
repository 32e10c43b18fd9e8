/* Which requests may go ahead now, so that no caller can occupy all workers. */
#ifndef UA_API_ADMISSION_H
#define UA_API_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* How long a request may occupy its worker. */
typedef enum ua_load {
  UA_LOAD_COMMON = 0, /* as long as the database makes it wait: a few statements, or a row's lock */
  UA_LOAD_LIGHT,      /* for a statement without waiting: always admitted, by the worker kept for it */
  UA_LOAD_HEAVY       /* for a search: a few at a time, one for each caller */
} ua_load;

/* The pool's rules. Without functions everything is admitted. */
typedef struct ua_admission {
  /* Asks for a turn of that load for request `request` (ua_input.id). A heavy request first asks for a common
   * turn, when its caller is not yet known (0), and then for a heavy one in addition. UA_OK: it holds the
   * turn until `leave`. UA_PENDING: not now, and it keeps its place in the queue until it asks again.
   * UA_TOO_MANY_REQUESTS: this caller has too many under way. Does not block. */
  ua_status (*enter)(void *context, ua_load load, uint64_t request, int32_t caller);
  /* Gives back all turns that the request holds, and its place in the queue unless it `waits` for the next
   * try. Called once for each try, also if nothing is held. */
  void (*leave)(void *context, uint64_t request, bool waits);
  void *context;
} ua_admission;

#endif
