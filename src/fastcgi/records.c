#include "fastcgi/records.h"

#include <fastcgi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "fastcgi/frames.h"

/* Section 3.3. */
typedef struct record_header {
  unsigned char version;
  unsigned char type;
  uint16_t id;
  size_t content;
  size_t padding;
} record_header;

static record_header read_header(const ua_records *records)
{
  const unsigned char *at = records->header;
  return (record_header){.version = at[0],
                         .type = at[1],
                         .id = (uint16_t)(at[2] << 8 | at[3]),
                         .content = (size_t)at[4] << 8 | at[5],
                         .padding = at[6]};
}

static ua_records_outcome finish(ua_records *records, ua_records_outcome outcome)
{
  records->phase = UA_RECORDS_DONE;
  records->outcome = outcome;
  return outcome;
}

static ua_records_outcome end(ua_records *records, const char *reason)
{
  records->reason = reason;
  return finish(records, UA_RECORDS_ENDED);
}

/* Ends the request as it is, although the peer has not sent all of it. */
static ua_records_outcome cut_short(ua_records *records)
{
  records->unread = true;
  records->input.body = UA_TEXT("");
  return finish(records, UA_RECORDS_WHOLE);
}

/* --- replies that are sent at once --- */

/* Room for one more reply; NULL if the peer has asked too often. */
static unsigned char *begin_reply(ua_records *records)
{
  if (records->replies == UA_RECORDS_MAX_REPLIES) {
    return NULL;
  }
  records->replies++;
  return records->reply + records->reply_length;
}

static ua_records_outcome end_reply(ua_records *records, const unsigned char *behind)
{
  records->reply_length = (size_t)(behind - records->reply);
  return UA_RECORDS_MORE;
}

static ua_records_outcome reply_end(ua_records *records, uint16_t id, unsigned char protocol_status)
{
  unsigned char *out = begin_reply(records);
  if (out == NULL) {
    return end(records, "too many records beside the request");
  }
  return end_reply(records, ua_fastcgi_frame_end(out, id, protocol_status));
}

/* Section 4.2. */
static ua_records_outcome reply_unknown_type(ua_records *records, unsigned char type)
{
  const unsigned char body[sizeof(FCGI_UnknownTypeBody)] = {type};
  unsigned char *out = begin_reply(records);
  if (out == NULL) {
    return end(records, "too many records beside the request");
  }
  out = ua_fastcgi_frame_header(out, FCGI_UNKNOWN_TYPE, FCGI_NULL_REQUEST_ID, sizeof body);
  return end_reply(records, mempcpy(out, body, sizeof body));
}

/* Section 4.1: each known name once, however often it was asked for. */
static ua_records_outcome reply_values(ua_records *records)
{
  static const struct {
    const char *name;
    int value;
  } known[] = {
      {FCGI_MAX_CONNS, UA_MAX_CONNECTIONS}, {FCGI_MAX_REQS, UA_MAX_CONNECTIONS}, {FCGI_MPXS_CONNS, 0}};
  char pairs[UA_RECORDS_REPLY_BYTES - UA_FRAME_HEADER_BYTES];
  size_t length = 0;
  _Static_assert(UA_MAX_CONNECTIONS < 1000, "three digits: all pairs and their end have 56 bytes");
  if (records->asked.damaged || !ua_fastcgi_params_is_complete(&records->asked)) {
    return end(records, "names of values that are damaged");
  }
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    if (ua_fastcgi_params_has(&records->asked, known[i].name)) {
      char value[16];
      int digits = snprintf(value, sizeof value, "%d", known[i].value);
      length += (size_t)snprintf(pairs + length, sizeof pairs - length, "%c%c%s%s",
                                 (char)strlen(known[i].name), (char)digits, known[i].name, value);
    }
  }
  ua_fastcgi_params_reset(&records->asked);
  unsigned char *out = begin_reply(records);
  if (out == NULL) {
    return end(records, "too many records beside the request");
  }
  out = ua_fastcgi_frame_header(out, FCGI_GET_VALUES_RESULT, FCGI_NULL_REQUEST_ID, length);
  return end_reply(records, mempcpy(out, pairs, length));
}

/* --- BEGIN_REQUEST, section 5.1 --- */

static ua_records_outcome begin_request(ua_records *records, uint16_t id)
{
  const unsigned char *body = records->small;
  int role = body[0] << 8 | body[1];
  if (records->phase != UA_RECORDS_BEGIN) {
    return reply_end(records, id, FCGI_CANT_MPX_CONN);
  }
  if (role != FCGI_RESPONDER && role != FCGI_AUTHORIZER) {
    ua_records_outcome replied = reply_end(records, id, FCGI_UNKNOWN_ROLE);
    return replied == UA_RECORDS_MORE ? end(records, "a role that is none of ours") : replied;
  }
  records->id = id;
  records->input = (ua_input){.role = (ua_role_kind)role, .body = UA_TEXT("")};
  records->phase = UA_RECORDS_PARAMS;
  return UA_RECORDS_MORE;
}

