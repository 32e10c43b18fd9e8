/* Reads requests in forms that web servers may send, with libfcgi and with our reader. Both must give the
 * same result.
 *
 * Forms that libfcgi 2.4.2 misreads are left out: padding after BEGIN_REQUEST and after the end of PARAMS; an
 * empty record of another request, after which it skips the content of the next one; unknown management
 * records, whose content it mistakes for the stream's, and for which it leaks memory. */
#include <fcgiapp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "fastcgi/records.h"
#include "unit.h"
#include "wire.h"

enum {
  VARIANTS = 3000,
  FIRST_SEED = 20261,
  MOST_PARAM_BYTES = 60000, /* less than a socket takes at once, even with the largest body */
  BODY_LIMIT = 40000,
  MOST_BESIDE = UA_RECORDS_MAX_REPLIES
};

/* The result of a reader, in the same form for both. */
typedef struct found {
  size_t length;
  size_t count;
  char params[2 * UA_MAX_PARAM_BYTES]; /* "NAME=value", each followed by a NUL */
  size_t body_length;
  char body[BODY_LIMIT];
  size_t replies_length;
  unsigned char replies[1024];
} found;

static uint64_t seed; /* of the variant, for messages */
static uint64_t chance;
static wire sent;
static wire content;
static wire body;
static unsigned id;
static unsigned beside;

/* xorshift64* */
static size_t below(size_t limit)
{
  chance ^= chance >> 12;
  chance ^= chance << 25;
  chance ^= chance >> 27;
  return (size_t)((chance * UINT64_C(2685821657736338717)) >> 32) % limit;
}

static bool one_in(size_t number)
{
  return below(number) == 0;
}

static size_t some_length(void)
{
  static const size_t lengths[] = {0, 1, 2, 9, 30, 126, 127, 128, 129, 255, 256, 1000, 8191, 8193};
  return lengths[below(one_in(10) ? 14 : 9)];
}

/* Adds bytes without NUL; in a name also without "=". */
static void add_bytes(size_t length, bool is_name)
{
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)(1 + below(255));
    wire_add(&content, is_name && byte == '=' ? (const unsigned char *)"_" : &byte, 1);
  }
}

static void make_pair(void)
{
  size_t name = some_length(), value = some_length();
  wire_length(&content, name, one_in(4));
  wire_length(&content, value, one_in(4));
  add_bytes(name, true);
  add_bytes(value, false);
}

static void make_params(void)
{
  size_t count = one_in(20) ? 500 : below(30);
  char announced[32];
  content.length = 0;
  (void)snprintf(announced, sizeof announced, "%zu", body.length);
  for (size_t i = 0; i < count && content.length < MOST_PARAM_BYTES / 2; i++) {
    make_pair();
  }
  if (!one_in(3)) {
    wire_pair(&content, "CONTENT_LENGTH", 14, announced, one_in(4) ? 0 : strlen(announced));
  }
}

static unsigned another_id(void)
{
  unsigned other = 1 + (unsigned)below(65535);
  return other == id ? 1 + other % 65535 : other;
}

/* Sometimes adds a record that does not belong to the request. */
static void make_record_beside(void)
{
  size_t kind = below(12);
  if (kind == 0) {
    wire_record(&sent, one_in(2) ? FCGI_PARAMS : FCGI_STDIN, another_id(), "theirs", 1 + below(6),
                below(256));
  } else if (kind == 1 && beside < MOST_BESIDE) {
    wire_begin(&sent, FCGI_RESPONDER, another_id(), below(256));
    beside++;
  }
}

static void make_stream(unsigned type, const wire *bytes)
{
  size_t most = one_in(5) ? 20 : 9000; /* each record adds eight bytes and padding */
  for (size_t at = 0; at < bytes->length;) {
    size_t length = 1 + below(most);
    length = length < bytes->length - at ? length : bytes->length - at;
    make_record_beside();
    wire_record(&sent, type, id, bytes->bytes + at, length, most < 100 || one_in(2) ? 0 : below(256));
    at += length;
  }
  make_record_beside();
  wire_record(&sent, type, id, "", 0, 0);
}

static void make_request(unsigned role)
{
  static const unsigned char any[BODY_LIMIT];
  id = 1 + (unsigned)below(65535);
  beside = 0;
  sent.length = body.length = 0;
  if (role == FCGI_RESPONDER && !one_in(3)) {
    wire_add(&body, any, one_in(5) ? below(BODY_LIMIT + 1) : below(600));
    for (size_t i = 0; i < body.length; i++) {
      body.bytes[i] = (unsigned char)below(256);
    }
  }
  make_params();
  wire_begin(&sent, role, id, 0);
  make_stream(FCGI_PARAMS, &content);
  if (role == FCGI_RESPONDER) {
    make_stream(FCGI_STDIN, &body);
  }
}

static void add_param(found *to, ua_text param, ua_text value)
{
  int length =
      snprintf(to->params + to->length, sizeof to->params - to->length, "%.*s%s%.*s", UA_TEXT_ARGS(param),
               value.data == NULL ? "" : "=", (int)value.length, value.data == NULL ? "" : value.data);
  assert_true(length >= 0 && to->length + (size_t)length + 1 <= sizeof to->params);
  to->length += (size_t)length + 1;
  to->count++;
}

