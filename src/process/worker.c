#include "process/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "api/app.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "fastcgi/fastcgi.h"
#include "process/admission.h"
#include "process/worker_pool.h"

enum {
  SIGNAL_EVENT = UA_MAX_LISTENERS, /* epoll data of the signalfd; below it: the listeners'; above: pointers */
  EVENTS = 64,                     /* of one turn */
  EXHAUSTED_PAUSE_MS = 100,        /* out of descriptors or memory */
  TCP_DRAIN_MS = 1000,             /* a TCP queue has no end while clients come */
  SHORTEST_RETRY_MS = 1,           /* of requests that wait for their turn */
  LONGEST_RETRY_MS = 8,
  YIELD_MS = 50,            /* for so long, requests that wait leave the worker to one that is on its way */
  HOPELESS_RETRY_MS = 250,  /* while no turn is free: for those that have waited enough */
  LINGER_SILENCE_MS = 1200, /* longer than the second that mod_fcgid lets a request wait for a process */
  LINGER_MS = 5000,         /* and well before it kills, which is 8 s after TERM */
  LINGER_FINISH_MS = 7000,  /* for what is held by then */
  FINISH_MARGIN_MS = 500    /* before the supervisor kills, after drain_seconds */
};

typedef enum worker_order { ORDER_NONE, ORDER_RETIRE, ORDER_DRAIN } worker_order;

typedef struct worker {
  const ua_worker_setup *setup;
  ua_app *app;
  ua_fastcgi *fastcgi;
  int epoll_fd;
  int signal_fd;
  bool listens;         /* the listeners are in the epoll */
  int64_t accepted_ms;  /* the last time */
  int64_t retried_ms;   /* the last time that waiting requests were tried */
  int64_t retry_ms;     /* until the next time: longer and longer while none has its turn */
  int due_ms;           /* until connections have to be looked after, -1: nothing is due */
  ua_worker_state rest; /* the state while nothing is answered */
  int64_t served;
  int64_t served_limit;  /* 0: none */
  ua_worker_turns turns; /* in a pool */
  bool ends;             /* it accepts no more by itself */
} worker;

static void set_state(const worker *self, ua_worker_state state)
{
  ua_process_worker_tell(self->setup, state, (uint64_t)self->served);
}

/* EPOLLEXCLUSIVE: a connection wakes one worker instead of all of them. */
static bool listen_again(worker *self)
{
  const ua_listeners *listeners = self->setup->listeners;
  for (size_t i = 0; i < listeners->count; i++) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.u64 = i};
    if (epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, listeners->socket[i].fd, &event) != 0) {
      return false;
    }
  }
  self->listens = true;
  return true;
}

static void listen_no_more(worker *self)
{
  const ua_listeners *listeners = self->setup->listeners;
  for (size_t i = 0; self->listens && i < listeners->count; i++) {
    (void)epoll_ctl(self->epoll_fd, EPOLL_CTL_DEL, listeners->socket[i].fd, NULL);
  }
  self->listens = false;
}

static bool watch(worker *self)
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
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = SIGNAL_EVENT};
  return self->signal_fd >= 0 && self->epoll_fd >= 0 &&
         epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, self->signal_fd, &event) == 0 && listen_again(self);
}

/* Requests are counted, and timed by the watchdog, while they are answered: not while they arrive. */
static ua_text answer(void *context, ua_arena *arena, const ua_input *input)
{
  worker *self = context;
  set_state(self, UA_WORKER_BUSY);
  ua_text text = ua_api_app_handle(self->app, arena, input);
  self->served += text.data != NULL;
  set_state(self, self->rest);
  return text;
}

static bool sleeps(void *context, uint64_t id)
{
  (void)context;
  (void)id;
  return false;
}

static void forget(void *context, uint64_t id)
{
  worker *self = context;
  ua_process_admission_forget(&self->turns, id);
}

static bool create_fastcgi(worker *self)
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

static bool start(worker *self)
{
  const ua_config *config = self->setup->config;
  ua_hash_gate gate = {.context = NULL};
  ua_admission admission = {.context = NULL};
  if (self->setup->scoreboard != NULL) {
    ua_process_admission_open(&self->turns, ua_process_scoreboard_turns(self->setup->scoreboard),
                              self->setup->slot, &admission);
  }
  self->served_limit = ua_process_worker_served_limit(self->setup);
  ua_status status = ua_api_app_create(config, self->setup->host, &gate, &admission, &self->app);
  if (status != UA_OK) {
    ua_log(UA_LOG_ERROR, UA_EVENT("worker cannot start"), ua_log_str("reason", ua_status_name(status)));
    return false;
  }
  if (!watch(self) || !create_fastcgi(self)) {
    ua_log(UA_LOG_ERROR, UA_EVENT("worker cannot start"), ua_log_str("reason", strerror(errno)));
    return false;
  }
  return true;
}

static void stop(worker *self)
{
  ua_fastcgi_destroy(&self->fastcgi);
  ua_api_app_destroy(&self->app);
  if (self->epoll_fd >= 0) {
    (void)close(self->epoll_fd);
  }
  if (self->signal_fd >= 0) {
    (void)close(self->signal_fd);
  }
}

