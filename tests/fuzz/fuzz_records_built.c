/* The input has two parts: the sizes of the pieces, and a list of records to build. Built records have valid
 * headers, lengths and order more often than random bytes. */
#include "../unit/wire.h"
#include "records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_BYTES = 2048 };

typedef struct source {
  const uint8_t *bytes;
  size_t left;
} source;

static wire sent;
static wire content; /* pairs for the next PARAMS or GET_VALUES */

static unsigned next(source *from)
{
  if (from->left == 0) {
    return 0;
  }
  from->left--;
  return *from->bytes++;
}

/* Up to `most` bytes of the input. */
static ua_text next_bytes(source *from, size_t most)
{
  size_t length = next(from) % (most + 1);
  length = length < from->left ? length : from->left;
  ua_text bytes = {(const char *)from->bytes, length};
  from->bytes += length;
  from->left -= length;
  return bytes;
}

/* Mostly the same id, so that requests are completed. */
static unsigned next_id(source *from)
{
  static const unsigned ids[] = {2, 0, 0xABCD, 256};
  unsigned byte = next(from);
  return byte < 240 ? 1 : ids[byte % 4];
}

static size_t next_padding(source *from)
{
  unsigned byte = next(from);
  return byte < 128 ? 0 : byte;
}

static void build_pair(source *from)
{
  static const char *const names[] = {"CONTENT_LENGTH", "REQUEST_METHOD",  "REQUEST_URI",
                                      "FCGI_MAX_CONNS", "FCGI_MPXS_CONNS", "FCGI_MAX_REQS"};
  unsigned which = next(from) % 8;
  ua_text name = which < 6 ? ua_text_of(names[which]) : next_bytes(from, 200);
  ua_text value = next_bytes(from, 200);
  if (which == 7) {
    wire_length(&content, name.length, true);
    wire_length(&content, value.length, true);
    wire_add(&content, name.data, name.length);
    wire_add(&content, value.data, value.length);
  } else {
    wire_pair(&content, name.data, name.length, value.data, value.length);
  }
}

/* Large lengths, with few or no bytes after them. */
static void build_lengths(source *from)
{
  for (int i = 0; i < 2; i++) {
    size_t length = (size_t)next(from) << 24 | next(from) << 16 | next(from) << 8 | next(from);
    wire_length(&content, length >> (next(from) % 24) & 0x7FFFFFFF, true);
  }
}

static void build_content(source *from, unsigned type, unsigned id)
{
  size_t most = (size_t)next(from) * 8 + 1;
  if (type == FCGI_PARAMS) {
    wire_stream(&sent, type, id, content.bytes, content.length, most);
  } else {
    size_t length =
        content.length < UA_MAX_MANAGEMENT_BYTES + 1 ? content.length : UA_MAX_MANAGEMENT_BYTES + 1;
    wire_record(&sent, type, id, content.bytes, length, next_padding(from));
  }
  content.length = 0;
}

static void build_body(source *from)
{
  static const char filling[4 * 255];
  ua_text few = next_bytes(from, 40);
  size_t length = few.length == 0 ? (size_t)next(from) * 4 : few.length;
  wire_record(&sent, FCGI_STDIN, next_id(from), few.length == 0 ? filling : few.data, length,
              next_padding(from));
}

static void build_next(source *from)
{
  ua_text bytes;
  switch (next(from) % 12) {
    case 0:
      wire_begin(&sent, next(from) % 8 < 6 ? 1 + next(from) % 2 : next(from), next_id(from),
                 next_padding(from));
      break;
    case 1:
      build_pair(from);
      break;
    case 2:
      build_content(from, FCGI_PARAMS, next_id(from));
      break;
    case 3:
      wire_record(&sent, FCGI_PARAMS, next_id(from), "", 0, next_padding(from));
      break;
    case 4:
      build_body(from);
      break;
    case 5:
      wire_record(&sent, FCGI_STDIN, next_id(from), "", 0, next_padding(from));
      break;
    case 6:
      wire_record(&sent, FCGI_ABORT_REQUEST, next_id(from), "", 0, next_padding(from));
      break;
    case 7:
      build_content(from, FCGI_GET_VALUES, 0);
      break;
    case 8:
      bytes = next_bytes(from, 255);
      wire_record(&sent, next(from), next_id(from), bytes.data, bytes.length, next_padding(from));
      break;
    case 9:
      for (unsigned i = next(from) * 3; i > 0; i--) {
        wire_pair(&content, "", 0, "", 0);
      }
      break;
    case 10:
      bytes = next_bytes(from, 64);
      wire_add(&sent, bytes.data, bytes.length);
      break;
    default:
      build_lengths(from);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  pieces cut = take_pieces(&data, &size);
  source from = {data, size};
  sent.length = content.length = 0;
  while (from.left > 0 && sent.length < MOST_BYTES) {
    build_next(&from);
  }
  read_in_three_ways(sent.bytes, sent.length, cut);
  return 0;
}
