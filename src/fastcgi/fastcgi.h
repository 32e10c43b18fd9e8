/* The only room that knows libfcgi: one accepted connection in, one request answered.
 * FastCGI specification 1.0; the connection is always closed after the request, FCGI_KEEP_CONN is not
 * honoured (it would pin a worker to one peer). */
#ifndef UA_FASTCGI_FASTCGI_H
#define UA_FASTCGI_FASTCGI_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "http/request.h"

typedef struct ua_fastcgi ua_fastcgi;

typedef struct ua_fastcgi_settings {
  size_t body_limit;      /* bytes of a request body */
  int io_timeout_seconds; /* for each read and write, and for the first byte */
} ua_fastcgi_settings;

/* Answers `input` with the bytes of a whole CGI response, allocated in `arena`. Absent text means
 * that there is none: the connection is then closed without an answer. */
typedef ua_text ua_fastcgi_handler(void *context, ua_arena *arena, const ua_input *input);

/* Call once in the process that serves, after fork: libfcgi's signal handlers are replaced by ours
 * (SIGPIPE ignored). NULL when out of memory. */
ua_fastcgi *ua_fastcgi_create(const ua_fastcgi_settings *settings);

void ua_fastcgi_destroy(ua_fastcgi **fastcgi);

/* Serves the one request of the connected socket `fd`, which it takes over and closes in any case.
 * Blocks until answered, at most io_timeout_seconds for each read or write. The arena is reset
 * afterwards. UA_OK when an answer was sent whole; UA_BAD_REQUEST when the peer spoke no FastCGI or
 * went away before it had sent a request; UA_UNAVAILABLE when the answer could not be written. */
UA_CHECK ua_status ua_fastcgi_serve(ua_fastcgi *fastcgi, int fd, ua_arena *arena, ua_fastcgi_handler *handler,
                                    void *context);

#endif
