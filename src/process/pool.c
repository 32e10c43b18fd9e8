#include "process/pool.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/session_table.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/log_sink.h"
#include "process/memory.h"
#include "process/worker.h"

enum {
  YOUNG_MS = 1000,
  HEALTHY_MS = 10000,
  SMALLEST_DELAY_MS = 100,
  LARGEST_DELAY_MS = 10000,
  START_GRACE_MS = 10000, /* for the hash and the first connection, in addition to the watchdog's time */
  LONGEST_TICK_MS = 1000,
  WATCHDOG_TICKS = 4 /* checks within watchdog_seconds */
};

typedef struct pool_count {
  size_t fresh; /* of the current generation, not retired */
  size_t ready; /* of those, past their start */
  size_t old;   /* of older generations, not retired */
  size_t oldest;
} pool_count;

static bool is_active(const ua_pool_child *child)
{
  return child->pid != 0 && child->retired_ms == 0;
}

static pool_count count_children(const ua_pool *pool)
{
  pool_count count = {.oldest = UA_POOL_SLOTS};
  for (size_t i = 0; i < UA_POOL_SLOTS; i++) {
    const ua_pool_child *child = &pool->child[i];
    int64_t busy_ms = 0;
    if (!is_active(child)) {
      continue;
    }
    if (child->generation != pool->generation) {
      count.old++;
      if (count.oldest == UA_POOL_SLOTS || child->started_ms < pool->child[count.oldest].started_ms) {
        count.oldest = i;
      }
    } else {
      count.fresh++;
      count.ready += ua_process_scoreboard_get(pool->scoreboard, i, &busy_ms) != UA_WORKER_STARTING;
    }
  }
  return count;
}

void ua_process_pool_renew(ua_pool *pool, const ua_config *config)
{
  pool->config = config;
  pool->generation++;
  pool->throttle = (ua_pool_throttle){.delay_ms = 0};
}

static _Noreturn void run_child(const ua_pool *pool, size_t slot, pid_t supervisor)
{
  /* getppid detects a supervisor that died before prctl took effect. */
  if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != supervisor) {
    _exit(EXIT_FAILURE);
  }
  (void)close(pool->signal_fd);
  (void)close(pool->hasher.channel.hasher_fd);
  ua_process_memory_limit(pool->config->worker_memory_mib);
  ua_log_sink_count(&ua_process_scoreboard_metrics(pool->scoreboard, slot)->log_dropped);
  ua_worker_setup setup = {.config = pool->config,
                           .host = pool->host,
                           .listeners = pool->listeners,
                           .scoreboard = pool->scoreboard,
                           .sessions = pool->sessions,
                           .generation = pool->generation,
                           .slot = slot,
                           .wake_fd = pool->wake_fd,
                           .hash_channel_fd = pool->hasher.channel.worker_fd};
  int code = ua_process_worker_run(&setup);
  (void)fflush(NULL); /* output of a host's handlers and callbacks */
  _exit(code);
}

static bool spawn(ua_pool *pool, int64_t now)
{
  size_t slot = 0;
  while (slot < UA_POOL_SLOTS && pool->child[slot].pid != 0) {
    slot++;
  }
  if (slot == UA_POOL_SLOTS) {
    return false;
  }
  pid_t supervisor = getpid();
  ua_process_scoreboard_begin(pool->scoreboard, slot);
  pid_t pid = fork();
  if (pid == 0) {
    run_child(pool, slot, supervisor);
  }
  if (pid < 0) {
    ua_process_scoreboard_end(pool->scoreboard, slot);
    ua_log(UA_LOG_ERROR, UA_EVENT("cannot fork"), ua_log_str("reason", strerror(errno)));
    pool->throttle.until_ms = now + YOUNG_MS;
    return false;
  }
  pool->child[slot] = (ua_pool_child){.pid = pid, .generation = pool->generation, .started_ms = now};
  ua_log(UA_LOG_INFO, UA_EVENT("worker started"), ua_log_int("worker", pid));
  return true;
}