/* --- PARAMS, section 5.2 --- */

static ua_records_outcome add_params(ua_records *records, const unsigned char *bytes, size_t length)
{
  switch (ua_fastcgi_params_add(&records->params, bytes, length)) {
    case UA_PARAMS_OK:
      return UA_RECORDS_MORE;
    case UA_PARAMS_TOO_LARGE:
      records->input.params_too_large = true;
      return cut_short(records);
    default:
      return end(records, "no memory");
  }
}

/* The limit of the body is known now. */
static ua_records_outcome end_params(ua_records *records)
{
  ua_input *input = &records->input;
  uint64_t announced = 0;
  if (!ua_fastcgi_params_is_complete(&records->params)) {
    return end(records, "parameters cut short");
  }
  input->params = calloc(records->params.count + 1, sizeof *input->params);
  if (input->params == NULL) {
    return end(records, "no memory");
  }
  ua_fastcgi_params_collect(&records->params, input);
  if (input->role == UA_ROLE_AUTHORIZER) {
    records->unread = true; /* some web servers send an empty STDIN to authorizers too */
    return finish(records, UA_RECORDS_WHOLE);
  }
  if (!ua_http_input_length(input, &records->stdin_known, &announced)) {
    return cut_short(records);
  }
  if (announced > records->body_limit) {
    input->body_too_large = true;
    return cut_short(records);
  }
  records->stdin_limit = records->stdin_known ? (size_t)announced : records->body_limit;
  records->phase = UA_RECORDS_STDIN;
  return UA_RECORDS_MORE;
}

/* --- STDIN, section 5.3 --- */

static ua_records_outcome add_stdin(ua_records *records, const unsigned char *bytes, size_t length)
{
  if (length > records->stdin_limit - records->body.length) {
    records->input.body_too_large = !records->stdin_known;
    records->input.body_damaged = records->stdin_known;
    return cut_short(records);
  }
  return ua_fastcgi_buffer_append(&records->body, bytes, length) ? UA_RECORDS_MORE
                                                                 : end(records, "no memory");
}

static ua_records_outcome end_stdin(ua_records *records)
{
  ua_input *input = &records->input;
  input->body_damaged = records->stdin_known && records->body.length != records->stdin_limit;
  if (!input->body_damaged && records->body.length > 0) {
    input->body = (ua_text){records->body.data, records->body.length};
  }
  return finish(records, UA_RECORDS_WHOLE);
}

/* --- records --- */

/* Whether to ignore a record's content, as section 3.3 allows. */
static bool is_ignored(const ua_records *records, const record_header *header)
{
  return header->id != FCGI_NULL_REQUEST_ID && header->type != FCGI_BEGIN_REQUEST &&
         (records->phase == UA_RECORDS_BEGIN || header->id != records->id);
}

/* The header is complete: a record that is not allowed now, or not in this form, ends the connection. */
static ua_records_outcome begin_record(ua_records *records)
{
  record_header header = read_header(records);
  bool is_management = header.id == FCGI_NULL_REQUEST_ID;
  records->content_left = header.content;
  records->padding_left = header.padding;
  records->small_length = 0;
  if (header.version != FCGI_VERSION_1) {
    return end(records, "no FastCGI of version 1");
  }
  if (is_management) {
    bool is_ours = header.type < FCGI_GET_VALUES;
    return is_ours || header.content > UA_MAX_MANAGEMENT_BYTES ? end(records, "a record of no request")
                                                               : UA_RECORDS_MORE;
  }
  if (header.type == FCGI_BEGIN_REQUEST) {
    bool again = records->phase != UA_RECORDS_BEGIN && header.id == records->id;
    return again || header.content != sizeof(FCGI_BeginRequestBody)
               ? end(records, "a request that begins badly")
               : UA_RECORDS_MORE;
  }
  if (is_ignored(records, &header) || header.type == FCGI_ABORT_REQUEST ||
      (header.type == FCGI_PARAMS && records->phase == UA_RECORDS_PARAMS) ||
      (header.type == FCGI_STDIN && records->phase == UA_RECORDS_STDIN)) {
    return UA_RECORDS_MORE;
  }
  return end(records, "a record out of order");
}

