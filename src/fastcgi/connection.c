#include "fastcgi/connection.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "fastcgi/streams.h"

enum {
  READ_BYTES = 64 * 1024,
  READS = 4, /* in a row: then other connections have their turn */
  BEGIN_BYTES = 16,
  LINGER_MS = 2000
};

static void enter(ua_connection *connection, ua_connection_phase phase, int64_t now_ms)
{
  connection->phase = phase;
  connection->began_ms = now_ms;
  connection->progress_ms = now_ms;
}

void ua_fastcgi_connection_open(ua_connection *connection, int fd, int64_t now_ms)
{
  connection->fd = fd;
  connection->watched = 0;
  connection->received = 0;
  connection->unsent = UA_TEXT("");
  enter(connection, UA_CONNECTION_READING, now_ms);
}

void ua_fastcgi_connection_close(ua_connection *connection)
{
  /* Before the close: a child forked by a handler still has the socket, and epoll would keep watching it. */
  if (connection->watched != 0) {
    (void)epoll_ctl(connection->epoll_fd, EPOLL_CTL_DEL, connection->fd, NULL);
    connection->watched = 0;
  }
  if (connection->fd >= 0) {
    (void)close(connection->fd);
  }
  connection->fd = -1;
  connection->phase = UA_CONNECTION_CLOSED;
  ua_fastcgi_records_reset(&connection->records);
  ua_fastcgi_buffer_free(&connection->rest);
  if (connection->arena != NULL) {
    ua_arena_reset(connection->arena);
  }
}

static ua_connection_phase give_up(ua_connection *connection, const char *reason)
{
  ua_log(UA_LOG_DEBUG, UA_EVENT("connection without an answer"), ua_log_str("reason", reason));
  ua_fastcgi_connection_close(connection);
  return UA_CONNECTION_CLOSED;
}

/* The answer is made: a slow peer must not keep the memory of its request in use. */
static void forget_request(ua_connection *connection)
{
  bool unread = connection->records.unread;
  ua_fastcgi_records_free(&connection->records);
  connection->records.unread = unread;
  ua_arena_destroy(&connection->arena);
}

/* Closing a socket with unread bytes resets the connection, and the peer loses what was sent to it. */
static ua_connection_phase begin_to_linger(ua_connection *connection, int64_t now_ms)
{
  enter(connection, UA_CONNECTION_LINGERING, now_ms);
  forget_request(connection);
  ua_fastcgi_buffer_free(&connection->rest);
  if (shutdown(connection->fd, SHUT_WR) != 0) {
    ua_fastcgi_connection_close(connection);
  }
  return connection->phase;
}

/* A peer that asks and does not read the replies gets no more. */
static bool send_replies(ua_connection *connection)
{
  ua_records *records = &connection->records;
  size_t length = records->reply_length;
  records->reply_length = 0;
  return length == 0 ||
         send(connection->fd, records->reply, length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length;
}

/* Reads received bytes into `bytes`: 0 if there are none now, -1 if no more will come. */
static ssize_t receive(const ua_connection *connection, unsigned char *bytes, size_t size)
{
  ssize_t length = recv(connection->fd, bytes, size, MSG_DONTWAIT);
  if (length > 0) {
    return length;
  }
  return length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) ? 0 : -1;
}

static ua_connection_phase take(ua_connection *connection, const unsigned char *bytes, size_t length,
                                int64_t now_ms)
{
  ua_records *records = &connection->records;
  size_t used = 0;
  bool had_replies = records->replies > 0;
  connection->received += length;
  connection->progress_ms = now_ms;
  ua_records_outcome outcome = ua_fastcgi_records_add(records, bytes, length, &used);
  had_replies = had_replies || records->replies > 0;
  if (!send_replies(connection)) {
    return give_up(connection, "the peer does not read");
  }
  if (outcome == UA_RECORDS_ENDED) {
    return had_replies ? begin_to_linger(connection, now_ms) : give_up(connection, records->reason);
  }
  if (outcome == UA_RECORDS_WHOLE) {
    records->unread = records->unread || used < length;
    records->input.received_us = ua_clock_monotonic_us();
    enter(connection, UA_CONNECTION_WHOLE, now_ms);
  }
  return connection->phase;
}

