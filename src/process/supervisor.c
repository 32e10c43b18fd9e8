#include "process/supervisor.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "auth/session_table.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/log_sink.h"
#include "process/hasher.h"
#include "process/listener.h"
#include "process/memory.h"
#include "process/notify.h"
#include "process/pool.h"
#include "process/scoreboard.h"
#include "process/worker.h"

enum { DEFAULT_WORKERS = 4, ERROR_BYTES = 512, EXIT_SETTINGS = 2 };

typedef struct supervisor {
  ua_config *config; /* the caller's, replaced on reload */
  const struct ua_app_host *host;
  ua_config_reader *reread;
  void *context;
  ua_listeners listeners;
  ua_pool *pool;
  int64_t kill_at_ms; /* while stopping */
  bool told_ready;    /* the service manager knows that a worker serves */
} supervisor;

/* Blocks all signals that are handled at a defined point: by a signalfd here, in workers between requests. */
static void block_signals(sigset_t *handled_r)
{
  static const int handled[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGCHLD};
  static const int held[] = {SIGUSR1, SIGUSR2};
  sigset_t blocked;
  sigemptyset(handled_r);
  for (size_t i = 0; i < sizeof(handled) / sizeof(handled[0]); i++) {
    sigaddset(handled_r, handled[i]);
  }
  blocked = *handled_r;
  for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++) {
    sigaddset(&blocked, held[i]);
  }
  (void)sigprocmask(SIG_BLOCK, &blocked, NULL);
  (void)signal(SIGPIPE, SIG_IGN);
  /* If a launcher left it ignored, waiting for children would fail. */
  (void)signal(SIGCHLD, SIG_DFL);
}

static bool same_addresses(const ua_config *a, const ua_config *b)
{
  bool same = a->listen_count == b->listen_count;
  for (size_t i = 0; same && i < a->listen_count; i++) {
    same = strcmp(a->listen[i], b->listen[i]) == 0;
  }
  return same;
}

/* Shares the settings that the pool's processes read while they run. */
static void share_numbers(const supervisor *self)
{
  ua_scoreboard *scoreboard = self->pool->scoreboard;
  atomic_store(&ua_process_scoreboard_hashing(scoreboard)->slots,
               ua_process_hasher_slots(self->config->hash_slots));
  ua_process_turns_set_workers(ua_process_scoreboard_turns(scoreboard), (size_t)self->config->workers);
}

/* Replaces the session table with one of `mib` MiB. Old workers keep their table, which the next watcher does
 * not serve. */
static bool make_sessions(ua_pool *pool, int64_t mib)
{
  ua_session_table *made = mib == 0 ? NULL : ua_auth_session_table_create((size_t)mib);
  if (mib != 0 && made == NULL) {
    return false;
  }
  if (pool->sessions != NULL) {
    /* From now on the old workers ask the database, because new workers end sessions in another table. */
    atomic_store(&ua_auth_session_table_board(pool->sessions)->generation, 0);
  }
  ua_auth_session_table_destroy(&pool->sessions);
  pool->sessions = made;
  return true;
}

static void reload(supervisor *self)
{
  ua_config fresh;
  char error[ERROR_BYTES] = "";
  if (self->reread(self->context, &fresh, error, sizeof(error)) != UA_OK) {
    ua_log(UA_LOG_ERROR, UA_EVENT("reload refused, the old settings stay"), ua_log_str("reason", error));
    return;
  }
  if (fresh.session_table_mib != self->config->session_table_mib &&
      !make_sessions(self->pool, fresh.session_table_mib)) {
    ua_log(UA_LOG_ERROR, UA_EVENT("reload refused, the old settings stay"),
           ua_log_str("reason", "no memory for USER_API_SESSION_TABLE_MIB"));
    ua_config_clear(&fresh);
    return;
  }
  if (!same_addresses(self->config, &fresh) || fresh.backlog != self->config->backlog) {
    ua_log(UA_LOG_WARN, UA_EVENT("other listen addresses need a restart"));
  }
  if (fresh.workers == 0) {
    ua_log(UA_LOG_WARN, UA_EVENT("a single process instead of a pool needs a restart"));
    fresh.workers = self->config->workers;
  }
  if (fresh.workers < 0) {
    fresh.workers = DEFAULT_WORKERS;
  }
  ua_config_clear(self->config);
  *self->config = fresh;
  explicit_bzero(&fresh, sizeof(fresh));
  ua_log_set_level((ua_log_level)self->config->log_level);
  share_numbers(self);
  ua_process_pool_renew(self->pool, self->config);
  ua_log(UA_LOG_INFO, UA_EVENT("settings read again"), ua_log_int("workers", self->config->workers));
}

static void stop(supervisor *self)
{
  if (self->pool->stopping) {
    ua_log(UA_LOG_WARN, UA_EVENT("second signal to stop, ending at once"));
    ua_process_pool_signal(self->pool, SIGKILL);
    return;
  }
  ua_log(UA_LOG_INFO, UA_EVENT("stopping"));
  self->pool->stopping = true;
  self->kill_at_ms = ua_clock_monotonic_ms() + self->config->drain_seconds * 1000;
  ua_process_listeners_shut(&self->listeners);
  ua_process_pool_signal(self->pool, SIGUSR1);
}

static void read_signals(supervisor *self)
{
  struct signalfd_siginfo info;
  while (read(self->pool->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
    if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT || info.ssi_signo == SIGQUIT) {
      ua_process_notify("STOPPING=1");
      stop(self);
    } else if (info.ssi_signo == SIGHUP && !self->pool->stopping) {
      ua_process_notify_reloading();
      reload(self);
      ua_process_notify("READY=1");
    }
  }
}

