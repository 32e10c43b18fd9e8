/* Which requests may go ahead now, so that nobody's share of the workers is everybody's. */
#ifndef UA_API_ADMISSION_H
#define UA_API_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* How long a request may occupy its worker. */
typedef enum ua_load {
  UA_LOAD_COMMON = 0, /* for as long as the database lets it wait: a few statements, or a row's lock */
  UA_LOAD_LIGHT,      /* for a statement that waits for nobody: always admitted, by the worker that is kept */
  UA_LOAD_HEAVY       /* for a search: few at a time, and one a caller */
} ua_load;

/* The pool's rules. Without functions everything is admitted. */
typedef struct ua_admission {
  /* Asks for a turn of that load for request `request` (ua_input.id). A heavy request asks for a common turn
   * first, when its caller (0 then) is not yet known, and for a heavy one on top of it. UA_OK: it holds the
   * turn until `leave`. UA_PENDING: not now, and it keeps its place in the queue until it asks again.
   * UA_TOO_MANY_REQUESTS: this caller has too many under way. Does not block. */
  ua_status (*enter)(void *context, ua_load load, uint64_t request, int32_t caller);
  /* Gives back all turns that the request holds, and its place in the queue unless it `waits` for the next
   * try. Called once a try, also where nothing is held. */
  void (*leave)(void *context, uint64_t request, bool waits);
  void *context;
} ua_admission;

#endif
