#include "process/hasher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/hashing.h"
#include "base/clock.h"
#include "process/hash_channel.h"
#include "process/hash_messages.h"
#include "process/hash_queue.h"

enum {
  OWNERS = 4 * UA_MAX_WORKERS, /* during a reload there are twice as many workers */
  OWNERS_OF_PROCESS = 2,       /* a new connection may arrive before the end of the worker's old one */
  EVENTS = 64,
  CHANNEL_EVENT = 0, /* epoll data; owners are greater */
  DONE_EVENT = 1,
  TURN_MS = 250 /* for the job to come */
};

typedef struct owner {
  uint64_t id; /* never used again */
  int fd;
  pid_t process;
} owner;

/* One password that is hashed, or whose job waits for a turn. */
typedef struct task {
  ua_hashing hashing;
  ua_hash_message message;
  ua_hash_outcome outcome;
  uint64_t owner;
  int done_fd;
  size_t length;
  unsigned char bytes[]; /* the message's */
} task;

typedef struct hasher {
  int channel_fd;
  int epoll_fd;
  int done_fd[2]; /* threads send their tasks back */
  ua_hash_board *board;
  ua_hash_queue *queue;
  size_t running;
  uint64_t last_owner;
  size_t owner_count;
  owner owner[OWNERS];
  unsigned char packet[UA_HASH_MESSAGE_BYTES + 1]; /* one byte more, to detect a packet that is too long */
} hasher;

size_t ua_process_hasher_slots(int64_t setting)
{
  long slots = setting > 0 ? (long)setting : sysconf(_SC_NPROCESSORS_ONLN);
  return slots < 1 ? 1 : (size_t)slots;
}

static owner *find_owner(hasher *self, uint64_t id)
{
  for (size_t i = 0; i < self->owner_count; i++) {
    if (self->owner[i].id == id) {
      return &self->owner[i];
    }
  }
  return NULL;
}

static void destroy_task(task *done)
{
  if (done != NULL) {
    explicit_bzero(done, sizeof(*done) + done->length);
    free(done);
  }
}

static void close_owner(hasher *self, owner *gone)
{
  ua_hash_entry entry;
  while (ua_process_hash_queue_drop_any(self->queue, gone->id, &entry)) {
    destroy_task(entry.job);
  }
  ua_process_hash_channel_disconnect(self->epoll_fd, gone->fd);
  *gone = self->owner[--self->owner_count];
}

