/* What supervisor and workers know of each other: memory shared across fork, lock-free. */
#ifndef UA_PROCESS_SCOREBOARD_H
#define UA_PROCESS_SCOREBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "process/turns.h"

typedef struct ua_scoreboard ua_scoreboard;

typedef enum ua_worker_state {
  UA_WORKER_NONE = 0,
  UA_WORKER_STARTING,
  UA_WORKER_IDLE,
  UA_WORKER_BUSY,
  UA_WORKER_DRAINING
} ua_worker_state;

/* `slots` workers, `hash_slots` concurrent password hashes, no turns yet. NULL, with errno, when out of
 * memory. */
ua_scoreboard *ua_process_scoreboard_create(size_t slots, size_t hash_slots);
void ua_process_scoreboard_destroy(ua_scoreboard **scoreboard);

size_t ua_process_scoreboard_slots(const ua_scoreboard *scoreboard);

/* supervisor: a worker is about to be forked for `slot` (before, so that the child's first state is not
 * overwritten); a worker of `slot` has ended (gives its hashing slot and its turns back) */
void ua_process_scoreboard_begin(ua_scoreboard *scoreboard, size_t slot);
void ua_process_scoreboard_end(ua_scoreboard *scoreboard, size_t slot);

/* worker: its own state, and how many requests it has answered; BUSY notes the time */
void ua_process_scoreboard_set(ua_scoreboard *scoreboard, size_t slot, ua_worker_state state,
                               uint64_t served);
/* supervisor: state, and milliseconds that it has been BUSY (0 otherwise) */
ua_worker_state ua_process_scoreboard_get(const ua_scoreboard *scoreboard, size_t slot, int64_t *busy_ms_r);

/* Requests that the worker of `slot` has answered. */
uint64_t ua_process_scoreboard_served(const ua_scoreboard *scoreboard, size_t slot);

/* Takes one of the pool's hashing slots for worker `slot`; false when all are taken. A worker holds one
 * at the most. Killed workers lose theirs in ua_process_scoreboard_end. */
bool ua_process_scoreboard_hash_begin(ua_scoreboard *scoreboard, size_t slot);
void ua_process_scoreboard_hash_end(ua_scoreboard *scoreboard, size_t slot);

/* supervisor: another number of hashing slots, after a reload; those held stay held. */
void ua_process_scoreboard_set_hash_slots(ua_scoreboard *scoreboard, size_t hash_slots);

/* The turns of its workers; they live as long as it does. */
ua_turns *ua_process_scoreboard_turns(ua_scoreboard *scoreboard);

#endif
