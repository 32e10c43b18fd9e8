#include "process/pool_hasher.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "process/hasher.h"
#include "process/memory.h"
#include "process/pool.h"

enum {
  YOUNG_MS = 1000,
  SMALLEST_DELAY_MS = 100,
  LARGEST_DELAY_MS = 10000,
  MEMORY_MIB = 320 /* for the stacks and heaps of the maximum number of threads */
};

/* The connections of all possible workers need more descriptors than the usual limit. */
static void raise_descriptors(void)
{
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
  }
}

/* No signal ends it, not even one to all processes: workers that drain need it. It ends with the channel,
 * that is, after the supervisor and all workers. */
static _Noreturn void run_child(const ua_pool *pool)
{
  sigset_t all;
  sigfillset(&all);
  (void)sigprocmask(SIG_SETMASK, &all, NULL);
  (void)prctl(PR_SET_NAME, "user-api-hasher", 0L, 0L, 0L);
  (void)close(pool->signal_fd);
  (void)close(pool->wake_fd);
  (void)close(pool->hasher.channel.worker_fd);
  for (size_t i = 0; i < pool->listeners->count; i++) {
    (void)close(pool->listeners->socket[i].fd);
  }
  raise_descriptors();
  ua_process_memory_limit(pool->config->worker_memory_mib == 0 ? 0 : MEMORY_MIB);
  ua_hash_board *board = ua_process_scoreboard_hashing(pool->scoreboard);
  _exit(ua_process_hasher_run(pool->hasher.channel.hasher_fd, board) == UA_OK ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* Makes a channel if there is none; false when it cannot. */
static bool has_channel(ua_pool *pool)
{
  ua_hash_channel *channel = &pool->hasher.channel;
  if (channel->hasher_fd >= 0 && !ua_process_hash_channel_has_ended(channel->hasher_fd)) {
    return true;
  }
  if (channel->hasher_fd >= 0) {
    ua_log(UA_LOG_ERROR, UA_EVENT("the channel to the hasher is broken, replacing all workers"));
    ua_process_pool_renew(pool, pool->config);
  }
  ua_process_hash_channel_close(channel);
  return ua_process_hash_channel_open(channel) == UA_OK;
}

static void start(ua_pool *pool, int64_t now_ms)
{
  ua_pool_hasher *hasher = &pool->hasher;
  pid_t pid = -1;
  if (has_channel(pool)) {
    atomic_store(&ua_process_scoreboard_hashing(pool->scoreboard)->alive_ms, now_ms);
    pid = fork();
  }
  if (pid == 0) {
    run_child(pool);
  }
  if (pid < 0) {
    ua_log(UA_LOG_ERROR, UA_EVENT("cannot start the hasher"), ua_log_str("reason", strerror(errno)));
    hasher->not_before = now_ms + YOUNG_MS;
    return;
  }
  hasher->pid = pid;
  hasher->started_ms = now_ms;
  hasher->killed = false;
  ua_log(UA_LOG_INFO, UA_EVENT("hasher started"), ua_log_int("hasher", pid));
}

static bool is_stuck(const ua_pool *pool, int64_t now_ms)
{
  int64_t limit_ms = pool->config->watchdog_seconds * 1000;
  int64_t alive_ms = atomic_load(&ua_process_scoreboard_hashing(pool->scoreboard)->alive_ms);
  return limit_ms > 0 && now_ms - alive_ms > limit_ms;
}

void ua_process_pool_hasher_balance(ua_pool *pool, int64_t now_ms)
{
  ua_pool_hasher *hasher = &pool->hasher;
  if (pool->stopping && !ua_process_pool_has_workers(pool)) {
    ua_process_hash_channel_end(&hasher->channel);
  } else if (hasher->pid == 0 && now_ms >= hasher->not_before) {
    start(pool, now_ms);
  }
  if (hasher->pid != 0 && !hasher->killed && is_stuck(pool, now_ms)) {
    ua_log(UA_LOG_WARN, UA_EVENT("hasher killed"), ua_log_int("hasher", hasher->pid),
           ua_log_str("reason", "no sign of life for watchdog_seconds"));
    hasher->killed = true;
    (void)kill(hasher->pid, SIGKILL);
  }
}

bool ua_process_pool_hasher_ended(ua_pool_hasher *hasher, pid_t pid, int status, int64_t now_ms)
{
  if (hasher->pid != pid) {
    return false;
  }
  bool well = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
  ua_log(well ? UA_LOG_INFO : UA_LOG_WARN, UA_EVENT(well ? "hasher ended" : "hasher died"),
         ua_log_int("hasher", pid), ua_log_int("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
         ua_log_int("exit_code", WIFEXITED(status) ? WEXITSTATUS(status) : -1));
  bool is_young = now_ms - hasher->started_ms < YOUNG_MS;
  int64_t longer = hasher->delay_ms == 0 ? SMALLEST_DELAY_MS : hasher->delay_ms * 2;
  hasher->delay_ms = !is_young ? 0 : longer > LARGEST_DELAY_MS ? LARGEST_DELAY_MS : longer;
  hasher->not_before = now_ms + hasher->delay_ms;
  hasher->pid = 0;
  return true;
}