/* Sends without blocking: a peer that does not read loses its connection. */
static void tell(hasher *self, uint64_t id, const ua_hash_message *message)
{
  unsigned char bytes[UA_HASH_MESSAGE_BYTES];
  owner *to = find_owner(self, id);
  if (to == NULL) {
    return;
  }
  size_t length = ua_process_hash_messages_write(message, bytes);
  ssize_t sent = length == 0 ? -1 : send(to->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  explicit_bzero(bytes, sizeof(bytes));
  if (sent < 0) {
    close_owner(self, to);
  }
}

static void refuse(hasher *self, uint64_t id, uint64_t request, ua_status status)
{
  tell(self, id, &(ua_hash_message){.kind = UA_HASH_REFUSED, .request = request, .status = status});
}

/* A pipe holds more pointers than there are turns, so this never blocks. */
static void send_back(void *context)
{
  task *done = context;
  while (write(done->done_fd, &context, sizeof(context)) < 0 && errno == EINTR) {
  }
}

/* Ends a task, also one that got no thread. Its worker may have gone meanwhile. */
static void settle(hasher *self, task *done)
{
  bool failed = done->message.job.kind == UA_HASH_VERIFY && done->outcome.status == UA_OK &&
                !ua_auth_password_is_match(done->outcome.verdict);
  ua_hash_message answer = {.kind = UA_HASH_DONE, .request = done->message.request, .outcome = done->outcome};
  ua_process_hash_queue_done(self->queue, done->owner, done->message.request, failed,
                             ua_clock_monotonic_ms());
  tell(self, done->owner, &answer);
  explicit_bzero(&answer, sizeof(answer));
  destroy_task(done);
}

static void begin(hasher *self, task *next)
{
  next->hashing =
      (ua_hashing){.job = &next->message.job, .outcome = &next->outcome, .done = send_back, .context = next};
  next->done_fd = self->done_fd[1];
  if (ua_auth_hashing_begin(&next->hashing)) {
    self->running++;
    return;
  }
  next->outcome = (ua_hash_outcome){.status = UA_BUSY};
  settle(self, next);
}

static void collect(hasher *self)
{
  void *context = NULL;
  if (read(self->done_fd[0], &context, sizeof(context)) == (ssize_t)sizeof(context)) {
    task *done = context;
    ua_auth_hashing_end(&done->hashing);
    self->running--;
    settle(self, done);
  }
}

static void give_turns(hasher *self)
{
  ua_hash_entry entry;
  size_t slots = atomic_load(&self->board->slots);
  int64_t now = ua_clock_monotonic_ms();
  (void)ua_process_hash_queue_lapse(self->queue, now - TURN_MS);
  slots = slots == 0 ? 1 : slots;
  while (ua_process_hash_queue_turns(self->queue) < slots &&
         ua_process_hash_queue_next(self->queue, now, &entry)) {
    if (entry.job != NULL) {
      begin(self, entry.job);
    } else {
      tell(self, entry.owner, &(ua_hash_message){.kind = UA_HASH_TURN, .request = entry.request});
    }
  }
}

/* False: a worker never asks like that. */
static bool ask(hasher *self, uint64_t id, const ua_hash_message *message)
{
  ua_hash_entry entry = {.owner = id, .request = message->request};
  ua_hash_entry out;
  bool pushes_out;
  memcpy(entry.source, message->source, sizeof(entry.source));
  memcpy(entry.address, message->address, sizeof(entry.address));
  ua_status status =
      ua_process_hash_queue_push(self->queue, &entry, ua_clock_monotonic_ms(), &pushes_out, &out);
  if (pushes_out) {
    destroy_task(out.job);
    refuse(self, out.owner, out.request, UA_BUSY);
  }
  if (status == UA_TOO_MANY_REQUESTS || status == UA_BUSY) {
    refuse(self, id, message->request, status);
  }
  return status != UA_CONFLICT;
}

/* Keeps the packet, which the job's views point into. */
static task *create_task(const hasher *self, uint64_t id, size_t length)
{
  task *fresh = calloc(1, sizeof(*fresh) + length);
  if (fresh == NULL) {
    return NULL;
  }
  fresh->owner = id;
  fresh->length = length;
  memcpy(fresh->bytes, self->packet, length);
  if (!ua_process_hash_messages_read(fresh->bytes, length, true, &fresh->message)) {
    destroy_task(fresh);
    return NULL;
  }
  return fresh;
}

static bool go(hasher *self, uint64_t id, size_t length)
{
  task *next = create_task(self, id, length);
  if (next == NULL) {
    return false; /* out of memory: the worker answers 503 */
  }
  ua_status status = ua_process_hash_queue_go(self->queue, id, next->message.request, next);
  if (status == UA_OK) {
    begin(self, next);
  } else if (status != UA_PENDING) {
    destroy_task(next);
    return false;
  }
  return true;
}

/* A running one continues; its outcome is discarded. */
static void drop(hasher *self, uint64_t id, uint64_t request)
{
  ua_hash_entry entry;
  if (ua_process_hash_queue_drop(self->queue, id, request, &entry)) {
    destroy_task(entry.job);
  }
}

/* Serves one message of an owner. Its end, or a message that no worker sends, ends the connection. */
static void serve_owner(hasher *self, uint64_t id)
{
  owner *from = find_owner(self, id);
  ua_hash_message message;
  if (from == NULL) {
    return;
  }
  ssize_t length = recv(from->fd, self->packet, sizeof(self->packet), MSG_DONTWAIT);
  if (length < 0 && (errno == EAGAIN || errno == EINTR)) {
    return;
  }
  bool goes_on = length > 0 && ua_process_hash_messages_read(self->packet, (size_t)length, true, &message);
  if (goes_on && message.kind == UA_HASH_ASK) {
    goes_on = ask(self, id, &message);
  } else if (goes_on && message.kind == UA_HASH_GO) {
    goes_on = go(self, id, (size_t)length);
  } else if (goes_on) {
    drop(self, id, message.request);
  }
  explicit_bzero(self->packet, sizeof(self->packet));
  from = find_owner(self, id);
  if (!goes_on && from != NULL) {
    close_owner(self, from);
  }
}

/* Limits the connections of a process: closes its oldest one if it has too many. */
static void make_place(hasher *self, pid_t process)
{
  size_t count = 0;
  owner *oldest = NULL;
  for (size_t i = 0; i < self->owner_count; i++) {
    owner *one = &self->owner[i];
    if (one->process == process) {
      count++;
      oldest = oldest == NULL || one->id < oldest->id ? one : oldest;
    }
  }
  if (count >= OWNERS_OF_PROCESS) {
    close_owner(self, oldest);
  }
}

/* False when the channel has ended. */
static bool accept_owner(hasher *self)
{
  owner fresh = {.id = self->last_owner + 1};
  ua_status status = ua_process_hash_channel_accept(self->channel_fd, &fresh.fd, &fresh.process);
  if (status != UA_OK) {
    return status != UA_UNAVAILABLE;
  }
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = fresh.id};
  make_place(self, fresh.process);
  if (self->owner_count == OWNERS || epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, fresh.fd, &event) != 0) {
    (void)close(fresh.fd); /* the worker notices that, and tries again */
    return true;
  }
  self->last_owner = fresh.id;
  self->owner[self->owner_count++] = fresh;
  return true;
}

