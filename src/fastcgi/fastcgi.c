#include "fastcgi/fastcgi.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "fastcgi/connections.h"
#include "fastcgi/streams.h"

enum {
  MOST_SPARE = 2,
  MOMENT_MS = 5,
  MANY_BYTES = 1024 * 1024,
  OTHER_DESCRIPTORS = 32 /* other than connections: listeners, logs, the database, what libraries open */
};

struct ua_fastcgi {
  ua_fastcgi_settings settings;
  ua_fastcgi_handler handler;
  ua_connections held;
  size_t most_held;
  size_t parked;
  size_t asleep;     /* of the parked */
  size_t bytes;      /* that peers make us keep: incomplete requests, unsent answers */
  size_t most_bytes; /* the most since memory was last returned to the system */
  uint64_t accepted;
  int64_t due_ms;   /* no deadline is earlier */
  int64_t round_ms; /* all that had arrived by then is read when the round ends: ua_fastcgi_settle */
  int round_events; /* of this round */
};

/* The epoll events that a connection needs in its phase. The kernel always reports a closed peer. */
static uint32_t events_of(ua_connection_phase phase)
{
  switch (phase) {
    case UA_CONNECTION_READING:
    case UA_CONNECTION_LINGERING:
      return EPOLLIN;
    case UA_CONNECTION_PARKED:
      return EPOLLRDHUP;
    case UA_CONNECTION_WRITING:
      return EPOLLOUT;
    default:
      return 0;
  }
}

static bool watch(const ua_fastcgi *fastcgi, ua_connection *connection)
{
  struct epoll_event event = {.events = events_of(connection->phase), .data.ptr = connection};
  int operation = connection->watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  bool well = connection->watched == event.events ||
              epoll_ctl(fastcgi->settings.epoll_fd, operation, connection->fd, &event) == 0;
  connection->watched = event.events;
  return well;
}

/* After each step: the connection waits for the peer, or is closed. */
static void leave(ua_fastcgi *fastcgi, ua_connection *connection)
{
  if (connection->phase != UA_CONNECTION_CLOSED && !watch(fastcgi, connection)) {
    ua_log(UA_LOG_WARN, UA_EVENT("cannot watch a connection"));
    ua_fastcgi_connection_close(connection);
  }
  if (connection->phase == UA_CONNECTION_CLOSED) {
    ua_fastcgi_connections_put_by(&fastcgi->held, connection);
    return;
  }
  fastcgi->bytes += ua_fastcgi_connection_bytes(connection);
  int64_t deadline = ua_fastcgi_connection_deadline(connection, &fastcgi->settings.limits);
  fastcgi->due_ms = deadline < fastcgi->due_ms ? deadline : fastcgi->due_ms;
}

/* The request will be answered, tried again or dropped. */
static void unpark(ua_fastcgi *fastcgi, ua_connection *connection)
{
  fastcgi->parked--;
  fastcgi->asleep -= connection->asleep;
  connection->asleep = false;
}

static void drop(ua_fastcgi *fastcgi, ua_connection *connection, const char *reason)
{
  ua_log(UA_LOG_DEBUG, UA_EVENT("connection dropped"), ua_log_str("reason", reason));
  fastcgi->bytes -= ua_fastcgi_connection_bytes(connection);
  if (connection->phase == UA_CONNECTION_PARKED) {
    unpark(fastcgi, connection);
    fastcgi->handler.forget(fastcgi->handler.context, connection->number);
  }
  ua_fastcgi_connection_close(connection);
  leave(fastcgi, connection);
}

/* Drops the oldest connection in one of two phases; false if there is none. */
static bool drop_oldest(ua_fastcgi *fastcgi, ua_connection_phase one, ua_connection_phase other,
                        const char *reason)
{
  ua_connection *connection = fastcgi->held.oldest;
  while (connection != NULL && connection->phase != one && connection->phase != other) {
    connection = connection->newer;
  }
  if (connection != NULL) {
    drop(fastcgi, connection, reason);
  }
  return connection != NULL;
}

/* Drops the connections whose deadline has passed, and finds the next deadline. */
static void drop_overdue(ua_fastcgi *fastcgi, int64_t as_of_ms)
{
  ua_connection *connection = fastcgi->held.oldest;
  fastcgi->due_ms = INT64_MAX;
  while (connection != NULL) {
    ua_connection *next = connection->newer;
    int64_t deadline = ua_fastcgi_connection_deadline(connection, &fastcgi->settings.limits);
    if (deadline <= as_of_ms) {
      drop(fastcgi, connection, "the peer has taken too long");
    } else if (deadline < fastcgi->due_ms) {
      fastcgi->due_ms = deadline;
    }
    connection = next;
  }
}

