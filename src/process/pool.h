/* The supervisor's workers: starts, counts, replaces, retires and kills them. */
#ifndef UA_PROCESS_POOL_H
#define UA_PROCESS_POOL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "config/config.h"
#include "process/listener.h"
#include "process/pool_hasher.h"
#include "process/pool_watcher.h"
#include "process/scoreboard.h"

/* Twice as many as may serve: during a reload the old ones finish while the new ones begin. */
enum { UA_POOL_SLOTS = 2 * UA_MAX_WORKERS };

typedef struct ua_pool_child {
  pid_t pid; /* 0: none in this slot */
  unsigned generation;
  int64_t started_ms;
  int64_t retired_ms; /* when it was asked to end; 0: it was not */
  bool killed;
} ua_pool_child;

/* Delays new workers while they die soon after their start; see ua_process_pool_reap. */
typedef struct ua_pool_throttle {
  int64_t delay_ms;
  int64_t since_ms;
  int64_t until_ms;
  bool disarmed; /* a worker of this generation has proved healthy */
} ua_pool_throttle;

struct ua_app_host;
struct ua_session_table;

typedef struct ua_pool {
  const ua_config *config;        /* of the current generation; config->workers is positive */
  const struct ua_app_host *host; /* the workers' */
  const ua_listeners *listeners;
  ua_scoreboard *scoreboard;
  struct ua_session_table *sessions; /* NULL: none */
  int wake_fd;
  int signal_fd; /* the supervisor's, closed in workers */
  unsigned generation;
  bool stopping;
  ua_pool_throttle throttle;
  ua_pool_hasher hasher;
  ua_pool_watcher watcher;
  ua_pool_child child[UA_POOL_SLOTS];
} ua_pool;

/* Workers started from now on use `config`; older ones are replaced one by one by ua_process_pool_balance. */
void ua_process_pool_renew(ua_pool *pool, const ua_config *config);

/* Reaps ended processes, also orphans that PID 1 inherits. A worker that died within a second of its start,
 * and served nothing, delays the next start: 100 ms, doubled each time up to 10 s. Once one has proved
 * healthy (lived 10 s, or served) the delay stays at 100 ms: a peer that can crash workers must not be able
 * to delay their replacement. */
void ua_process_pool_reap(ua_pool *pool);

/* Starts the hasher, the watcher and missing workers, retires replaced workers, kills stuck ones. Workers of
 * an older generation are retired one by one, each after a new one has become ready: if new ones cannot
 * start, the old ones stay. */
void ua_process_pool_balance(ua_pool *pool);

/* Milliseconds until ua_process_pool_balance must run again. */
int ua_process_pool_timeout(const ua_pool *pool);

/* Sends a signal to all workers; SIGKILL to the hasher and the watcher as well, which end after them. */
void ua_process_pool_signal(ua_pool *pool, int signal_number);

bool ua_process_pool_has_workers(const ua_pool *pool);

/* Whether there is no child left. */
bool ua_process_pool_empty(const ua_pool *pool);

#endif