static int next_wait(const hasher *self)
{
  int64_t oldest = ua_process_hash_queue_oldest_turn(self->queue);
  int64_t wait = oldest < 0 ? UA_HASHER_BEAT_MS : oldest + TURN_MS - ua_clock_monotonic_ms();
  return wait < 0 ? 0 : wait > UA_HASHER_BEAT_MS ? UA_HASHER_BEAT_MS : (int)wait;
}

/* Waits once, and handles the events; false when the channel has ended. */
static bool turn(hasher *self)
{
  struct epoll_event event[EVENTS];
  bool goes_on = true;
  give_turns(self);
  atomic_store(&self->board->in_use, ua_process_hash_queue_turns(self->queue));
  int count = epoll_wait(self->epoll_fd, event, EVENTS, next_wait(self));
  atomic_store(&self->board->alive_ms, ua_clock_monotonic_ms());
  for (int i = 0; i < count; i++) {
    if (event[i].data.u64 == CHANNEL_EVENT) {
      goes_on = accept_owner(self);
    } else if (event[i].data.u64 == DONE_EVENT) {
      collect(self);
    } else {
      serve_owner(self, event[i].data.u64);
    }
  }
  return goes_on;
}

static bool open_all(hasher *self)
{
  struct epoll_event channel = {.events = EPOLLIN, .data.u64 = CHANNEL_EVENT};
  struct epoll_event done = {.events = EPOLLIN, .data.u64 = DONE_EVENT};
  self->queue = ua_process_hash_queue_create();
  self->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  return self->queue != NULL && self->epoll_fd >= 0 && pipe2(self->done_fd, O_CLOEXEC) == 0 &&
         epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, self->channel_fd, &channel) == 0 &&
         epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, self->done_fd[0], &done) == 0;
}

static void close_all(hasher *self)
{
  while (self->owner_count > 0) {
    close_owner(self, &self->owner[self->owner_count - 1]);
  }
  while (self->running > 0) {
    collect(self);
  }
  const int fds[] = {self->epoll_fd, self->done_fd[0], self->done_fd[1]};
  for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
    if (fds[i] >= 0) {
      (void)close(fds[i]);
    }
  }
  ua_process_hash_queue_destroy(&self->queue);
}

ua_status ua_process_hasher_run(int hasher_fd, ua_hash_board *board)
{
  hasher *self = calloc(1, sizeof(*self));
  ua_status status = UA_INTERNAL;
  if (self == NULL) {
    return status;
  }
  self->channel_fd = hasher_fd;
  self->board = board;
  self->epoll_fd = self->done_fd[0] = self->done_fd[1] = -1;
  self->last_owner = DONE_EVENT;
  if (open_all(self)) {
    while (turn(self)) {
    }
    status = UA_OK;
  }
  close_all(self);
  free(self);
  return status;
}