/* Answers a whole request, or parks it. */
static void answer(ua_fastcgi *fastcgi, ua_connection *connection)
{
  ua_input input = connection->records.input;
  if (connection->arena == NULL) {
    connection->arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  }
  if (connection->arena == NULL) {
    ua_log(UA_LOG_ERROR, UA_EVENT("no memory for a request"));
    ua_fastcgi_connection_close(connection);
    return;
  }
  input.id = connection->number;
  input.last_try =
      fastcgi->parked == UA_MAX_PARKED || ua_clock_monotonic_ms() - connection->began_ms >= UA_MAX_PARKED_MS;
  ua_text body = ua_fastcgi_streams_read(connection->arena, input.body);
  input.body = body.data == NULL ? input.body : body; /* handling the request will also run out of memory,
                                                         and report it */
  ua_text text = fastcgi->handler.answer(fastcgi->handler.context, connection->arena, &input);
  if (text.data == NULL) {
    ua_arena_reset(connection->arena);
    connection->phase = UA_CONNECTION_PARKED;
    connection->asleep = fastcgi->handler.sleeps(fastcgi->handler.context, connection->number);
    fastcgi->parked++;
    fastcgi->asleep += connection->asleep;
  } else {
    (void)ua_fastcgi_connection_answer(connection, text, ua_clock_monotonic_ms());
  }
}

/* At least two requests of the largest size, in buffers that double. */
static size_t bound_of_bytes(const ua_fastcgi *fastcgi)
{
  size_t two = 2 * 2 * (fastcgi->settings.body_limit + UA_MAX_PARAM_BYTES);
  return two > UA_MAX_HELD_BYTES ? two : UA_MAX_HELD_BYTES;
}

/* After each step: in one turn, all connections may take a step. */
static void drop_excess(ua_fastcgi *fastcgi)
{
  fastcgi->most_bytes = fastcgi->bytes > fastcgi->most_bytes ? fastcgi->bytes : fastcgi->most_bytes;
  while (fastcgi->bytes > bound_of_bytes(fastcgi) &&
         drop_oldest(fastcgi, UA_CONNECTION_READING, UA_CONNECTION_WRITING, "too many bytes")) {
  }
}

/* One step of a connection that waited for its peer. */
static void step(ua_fastcgi *fastcgi, ua_connection *connection)
{
  fastcgi->bytes -= ua_fastcgi_connection_bytes(connection);
  switch (connection->phase) {
    case UA_CONNECTION_READING:
      if (ua_fastcgi_connection_read(connection, ua_clock_monotonic_ms()) == UA_CONNECTION_WHOLE) {
        answer(fastcgi, connection);
      }
      break;
    case UA_CONNECTION_WRITING:
      (void)ua_fastcgi_connection_write(connection, ua_clock_monotonic_ms());
      break;
    case UA_CONNECTION_LINGERING:
      (void)ua_fastcgi_connection_linger(connection);
      break;
    case UA_CONNECTION_PARKED:
      unpark(fastcgi, connection);
      answer(fastcgi, connection);
      break;
    default:
      break;
  }
  leave(fastcgi, connection);
}

static size_t most_held(void)
{
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= UA_MAX_CONNECTIONS + OTHER_DESCRIPTORS) {
    return UA_MAX_CONNECTIONS;
  }
  return limit.rlim_cur > OTHER_DESCRIPTORS ? (size_t)limit.rlim_cur - OTHER_DESCRIPTORS : 1;
}

ua_fastcgi *ua_fastcgi_create(const ua_fastcgi_settings *settings, const ua_fastcgi_handler *handler)
{
  ua_fastcgi *fastcgi = calloc(1, sizeof *fastcgi);
  if (fastcgi != NULL) {
    fastcgi->settings = *settings;
    fastcgi->handler = *handler;
    fastcgi->most_held = most_held();
    fastcgi->due_ms = INT64_MAX;
  }
  return fastcgi;
}

void ua_fastcgi_destroy(ua_fastcgi **fastcgi)
{
  ua_fastcgi *gone = *fastcgi;
  *fastcgi = NULL;
  if (gone != NULL) {
    ua_fastcgi_connections_clear(&gone->held);
    free(gone);
  }
}

bool ua_fastcgi_make_room(ua_fastcgi *fastcgi)
{
  return drop_oldest(fastcgi, UA_CONNECTION_LINGERING, UA_CONNECTION_READING, "too many connections") ||
         drop_oldest(fastcgi, UA_CONNECTION_WRITING, UA_CONNECTION_WRITING, "too many connections");
}

