/* A worker's connections to web servers (FastCGI specification 1.0): it gives out whole requests, takes
 * answers, and never blocks. A peer that stalls costs a descriptor and the bytes that it has sent, and is
 * dropped after a time; a request is handled when it is whole.
 *
 * The owner waits on its own epoll instance. An event whose data.ptr is none of the owner's belongs to a
 * connection. */
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

/* The functions that answer. */
typedef struct ua_fastcgi_handler {
  /* Answers `input` with the bytes of a whole CGI response, allocated in `arena`. Absent text: the request
   * has to wait, and ua_fastcgi_retry passes it again from its beginning, in an empty arena. */
  ua_text (*answer)(void *context, ua_arena *arena, const ua_input *input);
  /* Whether a request that now has to wait sleeps: it is not tried until ua_fastcgi_wake. */
  bool (*sleeps)(void *context, uint64_t id);
  /* A waiting request will not be tried again: its peer has closed the connection. */
  void (*forget)(void *context, uint64_t id);
  void *context;
} ua_fastcgi_handler;

/* NULL when out of memory. */
ua_fastcgi *ua_fastcgi_create(const ua_fastcgi_settings *settings, const ua_fastcgi_handler *handler);

/* Closes all connections. *fastcgi may be NULL. */
void ua_fastcgi_destroy(ua_fastcgi **fastcgi);

/* Takes over a connected socket, reads what has arrived, and answers it if it is a whole request. Blocks as
 * the handler does; so do the next two. If UA_MAX_CONNECTIONS, or all that descriptors allow, are held
 * already, it drops the oldest connection without a whole request. */
void ua_fastcgi_accept(ua_fastcgi *fastcgi, int fd);

/* Drops the oldest connection that is not being answered, to free its descriptor. False if there is none. */
bool ua_fastcgi_make_room(ua_fastcgi *fastcgi);

/* Continues with the connection of an epoll event. */
void ua_fastcgi_continue(ua_fastcgi *fastcgi, void *connection, uint32_t events);

/* Tries the waiting requests that do not sleep again, the oldest first, until one is answered. Then it
 * returns true, and leaves the others to the next call, because peers wait, too. A request that has been
 * awake for UA_MAX_PARKED_MS has input.last_try set. */
bool ua_fastcgi_retry(ua_fastcgi *fastcgi);

/* The request is to be tried again, if it sleeps. */
void ua_fastcgi_wake(ua_fastcgi *fastcgi, uint64_t id);

/* Call it at the end of each turn, after all its events. Drops the peers that have taken too long. At
 * `asked_ms` the turn asked epoll for its `events` (-1: it was interrupted); `all`: there were no others.
 * Returns after how many milliseconds to call it again at the latest; -1 if nothing is due. */
int ua_fastcgi_settle(ua_fastcgi *fastcgi, int64_t asked_ms, int events, bool all);

/* Whether the newest connection was accepted a moment ago (5 ms) and its request is not yet complete: it will
 * be. */
bool ua_fastcgi_expects(const ua_fastcgi *fastcgi);

/* The numbers of connections, of waiting requests among them, and of those that do not sleep. */
size_t ua_fastcgi_held(const ua_fastcgi *fastcgi);
size_t ua_fastcgi_parked(const ua_fastcgi *fastcgi);
size_t ua_fastcgi_awake(const ua_fastcgi *fastcgi);

#endif
