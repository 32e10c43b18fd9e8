/* Checks of the record reader that hold for any bytes from a peer. The targets differ in how they make these
 * bytes from their input. */
#ifndef UA_TESTS_FUZZ_RECORDS_H
#define UA_TESTS_FUZZ_RECORDS_H

#include <assert.h>
#include <fastcgi.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "fastcgi/records.h"

enum { BODY_LIMIT = 300, MOST_KEPT = 3 * 16 * 1024, SMALLEST_BUFFERS = 3 * 2048, REPLY_BYTES = 512 };

/* The bytes arrive in pieces of these lengths, in turn. */
typedef struct pieces {
  const uint8_t *lengths;
  size_t count;
} pieces;

/* A reader, and everything that it returned. */
typedef struct reading {
  ua_records records;
  ua_records_outcome outcome;
  size_t used;
  unsigned char replies[REPLY_BYTES];
  size_t replies_length;
} reading;

/* Memory depends on the bytes that arrived: a buffer at most doubles them, and the smallest pair has a view
 * for its two bytes. */
static inline void look_at_bounds(const ua_records *records, size_t came)
{
  const ua_input *input = &records->input;
  assert(ua_fastcgi_records_bytes(records) <= SMALLEST_BUFFERS + 2 * came + came / 2 * sizeof(ua_param));
  assert(records->reply_length <= sizeof records->reply && records->replies <= UA_RECORDS_MAX_REPLIES);
  assert(records->params.count <= UA_MAX_PARAMS && records->params.bytes <= UA_MAX_PARAM_BYTES);
  assert(records->body.length <= BODY_LIMIT);
  assert(input->param_count <= UA_MAX_PARAMS && input->param_bytes <= UA_MAX_PARAM_BYTES);
}

/* Passes a separate copy of the bytes, so that a sanitizer detects a read outside of them. */
static inline ua_records_outcome hand_over(ua_records *records, const uint8_t *bytes, size_t length,
                                           size_t *used)
{
  static uint8_t single;
  uint8_t *copy = length == 1 ? &single : malloc(length);
  assert(copy != NULL);
  memcpy(copy, bytes, length);
  ua_records_outcome outcome = ua_fastcgi_records_add(records, copy, length, used);
  if (copy != &single) {
    free(copy);
  }
  return outcome;
}

/* Adds the bytes in these pieces, and collects the replies. It adds one more piece after the outcome, which
 * must not change. */
static inline void read_pieces(reading *reading, const uint8_t *bytes, size_t length, pieces pieces)
{
  ua_records *records = &reading->records;
  records->body_limit = BODY_LIMIT;
  ua_records_outcome before = UA_RECORDS_MORE;
  for (size_t at = 0, i = 0; at < length && before == UA_RECORDS_MORE; i++) {
    size_t used = 0;
    size_t piece = pieces.count == 0 ? length : (size_t)pieces.lengths[i % pieces.count] + 1;
    piece = piece < length - at ? piece : length - at;
    before = reading->outcome;
    reading->outcome = hand_over(records, bytes + at, piece, &used);
    assert(before == UA_RECORDS_MORE || (reading->outcome == before && used == 0));
    assert(used <= piece && (reading->outcome != UA_RECORDS_MORE || used == piece));
    at += piece;
    reading->used += used;
    look_at_bounds(records, at);
    assert(records->reply_length <= sizeof reading->replies - reading->replies_length);
    memcpy(reading->replies + reading->replies_length, records->reply, records->reply_length);
    reading->replies_length += records->reply_length;
    records->reply_length = 0;
  }
}

static inline bool is_same_text(ua_text a, ua_text b)
{
  return (a.data == NULL) == (b.data == NULL) && ua_text_equal(a, b);
}

/* The number of used bytes is compared only for whole requests. */
static inline void compare(const reading *a, const reading *b)
{
  const ua_input *one = &a->records.input, *other = &b->records.input;
  assert(a->outcome == b->outcome && a->records.phase == b->records.phase && a->records.id == b->records.id);
  assert(a->records.unread == b->records.unread);
  assert(a->replies_length == b->replies_length && memcmp(a->replies, b->replies, a->replies_length) == 0);
  assert(a->outcome != UA_RECORDS_ENDED || strcmp(a->records.reason, b->records.reason) == 0);
  if (a->outcome != UA_RECORDS_WHOLE) {
    return;
  }
  assert(a->used == b->used || a->records.unread);
  assert(one->role == other->role && one->param_count == other->param_count &&
         one->param_bytes == other->param_bytes && is_same_text(one->body, other->body));
  assert(one->repeated == other->repeated && one->params_damaged == other->params_damaged &&
         one->params_too_large == other->params_too_large && one->body_damaged == other->body_damaged &&
         one->body_too_large == other->body_too_large);
  for (size_t i = 0; i < one->param_count; i++) {
    assert(is_same_text(one->params[i].name, other->params[i].name) &&
           is_same_text(one->params[i].value, other->params[i].value));
  }
}

