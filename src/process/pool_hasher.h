/* The pool's hasher: a child process next to the workers. */
#ifndef UA_PROCESS_POOL_HASHER_H
#define UA_PROCESS_POOL_HASHER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "process/hash_channel.h"

typedef struct ua_pool_hasher {
  ua_hash_channel channel; /* both ends stay open here, for the next hasher */
  pid_t pid;               /* 0: it does not run */
  int64_t started_ms;
  int64_t delay_ms;   /* of its next start, while it dies soon after each start */
  int64_t not_before; /* of that start, on the monotonic clock (ms) */
  bool killed;
} ua_pool_hasher;

struct ua_pool;

/* Starts it if it does not run: at once or, while it dies within a second of its start, after 100 ms, doubled
 * each time up to 10 s. Kills one that has shown no sign of life for watchdog_seconds. Ends it when the pool
 * stops and the last worker has ended. A worker can shut the channel down for all processes: then all workers
 * are replaced, and get a new channel. */
void ua_process_pool_hasher_balance(struct ua_pool *pool, int64_t now_ms);

/* Whether the ended process was the hasher; if so, records that. */
bool ua_process_pool_hasher_ended(ua_pool_hasher *hasher, pid_t pid, int status, int64_t now_ms);

#endif
