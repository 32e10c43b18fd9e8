/* The turns of a pool's workers, in memory shared across fork: how many workers run common requests at a
 * time, and how many searches. A worker that is killed at any instruction leaves a valid state, and the
 * supervisor gives back its turns. Turns wake no process: waiting requests try again. */
#ifndef UA_PROCESS_TURNS_H
#define UA_PROCESS_TURNS_H

#include <pthread.h>

#include "base/error.h"
#include "process/heavy.h"
#include "process/slots.h"

/* Zeroed memory, then ua_process_turns_open. */
typedef struct ua_turns {
  ua_slots common;
  _Atomic uint64_t given; /* common turns that were given back: shows progress */
  ua_heavy heavy;
  pthread_mutex_t heavy_lock; /* for ua_process_heavy_ask and _must_wait; robust */
} ua_turns;

/* Before the first fork. UA_INTERNAL, with errno, when the system refuses. */
UA_CHECK ua_status ua_process_turns_open(ua_turns *turns);

/* supervisor: sets the limits for a pool of that many workers, also after a reload: one worker fewer for
 * common requests and searches together, half of them for searches, at least one of each. Held turns stay
 * held. */
void ua_process_turns_set_workers(ua_turns *turns, size_t workers);

/* supervisor: gives back all turns of a worker that has ended. Takes no lock. */
void ua_process_turns_end(ua_turns *turns, size_t worker);

/* worker: whether a common turn is free, at this moment. */
bool ua_process_turns_has_common(const ua_turns *turns);

/* worker: UA_OK, or UA_PENDING when all are taken. */
UA_CHECK ua_status ua_process_turns_take_common(ua_turns *turns, size_t worker);
void ua_process_turns_give_common(ua_turns *turns, size_t worker);

/* worker: see ua_process_heavy_ask, ua_process_heavy_must_wait and ua_process_heavy_end. */
UA_CHECK ua_status ua_process_turns_take_heavy(ua_turns *turns, size_t worker, uint64_t request,
                                               int32_t caller);
bool ua_process_turns_must_wait(ua_turns *turns, size_t worker, uint64_t request);
void ua_process_turns_give_heavy(ua_turns *turns, size_t worker, uint64_t request);

#endif
