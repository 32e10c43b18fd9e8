#include "fastcgi/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { SMALLEST = 2048, MOST_KEPT = 16 * 1024 };

/* Not realloc: when it moves data, it does not wipe the old copy, which may hold passwords and tokens. */
static bool grow(ua_buffer *buffer, size_t need)
{
  size_t size = buffer->size == 0 ? SMALLEST : buffer->size;
  while (size < need) {
    size *= 2;
  }
  char *larger = malloc(size);
  if (larger == NULL) {
    ua_log(UA_LOG_ERROR, UA_EVENT("out of memory"), ua_log_int("bytes", (int64_t)size));
    return false;
  }
  if (buffer->length > 0) {
    memcpy(larger, buffer->data, buffer->length);
    explicit_bzero(buffer->data, buffer->length);
  }
  free(buffer->data);
  buffer->data = larger;
  buffer->size = size;
  return true;
}

bool ua_fastcgi_buffer_append(ua_buffer *buffer, const void *bytes, size_t length)
{
  if (length > buffer->size - buffer->length && !grow(buffer, buffer->length + length)) {
    return false;
  }
  if (length > 0) {
    memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
  }
  return true;
}

void ua_fastcgi_buffer_reset(ua_buffer *buffer)
{
  if (buffer->size > MOST_KEPT) {
    ua_fastcgi_buffer_free(buffer);
  } else if (buffer->length > 0) {
    explicit_bzero(buffer->data, buffer->length);
    buffer->length = 0;
  }
}

void ua_fastcgi_buffer_free(ua_buffer *buffer)
{
  if (buffer->length > 0) {
    explicit_bzero(buffer->data, buffer->length);
  }
  free(buffer->data);
  *buffer = (ua_buffer){.data = NULL};
}