/* A request that the reader passes on is complete and unambiguous. */
static inline void look_at_request(const reading *reading)
{
  const ua_input *input = &reading->records.input;
  bool is_refused = input->params_damaged || input->params_too_large;
  bool known = false;
  uint64_t announced = 0;
  assert(input->role == UA_ROLE_RESPONDER || input->role == UA_ROLE_AUTHORIZER);
  assert(reading->records.id != FCGI_NULL_REQUEST_ID);
  assert(input->body.data != NULL && input->body.length <= BODY_LIMIT);
  assert(!is_refused || input->param_count == 0);
  for (size_t i = 0; i < input->param_count; i++) {
    const ua_param *param = &input->params[i];
    assert(!ua_text_has_nul(param->name) && !ua_text_has_nul(param->value));
    assert(param->name.length == 0 || memchr(param->name.data, '=', param->name.length) == NULL);
  }
  if (input->role == UA_ROLE_RESPONDER && !reading->records.unread && !input->body_damaged) {
    assert(ua_http_input_length(input, &known, &announced));
    assert(!known || announced == input->body.length);
  }
  assert(!(input->body_damaged || input->body_too_large) || input->body.length == 0);
}

/* The replies are complete records of our types. */
static inline void look_at_replies(const reading *reading)
{
  size_t at = 0;
  while (at < reading->replies_length) {
    const unsigned char *header = reading->replies + at;
    assert(reading->replies_length - at >= FCGI_HEADER_LEN && header[0] == FCGI_VERSION_1);
    assert(header[1] == FCGI_END_REQUEST || header[1] == FCGI_GET_VALUES_RESULT ||
           header[1] == FCGI_UNKNOWN_TYPE);
    at += FCGI_HEADER_LEN + ((size_t)header[4] << 8 | header[5]) + header[6];
  }
  assert(at == reading->replies_length);
}

/* The reader serves the next connection, whatever came before. */
static inline void serve_another(ua_records *records)
{
  static const uint8_t next[] =
      "\1\1\0\7\0\10\0\0\0\1\0\0\0\0\0\0"
      "\1\4\0\7\0\22\0\0\16\2CONTENT_LENGTH11\1\4\0\7\0\0\0\0"
      "\1\5\0\7\0\13\0\0hello world\1\5\0\7\0\0\0\0";
  size_t used = 0;
  ua_fastcgi_records_reset(records);
  assert(ua_fastcgi_records_bytes(records) <= MOST_KEPT);
  assert(ua_fastcgi_records_add(records, next, sizeof next - 1, &used) == UA_RECORDS_WHOLE);
  assert(used == sizeof next - 1 && !records->unread && records->id == 7 && records->input.param_count == 1);
  assert(!records->input.body_damaged && ua_text_equal(records->input.body, UA_TEXT("hello world")));
  ua_fastcgi_records_free(records);
  assert(ua_fastcgi_records_bytes(records) == 0);
}

/* Takes the sizes of the pieces from the beginning of the input. */
static inline pieces take_pieces(const uint8_t **data, size_t *size)
{
  pieces taken = {.count = 0};
  if (*size > 0) {
    size_t count = **data % 16;
    *data += 1;
    *size -= 1;
    count = count < *size ? count : *size;
    taken = (pieces){*data, count};
    *data += count;
    *size -= count;
  }
  return taken;
}

/* Reads the bytes at once, one by one, and in pieces: the results are the same. */
static inline void read_in_three_ways(const uint8_t *bytes, size_t length, pieces cut)
{
  static reading readings[3];
  const uint8_t none[] = {0};
  const pieces ways[] = {{.count = 0}, {none, 1}, cut};
  for (size_t i = 0; i < 3; i++) {
    readings[i] = (reading){.outcome = UA_RECORDS_MORE};
    read_pieces(&readings[i], bytes, length, ways[i]);
    look_at_replies(&readings[i]);
    if (readings[i].outcome == UA_RECORDS_WHOLE) {
      look_at_request(&readings[i]);
    }
    compare(&readings[0], &readings[i]);
  }
  for (size_t i = 0; i < 3; i++) {
    serve_another(&readings[i].records);
  }
}

#endif
