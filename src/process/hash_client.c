#include "process/hash_client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "process/hash_channel.h"
#include "process/hash_client_private.h"

enum { RECONNECT_MS = 100 /* minimum time between two attempts to connect */ };

ua_hash_call *ua_process_hash_client_find(ua_hash_client *self, uint64_t request)
{
  for (size_t i = 0; self->used > 0 && i < UA_HASH_CALLS; i++) {
    if (self->call[i].state != UA_HASH_CALL_NONE && self->call[i].request == request) {
      return &self->call[i];
    }
  }
  return NULL;
}

static void wake(const ua_hash_client *self, const ua_hash_call *woken)
{
  if (woken->request != 0) {
    self->settings.wake(self->settings.context, woken->request);
  }
}

void ua_process_hash_client_fail(const ua_hash_client *self, ua_hash_call *failed, ua_status status)
{
  failed->began = failed->state == UA_HASH_CALL_UNDER_WAY;
  failed->status = status;
  failed->state = UA_HASH_CALL_FAILED;
  wake(self, failed);
}

static void send_ask(ua_hash_client *self, const ua_hash_call *asked)
{
  ua_hash_message message = {.kind = UA_HASH_ASK, .request = asked->name};
  memcpy(message.source, asked->source, sizeof(message.source));
  memcpy(message.address, asked->address, sizeof(message.address));
  ua_process_hash_client_send(self, &message);
}

/* Connects, unless it has just tried to, and asks for the turns of all waiting requests. */
static void reconnect(ua_hash_client *self)
{
  int64_t now = ua_clock_monotonic_ms();
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = self->settings.epoll_data};
  if (self->fd >= 0 || now < self->reconnect_ms) {
    return;
  }
  self->reconnect_ms = now + RECONNECT_MS;
  self->fd = ua_process_hash_channel_connect(self->settings.channel_fd);
  if (self->fd >= 0 && epoll_ctl(self->settings.epoll_fd, EPOLL_CTL_ADD, self->fd, &event) != 0) {
    ua_process_hash_channel_disconnect(self->settings.epoll_fd, self->fd);
    self->fd = -1;
  }
  for (size_t i = 0; self->fd >= 0 && i < UA_HASH_CALLS; i++) {
    if (self->call[i].state == UA_HASH_CALL_ASKED) {
      send_ask(self, &self->call[i]);
    }
  }
}

void ua_process_hash_client_ask(ua_hash_client *self, const ua_hash_call *call)
{
  if (self->fd >= 0) {
    send_ask(self, call);
  }
  reconnect(self);
}

/* The hasher has died, or misbehaves. Turns are lost: requests that had one wait again. */
static void lose(ua_hash_client *self)
{
  ua_process_hash_channel_disconnect(self->settings.epoll_fd, self->fd);
  self->fd = -1;
  for (size_t i = 0; i < UA_HASH_CALLS; i++) {
    if (self->call[i].state == UA_HASH_CALL_TURN) {
      self->call[i].state = UA_HASH_CALL_ASKED;
    } else if (self->call[i].state == UA_HASH_CALL_UNDER_WAY) {
      ua_process_hash_client_fail(self, &self->call[i], UA_BUSY);
    }
  }
}