/* What a signal asks for, without waiting. In a pool that is ending a second one asks for nothing: who sends
 * TERM to all processes means the supervisor, which kills when it is told twice. */
static worker_order read_order(const worker *self)
{
  bool is_pool = self->setup->scoreboard != NULL;
  struct signalfd_siginfo info;
  if (read(self->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info) ||
      (is_pool && self->rest == UA_WORKER_DRAINING)) {
    return ORDER_NONE;
  }
  return is_pool && info.ssi_signo == SIGTERM ? ORDER_RETIRE : ORDER_DRAIN;
}

/* Another worker may have been faster, or the peer may be gone again: that is normal. Without descriptors or
 * memory the oldest peer has to go; where there is none, a pause keeps this from spinning. */
static void accept_failed(const worker *self, int reason)
{
  if (reason != EMFILE && reason != ENFILE && reason != ENOBUFS && reason != ENOMEM) {
    return;
  }
  ua_log(UA_LOG_WARN, UA_EVENT("cannot accept"), ua_log_str("reason", strerror(reason)));
  if (!ua_fastcgi_make_room(self->fastcgi)) {
    struct pollfd signals = {.fd = self->signal_fd, .events = POLLIN};
    (void)poll(&signals, 1, EXHAUSTED_PAUSE_MS);
  }
}

/* Accepts one connection of a listener and serves what has come on it; false when there is none. */
static bool serve_one(worker *self, size_t listener)
{
  int fd = accept4(self->setup->listeners->socket[listener].fd, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0) {
    accept_failed(self, errno);
    return false;
  }
  self->accepted_ms = ua_clock_monotonic_ms();
  ua_fastcgi_accept(self->fastcgi, fd);
  return true;
}

/* Those that it has accepted and not yet read find a place, too. */
static bool is_full(const worker *self)
{
  return ua_fastcgi_parked(self->fastcgi) >= UA_MAX_PARKED - UA_MAX_PARKED / 8;
}

/* Where a pool has as much to do as it can, its kept worker leaves the queue to those that can serve all of
 * it: what it takes would only wait here. */
static void mind_listeners(worker *self)
{
  bool leaves =
      self->setup->scoreboard != NULL && ua_process_admission_leaves_queue(&self->turns, is_full(self));
  if (leaves) {
    listen_no_more(self);
  } else if (!self->listens && !self->ends && !listen_again(self)) {
    ua_log(UA_LOG_ERROR, UA_EVENT("cannot listen"), ua_log_str("reason", strerror(errno)));
  }
}

/* Tries the requests again that wait for their turn. Their turn comes when another process gives its own
 * back, which shared memory shows: looking there every few milliseconds costs less than being woken for each
 * turn, and nothing is lost when that process is killed. */
static void retry(worker *self)
{
  int64_t now = ua_clock_monotonic_ms();
  if (ua_fastcgi_parked(self->fastcgi) == 0) {
    self->retry_ms = SHORTEST_RETRY_MS;
    self->turns.lacks_common = false;
  } else if (now - self->retried_ms < YIELD_MS && ua_fastcgi_expects(self->fastcgi)) {
    /* What waits may take long, and what is on its way may be a guard's request. */
    self->retry_ms = self->retry_ms == 0 ? SHORTEST_RETRY_MS : self->retry_ms;
  } else if (now - self->retried_ms >=
             (ua_process_turns_has_common(self->turns.turns) ? self->retry_ms : HOPELESS_RETRY_MS)) {
    bool lacked_common = self->turns.lacks_common;
    self->turns.lacks_common = false;
    bool answered = ua_fastcgi_retry(self->fastcgi);
    self->turns.lacks_common |= answered && lacked_common; /* those behind it were not asked */
    bool is_soon = self->retry_ms == 0 || !self->listens;
    int64_t longer = is_soon ? SHORTEST_RETRY_MS : self->retry_ms * 2;
    self->retry_ms = answered ? 0 : longer < LONGEST_RETRY_MS ? longer : LONGEST_RETRY_MS;
    self->retried_ms = now;
  }
}

