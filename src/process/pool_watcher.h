/* The pool's session watcher: a child process next to the workers, if the pool has a session table. */
#ifndef UA_PROCESS_POOL_WATCHER_H
#define UA_PROCESS_POOL_WATCHER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct ua_pool_watcher {
  pid_t pid;           /* 0: it does not run */
  unsigned generation; /* of the settings that it uses */
  int64_t started_ms;
  int64_t delay_ms;   /* of its next start, while it cannot start or dies soon after */
  int64_t not_before; /* of that start, on the monotonic clock (ms) */
  bool ends;          /* it was asked to end, or killed */
} ua_pool_watcher;

struct ua_pool;

/* Starts it if it does not run: at once or, while it dies within a second of its start, after 100 ms, doubled
 * each time up to 10 s. Replaces one that has old settings. Kills one that has shown no sign of life for 10
 * s, unless watchdog_seconds is 0. Ends it when the pool stops and the last worker has ended. */
void ua_process_pool_watcher_balance(struct ua_pool *pool, int64_t now_ms);

/* Whether the ended process was the watcher; if so, records that. */
bool ua_process_pool_watcher_ended(ua_pool_watcher *watcher, pid_t pid, int status, int64_t now_ms);

#endif
