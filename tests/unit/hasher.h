/* A hasher in a separate process, which can be killed, and its clients in this one. */
#ifndef UA_TESTS_UNIT_HASHER_H
#define UA_TESTS_UNIT_HASHER_H

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "process/hash_channel.h"
#include "process/hash_client.h"
#include "process/hasher.h"
#include "service/hasher.h"
#include "unit.h"

enum { PATIENCE_MS = 20000, COST = 4, LONG_COST = 15, WOKEN = 4096 };

typedef struct fixture {
  ua_hash_channel channel;
  ua_hash_board *board;
  pid_t pid;
} fixture;

typedef struct peer {
  ua_hash_client *client;
  ua_hasher hasher;
  int epoll_fd;
  uint64_t woken[WOKEN];
  size_t woken_count;
} peer;

/* Forks a child that ends when this process ends for any reason. */
static inline pid_t fork_child(void)
{
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  }
  return pid;
}

static inline void start_hasher(fixture *self)
{
  self->pid = fork_child();
  if (self->pid == 0) {
    (void)close(self->channel.worker_fd);
    _exit(ua_process_hasher_run(self->channel.hasher_fd, self->board) == UA_OK ? EXIT_SUCCESS : EXIT_FAILURE);
  }
}

static inline void kill_hasher(fixture *self)
{
  assert_int_equal(kill(self->pid, SIGKILL), 0);
  assert_int_equal(waitpid(self->pid, NULL, 0), self->pid);
  self->pid = 0;
}

static inline int create(void **state)
{
  fixture *self = calloc(1, sizeof *self);
  *state = self;
  if (self == NULL || ua_process_hash_channel_open(&self->channel) != UA_OK) {
    return -1;
  }
  self->board = mmap(NULL, sizeof *self->board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (self->board == MAP_FAILED) {
    return -1;
  }
  atomic_store(&self->board->slots, 1);
  start_hasher(self);
  return 0;
}

/* The hasher ends when its channel is closed, whether or not the test has passed. */
static inline int destroy(void **state)
{
  fixture *self = *state;
  int status = 0;
  ua_process_hash_channel_end(&self->channel);
  bool well = self->pid == 0 || (waitpid(self->pid, &status, 0) == self->pid && status == 0);
  (void)munmap(self->board, sizeof *self->board);
  free(self);
  return well ? 0 : -1;
}

static inline void note_woken(void *context, uint64_t request)
{
  peer *self = context;
  assert_true(self->woken_count < WOKEN);
  self->woken[self->woken_count++] = request;
}

static inline void open_peer_with(const fixture *self, peer *opened, int64_t hash_wait_ms,
                                  int64_t watchdog_ms)
{
  *opened = (peer){.epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
  assert_true(opened->epoll_fd >= 0);
  ua_hash_client_settings settings = {.channel_fd = self->channel.worker_fd,
                                      .epoll_fd = opened->epoll_fd,
                                      .epoll_data = 7,
                                      .hash_wait_ms = hash_wait_ms,
                                      .watchdog_ms = watchdog_ms,
                                      .wake = note_woken,
                                      .context = opened};
  assert_int_equal(ua_process_hash_client_open(&settings, &opened->client), UA_OK);
  ua_process_hash_client_hasher(opened->client, &opened->hasher);
}

static inline void open_peer(const fixture *self, peer *opened)
{
  open_peer_with(self, opened, PATIENCE_MS, PATIENCE_MS);
}

static inline void close_peer(peer *closed)
{
  ua_process_hash_client_close(&closed->client);
  (void)close(closed->epoll_fd);
}

static inline ua_hash_ticket ticket_of(uint64_t request, unsigned char source)
{
  ua_hash_ticket ticket = {.request = request};
  ticket.source[0] = source;
  return ticket;
}

static inline ua_status enter(peer *self, uint64_t request, unsigned char source, bool *began_r)
{
  ua_hash_ticket ticket = ticket_of(request, source);
  return self->hasher.enter(self->hasher.context, &ticket, began_r);
}

static inline ua_status run(peer *self, uint64_t request, const ua_hash_job *job, ua_hash_outcome *outcome_r)
{
  ua_hash_ticket ticket = ticket_of(request, 0);
  return self->hasher.run(self->hasher.context, &ticket, job, outcome_r);
}

static inline void leave(peer *self, uint64_t request)
{
  self->hasher.leave(self->hasher.context, request);
}

static inline void assert_waits(peer *self, uint64_t request, unsigned char source)
{
  bool began = true;
  assert_int_equal(enter(self, request, source, &began), UA_PENDING);
  assert_false(began);
}

static inline void assert_has_turn(peer *self, uint64_t request)
{
  bool began = true;
  assert_int_equal(enter(self, request, 0, &began), UA_OK);
  assert_false(began);
}

static inline bool was_woken(const peer *self, uint64_t request)
{
  bool woken = false;
  for (size_t i = 0; i < self->woken_count; i++) {
    woken = woken || self->woken[i] == request;
  }
  return woken;
}

/* Like a worker's loop: waits for messages and deadlines, and handles them. */
static inline void pump(peer *self)
{
  struct epoll_event event;
  int64_t due = ua_process_hash_client_due(self->client, ua_clock_monotonic_ms());
  int count = epoll_wait(self->epoll_fd, &event, 1, due < 0 || due > 20 ? 20 : (int)due);
  if (count == 1) {
    assert_int_equal(event.data.u64, 7);
    ua_process_hash_client_read(self->client);
  }
  ua_process_hash_client_expire(self->client, ua_clock_monotonic_ms());
}

static inline void pump_until_woken(peer *self, uint64_t request)
{
  int64_t deadline = ua_clock_monotonic_ms() + PATIENCE_MS;
  while (!was_woken(self, request)) {
    assert_true(ua_clock_monotonic_ms() < deadline);
    pump(self);
  }
  self->woken_count = 0;
}

static inline ua_hash_job verifying(const char *password, const ua_password_record *stored)
{
  return (ua_hash_job){.kind = UA_HASH_VERIFY,
                       .cost = COST,
                       .limit = UA_MAX_BCRYPT_COST,
                       .password = ua_text_of(password),
                       .hash = ua_text_of(stored == NULL ? NULL : stored->hash),
                       .salt = ua_text_of(stored == NULL ? NULL : stored->salt)};
}

static inline ua_hash_job making(const char *password, int cost)
{
  return (ua_hash_job){.kind = UA_HASH_NEW, .cost = cost, .password = ua_text_of(password)};
}

#endif