/* -1 stands for ever. */
static int64_t sooner(int64_t a, int64_t b)
{
  return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* Waits for what comes next, at most so long (-1: for ever), and does it. Signals and connections are
 * reported by one call, so that a busy queue cannot keep an order unseen. What is held already goes first,
 * then one new connection of each listener: the kernel's queue stays the queue, and nothing waits behind a
 * busy worker. */
static worker_order turn(worker *self, int64_t longest_ms)
{
  struct epoll_event event[EVENTS];
  int64_t retry_ms = ua_fastcgi_parked(self->fastcgi) > 0 ? self->retry_ms
                     : self->listens || self->ends        ? -1
                                                          : SHORTEST_RETRY_MS;
  int64_t wait_ms = sooner(longest_ms, sooner(self->due_ms, retry_ms));
  int64_t asked_ms = ua_clock_monotonic_ms();
  int count = epoll_wait(self->epoll_fd, event, EVENTS, (int)wait_ms);
  worker_order order = ORDER_NONE;
  for (int i = 0; i < count; i++) {
    if (event[i].data.u64 == SIGNAL_EVENT) {
      order = read_order(self);
    } else if (event[i].data.u64 > SIGNAL_EVENT) {
      ua_fastcgi_continue(self->fastcgi, event[i].data.ptr, event[i].events);
    }
  }
  /* Also after an order to stop: a connection that woke this worker woke no other. */
  if (order == ORDER_NONE && !self->turns.lacks_common) {
    mind_listeners(self);
  }
  for (int i = 0; i < count; i++) {
    if (event[i].data.u64 < SIGNAL_EVENT && self->listens) {
      (void)serve_one(self, (size_t)event[i].data.u64);
    }
  }
  retry(self);
  mind_listeners(self);
  self->due_ms = ua_fastcgi_settle(self->fastcgi, asked_ms, count, count >= 0 && count < EVENTS);
  return order;
}

/* Serves what is held: requests that have come in part, answers that are not sent. A second order ends it. */
static void finish(worker *self, int64_t deadline_ms)
{
  worker_order again = ORDER_NONE;
  self->ends = true;
  listen_no_more(self);
  for (int64_t left = 1; left > 0 && again == ORDER_NONE && ua_fastcgi_held(self->fastcgi) > 0;) {
    left = deadline_ms - ua_clock_monotonic_ms();
    again = turn(self, left > 0 ? left : 0);
  }
}

/* Accepts what is queued on our own sockets, which nobody else will accept, and no faster than it finds a
 * place to wait; a second order ends it. */
static void drain(worker *self, int64_t deadline_ms)
{
  const ua_listeners *listeners = self->setup->listeners;
  int64_t tcp_deadline = ua_clock_monotonic_ms() + TCP_DRAIN_MS;
  worker_order again = ORDER_NONE;
  ua_process_listeners_shut(listeners);
  self->ends = true;
  listen_no_more(self);
  for (size_t i = 0; i < listeners->count; i++) {
    bool more = listeners->socket[i].owned;
    while (more && again == ORDER_NONE) {
      bool waits = is_full(self);
      int64_t now = ua_clock_monotonic_ms();
      more = waits ? now < deadline_ms
                   : serve_one(self, i) && (listeners->socket[i].is_unix || now < tcp_deadline);
      again = turn(self, waits ? SHORTEST_RETRY_MS : 0);
    }
  }
  if (again == ORDER_NONE) {
    finish(self, deadline_ms);
  }
}

/* Goes on for a while on a socket that was handed over. mod_fcgid asks its processes to end while Apache's
 * old ones still have requests for them: a request that is in the queue when the process goes is lost, and
 * one that comes later is never answered. TERM, which mod_fcgid repeats after a second, is ignored from now
 * on. Silence ends it, and so does a deadline: where others share the socket, they take what comes. */
static void linger(worker *self)
{
  int64_t began_ms = ua_clock_monotonic_ms();
  bool silent = epoll_ctl(self->epoll_fd, EPOLL_CTL_DEL, self->signal_fd, NULL) != 0;
  ua_log(UA_LOG_INFO, UA_EVENT("stopping, what still comes is served"));
  self->accepted_ms = began_ms;
  while (!silent) {
    (void)turn(self, LINGER_SILENCE_MS);
    int64_t now = ua_clock_monotonic_ms();
    silent = now - self->accepted_ms >= LINGER_SILENCE_MS || now - began_ms >= LINGER_MS;
  }
  finish(self, began_ms + LINGER_FINISH_MS);
}

/* How it ends: with what it holds served, and what is queued where nobody else would serve it. That may take
 * a while; the supervisor starts another worker at once. */
static void end(worker *self, worker_order order)
{
  const ua_worker_setup *setup = self->setup;
  self->rest = UA_WORKER_DRAINING;
  set_state(self, self->rest);
  ua_process_worker_wake(setup);
  int64_t deadline_ms = ua_clock_monotonic_ms() + setup->config->drain_seconds * 1000 - FINISH_MARGIN_MS;
  if (order == ORDER_DRAIN && setup->scoreboard == NULL && !setup->listeners->socket[0].owned) {
    linger(self);
  } else if (order == ORDER_DRAIN || setup->scoreboard == NULL) {
    drain(self, deadline_ms);
  } else {
    finish(self, deadline_ms);
  }
}

int ua_process_worker_run(const ua_worker_setup *setup)
{
  worker self = {
      .setup = setup, .epoll_fd = -1, .signal_fd = -1, .retry_ms = SHORTEST_RETRY_MS, .due_ms = -1};
  worker_order order = ORDER_NONE;
  int code = EXIT_FAILURE;
  if (!start(&self)) {
    goto done;
  }
  self.rest = UA_WORKER_IDLE;
  set_state(&self, self.rest);
  ua_process_worker_wake(setup);
  while (order == ORDER_NONE && (self.served_limit == 0 || self.served < self.served_limit)) {
    order = turn(&self, -1);
  }
  end(&self, order);
  code = EXIT_SUCCESS;
done:
  stop(&self);
  return code;
}
