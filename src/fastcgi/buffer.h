/* Bytes that arrive in pieces: grows by what has arrived, never by an announced length, and is wiped. */
#ifndef UA_FASTCGI_BUFFER_H
#define UA_FASTCGI_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ua_buffer {
  char *data; /* NULL while it is empty */
  size_t length;
  size_t size;
} ua_buffer;

/* Adds bytes; `data` may move. False when out of memory, and nothing has changed then. */
bool ua_fastcgi_buffer_append(ua_buffer *buffer, const void *bytes, size_t length);

/* Empties it for the next request. Keeps the memory if it is small. */
void ua_fastcgi_buffer_reset(ua_buffer *buffer);

/* Frees it; empty afterwards. */
void ua_fastcgi_buffer_free(ua_buffer *buffer);

#endif
