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

enum {
  SIGNAL_EVENT = UA_MAX_LISTENERS, /* epoll data of the signalfd; below it: the listeners' */
  EXHAUSTED_PAUSE_MS = 100,        /* out of descriptors or memory */
  TCP_DRAIN_MS = 1000,             /* a TCP queue has no end while clients come */
  LINGER_SILENCE_MS = 1200, /* longer than the second that mod_fcgid lets a request wait for a process */
  LINGER_MS = 5000,         /* and well before it kills, which is 8 s after TERM */
  JITTER_SHARE = 8          /* workers of one pool recycle spread over an eighth of max_requests */
};

typedef enum worker_order { ORDER_NONE, ORDER_RETIRE, ORDER_DRAIN } worker_order;

typedef struct worker {
  const ua_worker_setup *setup;
  ua_app *app;
  ua_fastcgi *fastcgi;
  ua_arena *arena;
  int epoll_fd;
  int signal_fd;
  int64_t served;
  int64_t served_limit; /* 0: none */
} worker;

static bool hash_enter(void *context)
{
  const ua_worker_setup *setup = context;
  return ua_process_scoreboard_hash_begin(setup->scoreboard, setup->slot);
}

static void hash_leave(void *context)
{
  const ua_worker_setup *setup = context;
  ua_process_scoreboard_hash_end(setup->scoreboard, setup->slot);
}

static void set_state(const ua_worker_setup *setup, ua_worker_state state)
{
  if (setup->scoreboard != NULL) {
    ua_process_scoreboard_set(setup->scoreboard, setup->slot, state);
  }
}

static void wake_supervisor(const ua_worker_setup *setup)
{
  const uint64_t one = 1;
  if (setup->wake_fd >= 0 && write(setup->wake_fd, &one, sizeof(one)) != (ssize_t)sizeof(one)) {
    ua_log(UA_LOG_WARN, UA_EVENT("the supervisor could not be woken"), ua_log_str("reason", strerror(errno)));
  }
}

/* EPOLLEXCLUSIVE: a connection wakes one worker instead of all of them. */
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
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = SIGNAL_EVENT};
  bool well = self->signal_fd >= 0 && self->epoll_fd >= 0 &&
              epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, self->signal_fd, &event) == 0;
  const ua_listeners *listeners = self->setup->listeners;
  for (size_t i = 0; well && i < listeners->count; i++) {
    event = (struct epoll_event){.events = EPOLLIN | EPOLLEXCLUSIVE, .data.u32 = (uint32_t)i};
    well = epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, listeners->socket[i].fd, &event) == 0;
  }
  return well;
}

static int64_t served_limit(const ua_worker_setup *setup)
{
  int64_t limit = setup->config->max_requests;
  if (setup->scoreboard == NULL || setup->config->workers <= 0) {
    return limit;
  }
  int64_t place = (int64_t)setup->slot % setup->config->workers;
  return limit + limit / JITTER_SHARE * place / setup->config->workers;
}

static bool start(worker *self)
{
  const ua_config *config = self->setup->config;
  ua_fastcgi_settings fastcgi = {.body_limit = (size_t)config->body_limit,
                                 .io_timeout_seconds = (int)config->io_timeout_seconds};
  ua_hash_gate gate = {.enter = hash_enter, .leave = hash_leave, .context = (void *)(uintptr_t)self->setup};
  if (self->setup->scoreboard == NULL) {
    gate = (ua_hash_gate){.context = NULL};
  }
  self->served_limit = served_limit(self->setup);
  ua_status status = ua_api_app_create(config, self->setup->host, &gate, &self->app);
  if (status != UA_OK) {
    ua_log(UA_LOG_ERROR, UA_EVENT("worker cannot start"), ua_log_str("reason", ua_status_name(status)));
    return false;
  }
  self->fastcgi = ua_fastcgi_create(&fastcgi);
  self->arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  if (self->fastcgi == NULL || self->arena == NULL || !watch(self)) {
    ua_log(UA_LOG_ERROR, UA_EVENT("worker cannot start"), ua_log_str("reason", strerror(errno)));
    return false;
  }
  return true;
}

static void stop(worker *self)
{
  set_state(self->setup, UA_WORKER_DRAINING);
  ua_api_app_destroy(&self->app);
  ua_fastcgi_destroy(&self->fastcgi);
  ua_arena_destroy(&self->arena);
  if (self->epoll_fd >= 0) {
    (void)close(self->epoll_fd);
  }
  if (self->signal_fd >= 0) {
    (void)close(self->signal_fd);
  }
}

/* What a signal asks for, without waiting. */
static worker_order read_order(const worker *self)
{
  struct signalfd_siginfo info;
  if (read(self->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info)) {
    return ORDER_NONE;
  }
  return self->setup->scoreboard != NULL && info.ssi_signo == SIGTERM ? ORDER_RETIRE : ORDER_DRAIN;
}