/* A hasher that does not read counts as lost. */
void ua_process_hash_client_send(ua_hash_client *self, const ua_hash_message *message)
{
  unsigned char bytes[UA_HASH_MESSAGE_BYTES];
  if (self->fd < 0) {
    return;
  }
  size_t length = ua_process_hash_messages_write(message, bytes);
  ssize_t sent = length == 0 ? -1 : send(self->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  explicit_bzero(bytes, sizeof(bytes));
  if (sent < 0) {
    lose(self);
  }
}

void ua_process_hash_client_clear(ua_hash_client *self, ua_hash_call *cleared)
{
  explicit_bzero(cleared, sizeof(*cleared));
  self->used--;
}

void ua_process_hash_client_drop(ua_hash_client *self, ua_hash_call *dropped)
{
  ua_hash_message message = {.kind = UA_HASH_DROP, .request = dropped->name};
  bool is_known = dropped->state == UA_HASH_CALL_ASKED || dropped->state == UA_HASH_CALL_TURN ||
                  dropped->state == UA_HASH_CALL_UNDER_WAY;
  ua_process_hash_client_clear(self, dropped);
  if (is_known) {
    ua_process_hash_client_send(self, &message);
  }
}

/* Applies the hasher's message to an entry; false: a hasher never sends this. */
static bool apply(ua_hash_client *self, ua_hash_call *to, const ua_hash_message *message)
{
  if (message->kind == UA_HASH_TURN && to->state == UA_HASH_CALL_ASKED) {
    to->state = UA_HASH_CALL_TURN;
    to->deadline_ms = ua_clock_monotonic_ms() + self->settings.hash_wait_ms;
    wake(self, to);
    return true;
  }
  if (message->kind == UA_HASH_REFUSED && to->state == UA_HASH_CALL_ASKED) {
    ua_process_hash_client_fail(self, to, message->status);
    return true;
  }
  if (message->kind != UA_HASH_DONE || to->state != UA_HASH_CALL_UNDER_WAY) {
    return false;
  }
  if (message->outcome.status == UA_BUSY) {
    ua_process_hash_client_fail(self, to, UA_BUSY);
    return true;
  }
  to->outcome = message->outcome;
  to->state = UA_HASH_CALL_DONE;
  wake(self, to);
  return true;
}

/* Ignores a message about a request that has ended meanwhile. */
static bool take(ua_hash_client *self, const unsigned char *bytes, size_t length)
{
  ua_hash_message message;
  bool right = ua_process_hash_messages_read(bytes, length, false, &message);
  for (size_t i = 0; right && i < UA_HASH_CALLS; i++) {
    ua_hash_call *to = &self->call[i];
    if (to->state != UA_HASH_CALL_NONE && to->state != UA_HASH_CALL_FAILED && to->name == message.request) {
      right = apply(self, to, &message);
      break;
    }
  }
  explicit_bzero(&message, sizeof(message));
  return right;
}

void ua_process_hash_client_read(ua_hash_client *client)
{
  unsigned char bytes[UA_HASH_MESSAGE_BYTES + 1];
  while (client->fd >= 0) {
    ssize_t length = recv(client->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) {
      break;
    }
    if (length <= 0 || !take(client, bytes, (size_t)length)) {
      lose(client);
      reconnect(client);
    }
  }
  explicit_bzero(bytes, sizeof(bytes));
}

/* INT64_MAX: no deadline. */
static int64_t deadline_of(const ua_hash_client *client, const ua_hash_call *one)
{
  bool waits = one->state == UA_HASH_CALL_ASKED || one->state == UA_HASH_CALL_TURN ||
               one->state == UA_HASH_CALL_UNDER_WAY;
  int64_t deadline = one->deadline_ms < client->end_ms ? one->deadline_ms : client->end_ms;
  return waits ? deadline : INT64_MAX;
}

int64_t ua_process_hash_client_due(const ua_hash_client *client, int64_t now_ms)
{
  int64_t first = INT64_MAX;
  for (size_t i = 0; client->used > 0 && i < UA_HASH_CALLS; i++) {
    const ua_hash_call *one = &client->call[i];
    int64_t deadline = deadline_of(client, one);
    first = deadline < first ? deadline : first;
    if (client->fd < 0 && one->state == UA_HASH_CALL_ASKED && client->reconnect_ms < first) {
      first = client->reconnect_ms;
    }
  }
  return first == INT64_MAX ? -1 : first <= now_ms ? 0 : first - now_ms;
}

void ua_process_hash_client_expire(ua_hash_client *client, int64_t now_ms)
{
  bool waits = false;
  for (size_t i = 0; client->used > 0 && i < UA_HASH_CALLS; i++) {
    ua_hash_call *one = &client->call[i];
    if (now_ms >= deadline_of(client, one)) {
      ua_hash_message message = {.kind = UA_HASH_DROP, .request = one->name};
      ua_process_hash_client_fail(client, one, UA_BUSY);
      ua_process_hash_client_send(client, &message);
    }
    waits = waits || one->state == UA_HASH_CALL_ASKED;
  }
  if (waits) {
    reconnect(client);
  }
}

void ua_process_hash_client_end_by(ua_hash_client *client, int64_t end_ms)
{
  client->end_ms = end_ms;
}

ua_status ua_process_hash_client_open(const ua_hash_client_settings *settings, ua_hash_client **client_r)
{
  ua_hash_client *self = calloc(1, sizeof(*self));
  *client_r = self;
  if (self == NULL) {
    return UA_INTERNAL;
  }
  self->settings = *settings;
  self->fd = -1;
  self->end_ms = INT64_MAX;
  return UA_OK;
}

void ua_process_hash_client_close(ua_hash_client **client)
{
  ua_hash_client *self = *client;
  if (self != NULL) {
    if (self->fd >= 0) {
      ua_process_hash_channel_disconnect(self->settings.epoll_fd, self->fd);
    }
    explicit_bzero(self, sizeof(*self));
    free(self);
    *client = NULL;
  }
}

bool ua_process_hash_client_sleeps(const ua_hash_client *client, uint64_t request)
{
  for (size_t i = 0; i < UA_HASH_CALLS; i++) {
    const ua_hash_call *one = &client->call[i];
    if (one->request == request &&
        (one->state == UA_HASH_CALL_ASKED || one->state == UA_HASH_CALL_UNDER_WAY)) {
      return true;
    }
  }
  return false;
}

void ua_process_hash_client_forget(ua_hash_client *client, uint64_t request)
{
  ua_hash_call *own = ua_process_hash_client_find(client, request);
  if (own != NULL) {
    ua_process_hash_client_drop(client, own);
  }
}
