/* A worker's connections to web servers (FastCGI specification 1.0): whole requests out, answers in, nothing
 * that waits. A peer that stalls costs a descriptor and the bytes that it has sent, and is dropped in time; a
 * request is handled when it is whole.
 *
 * The owner waits on the epoll instance that it hands over. An event whose data.ptr is none of the owner's is
 * a connection's. */
#ifndef UA_FASTCGI_FASTCGI_H
#define UA_FASTCGI_FASTCGI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "fastcgi/connection.h"
#include "http/input.h"

typedef struct ua_fastcgi ua_fastcgi;

typedef struct ua_fastcgi_settings {
  int epoll_fd;      /* the owner's */
  size_t body_limit; /* bytes of a request's body */
  ua_connection_limits limits;
} ua_fastcgi_settings;

/* Who answers. */
typedef struct ua_fastcgi_handler {
  /* Answers `input` with the bytes of a whole CGI response, allocated in `arena`. Absent text: the request
   * has to wait, and is handed in again from its beginning by ua_fastcgi_retry, in an empty arena. */
  ua_text (*answer)(void *context, ua_arena *arena, const ua_input *input);
  /* Whether a request that has just been told to wait sleeps: it is not tried until ua_fastcgi_wake. */
  bool (*sleeps)(void *context, uint64_t id);
  /* A request that waited will not come again: its peer has gone. */
  void (*forget)(void *context, uint64_t id);
  void *context;
} ua_fastcgi_handler;

/* NULL when out of memory. */
ua_fastcgi *ua_fastcgi_create(const ua_fastcgi_settings *settings, const ua_fastcgi_handler *handler);

/* Closes all connections. *fastcgi may be NULL. */
void ua_fastcgi_destroy(ua_fastcgi **fastcgi);

/* Takes over a connected socket, reads what has come, and answers it if it is a whole request. Blocks as the
 * handler does; so do the next two. Where UA_MAX_CONNECTIONS are held already, or as many as there are
 * descriptors for, the oldest that has sent no whole request goes. */
void ua_fastcgi_accept(ua_fastcgi *fastcgi, int fd);

/* Drops the oldest connection that is not being answered: for its descriptor. False where there is none. */
bool ua_fastcgi_make_room(ua_fastcgi *fastcgi);

/* Goes on with the connection that an event of epoll is about. */
void ua_fastcgi_continue(ua_fastcgi *fastcgi, void *connection, uint32_t events);

/* Tries the requests again that wait for their turn and do not sleep, the oldest first, until one is
 * answered: true then, and the others are for the next call, because peers are waiting too. One that has been
 * awake for UA_MAX_PARKED_MS is told that this is its last try. */
bool ua_fastcgi_retry(ua_fastcgi *fastcgi);

/* The request is to be tried again, if it sleeps. */
void ua_fastcgi_wake(ua_fastcgi *fastcgi, uint64_t id);

/* At the end of each turn, when no event of it is left: drops the peers that have taken too long. At
 * `asked_ms` the turn asked epoll for its `events` (-1: it was interrupted); `all`: there were no others.
 * Returns the milliseconds until it has to be called again, at the latest; -1 where nothing is due. */
int ua_fastcgi_settle(ua_fastcgi *fastcgi, int64_t asked_ms, int events, bool all);

/* Whether the newest connection was accepted a moment ago (5 ms) and its request has not come whole: it will.
 */
bool ua_fastcgi_expects(const ua_fastcgi *fastcgi);

/* Connections; of those the requests that wait; of those the ones that do not sleep. */
size_t ua_fastcgi_held(const ua_fastcgi *fastcgi);
size_t ua_fastcgi_parked(const ua_fastcgi *fastcgi);
size_t ua_fastcgi_awake(const ua_fastcgi *fastcgi);

#endif