ua_connection_phase ua_fastcgi_connection_read(ua_connection *connection, int64_t now_ms)
{
  static unsigned char bytes[READ_BYTES];
  for (int i = 0; i < READS && connection->phase == UA_CONNECTION_READING; i++) {
    ssize_t length = receive(connection, bytes, sizeof bytes);
    if (length < 0) {
      return give_up(connection, "the peer has gone");
    }
    if (length > 0) {
      (void)take(connection, bytes, (size_t)length, now_ms);
      explicit_bzero(bytes, (size_t)length);
    }
    if (length < READ_BYTES) {
      break;
    }
  }
  return connection->phase;
}

/* The peer does not take all of it now: keeps the rest, without the arena in which it was made. */
static void keep_rest(ua_connection *connection)
{
  if (!ua_fastcgi_buffer_append(&connection->rest, connection->unsent.data, connection->unsent.length)) {
    (void)give_up(connection, "no memory");
    return;
  }
  connection->unsent = (ua_text){connection->rest.data, connection->rest.length};
  forget_request(connection);
}

ua_connection_phase ua_fastcgi_connection_answer(ua_connection *connection, ua_text answer, int64_t now_ms)
{
  enter(connection, UA_CONNECTION_WRITING, now_ms);
  if (ua_fastcgi_streams_write(connection->arena, connection->records.id, answer, &connection->unsent) !=
      UA_OK) {
    return give_up(connection, "no memory");
  }
  if (ua_fastcgi_connection_write(connection, now_ms) == UA_CONNECTION_WRITING) {
    keep_rest(connection);
  }
  return connection->phase;
}

ua_connection_phase ua_fastcgi_connection_write(ua_connection *connection, int64_t now_ms)
{
  ua_text *unsent = &connection->unsent;
  while (unsent->length > 0) {
    ssize_t sent = send(connection->fd, unsent->data, unsent->length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      return connection->phase;
    }
    if (sent <= 0) {
      return give_up(connection, "the answer could not be written");
    }
    connection->progress_ms = now_ms;
    *unsent = (ua_text){unsent->data + sent, unsent->length - (size_t)sent};
  }
  if (connection->records.unread) {
    return begin_to_linger(connection, now_ms);
  }
  ua_fastcgi_connection_close(connection);
  return UA_CONNECTION_CLOSED;
}

ua_connection_phase ua_fastcgi_connection_linger(ua_connection *connection)
{
  static unsigned char trash[READ_BYTES];
  ssize_t length = receive(connection, trash, sizeof trash);
  if (length < 0) {
    ua_fastcgi_connection_close(connection);
  } else {
    explicit_bzero(trash, (size_t)length);
  }
  return connection->phase;
}

size_t ua_fastcgi_connection_bytes(const ua_connection *connection)
{
  bool is_reading = connection->phase == UA_CONNECTION_READING;
  return connection->rest.size + (is_reading ? ua_fastcgi_records_bytes(&connection->records) : 0);
}

static int64_t earlier(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

int64_t ua_fastcgi_connection_deadline(const ua_connection *connection, const ua_connection_limits *limits)
{
  int64_t transfer = connection->began_ms + limits->transfer_ms;
  int64_t idle = connection->progress_ms + limits->idle_ms;
  switch (connection->phase) {
    case UA_CONNECTION_READING:
      return earlier(earlier(transfer, idle),
                     connection->received < BEGIN_BYTES ? connection->began_ms + limits->begin_ms : transfer);
    case UA_CONNECTION_WRITING:
      return earlier(transfer, idle);
    case UA_CONNECTION_LINGERING:
      return connection->began_ms + LINGER_MS;
    default:
      return INT64_MAX;
  }
}