static void end_overdue(supervisor *self)
{
  if (self->pool->stopping && self->kill_at_ms != 0 && ua_clock_monotonic_ms() >= self->kill_at_ms) {
    ua_log(UA_LOG_WARN, UA_EVENT("requests not finished within drain_seconds, ending them"));
    ua_process_pool_signal(self->pool, SIGKILL);
    self->kill_at_ms = 0;
  }
}

static void tell_when_ready(supervisor *self)
{
  for (size_t i = 0; !self->told_ready && i < UA_POOL_SLOTS; i++) {
    int64_t busy_ms;
    ua_worker_state state = ua_process_scoreboard_get(self->pool->scoreboard, i, &busy_ms);
    if (self->pool->child[i].pid != 0 && (state == UA_WORKER_IDLE || state == UA_WORKER_BUSY)) {
      ua_process_notify("READY=1");
      self->told_ready = true;
    }
  }
}

static int run_pool(supervisor *self)
{
  ua_pool *pool = self->pool;
  while (!pool->stopping || !ua_process_pool_empty(pool)) {
    ua_process_pool_balance(pool);
    struct pollfd wait[] = {{.fd = pool->signal_fd, .events = POLLIN},
                            {.fd = pool->wake_fd, .events = POLLIN}};
    if (poll(wait, 2, ua_process_notify_watchdog(ua_process_pool_timeout(pool))) < 0 && errno != EINTR) {
      ua_log(UA_LOG_ERROR, UA_EVENT("cannot wait"), ua_log_str("reason", strerror(errno)));
      ua_process_pool_signal(pool, SIGTERM);
      return EXIT_FAILURE;
    }
    uint64_t woken = 0;
    (void)!read(pool->wake_fd, &woken, sizeof(woken));
    read_signals(self);
    ua_process_pool_reap(pool);
    tell_when_ready(self);
    end_overdue(self);
  }
  ua_log(UA_LOG_INFO, UA_EVENT("stopped"));
  return EXIT_SUCCESS;
}

static int serve_pool(supervisor *self, const sigset_t *handled)
{
  int code = EXIT_FAILURE;
  if (self->config->workers < 0) {
    self->config->workers = DEFAULT_WORKERS;
  }
  self->pool = calloc(1, sizeof(*self->pool));
  if (self->pool == NULL) {
    return code;
  }
  ua_pool *pool = self->pool;
  pool->listeners = &self->listeners;
  pool->host = self->host;
  pool->scoreboard = ua_process_scoreboard_create(UA_POOL_SLOTS);
  pool->hasher.channel = (ua_hash_channel){.hasher_fd = -1, .worker_fd = -1};
  pool->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  pool->signal_fd = signalfd(-1, handled, SFD_NONBLOCK | SFD_CLOEXEC);
  if (pool->scoreboard == NULL || pool->wake_fd < 0 || pool->signal_fd < 0) {
    (void)fprintf(stderr, "user-api: cannot start: %s\n", strerror(errno));
  } else if (!make_sessions(pool, self->config->session_table_mib)) {
    (void)fprintf(stderr,
                  "user-api: cannot start: no memory for USER_API_SESSION_TABLE_MIB=%" PRId64 ": %s\n",
                  self->config->session_table_mib, strerror(errno));
  } else {
    ua_log(UA_LOG_INFO, UA_EVENT("serving"), ua_log_int("workers", self->config->workers),
           ua_log_int("addresses", (int64_t)self->listeners.count));
    ua_log_sink_never_wait();
    ua_log_sink_count(ua_process_scoreboard_dropped_here(pool->scoreboard));
    share_numbers(self);
    ua_process_pool_renew(pool, self->config);
    code = run_pool(self);
  }
  ua_process_hash_channel_close(&pool->hasher.channel);
  ua_log_sink_count(NULL);
  ua_auth_session_table_destroy(&pool->sessions);
  ua_process_scoreboard_destroy(&pool->scoreboard);
  (void)close(pool->wake_fd);
  (void)close(pool->signal_fd);
  free(self->pool);
  self->pool = NULL;
  return code;
}

int ua_process_supervisor_run(ua_config *config, const struct ua_app_host *host, ua_config_reader *reread,
                              void *context)
{
  supervisor self = {.config = config, .host = host, .reread = reread, .context = context};
  char error[ERROR_BYTES] = "";
  sigset_t handled;
  int code = EXIT_FAILURE;
  ua_log_sink_detach();
  ua_log_set_level((ua_log_level)config->log_level);
  ua_process_memory_hide();
  block_signals(&handled);
  ua_status status = ua_process_listeners_open((const char *const *)config->listen, config->listen_count,
                                               (int)config->backlog, &self.listeners, error, sizeof(error));
  if (status != UA_OK) {
    (void)fprintf(stderr, "user-api: %s\n", error);
    code = status == UA_BAD_REQUEST ? EXIT_SETTINGS : EXIT_FAILURE;
    goto done;
  }
  if (config->workers == 0 ||
      (config->workers < 0 && config->listen_count == 0 && ua_process_listener_inherited())) {
    ua_worker_setup setup = {
        .config = config, .host = host, .listeners = &self.listeners, .wake_fd = -1, .hash_channel_fd = -1};
    ua_log(UA_LOG_INFO, UA_EVENT("serving in a single process"));
    ua_process_notify("READY=1");
    ua_process_memory_limit(config->worker_memory_mib);
    code = ua_process_worker_run(&setup);
  } else {
    code = serve_pool(&self, &handled);
  }
done:
  ua_process_listeners_close(&self.listeners);
  ua_config_clear(config);
  return code;
}