/* Writes the bytes to a socket pair and returns the end to read from. */
static int end_of_pair(int *other_end_r)
{
  int pair[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  assert_int_equal(write(pair[1], sent.bytes, sent.length), sent.length);
  assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
  *other_end_r = pair[1];
  return pair[0];
}

static bool read_by_libfcgi(found *to)
{
  FCGX_Request request;
  int other_end = -1;
  assert_int_equal(FCGX_InitRequest(&request, -1, 0), 0);
  request.ipcFd = end_of_pair(&other_end);
  request.keepConnection = 1; /* otherwise it would accept a connection itself */
  request.detached = 1;       /* otherwise it would wait for the peer to close this one */
  bool well = FCGX_Accept_r(&request) == 0;
  if (well) {
    for (char **next = request.envp + 1; *next != NULL; next++) { /* the first is libfcgi's own, FCGI_ROLE */
      add_param(to, ua_text_of(*next), UA_TEXT_ABSENT);
    }
    if (request.role == FCGI_RESPONDER) {
      to->body_length = (size_t)FCGX_GetStr(to->body, sizeof to->body, request.in);
    }
    well = FCGX_GetError(request.in) == 0;
    request.detached = 1;
    FCGX_Free(&request, 1);
  }
  ssize_t length = read(other_end, to->replies, sizeof to->replies);
  to->replies_length = length < 0 ? 0 : (size_t)length;
  (void)close(other_end);
  return well;
}

static bool read_by_us(found *to)
{
  static ua_records records;
  ua_records_outcome outcome = UA_RECORDS_MORE;
  size_t most = one_in(3) ? 1 : one_in(2) ? 40 : 20000;
  records.body_limit = BODY_LIMIT;
  for (size_t at = 0; at < sent.length && outcome == UA_RECORDS_MORE;) {
    size_t used = 0, length = 1 + below(most);
    length = length < sent.length - at ? length : sent.length - at;
    outcome = ua_fastcgi_records_add(&records, sent.bytes + at, length, &used);
    memcpy(to->replies + to->replies_length, records.reply, records.reply_length);
    to->replies_length += records.reply_length;
    records.reply_length = 0;
    at += used;
  }
  const ua_input *input = &records.input;
  bool well = outcome == UA_RECORDS_WHOLE && !input->params_damaged && !input->params_too_large &&
              !input->body_damaged && !input->body_too_large;
  for (size_t i = 0; i < input->param_count; i++) {
    add_param(to, input->params[i].name, input->params[i].value);
  }
  to->body_length = input->body.length;
  memcpy(to->body, input->body.data, input->body.length);
  ua_fastcgi_records_reset(&records);
  return well;
}

static bool is_same(const found *a, const found *b)
{
  return a->count == b->count && a->length == b->length && memcmp(a->params, b->params, a->length) == 0 &&
         a->body_length == b->body_length && memcmp(a->body, b->body, a->body_length) == 0 &&
         a->replies_length == b->replies_length && memcmp(a->replies, b->replies, a->replies_length) == 0;
}

static void both_find_the_same(unsigned role)
{
  static found theirs, ours;
  size_t params = 0, bodies = 0, replies = 0;
  for (seed = FIRST_SEED; seed < FIRST_SEED + VARIANTS; seed++) {
    chance = seed * UINT64_C(0x9E3779B97F4A7C15);
    theirs.length = theirs.count = theirs.body_length = theirs.replies_length = 0;
    ours.length = ours.count = ours.body_length = ours.replies_length = 0;
    make_request(role);
    if (!read_by_libfcgi(&theirs) || !read_by_us(&ours) || !is_same(&theirs, &ours)) {
      fail_msg(
          "seed %llu, role %u: %zu and %zu parameters, %zu and %zu bytes of body, %zu and %zu of replies",
          (unsigned long long)seed, role, theirs.count, ours.count, theirs.body_length, ours.body_length,
          theirs.replies_length, ours.replies_length);
    }
    assert_int_equal(ours.body_length, body.length);
    assert_memory_equal(ours.body, body.bytes, body.length);
    params += ours.count;
    bodies += ours.body_length;
    replies += ours.replies_length;
  }
  assert_true(params > VARIANTS && replies > VARIANTS);
  assert_true(role == FCGI_AUTHORIZER || bodies > VARIANTS);
}

static void libfcgi_and_the_record_reader_find_the_same_in_responders_requests(void **state)
{
  (void)state;
  both_find_the_same(FCGI_RESPONDER);
}

static void libfcgi_and_the_record_reader_find_the_same_in_authorizers_requests(void **state)
{
  (void)state;
  both_find_the_same(FCGI_AUTHORIZER);
}

static int begin(void **state)
{
  (void)state;
  return FCGX_Init();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(libfcgi_and_the_record_reader_find_the_same_in_responders_requests),
      cmocka_unit_test(libfcgi_and_the_record_reader_find_the_same_in_authorizers_requests),
  };
  return cmocka_run_group_tests_name("records beside libfcgi", tests, begin, NULL);
}
