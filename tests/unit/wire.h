/* Bytes as a web server sends them (FastCGI specification sections 3.3 and 3.4), also wrong ones. */
#ifndef UA_TESTS_UNIT_WIRE_H
#define UA_TESTS_UNIT_WIRE_H

#include <fastcgi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { WIRE_BYTES = 1 << 20, WIRE_LONG_LENGTH = 128 };

/* Bytes beyond its size are dropped: no test sends that many. */
typedef struct wire {
  size_t length;
  unsigned char bytes[WIRE_BYTES];
} wire;

static inline void wire_add(wire *to, const void *bytes, size_t length)
{
  if (length > 0 && length <= WIRE_BYTES - to->length) {
    memcpy(to->bytes + to->length, bytes, length);
    to->length += length;
  }
}

/* A record with padding and a reserved byte that are not zero: every reader must ignore them. */
static inline void wire_record(wire *to, unsigned type, unsigned id, const void *content, size_t length,
                               size_t padding)
{
  const unsigned char header[FCGI_HEADER_LEN] = {FCGI_VERSION_1,
                                                 (unsigned char)type,
                                                 (unsigned char)(id >> 8),
                                                 (unsigned char)id,
                                                 (unsigned char)(length >> 8),
                                                 (unsigned char)length,
                                                 (unsigned char)padding,
                                                 0xEE};
  unsigned char filling[255];
  memset(filling, FCGI_VERSION_1, sizeof filling);
  wire_add(to, header, sizeof header);
  wire_add(to, content, length);
  wire_add(to, filling, padding);
}

static inline void wire_begin(wire *to, unsigned role, unsigned id, size_t padding)
{
  const unsigned char body[] = {
      (unsigned char)(role >> 8), (unsigned char)role, FCGI_KEEP_CONN, 1, 2, 3, 4, 5};
  wire_record(to, FCGI_BEGIN_REQUEST, id, body, sizeof body, padding);
}

/* Adds a length in one byte if it fits, unless `longer` requires the long form. */
static inline void wire_length(wire *to, size_t length, bool longer)
{
  const unsigned char encoded[] = {(unsigned char)(length >> 24 | 0x80), (unsigned char)(length >> 16),
                                   (unsigned char)(length >> 8), (unsigned char)length};
  if (longer || length >= WIRE_LONG_LENGTH) {
    wire_add(to, encoded, sizeof encoded);
  } else {
    wire_add(to, encoded + 3, 1);
  }
}

/* A pair for a record's content. */
static inline void wire_pair(wire *to, const void *name, size_t name_length, const void *value,
                             size_t value_length)
{
  wire_length(to, name_length, false);
  wire_length(to, value_length, false);
  wire_add(to, name, name_length);
  wire_add(to, value, value_length);
}

/* A stream's content in records of at most `most` bytes, without its end. */
static inline void wire_stream(wire *to, unsigned type, unsigned id, const void *content, size_t length,
                               size_t most)
{
  for (size_t at = 0; at < length; at += most) {
    wire_record(to, type, id, (const char *)content + at, length - at < most ? length - at : most, at % 8);
  }
}

#endif
