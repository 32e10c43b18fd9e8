/* A worker's part in the turns of its pool: what its request holds, and which of its searches are in the
 * queue. */
#ifndef UA_PROCESS_ADMISSION_H
#define UA_PROCESS_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "process/turns.h"

struct ua_admission;

typedef struct ua_worker_turns {
  ua_turns *turns;
  size_t worker;
  bool holds_common;
  bool lacks_common; /* a request of its own waits for a common turn */
  size_t count;
  uint64_t queued[UA_MAX_PARKED / 2 + 1]; /* searches that wait, and the one that runs */
  int64_t short_since_ms; /* since when there has been neither a common turn nor progress; 0: there is one */
  uint64_t given;         /* common turns given back by then */
} ua_worker_turns;

/* Fills *admission_r, for ua_api_app_create, with the pool's rules as they are for the worker of a slot.
 * `self` and `turns` must outlive the application. */
void ua_process_admission_open(ua_worker_turns *self, ua_turns *turns, size_t worker,
                               struct ua_admission *admission_r);

/* Whether the worker, which serves nothing now, should accept nothing either: all common turns are taken, or
 * the next is for a request that waits here already, so that what it accepts would probably wait; and turns
 * are given back. Where none has been for 50 ms the others are stuck, and it looks for light requests, which
 * pass them. Where as many requests wait as it may hold (`is_full`) it stays away for a second; after that,
 * those that find no place are refused. */
bool ua_process_admission_leaves_queue(ua_worker_turns *self, bool is_full);

/* A request that waits is not tried again: its peer has gone. */
void ua_process_admission_forget(ua_worker_turns *self, uint64_t request);

#endif
