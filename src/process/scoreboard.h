/* The state that supervisor and workers share: memory shared across fork, lock-free. */
#ifndef UA_PROCESS_SCOREBOARD_H
#define UA_PROCESS_SCOREBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/metrics.h"
#include "process/hasher.h"
#include "process/turns.h"

typedef struct ua_scoreboard ua_scoreboard;

typedef enum ua_worker_state {
  UA_WORKER_NONE = 0,
  UA_WORKER_STARTING,
  UA_WORKER_IDLE,
  UA_WORKER_BUSY,
  UA_WORKER_DRAINING
} ua_worker_state;

/* For `slots` workers, without turns yet. NULL, with errno, when out of memory. */
ua_scoreboard *ua_process_scoreboard_create(size_t slots);
void ua_process_scoreboard_destroy(ua_scoreboard **scoreboard);

size_t ua_process_scoreboard_slots(const ua_scoreboard *scoreboard);

/* supervisor: a worker is about to be forked for `slot` (before, so that the child's first state is not
 * overwritten); a worker of `slot` has ended (gives its turns back) */
void ua_process_scoreboard_begin(ua_scoreboard *scoreboard, size_t slot);
void ua_process_scoreboard_end(ua_scoreboard *scoreboard, size_t slot);

/* worker: its own state, and how many requests it has answered; BUSY notes the time */
void ua_process_scoreboard_set(ua_scoreboard *scoreboard, size_t slot, ua_worker_state state,
                               uint64_t served);
/* supervisor: state, and milliseconds that it has been BUSY (0 otherwise) */
ua_worker_state ua_process_scoreboard_get(const ua_scoreboard *scoreboard, size_t slot, int64_t *busy_ms_r);

/* Requests that the worker of `slot` has answered. */
uint64_t ua_process_scoreboard_served(const ua_scoreboard *scoreboard, size_t slot);

/* The counters of all workers that `slot` has had: each worker continues where the one before ended, so no
 * number ever decreases. Lives as long as the scoreboard. */
ua_metrics *ua_process_scoreboard_metrics(ua_scoreboard *scoreboard, size_t slot);

/* The sum of the counters of all slots, in the caller's memory. */
void ua_process_scoreboard_sum(const ua_scoreboard *scoreboard, ua_metrics *sum_r);

/* Counters of the other processes: log lines that the supervisor dropped (only it writes this counter), log
 * lines that the watchers dropped, and workers that died. They live as long as the scoreboard. */
ua_tally *ua_process_scoreboard_dropped_here(ua_scoreboard *scoreboard);
ua_tally *ua_process_scoreboard_dropped_by_watcher(ua_scoreboard *scoreboard);
ua_tally *ua_process_scoreboard_deaths(ua_scoreboard *scoreboard);

/* When it was created: seconds since 1970 UTC, and milliseconds of CLOCK_BOOTTIME. */
typedef struct ua_pool_birth {
  int64_t wall_seconds;
  int64_t boot_ms;
} ua_pool_birth;

ua_pool_birth ua_process_scoreboard_birth(const ua_scoreboard *scoreboard);

/* The state that hasher and supervisor share; it lives as long as the scoreboard. */
ua_hash_board *ua_process_scoreboard_hashing(ua_scoreboard *scoreboard);

/* The turns of its workers; they live as long as it does. */
ua_turns *ua_process_scoreboard_turns(ua_scoreboard *scoreboard);

#endif