/* Only one early death of each round of starts counts. */
static void throttle(ua_pool_throttle *throttle, int64_t started_ms, int64_t now)
{
  if (started_ms < throttle->since_ms) {
    return;
  }
  int64_t next = throttle->delay_ms == 0 || throttle->disarmed ? SMALLEST_DELAY_MS : throttle->delay_ms * 2;
  throttle->delay_ms = next > LARGEST_DELAY_MS ? LARGEST_DELAY_MS : next;
  throttle->since_ms = now;
  throttle->until_ms = now + throttle->delay_ms;
  ua_log(UA_LOG_WARN, UA_EVENT("worker died soon after its start, the next one is delayed"),
         ua_log_int("delay_ms", throttle->delay_ms));
}

static void child_ended(ua_pool *pool, size_t slot, int status, int64_t now)
{
  ua_pool_child *child = &pool->child[slot];
  uint64_t served = ua_process_scoreboard_served(pool->scoreboard, slot);
  int64_t lived_ms = now - child->started_ms;
  bool well = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
  ua_tally_add(ua_process_scoreboard_deaths(pool->scoreboard), well ? 0 : 1);
  ua_log(well ? UA_LOG_INFO : UA_LOG_WARN, UA_EVENT(well ? "worker ended" : "worker died"),
         ua_log_int("worker", child->pid), ua_log_int("requests", (int64_t)served),
         ua_log_int("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
         ua_log_int("exit_code", WIFEXITED(status) ? WEXITSTATUS(status) : -1));
  if (child->generation == pool->generation) {
    pool->throttle.disarmed = pool->throttle.disarmed || served > 0 || lived_ms >= HEALTHY_MS;
    if (!pool->stopping && child->retired_ms == 0 && served == 0 && lived_ms < YOUNG_MS) {
      throttle(&pool->throttle, child->started_ms, now);
    }
  }
  ua_process_scoreboard_end(pool->scoreboard, slot);
  *child = (ua_pool_child){.pid = 0};
}

/* Clears the state that the ended process last reported about itself. */
static bool helper_ended(ua_pool *pool, pid_t pid, int status, int64_t now)
{
  if (ua_process_pool_hasher_ended(&pool->hasher, pid, status, now)) {
    atomic_store(&ua_process_scoreboard_hashing(pool->scoreboard)->in_use, 0);
    return true;
  }
  if (!ua_process_pool_watcher_ended(&pool->watcher, pid, status, now)) {
    return false;
  }
  if (pool->sessions != NULL) {
    atomic_store(&ua_auth_session_table_board(pool->sessions)->alive_ms, 0);
  }
  return true;
}

void ua_process_pool_reap(ua_pool *pool)
{
  int status = 0;
  for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG)) {
    int64_t now = ua_clock_monotonic_ms();
    bool was_helper = helper_ended(pool, pid, status, now);
    for (size_t i = 0; !was_helper && i < UA_POOL_SLOTS; i++) {
      if (pool->child[i].pid == pid) {
        child_ended(pool, i, status, now);
      }
    }
  }
}

static void kill_child(ua_pool_child *child, const char *reason)
{
  if (!child->killed) {
    ua_log(UA_LOG_WARN, UA_EVENT("worker killed"), ua_log_int("worker", child->pid),
           ua_log_str("reason", reason));
    child->killed = true;
    (void)kill(child->pid, SIGKILL);
  }
}

