/* One connection of a web server: reads a request and writes its answer, without ever blocking. It serves one
 * request and is then closed: FCGI_KEEP_CONN is ignored, because it would bind workers to peers. */
#ifndef UA_FASTCGI_CONNECTION_H
#define UA_FASTCGI_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "fastcgi/records.h"

typedef enum ua_connection_phase {
  UA_CONNECTION_CLOSED = 0,
  UA_CONNECTION_READING,
  UA_CONNECTION_WHOLE,  /* a whole request has arrived and can be answered */
  UA_CONNECTION_PARKED, /* it waits for its turn */
  UA_CONNECTION_WRITING,
  UA_CONNECTION_LINGERING /* the answer is sent; what the peer still sends is read, because a reset could
                             destroy the answer */
} ua_connection_phase;

/* How long a peer may take, in milliseconds. */
typedef struct ua_connection_limits {
  int64_t begin_ms;    /* from accept to the first 16 bytes */
  int64_t idle_ms;     /* without a byte, reading or writing */
  int64_t transfer_ms; /* from accept to a whole request; for a whole answer */
} ua_connection_limits;

typedef struct ua_connection {
  struct ua_connection *older, *newer; /* the owner's list */
  ua_connection_phase phase;
  int fd;
  int epoll_fd;     /* the owner's */
  uint32_t watched; /* the owner's: epoll events asked for there, 0 while it is not watched */
  uint64_t number;  /* the owner's: identifies the connection for ever */
  bool asleep;      /* of a parked one: not tried until it is woken */
  int64_t began_ms; /* start of the phase; while reading, of the connection; or when it was woken */
  int64_t progress_ms;
  size_t received; /* bytes */
  ua_records records;
  ua_arena *arena; /* of its request, while that is answered; NULL until it has one */
  ua_text unsent;  /* of the answer; within the arena, or `rest` */
  ua_buffer rest;  /* what the peer did not take at once */
} ua_connection;

/* Begins to read a request from a connected socket, and owns the socket from then on. */
void ua_fastcgi_connection_open(ua_connection *connection, int fd, int64_t now_ms);

/* Each of these does what is possible without blocking, in the phase of its name, and returns the next phase.
 * A connection that has nothing left to do is closed. */
ua_connection_phase ua_fastcgi_connection_read(ua_connection *connection, int64_t now_ms);
ua_connection_phase ua_fastcgi_connection_answer(ua_connection *connection, ua_text answer, int64_t now_ms);
ua_connection_phase ua_fastcgi_connection_write(ua_connection *connection, int64_t now_ms);
ua_connection_phase ua_fastcgi_connection_linger(ua_connection *connection);

/* When the peer will have taken too long, in the current phase. INT64_MAX for a request that is being
 * answered or waits. */
int64_t ua_fastcgi_connection_deadline(const ua_connection *connection, const ua_connection_limits *limits);

/* Bytes of memory that it uses while it waits for its peer, without the small fixed part of every connection.
 */
size_t ua_fastcgi_connection_bytes(const ua_connection *connection);

/* Closes the socket and wipes the request and the answer. */
void ua_fastcgi_connection_close(ua_connection *connection);

#endif
