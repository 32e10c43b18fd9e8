#include "process/pool_watcher.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/session_table.h"
#include "base/log.h"
#include "base/log_sink.h"
#include "process/memory.h"
#include "process/pool.h"
#include "process/watcher.h"

enum {
  YOUNG_MS = 1000,
  SMALLEST_DELAY_MS = 100,
  LARGEST_DELAY_MS = 10000,
  SILENT_MS = 10000,
  MEMORY_MIB = 64 /* limits the effect of a hostile server */
};

/* TERM ends it at any moment, because it leaves nothing half done. It ignores the other signals that a
 * terminal sends to all processes: they are for the supervisor, and draining workers still use the table. */
static void take_signals(void)
{
  sigset_t blocked;
  sigfillset(&blocked);
  sigdelset(&blocked, SIGTERM);
  (void)signal(SIGTERM, SIG_DFL);
  (void)sigprocmask(SIG_SETMASK, &blocked, NULL);
}

static _Noreturn void run_child(const ua_pool *pool, pid_t supervisor)
{
  take_signals();
  /* getppid detects a supervisor that died before prctl took effect. */
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != supervisor) {
    _exit(EXIT_FAILURE);
  }
  (void)prctl(PR_SET_NAME, "user-api-watch", 0L, 0L, 0L); /* the kernel keeps 15 characters */
  ua_log_sink_count(ua_process_scoreboard_dropped_by_watcher(pool->scoreboard));
  (void)close(pool->signal_fd);
  (void)close(pool->wake_fd);
  (void)close(pool->hasher.channel.hasher_fd);
  (void)close(pool->hasher.channel.worker_fd);
  for (size_t i = 0; i < pool->listeners->count; i++) {
    (void)close(pool->listeners->socket[i].fd);
  }
  ua_process_memory_limit(pool->config->worker_memory_mib == 0 ? 0 : MEMORY_MIB);
  ua_watcher_setup setup = {
      .config = pool->config, .sessions = pool->sessions, .generation = pool->generation};
  _exit(ua_process_watcher_run(&setup) == UA_OK ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void delay(ua_pool_watcher *watcher, int64_t now_ms)
{
  int64_t longer = watcher->delay_ms == 0 ? SMALLEST_DELAY_MS : watcher->delay_ms * 2;
  watcher->delay_ms = longer > LARGEST_DELAY_MS ? LARGEST_DELAY_MS : longer;
  watcher->not_before = now_ms + watcher->delay_ms;
}

static void start(ua_pool *pool, int64_t now_ms)
{
  ua_pool_watcher *watcher = &pool->watcher;
  pid_t supervisor = getpid();
  atomic_store(&ua_auth_session_table_board(pool->sessions)->alive_ms, now_ms);
  pid_t pid = fork();
  if (pid == 0) {
    run_child(pool, supervisor);
  }
  if (pid < 0) {
    ua_log(UA_LOG_ERROR, UA_EVENT("cannot start the watcher"), ua_log_str("reason", strerror(errno)));
    delay(watcher, now_ms);
    return;
  }
  watcher->pid = pid;
  watcher->generation = pool->generation;
  watcher->started_ms = now_ms;
  watcher->ends = false;
  ua_log(UA_LOG_INFO, UA_EVENT("watcher started"), ua_log_int("watcher", pid));
}

static bool is_stuck(const ua_pool *pool, int64_t now_ms)
{
  int64_t alive_ms = atomic_load(&ua_auth_session_table_board(pool->sessions)->alive_ms);
  return pool->config->watchdog_seconds > 0 && now_ms - alive_ms > SILENT_MS;
}

void ua_process_pool_watcher_balance(ua_pool *pool, int64_t now_ms)
{
  ua_pool_watcher *watcher = &pool->watcher;
  bool wanted = pool->sessions != NULL && !(pool->stopping && !ua_process_pool_has_workers(pool));
  if (watcher->pid == 0) {
    if (wanted && !pool->stopping && now_ms >= watcher->not_before) {
      start(pool, now_ms);
    }
    return;
  }
  if (watcher->ends) {
    return;
  }
  if (wanted && watcher->generation == pool->generation) {
    if (!is_stuck(pool, now_ms)) {
      return;
    }
    ua_log(UA_LOG_WARN, UA_EVENT("watcher killed"), ua_log_int("watcher", watcher->pid),
           ua_log_str("reason", "no sign of life for 10 seconds"));
  }
  watcher->ends = true;
  (void)kill(watcher->pid, SIGKILL); /* a stopped process reacts to no other signal */
}

bool ua_process_pool_watcher_ended(ua_pool_watcher *watcher, pid_t pid, int status, int64_t now_ms)
{
  if (watcher->pid != pid) {
    return false;
  }
  int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  bool well = watcher->ends || number == SIGTERM;
  ua_log(well ? UA_LOG_INFO : UA_LOG_WARN, UA_EVENT(well ? "watcher ended" : "watcher died"),
         ua_log_int("watcher", pid), ua_log_int("signal", number),
         ua_log_int("exit_code", WIFEXITED(status) ? WEXITSTATUS(status) : -1));
  if (!watcher->ends && now_ms - watcher->started_ms < YOUNG_MS) {
    delay(watcher, now_ms);
  } else {
    watcher->delay_ms = 0;
    watcher->not_before = now_ms;
  }
  watcher->pid = 0;
  return true;
}
