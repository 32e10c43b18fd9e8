/* A limited number of permits, at most one a worker, in memory shared across fork, lock-free. Permits have
 * owners instead of a counter, so the permit of a worker that was killed at any instruction can be found and
 * freed. Zeroed memory is a valid state: no permits. */
#ifndef UA_PROCESS_SLOTS_H
#define UA_PROCESS_SLOTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

typedef struct ua_slots {
  _Atomic size_t limit;
  _Atomic uint32_t owner[UA_MAX_WORKERS]; /* worker + 1, or 0 */
} ua_slots;

/* From now on at most `limit` permits can be taken, never more than UA_MAX_WORKERS; held permits stay
 * held. */
void ua_process_slots_set_limit(ua_slots *slots, size_t limit);

/* Whether a permit could be taken now. */
bool ua_process_slots_has_any(const ua_slots *slots);

/* Takes a permit for a worker, which must hold none; false when all are taken. */
bool ua_process_slots_take(ua_slots *slots, size_t worker);

/* Gives back the worker's permit; false when it holds none. Also for a worker that has died. */
bool ua_process_slots_give(ua_slots *slots, size_t worker);

#endif