/* Another worker may have been faster, or the peer may be gone again: that is normal. Without descriptors or
 * memory, a pause keeps this from spinning. */
static void accept_failed(const worker *self, int reason)
{
  if (reason == EMFILE || reason == ENFILE || reason == ENOBUFS || reason == ENOMEM) {
    ua_log(UA_LOG_WARN, UA_EVENT("cannot accept"), ua_log_str("reason", strerror(reason)));
    struct pollfd signals = {.fd = self->signal_fd, .events = POLLIN};
    (void)poll(&signals, 1, EXHAUSTED_PAUSE_MS);
  }
}

/* Serves one connection of a listener; false with errno when there is none. */
static bool serve_one(worker *self, size_t listener)
{
  int fd = accept4(self->setup->listeners->socket[listener].fd, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0) {
    return false;
  }
  set_state(self->setup, UA_WORKER_BUSY);
  ua_status status = ua_fastcgi_serve(self->fastcgi, fd, self->arena, ua_api_app_handle, self->app);
  if (status != UA_OK) {
    ua_log(UA_LOG_DEBUG, UA_EVENT("connection without an answer"),
           ua_log_str("reason", ua_status_name(status)));
  }
  ua_log_set_request_id(UA_TEXT_ABSENT);
  set_state(self->setup, UA_WORKER_IDLE);
  self->served++;
  return true;
}

/* Serves what is queued on our own sockets, which nobody else will accept; a second order ends it. */
static void drain(worker *self)
{
  const ua_listeners *listeners = self->setup->listeners;
  int64_t deadline = ua_clock_monotonic_ms() + TCP_DRAIN_MS;
  worker_order again = ORDER_NONE;
  ua_process_listeners_shut(listeners);
  for (size_t i = 0; i < listeners->count; i++) {
    bool more = listeners->socket[i].owned;
    while (more && again == ORDER_NONE) {
      more = serve_one(self, i) && (listeners->socket[i].is_unix || ua_clock_monotonic_ms() < deadline);
      again = read_order(self);
    }
  }
}

/* Goes on for a while on a socket that was handed over. mod_fcgid asks its processes to end while Apache's
 * old ones still have requests for them: a request that is in the queue when the process goes is lost, and
 * one that comes later is never answered. TERM, which mod_fcgid repeats after a second, is ignored from now
 * on. Silence ends it, and so does a deadline: where others share the socket, they take what comes. */
static void linger(worker *self)
{
  struct epoll_event event[UA_MAX_LISTENERS];
  int64_t deadline = ua_clock_monotonic_ms() + LINGER_MS;
  bool silent = epoll_ctl(self->epoll_fd, EPOLL_CTL_DEL, self->signal_fd, NULL) != 0;
  ua_log(UA_LOG_INFO, UA_EVENT("stopping, what still comes is served"));
  while (!silent && ua_clock_monotonic_ms() < deadline) {
    int count = epoll_wait(self->epoll_fd, event, UA_MAX_LISTENERS, LINGER_SILENCE_MS);
    silent = count <= 0;
    for (int i = 0; i < count; i++) {
      if (!serve_one(self, event[i].data.u32)) {
        accept_failed(self, errno);
      }
    }
  }
}

/* Waits for and does what comes next. Signals and connections are reported by one call, so that a busy queue
 * cannot keep an order unseen. */
static worker_order step(worker *self)
{
  struct epoll_event event[UA_MAX_LISTENERS + 1];
  int count = epoll_wait(self->epoll_fd, event, UA_MAX_LISTENERS + 1, -1);
  worker_order order = ORDER_NONE;
  for (int i = 0; i < count; i++) {
    if (event[i].data.u32 == SIGNAL_EVENT) {
      order = read_order(self);
    }
  }
  /* Also after an order to stop: a connection that woke this worker woke no other. */
  for (int i = 0; i < count; i++) {
    if (event[i].data.u32 != SIGNAL_EVENT && !serve_one(self, event[i].data.u32)) {
      accept_failed(self, errno);
    }
  }
  return order;
}

int ua_process_worker_run(const ua_worker_setup *setup)
{
  worker self = {.setup = setup, .epoll_fd = -1, .signal_fd = -1};
  worker_order order = ORDER_NONE;
  int code = EXIT_FAILURE;
  if (!start(&self)) {
    goto done;
  }
  set_state(setup, UA_WORKER_IDLE);
  wake_supervisor(setup);
  while (order == ORDER_NONE && (self.served_limit == 0 || self.served < self.served_limit)) {
    order = step(&self);
  }
  if (order == ORDER_DRAIN && setup->scoreboard == NULL && !setup->listeners->socket[0].owned) {
    linger(&self);
  } else if (order == ORDER_DRAIN || setup->scoreboard == NULL) {
    drain(&self);
  }
  code = EXIT_SUCCESS;
done:
  stop(&self);
  return code;
}
