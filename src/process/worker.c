#include "process/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "api/app.h"
#include "base/clock.h"
#include "base/log.h"
#include "fastcgi/fastcgi.h"
#include "process/admission.h"
#include "process/hasher.h"
#include "process/pool_metrics.h"
#include "process/worker_pool.h"
#include "process/worker_turn.h"

enum {
  TCP_DRAIN_MS = 1000,      /* a TCP queue never ends while clients connect */
  LINGER_SILENCE_MS = 1200, /* longer than the second for which mod_fcgid lets a request wait for a process */
  LINGER_MS = 5000,         /* well before mod_fcgid kills, 8 s after TERM */
  LINGER_FINISH_MS = 7000,  /* for the requests that it holds by then */
  FINISH_MARGIN_MS = 500,   /* before the supervisor kills it, after drain_seconds */
  ANSWER_MS = 1000          /* before that, at most: requests that still wait for a hash are refused */
};

static void set_state(const ua_worker *self, ua_worker_state state)
{
  ua_process_worker_tell(self->setup, state, (uint64_t)self->served);
}

static bool watch(ua_worker *self)
{
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGUSR1);
  if (self->setup->scoreboard == NULL) {
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGQUIT);
  }
  self->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
  self->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = UA_WORKER_SIGNAL_EVENT};
  return self->signal_fd >= 0 && self->epoll_fd >= 0 &&
         epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, self->signal_fd, &event) == 0 &&
         ua_process_worker_listen(self);
}

/* Requests are counted, and timed by the watchdog, only while they are answered, not while they arrive. */
static ua_text answer(void *context, ua_arena *arena, const ua_input *input)
{
  ua_worker *self = context;
  set_state(self, UA_WORKER_BUSY);
  ua_text text = ua_api_app_handle(self->app, arena, input);
  self->served += text.data != NULL;
  set_state(self, self->rest);
  return text;
}

static bool sleeps(void *context, uint64_t id)
{
  const ua_worker *self = context;
  return ua_process_hash_client_sleeps(self->hash_client, id);
}

static void wake(void *context, uint64_t id)
{
  ua_worker *self = context;
  ua_fastcgi_wake(self->fastcgi, id);
  self->woke = true;
}

static void forget(void *context, uint64_t id)
{
  ua_worker *self = context;
  ua_process_hash_client_forget(self->hash_client, id);
  ua_process_admission_forget(&self->turns, id);
}

static bool create_fastcgi(ua_worker *self)
{
  const ua_config *config = self->setup->config;
  ua_fastcgi_settings settings = {.epoll_fd = self->epoll_fd,
                                  .body_limit = (size_t)config->body_limit,
                                  .limits = {.begin_ms = config->begin_timeout_seconds * 1000,
                                             .idle_ms = config->io_timeout_seconds * 1000,
                                             .transfer_ms = config->transfer_timeout_seconds * 1000}};
  ua_fastcgi_handler handler = {.answer = answer, .sleeps = sleeps, .forget = forget, .context = self};
  self->fastcgi = ua_fastcgi_create(&settings, &handler);
  return self->fastcgi != NULL;
}

/* The single process has no pool with a hasher, so it starts one of its own. */
static ua_status open_hash_client(ua_worker *self)
{
  const ua_config *config = self->setup->config;
  ua_hash_client_settings settings = {.channel_fd = self->setup->hash_channel_fd,
                                      .epoll_fd = self->epoll_fd,
                                      .epoll_data = UA_WORKER_HASHER_EVENT,
                                      .hash_wait_ms = config->hash_wait_seconds * 1000,
                                      .watchdog_ms = config->watchdog_seconds * 1000,
                                      .wake = wake,
                                      .context = self};
  if (self->setup->scoreboard != NULL) {
    settings.refused =
        &ua_process_scoreboard_metrics(self->setup->scoreboard, self->setup->slot)->hash_refused;
  }
  if (self->setup->scoreboard == NULL) {
    ua_status status =
        ua_process_hasher_thread_start(ua_process_hasher_slots(config->hash_slots), &self->hasher_thread);
    if (status != UA_OK) {
      return status;
    }
    settings.channel_fd = ua_process_hasher_thread_channel(self->hasher_thread);
  }
  return ua_process_hash_client_open(&settings, &self->hash_client);
}

static ua_status create_app(ua_worker *self)
{
  const ua_worker_setup *setup = self->setup;
  ua_app_pool pool = {.sessions = setup->sessions, .generation = setup->generation};
  if (setup->scoreboard != NULL) {
    ua_process_admission_open(&self->turns, ua_process_scoreboard_turns(setup->scoreboard), setup->slot,
                              &pool.admission);
  }
  ua_process_pool_metrics_open(setup, &pool.metrics);
  ua_process_hash_client_hasher(self->hash_client, &pool.hasher);
  return ua_api_app_create(setup->config, setup->host, &pool, &self->app);
}

static bool start(ua_worker *self)
{
  self->served_limit = ua_process_worker_served_limit(self->setup);
  if (!watch(self) || !create_fastcgi(self)) {
    ua_log(UA_LOG_ERROR, UA_EVENT("worker cannot start"), ua_log_str("reason", strerror(errno)));
    return false;
  }
  ua_status status = open_hash_client(self);
  if (status == UA_OK) {
    status = create_app(self);
  }
  if (status != UA_OK) {
    ua_log(UA_LOG_ERROR, UA_EVENT("worker cannot start"), ua_log_str("reason", ua_status_name(status)));
  }
  return status == UA_OK;
}