/* Some bytes of the current record's content. */
static ua_records_outcome add_content(ua_records *records, const unsigned char *bytes, size_t length)
{
  record_header header = read_header(records);
  if (header.id == FCGI_NULL_REQUEST_ID) {
    return header.type != FCGI_GET_VALUES ||
                   ua_fastcgi_params_add(&records->asked, bytes, length) == UA_PARAMS_OK
               ? UA_RECORDS_MORE
               : end(records, "names of values too large");
  }
  if (header.type == FCGI_BEGIN_REQUEST) {
    memcpy(records->small + records->small_length, bytes, length);
    records->small_length += length;
    return UA_RECORDS_MORE;
  }
  if (is_ignored(records, &header) || header.type == FCGI_ABORT_REQUEST) {
    return UA_RECORDS_MORE;
  }
  return header.type == FCGI_PARAMS ? add_params(records, bytes, length) : add_stdin(records, bytes, length);
}

/* The current record is complete, padding included. */
static ua_records_outcome end_record(ua_records *records)
{
  record_header header = read_header(records);
  if (header.id == FCGI_NULL_REQUEST_ID) {
    return header.type == FCGI_GET_VALUES ? reply_values(records) : reply_unknown_type(records, header.type);
  }
  if (header.type == FCGI_BEGIN_REQUEST) {
    return begin_request(records, header.id);
  }
  if (is_ignored(records, &header)) {
    return UA_RECORDS_MORE;
  }
  if (header.type == FCGI_ABORT_REQUEST) {
    ua_records_outcome replied = reply_end(records, header.id, FCGI_REQUEST_COMPLETE);
    return replied == UA_RECORDS_MORE ? end(records, "aborted by the peer") : replied;
  }
  if (header.content > 0) {
    return UA_RECORDS_MORE;
  }
  return header.type == FCGI_PARAMS ? end_params(records) : end_stdin(records);
}

/* Takes bytes of the part that is due: header, content, padding. */
static ua_records_outcome add_part(ua_records *records, const unsigned char *bytes, size_t length,
                                   size_t *used_r)
{
  size_t header_left = UA_FRAME_HEADER_BYTES - records->header_length;
  size_t left = header_left > 0 ? header_left : records->content_left + records->padding_left;
  size_t taken = length < left ? length : left;
  ua_records_outcome outcome = UA_RECORDS_MORE;
  if (header_left > 0) {
    memcpy(records->header + records->header_length, bytes, taken);
    records->header_length += taken;
    outcome = taken == header_left ? begin_record(records) : UA_RECORDS_MORE;
  } else if (records->content_left > 0) {
    taken = taken < records->content_left ? taken : records->content_left;
    outcome = add_content(records, bytes, taken);
    records->content_left -= taken;
  } else {
    records->padding_left -= taken;
  }
  *used_r = taken;
  return outcome;
}

static bool record_is_whole(const ua_records *records)
{
  return records->header_length == UA_FRAME_HEADER_BYTES && records->content_left == 0 &&
         records->padding_left == 0;
}

ua_records_outcome ua_fastcgi_records_add(ua_records *records, const unsigned char *bytes, size_t length,
                                          size_t *used_r)
{
  ua_records_outcome outcome = records->phase == UA_RECORDS_DONE ? records->outcome : UA_RECORDS_MORE;
  size_t used = 0;
  while (outcome == UA_RECORDS_MORE && used < length) {
    size_t taken = 0;
    outcome = add_part(records, bytes + used, length - used, &taken);
    used += taken;
    if (outcome == UA_RECORDS_MORE && record_is_whole(records)) {
      outcome = end_record(records);
      records->header_length = 0;
    }
  }
  *used_r = used;
  return outcome;
}

size_t ua_fastcgi_records_bytes(const ua_records *records)
{
  size_t views = records->input.params == NULL ? 0 : records->params.count * sizeof *records->input.params;
  return records->params.text.size + records->asked.text.size + records->body.size + views;
}

static void wipe_small(ua_records *records)
{
  free(records->input.params);
  explicit_bzero(records->header, sizeof records->header);
  explicit_bzero(records->small, sizeof records->small);
}

void ua_fastcgi_records_reset(ua_records *records)
{
  wipe_small(records);
  ua_fastcgi_params_reset(&records->params);
  ua_fastcgi_params_reset(&records->asked);
  ua_fastcgi_buffer_reset(&records->body);
  ua_records fresh = {.body_limit = records->body_limit,
                      .params = records->params,
                      .asked = records->asked,
                      .body = records->body};
  *records = fresh;
}

void ua_fastcgi_records_free(ua_records *records)
{
  ua_fastcgi_records_reset(records);
  ua_fastcgi_buffer_free(&records->params.text);
  ua_fastcgi_buffer_free(&records->asked.text);
  ua_fastcgi_buffer_free(&records->body);
}
