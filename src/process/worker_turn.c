#include "process/worker_turn.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "fastcgi/fastcgi.h"

enum {
  EVENTS = 64,              /* of one turn */
  EXHAUSTED_PAUSE_MS = 100, /* when out of descriptors or memory */
  LONGEST_RETRY_MS = 8,
  YIELD_MS = 50,          /* for so long, waiting requests leave the worker free for one that is arriving */
  HOPELESS_RETRY_MS = 250 /* while no turn is free: for requests that have waited long enough */
};

/* EPOLLEXCLUSIVE: a connection wakes one worker instead of all of them. */
bool ua_process_worker_listen(ua_worker *self)
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

void ua_process_worker_listen_no_more(ua_worker *self)
{
  const ua_listeners *listeners = self->setup->listeners;
  for (size_t i = 0; self->listens && i < listeners->count; i++) {
    (void)epoll_ctl(self->epoll_fd, EPOLL_CTL_DEL, listeners->socket[i].fd, NULL);
  }
  self->listens = false;
}

/* The order of a pending signal; does not wait. While a pool ends, a second signal is ignored: TERM to all
 * processes is meant for the supervisor, which kills the workers at the second one. */
static ua_worker_order read_order(const ua_worker *self)
{
  bool is_pool = self->setup->scoreboard != NULL;
  struct signalfd_siginfo info;
  if (read(self->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info) ||
      (is_pool && self->rest == UA_WORKER_DRAINING)) {
    return UA_ORDER_NONE;
  }
  return is_pool && info.ssi_signo == SIGTERM ? UA_ORDER_RETIRE : UA_ORDER_DRAIN;
}

/* Another worker may have been faster, or the peer may have disconnected: both are normal. Without
 * descriptors or memory, the oldest peer is disconnected; if there is none, a pause prevents a busy loop. */
static void accept_failed(const ua_worker *self, int reason)
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

bool ua_process_worker_serve_one(ua_worker *self, size_t listener)
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

/* The margin leaves places for connections that are accepted but not read yet. */
bool ua_process_worker_is_full(const ua_worker *self)
{
  return ua_fastcgi_parked(self->fastcgi) >= UA_MAX_PARKED - UA_MAX_PARKED / 8;
}

/* While the pool is fully loaded, its reserved worker leaves the queue to workers that can serve every
 * request: a request that it accepts would only wait here. */
static void mind_listeners(ua_worker *self)
{
  bool leaves = self->setup->scoreboard != NULL &&
                ua_process_admission_leaves_queue(&self->turns, ua_process_worker_is_full(self));
  if (leaves) {
    ua_process_worker_listen_no_more(self);
  } else if (!self->listens && !self->ends && !ua_process_worker_listen(self)) {
    ua_log(UA_LOG_ERROR, UA_EVENT("cannot listen"), ua_log_str("reason", strerror(errno)));
  }
}

static bool has_common(const ua_worker *self)
{
  return self->turns.turns == NULL || ua_process_turns_has_common(self->turns.turns);
}

/* Tries again the requests that wait for their turn, at once if one was woken. A turn becomes free when
 * another process gives it back in shared memory. Polling that every few milliseconds costs less than a
 * wake-up for each turn, and works even if that process is killed. */
static void retry(ua_worker *self)
{
  int64_t now = ua_clock_monotonic_ms();
  int64_t age_ms = now - self->retried_ms;
  if (ua_fastcgi_awake(self->fastcgi) == 0) {
    self->retry_ms = UA_WORKER_SHORTEST_RETRY_MS;
    self->turns.lacks_common = false;
    self->woke = false;
  } else if (!self->woke && age_ms < YIELD_MS && ua_fastcgi_expects(self->fastcgi)) {
    /* A waiting request may take long, and the arriving one may be a guard's request. */
    self->retry_ms = self->retry_ms == 0 ? UA_WORKER_SHORTEST_RETRY_MS : self->retry_ms;
  } else if (self->woke || age_ms >= (has_common(self) ? self->retry_ms : HOPELESS_RETRY_MS)) {
    bool lacked_common = self->turns.lacks_common;
    self->turns.lacks_common = false;
    bool answered = ua_fastcgi_retry(self->fastcgi);
    self->turns.lacks_common |= answered && lacked_common; /* the requests after it were not tried */
    self->woke = self->woke && answered;                   /* likewise */
    bool is_soon = self->retry_ms == 0 || !self->listens;
    int64_t longer = is_soon ? UA_WORKER_SHORTEST_RETRY_MS : self->retry_ms * 2;
    self->retry_ms = answered ? 0 : longer < LONGEST_RETRY_MS ? longer : LONGEST_RETRY_MS;
    self->retried_ms = now;
  }
}

/* -1 means for ever. */
static int64_t sooner(int64_t a, int64_t b)
{
  return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* Waits for the next events, at most so long (-1: for ever), and handles them. One call reports signals and
 * connections, so a busy queue cannot hide an order. Held requests go first, then one new connection of each
 * listener: connections wait in the kernel's queue, not behind a busy worker. */
ua_worker_order ua_process_worker_turn(ua_worker *self, int64_t longest_ms)
{
  struct epoll_event event[EVENTS];
  int64_t retry_ms = ua_fastcgi_awake(self->fastcgi) > 0 ? self->retry_ms
                     : self->listens || self->ends       ? -1
                                                         : UA_WORKER_SHORTEST_RETRY_MS;
  int64_t asked_ms = ua_clock_monotonic_ms();
  int64_t wait_ms = sooner(longest_ms, sooner(self->due_ms, retry_ms));
  wait_ms = sooner(wait_ms, ua_process_hash_client_due(self->hash_client, asked_ms));
  int count = epoll_wait(self->epoll_fd, event, EVENTS, (int)wait_ms);
  ua_worker_order order = UA_ORDER_NONE;
  for (int i = 0; i < count; i++) {
    if (event[i].data.u64 == UA_WORKER_SIGNAL_EVENT) {
      order = read_order(self);
    } else if (event[i].data.u64 == UA_WORKER_HASHER_EVENT) {
      ua_process_hash_client_read(self->hash_client);
    } else if (event[i].data.u64 > UA_WORKER_EVENTS) {
      ua_fastcgi_continue(self->fastcgi, event[i].data.ptr, event[i].events);
    }
  }
  /* Also after an order to stop: a connection that woke this worker has woken no other one. */
  if (order == UA_ORDER_NONE && !self->turns.lacks_common) {
    mind_listeners(self);
  }
  for (int i = 0; i < count; i++) {
    if (event[i].data.u64 < UA_WORKER_SIGNAL_EVENT && self->listens) {
      (void)ua_process_worker_serve_one(self, (size_t)event[i].data.u64);
    }
  }
  ua_process_hash_client_expire(self->hash_client, ua_clock_monotonic_ms());
  retry(self);
  mind_listeners(self);
  self->due_ms = ua_fastcgi_settle(self->fastcgi, asked_ms, count, count >= 0 && count < EVENTS);
  return order;
}
