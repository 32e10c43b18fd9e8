/* A worker's part in the turns of its pool: the turns that its request holds, and its searches in the
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
  bool lacks_common; /* a request of this worker waits for a common turn */
  size_t count;
  uint64_t queued[UA_MAX_PARKED / 2 + 1]; /* waiting searches, and the running one */
  int64_t short_since_ms; /* since when there has been no common turn and no progress; 0: there is one */
  uint64_t given;         /* common turns given back until then */
} ua_worker_turns;

/* Fills *admission_r, for ua_api_app_create, with the pool's rules for the worker of a slot. `self` and
 * `turns` must outlive the application. */
void ua_process_admission_open(ua_worker_turns *self, ua_turns *turns, size_t worker,
                               struct ua_admission *admission_r);

/* Whether the idle worker should accept no requests: a new one would probably wait, because all common turns
 * are taken or the next one is for a request that waits here already. This is so only while turns are given
 * back. If none was for 50 ms, the others are stuck: the worker then accepts, to serve light requests, which
 * need no turn. If it holds as many waiting requests as it may (`is_full`), it accepts none for a second;
 * after that, requests without a place are refused. */
bool ua_process_admission_leaves_queue(ua_worker_turns *self, bool is_full);

/* A waiting request will not be tried again, because its peer has closed the connection. */
void ua_process_admission_forget(ua_worker_turns *self, uint64_t request);

#endif
