/* The record reader of one connection, and what a web server sends to it, for the tests of
 * src/fastcgi/records.c. Every test runs several times: the bytes arrive all at once, one by one, and in
 * pieces. */
#ifndef UA_TESTS_UNIT_RECORDS_H
#define UA_TESTS_UNIT_RECORDS_H

#include "base/limits.h"
#include "fastcgi/frames.h"
#include "fastcgi/records.h"
#include "unit.h"
#include "wire.h"

enum { BODY_LIMIT = 1024, ID = 0xABCD, OTHER_ID = 0x0102 };

static wire sent;     /* since the last hear() */
static wire content;  /* of the record that is being made */
static wire replies;  /* all that was answered at once */
static wire expected; /* what should have been answered */
static ua_records records;
static size_t piece;   /* bytes that arrive at a time */
static size_t unheard; /* bytes that arrived and were not used */

static inline int open_connection(void **state)
{
  (void)state;
  records = (ua_records){.body_limit = BODY_LIMIT};
  sent.length = content.length = replies.length = expected.length = unheard = 0;
  return 0;
}

static inline int close_connection(void **state)
{
  (void)state;
  ua_fastcgi_records_free(&records);
  return 0;
}

/* Passes on what was sent, and collects the replies. */
static inline ua_records_outcome hear(void)
{
  ua_records_outcome outcome = UA_RECORDS_MORE;
  for (size_t at = 0; at < sent.length;) {
    size_t length = sent.length - at < piece ? sent.length - at : piece;
    size_t used = SIZE_MAX;
    outcome = ua_fastcgi_records_add(&records, sent.bytes + at, length, &used);
    assert_true(used <= length);
    assert_true(outcome != UA_RECORDS_MORE || used == length);
    unheard += length - used;
    wire_add(&replies, records.reply, records.reply_length);
    records.reply_length = 0;
    at += length;
  }
  sent.length = 0;
  return outcome;
}

static inline void send_begin(unsigned role)
{
  wire_begin(&sent, role, ID, 0);
}

static inline void add_pair(ua_text name, ua_text value)
{
  wire_pair(&content, name.data, name.length, value.data, value.length);
}

#define ADD_PAIR(name, value) add_pair(UA_TEXT(name), UA_TEXT(value))

/* Sends what add_pair made, in one record or more. */
static inline void send_params(void)
{
  wire_stream(&sent, FCGI_PARAMS, ID, content.bytes, content.length, 40000);
  content.length = 0;
}

static inline void send_end(unsigned type)
{
  wire_record(&sent, type, ID, "", 0, 0);
}

static inline void send_stdin(const char *bytes, size_t length)
{
  wire_stream(&sent, FCGI_STDIN, ID, bytes, length, 300);
}

#define SEND_STDIN(literal) send_stdin(literal, sizeof(literal) - 1)

/* Sends everything before the body, with CONTENT_LENGTH `announced`; NULL leaves that out. */
static inline void send_head(const char *announced)
{
  send_begin(FCGI_RESPONDER);
  ADD_PAIR("REQUEST_METHOD", "POST");
  if (announced != NULL) {
    add_pair(UA_TEXT("CONTENT_LENGTH"), ua_text_of(announced));
  }
  send_params();
  send_end(FCGI_PARAMS);
}

static inline void assert_text(ua_text text, const char *wanted)
{
  assert_non_null(text.data);
  assert_int_equal(text.length, strlen(wanted));
  assert_memory_equal(text.data, wanted, text.length);
}

static inline void expect_end(unsigned id, unsigned char protocol_status)
{
  const unsigned char body[] = {0, 0, 0, 0, protocol_status, 0, 0, 0};
  const unsigned char header[] = {1, FCGI_END_REQUEST, (unsigned char)(id >> 8), (unsigned char)id, 0, 8, 0,
                                  0};
  wire_add(&expected, header, sizeof header);
  wire_add(&expected, body, sizeof body);
}

/* Fails unless the replies are exactly the expected ones. */
static inline void assert_replies(void)
{
  assert_int_equal(replies.length, expected.length);
  assert_memory_equal(replies.bytes, expected.bytes, expected.length);
}

static inline void assert_ended(const char *reason)
{
  assert_int_equal(hear(), UA_RECORDS_ENDED);
  assert_string_equal(records.reason, reason);
}

/* Runs the tests once for each way in which bytes may arrive. */
static inline int run_in_pieces(const char *name, const struct CMUnitTest tests[], size_t count)
{
  static const size_t pieces[] = {SIZE_MAX, 1, 7};
  int failed = 0;
  for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
    piece = pieces[i];
    failed += _cmocka_run_group_tests(name, tests, count, NULL, NULL);
  }
  return failed;
}

#define ON_A_CONNECTION(test) cmocka_unit_test_setup_teardown(test, open_connection, close_connection)

#endif
