#include "fastcgi/streams.h"

#include <fastcgi.h>
#include <fcgiapp.h>
#include <limits.h>
#include <string.h>

#include "fastcgi/frames.h"

/* A whole number of eight bytes, as section 3.3 recommends. */
enum { MOST_CONTENT = FCGI_MAX_LENGTH & ~7 };

static unsigned char *bytes_of(ua_text text)
{
  return (unsigned char *)(uintptr_t)text.data; /* libfcgi does not write there: the stream is a reader */
}

/* The whole body was in the buffer. */
static void fill(FCGX_Stream *stream)
{
  stream->isClosed = 1;
}

ua_text ua_fastcgi_streams_read(ua_arena *arena, ua_text body)
{
  if (body.length == 0) {
    return UA_TEXT("");
  }
  char *copy = body.length > INT_MAX ? NULL : ua_arena_alloc(arena, body.length);
  FCGX_Stream stream = {.rdNext = bytes_of(body), .isReader = 1, .fillBuffProc = fill};
  stream.stop = stream.rdNext + body.length;
  stream.wrNext = stream.stop;
  stream.stopUnget = stream.rdNext;
  if (copy == NULL || FCGX_GetStr(copy, (int)body.length, &stream) != (int)body.length) {
    return UA_TEXT_ABSENT;
  }
  return (ua_text){copy, body.length};
}

/* Where the records go. */
typedef struct sink {
  unsigned char *header; /* of the current record; its content follows it */
  unsigned char *end;    /* end of the room for all records */
  uint16_t request_id;
} sink;

static void begin_record(FCGX_Stream *stream)
{
  sink *to = stream->data;
  size_t room = (size_t)(to->end - to->header) - UA_FRAME_HEADER_BYTES;
  stream->wrNext = to->header + UA_FRAME_HEADER_BYTES;
  stream->rdNext = stream->stop = stream->wrNext + (room < MOST_CONTENT ? room : MOST_CONTENT);
}

static void end_record(FCGX_Stream *stream)
{
  sink *to = stream->data;
  size_t length = (size_t)(stream->wrNext - to->header) - UA_FRAME_HEADER_BYTES;
  (void)ua_fastcgi_frame_header(to->header, FCGI_STDOUT, to->request_id, length);
  to->header = stream->wrNext;
}

static void empty(FCGX_Stream *stream, int closing)
{
  sink *to = stream->data;
  if (stream->wrNext > to->header + UA_FRAME_HEADER_BYTES) {
    end_record(stream);
  }
  if (closing) {
    to->header = ua_fastcgi_frame_header(to->header, FCGI_STDOUT, to->request_id, 0);
    to->header = ua_fastcgi_frame_end(to->header, to->request_id, FCGI_REQUEST_COMPLETE);
    stream->wrNext = to->header;
  } else {
    begin_record(stream);
  }
}

ua_status ua_fastcgi_streams_write(ua_arena *arena, uint16_t request_id, ua_text answer, ua_text *records_r)
{
  size_t records = answer.length / MOST_CONTENT + 2;
  size_t size = answer.length + records * UA_FRAME_HEADER_BYTES + UA_FRAME_END_BYTES;
  unsigned char *bytes = answer.length > INT_MAX / 2 ? NULL : ua_arena_alloc(arena, size);
  if (bytes == NULL) {
    return UA_INTERNAL;
  }
  sink to = {.header = bytes, .end = bytes + size, .request_id = request_id};
  FCGX_Stream stream = {.emptyBuffProc = empty, .data = &to};
  begin_record(&stream);
  if (FCGX_PutStr(answer.data, (int)answer.length, &stream) != (int)answer.length ||
      FCGX_FClose(&stream) != 0) {
    return UA_INTERNAL;
  }
  *records_r = (ua_text){(const char *)bytes, (size_t)(to.header - bytes)};
  return UA_OK;
}