void ua_fastcgi_accept(ua_fastcgi *fastcgi, int fd)
{
  if (fastcgi->held.count >= fastcgi->most_held) {
    (void)ua_fastcgi_make_room(fastcgi);
  }
  ua_connection *connection = ua_fastcgi_connections_add(&fastcgi->held);
  if (connection == NULL) {
    ua_log(UA_LOG_ERROR, UA_EVENT("no memory for a connection"));
    (void)close(fd);
    return;
  }
  connection->number = ++fastcgi->accepted;
  connection->epoll_fd = fastcgi->settings.epoll_fd;
  connection->records.body_limit = fastcgi->settings.body_limit;
  ua_fastcgi_connection_open(connection, fd, ua_clock_monotonic_ms());
  fastcgi->bytes += ua_fastcgi_connection_bytes(connection); /* kept from the previous connection */
  step(fastcgi, connection);
  drop_excess(fastcgi);
}

void ua_fastcgi_continue(ua_fastcgi *fastcgi, void *context, uint32_t events)
{
  ua_connection *connection = context;
  if (connection->phase == UA_CONNECTION_CLOSED) {
    return; /* dropped by an earlier event of this turn */
  }
  if (connection->phase != UA_CONNECTION_PARKED) {
    step(fastcgi, connection);
    drop_excess(fastcgi);
  } else if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    drop(fastcgi, connection, "the peer has gone");
  }
}

bool ua_fastcgi_retry(ua_fastcgi *fastcgi)
{
  size_t parked = fastcgi->parked;
  ua_connection *connection = fastcgi->held.oldest;
  while (connection != NULL && fastcgi->parked == parked) {
    ua_connection *next = connection->newer;
    if (connection->phase == UA_CONNECTION_PARKED && !connection->asleep) {
      step(fastcgi, connection);
    }
    connection = next;
  }
  drop_excess(fastcgi);
  return fastcgi->parked < parked;
}

void ua_fastcgi_wake(ua_fastcgi *fastcgi, uint64_t id)
{
  ua_connection *connection = fastcgi->held.oldest;
  while (connection != NULL && connection->number != id) {
    connection = connection->newer;
  }
  if (connection != NULL && connection->asleep) {
    connection->asleep = false;
    connection->began_ms = ua_clock_monotonic_ms();
    fastcgi->asleep--;
  }
}

/* Memory of many finished connections lies between blocks that are still in use: malloc does not return it.
 */
static void give_memory_back(ua_fastcgi *fastcgi)
{
  if (fastcgi->most_bytes >= MANY_BYTES && fastcgi->bytes <= fastcgi->most_bytes / 8) {
    (void)malloc_trim(0);
    fastcgi->most_bytes = fastcgi->bytes;
  }
}

/* A turn may take long, because it answers requests, or because the process was stopped: a peer that has sent
 * something since the turn asked epoll is not late. Neither is a peer whose event did not fit in the turn.
 * The kernel reports all peers in turn, so a round ends after as many events as there can be. */
int ua_fastcgi_settle(ua_fastcgi *fastcgi, int64_t asked_ms, int events, bool all)
{
  fastcgi->round_ms = fastcgi->round_events == 0 ? asked_ms : fastcgi->round_ms;
  fastcgi->round_events += events > 0 ? events : 0;
  if (!all && fastcgi->round_events < 2 * UA_MAX_CONNECTIONS) {
    return 0;
  }
  fastcgi->round_events = 0;
  if (fastcgi->due_ms <= fastcgi->round_ms) {
    drop_overdue(fastcgi, fastcgi->round_ms);
  }
  ua_fastcgi_connections_free_spare(&fastcgi->held, MOST_SPARE);
  give_memory_back(fastcgi);
  if (fastcgi->due_ms == INT64_MAX) {
    return -1;
  }
  int64_t left = fastcgi->due_ms - ua_clock_monotonic_ms(); /* at most the hour that a transfer may take */
  return left > 0 ? (int)left : 0;
}

bool ua_fastcgi_expects(const ua_fastcgi *fastcgi)
{
  const ua_connection *newest = fastcgi->held.newest;
  return newest != NULL && newest->phase == UA_CONNECTION_READING &&
         ua_clock_monotonic_ms() - newest->began_ms < MOMENT_MS;
}

size_t ua_fastcgi_held(const ua_fastcgi *fastcgi)
{
  return fastcgi->held.count;
}

size_t ua_fastcgi_parked(const ua_fastcgi *fastcgi)
{
  return fastcgi->parked;
}

size_t ua_fastcgi_awake(const ua_fastcgi *fastcgi)
{
  return fastcgi->parked - fastcgi->asleep;
}
