/* What a worker reports to its pool. Does nothing in the single process, which has no pool. */
#ifndef UA_PROCESS_WORKER_POOL_H
#define UA_PROCESS_WORKER_POOL_H

#include <stdint.h>

#include "process/scoreboard.h"
#include "process/worker.h"

/* Reports its state, and how many requests it has answered. */
void ua_process_worker_tell(const ua_worker_setup *setup, ua_worker_state state, uint64_t served);

/* Wakes the supervisor, which then checks the state. */
void ua_process_worker_wake(const ua_worker_setup *setup);

/* How many requests it may answer before another worker takes its place; 0 for any number. Each worker of a
 * pool has a different number, so that they do not all end at the same time. */
int64_t ua_process_worker_served_limit(const ua_worker_setup *setup);

#endif