/* A worker can be stuck anywhere: with a peer that sends a byte now and then, in a library, at a device. */
static void watch_child(ua_pool *pool, size_t slot, int64_t now)
{
  ua_pool_child *child = &pool->child[slot];
  int64_t busy_ms = 0;
  int64_t limit_ms = pool->config->watchdog_seconds * 1000;
  ua_worker_state state = ua_process_scoreboard_get(pool->scoreboard, slot, &busy_ms);
  if (limit_ms > 0 && busy_ms > limit_ms) {
    kill_child(child, "busy for longer than watchdog_seconds");
  }
  if (state == UA_WORKER_DRAINING && child->retired_ms == 0 && !pool->stopping) {
    child->retired_ms = now; /* it ends on its own, and its successor need not wait for its last requests */
  }
  if (limit_ms > 0 && state == UA_WORKER_STARTING && now - child->started_ms > limit_ms + START_GRACE_MS) {
    kill_child(child, "does not become ready");
  }
  if (child->retired_ms != 0 && now - child->retired_ms > pool->config->drain_seconds * 1000) {
    kill_child(child, "not ended within drain_seconds");
  }
  if (child->generation == pool->generation &&
      (ua_process_scoreboard_served(pool->scoreboard, slot) > 0 || now - child->started_ms >= HEALTHY_MS)) {
    pool->throttle.disarmed = true;
  }
}

static void retire(ua_pool_child *child, int64_t now)
{
  child->retired_ms = now;
  (void)kill(child->pid, SIGTERM);
}

void ua_process_pool_balance(ua_pool *pool)
{
  int64_t now = ua_clock_monotonic_ms();
  ua_process_pool_hasher_balance(pool, now);
  ua_process_pool_watcher_balance(pool, now);
  for (size_t i = 0; i < UA_POOL_SLOTS; i++) {
    if (pool->child[i].pid != 0) {
      watch_child(pool, i, now);
    }
  }
  size_t goal = (size_t)pool->config->workers;
  pool_count count = count_children(pool);
  while (count.old > 0 && count.ready > 0 && count.old + count.ready > goal) {
    retire(&pool->child[count.oldest], now);
    count = count_children(pool);
  }
  /* Starts them one at a time while old ones still serve, else all at once. */
  while (!pool->stopping && now >= pool->throttle.until_ms && count.fresh < goal &&
         (count.fresh == count.ready || count.fresh + count.old < goal)) {
    if (!spawn(pool, now)) {
      return;
    }
    count = count_children(pool);
  }
}

int ua_process_pool_timeout(const ua_pool *pool)
{
  int64_t now = ua_clock_monotonic_ms();
  int64_t tick = pool->config->watchdog_seconds * 1000 / WATCHDOG_TICKS;
  if (tick == 0 || tick > LONGEST_TICK_MS) {
    tick = LONGEST_TICK_MS;
  }
  for (size_t i = 0; i < UA_POOL_SLOTS; i++) {
    if (pool->child[i].retired_ms != 0 && tick > LONGEST_TICK_MS / WATCHDOG_TICKS) {
      tick = LONGEST_TICK_MS / WATCHDOG_TICKS;
    }
  }
  if (pool->throttle.until_ms > now && pool->throttle.until_ms - now < tick) {
    tick = pool->throttle.until_ms - now;
  }
  if (pool->hasher.pid == 0 && pool->hasher.not_before > now && pool->hasher.not_before - now < tick) {
    tick = pool->hasher.not_before - now;
  }
  if (pool->watcher.pid == 0 && pool->watcher.not_before > now && pool->watcher.not_before - now < tick) {
    tick = pool->watcher.not_before - now;
  }
  return (int)tick;
}

void ua_process_pool_signal(ua_pool *pool, int signal_number)
{
  if (signal_number == SIGKILL && pool->hasher.pid != 0) {
    (void)kill(pool->hasher.pid, SIGKILL);
  }
  if (signal_number == SIGKILL && pool->watcher.pid != 0) {
    (void)kill(pool->watcher.pid, SIGKILL);
  }
  for (size_t i = 0; i < UA_POOL_SLOTS; i++) {
    if (pool->child[i].pid != 0) {
      (void)kill(pool->child[i].pid, signal_number);
    }
  }
}

bool ua_process_pool_has_workers(const ua_pool *pool)
{
  for (size_t i = 0; i < UA_POOL_SLOTS; i++) {
    if (pool->child[i].pid != 0) {
      return true;
    }
  }
  return false;
}

bool ua_process_pool_empty(const ua_pool *pool)
{
  return pool->hasher.pid == 0 && pool->watcher.pid == 0 && !ua_process_pool_has_workers(pool);
}
