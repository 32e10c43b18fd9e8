/* What a worker tells its pool. In the single process, which has none, it tells nobody. */
#ifndef UA_PROCESS_WORKER_POOL_H
#define UA_PROCESS_WORKER_POOL_H

#include <stdint.h>

#include "process/scoreboard.h"
#include "process/worker.h"

/* Its state, and how many requests it has answered. */
void ua_process_worker_tell(const ua_worker_setup *setup, ua_worker_state state, uint64_t served);

/* Wakes the supervisor, which looks at the state then. */
void ua_process_worker_wake(const ua_worker_setup *setup);

/* How many requests it may answer before another worker takes its place; 0 for any number. Each worker of a
 * pool has a number of its own, so that they do not all go at a time. */
int64_t ua_process_worker_served_limit(const ua_worker_setup *setup);

#endif
