/* Decides whose search runs next: a queue over all workers, oldest first, one search a caller at a time. A
 * plain table without locks or clocks; process/turns.h keeps it in shared memory. */
#ifndef UA_PROCESS_HEAVY_H
#define UA_PROCESS_HEAVY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/limits.h"

/* A search that runs or waits. A process that is killed at any instruction leaves valid entries: the owner is
 * written last, and an entry without an owner is free. */
typedef struct ua_heavy_claim {
  _Atomic uint32_t owner; /* worker + 1; 0: free */
  _Atomic bool runs;
  int32_t caller;
  uint64_t request; /* identifies it, with the owner */
  uint64_t ticket;  /* the order of arrival */
} ua_heavy_claim;

/* Zeroed memory is a valid state: no search may run. */
typedef struct ua_heavy {
  _Atomic size_t limit; /* searches that run at a time */
  uint64_t last_ticket;
  ua_heavy_claim claim[UA_MAX_SEARCHES];
} ua_heavy;

/* Asks for the turn of a worker's request, while the worker runs no search. UA_OK: it runs until it is ended.
 * UA_PENDING: it keeps its place until it asks again or is ended. UA_TOO_MANY_REQUESTS, and it gets no place,
 * if the caller has UA_MAX_SEARCHES_OF_CALLER in the table, or the table is full. Next is the oldest search
 * whose caller and whose worker run none: a worker runs one request at a time, so searches that wait in a
 * busy worker let younger ones pass. Only one call at a time in all processes. */
UA_CHECK ua_status ua_process_heavy_ask(ua_heavy *heavy, size_t worker, uint64_t request, int32_t caller);

/* Whether _ask would return UA_PENDING for this request: it is in the table, and others go first. Must not
 * run concurrently with _ask. */
bool ua_process_heavy_must_wait(const ua_heavy *heavy, size_t worker, uint64_t request);

/* Removes the request from the table, if it is there. True if it was. May run concurrently with all
 * others. */
bool ua_process_heavy_end(ua_heavy *heavy, size_t worker, uint64_t request);

/* Removes all requests of a worker, also of one that has died. True if there were any. May run concurrently
 * with all others. */
bool ua_process_heavy_end_worker(ua_heavy *heavy, size_t worker);

#endif
