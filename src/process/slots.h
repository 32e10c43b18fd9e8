/* A bounded number of permits that workers hold one each, in memory shared across fork, lock-free. Owners
 * instead of a counter, so that the permit of a worker killed at any instruction is found and freed. Zeroed
 * memory is a valid state: no permits. */
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

/* From now on at most `limit` are taken, UA_MAX_WORKERS in any case; those held stay held. */
void ua_process_slots_set_limit(ua_slots *slots, size_t limit);

/* Whether one could be taken now. */
bool ua_process_slots_has_any(const ua_slots *slots);

/* Takes one for a worker, who must hold none; false when all are taken. */
bool ua_process_slots_take(ua_slots *slots, size_t worker);

/* Gives back what the worker holds; false when that is nothing. Also for a worker that has died. */
bool ua_process_slots_give(ua_slots *slots, size_t worker);

#endif