static void stop(ua_worker *self)
{
  ua_process_hash_client_close(&self->hash_client);
  ua_process_hasher_thread_end(&self->hasher_thread);
  ua_fastcgi_destroy(&self->fastcgi);
  ua_api_app_destroy(&self->app);
  if (self->epoll_fd >= 0) {
    (void)close(self->epoll_fd);
  }
  if (self->signal_fd >= 0) {
    (void)close(self->signal_fd);
  }
}

/* Finishes the work it holds: requests that have arrived in part, answers that are not sent. A second order
 * ends it. After the deadline, it still answers the requests that were woken: on a busy machine, they are
 * refused late. */
static void finish(ua_worker *self, int64_t deadline_ms)
{
  ua_worker_order again = UA_ORDER_NONE;
  bool is_late = false;
  self->ends = true;
  ua_process_worker_listen_no_more(self);
  while ((!is_late || self->woke) && again == UA_ORDER_NONE && ua_fastcgi_held(self->fastcgi) > 0) {
    int64_t left_ms = deadline_ms - ua_clock_monotonic_ms();
    is_late = left_ms <= 0;
    again = ua_process_worker_turn(self, is_late ? 0 : left_ms);
  }
}

/* Accepts the connections queued on our own sockets, which no other process will accept, and only while it
 * has places to wait. A second order ends it. */
static void drain(ua_worker *self, int64_t deadline_ms)
{
  const ua_listeners *listeners = self->setup->listeners;
  int64_t tcp_deadline = ua_clock_monotonic_ms() + TCP_DRAIN_MS;
  ua_worker_order again = UA_ORDER_NONE;
  ua_process_listeners_shut(listeners);
  self->ends = true;
  ua_process_worker_listen_no_more(self);
  for (size_t i = 0; i < listeners->count; i++) {
    bool more = listeners->socket[i].owned;
    while (more && again == UA_ORDER_NONE) {
      bool waits = ua_process_worker_is_full(self);
      int64_t now = ua_clock_monotonic_ms();
      more = waits ? now < deadline_ms
                   : ua_process_worker_serve_one(self, i) &&
                         (listeners->socket[i].is_unix || now < tcp_deadline);
      again = ua_process_worker_turn(self, waits ? UA_WORKER_SHORTEST_RETRY_MS : 0);
    }
  }
  if (again == UA_ORDER_NONE) {
    finish(self, deadline_ms);
  }
}

/* Serves for a while longer on a socket that was passed to us. mod_fcgid asks its processes to end while old
 * Apache processes still have requests for them. A request in the queue would be lost when the process ends,
 * and a later one would never be answered. From now on TERM is ignored, which mod_fcgid repeats after a
 * second. It ends after a silence, or at a deadline: if other processes share the socket, they serve the
 * rest. */
static void linger(ua_worker *self, int64_t deadline_ms)
{
  int64_t began_ms = ua_clock_monotonic_ms();
  bool silent = epoll_ctl(self->epoll_fd, EPOLL_CTL_DEL, self->signal_fd, NULL) != 0;
  ua_log(UA_LOG_INFO, UA_EVENT("stopping, requests that still arrive are served"));
  self->accepted_ms = began_ms;
  while (!silent) {
    (void)ua_process_worker_turn(self, LINGER_SILENCE_MS);
    int64_t now = ua_clock_monotonic_ms();
    silent = now - self->accepted_ms >= LINGER_SILENCE_MS || now - began_ms >= LINGER_MS;
  }
  finish(self, deadline_ms);
}

/* Ends the worker: finishes the requests that it holds, and the queued ones that no other process would
 * serve. That may take a while; the supervisor starts another worker at once. */
static void end(ua_worker *self, ua_worker_order order)
{
  const ua_worker_setup *setup = self->setup;
  self->rest = UA_WORKER_DRAINING;
  set_state(self, self->rest);
  ua_process_worker_wake(setup);
  bool lingers = order == UA_ORDER_DRAIN && setup->scoreboard == NULL && !setup->listeners->socket[0].owned;
  int64_t longest_ms = lingers ? LINGER_FINISH_MS : setup->config->drain_seconds * 1000 - FINISH_MARGIN_MS;
  int64_t answer_ms = longest_ms / 2 < ANSWER_MS ? longest_ms / 2 : ANSWER_MS;
  int64_t deadline_ms = ua_clock_monotonic_ms() + longest_ms;
  ua_process_hash_client_end_by(self->hash_client, deadline_ms - answer_ms);
  if (lingers) {
    linger(self, deadline_ms);
  } else if (order == UA_ORDER_DRAIN || setup->scoreboard == NULL) {
    drain(self, deadline_ms);
  } else {
    finish(self, deadline_ms);
  }
}

int ua_process_worker_run(const ua_worker_setup *setup)
{
  ua_worker self = {
      .setup = setup, .epoll_fd = -1, .signal_fd = -1, .retry_ms = UA_WORKER_SHORTEST_RETRY_MS, .due_ms = -1};
  ua_worker_order order = UA_ORDER_NONE;
  int code = EXIT_FAILURE;
  if (!start(&self)) {
    goto done;
  }
  self.rest = UA_WORKER_IDLE;
  set_state(&self, self.rest);
  ua_process_worker_wake(setup);
  while (order == UA_ORDER_NONE && (self.served_limit == 0 || self.served < self.served_limit)) {
    order = ua_process_worker_turn(&self, -1);
  }
  end(&self, order);
  code = EXIT_SUCCESS;
done:
  stop(&self);
  return code;
}
