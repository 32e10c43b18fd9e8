/* Bodies (FastCGI specification section 5.3), and the memory that a connection uses. */
#include <stdlib.h>

#include "http/request.h"
#include "records.h"

static char filling[2 * BODY_LIMIT];

/* How the application parses the input; UA_OK for a request that it would route. */
static ua_status status_of_request(void)
{
  ua_arena *arena = ua_arena_create(4096, 1 << 20);
  ua_request request;
  assert_non_null(arena);
  ua_status status = ua_http_request_parse(arena, &records.input, &request);
  ua_arena_destroy(&arena);
  return status;
}

static void assert_refused_body(bool damaged, bool too_large)
{
  assert_int_equal(hear(), UA_RECORDS_WHOLE);
  assert_text(records.input.body, "");
  assert_int_equal(records.input.body_damaged, damaged);
  assert_int_equal(records.input.body_too_large, too_large);
}

static void a_body_has_the_length_that_was_announced(void **state)
{
  (void)state;
  send_head("10");
  SEND_STDIN("0123");
  SEND_STDIN("456789");
  assert_int_equal(hear(), UA_RECORDS_MORE);
  send_end(FCGI_STDIN);
  assert_int_equal(hear(), UA_RECORDS_WHOLE);
  assert_text(records.input.body, "0123456789");
  assert_false(records.unread || records.input.body_damaged || records.input.body_too_large);
}

static void a_body_of_the_limit_passes_announced_or_not(void **state)
{
  (void)state;
  static const char *const announced[] = {"1024", "", NULL};
  memset(filling, 'x', sizeof filling);
  for (size_t i = 0; i < 3; i++) {
    send_head(announced[i]);
    send_stdin(filling, BODY_LIMIT);
    send_end(FCGI_STDIN);
    assert_int_equal(hear(), UA_RECORDS_WHOLE);
    assert_int_equal(records.input.body.length, BODY_LIMIT);
    assert_memory_equal(records.input.body.data, filling, BODY_LIMIT);
    assert_false(records.unread || records.input.body_damaged || records.input.body_too_large);
    ua_fastcgi_records_reset(&records);
  }
}

static void a_shorter_body_is_damaged(void **state)
{
  (void)state;
  send_head("10");
  SEND_STDIN("012345678");
  send_end(FCGI_STDIN);
  assert_refused_body(true, false);
  assert_false(records.unread);
  ua_fastcgi_records_reset(&records);
  send_head("1");
  send_end(FCGI_STDIN);
  assert_refused_body(true, false);
}

static void a_longer_body_is_damaged_before_all_of_it_has_come(void **state)
{
  (void)state;
  send_head("10");
  SEND_STDIN("0123456789+");
  assert_refused_body(true, false);
  assert_true(records.unread);
  ua_fastcgi_records_reset(&records);
  send_head("0");
  SEND_STDIN("x");
  assert_refused_body(true, false);
}

static void an_unannounced_body_above_the_limit_is_too_large(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++) {
    send_head(i == 0 ? "" : NULL);
    send_stdin(filling, BODY_LIMIT + 1);
    assert_refused_body(false, true);
    assert_true(records.unread);
    assert_in_range(ua_fastcgi_records_bytes(&records), 1, 8192);
    ua_fastcgi_records_reset(&records);
  }
}

static void an_announcement_above_the_limit_is_refused_before_the_body_comes(void **state)
{
  (void)state;
  static const char *const announced[] = {"1025", "65536", "4294967296", "9223372036854775807"};
  for (size_t i = 0; i < sizeof announced / sizeof announced[0]; i++) {
    send_head(announced[i]);
    assert_refused_body(false, true);
    assert_true(records.unread);
    assert_int_equal(records.input.param_count, 2);
    ua_fastcgi_records_reset(&records);
  }
}

static void a_length_that_is_no_number_is_refused_before_the_body_comes(void **state)
{
  (void)state;
  static const char *const bad[] = {"-5",
                                    "-1",
                                    "+28",
                                    "028",
                                    "00",
                                    " 5",
                                    "5 ",
                                    "0x5",
                                    "1e3",
                                    "5,5",
                                    "a",
                                    ".",
                                    "5.0",
                                    "9223372036854775808",
                                    "18446744073709551616",
                                    "99999999999999999999999",
                                    "\xd9\xa3"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    send_head(bad[i]);
    assert_int_equal(hear(), UA_RECORDS_WHOLE);
    assert_true(records.unread);
    assert_text(records.input.body, "");
    assert_int_equal(status_of_request(), UA_BAD_REQUEST);
    ua_fastcgi_records_reset(&records);
  }
}

static void of_two_announcements_none_counts(void **state)
{
  (void)state;
  send_begin(FCGI_RESPONDER);
  ADD_PAIR("CONTENT_LENGTH", "4");
  ADD_PAIR("CONTENT_LENGTH", "99999999");
  send_params();
  send_end(FCGI_PARAMS);
  SEND_STDIN("body");
  send_end(FCGI_STDIN);
  assert_int_equal(hear(), UA_RECORDS_WHOLE);
  assert_true(records.input.repeated);
  assert_int_equal(status_of_request(), UA_BAD_REQUEST);
}

static void damaged_parameters_are_no_request_that_could_be_routed(void **state)
{
  (void)state;
  static const char *const names[] = {"X", "X\0Y", "X=Y"};
  static const size_t lengths[] = {1, 3, 3};
  for (size_t i = 0; i < 3; i++) {
    send_begin(FCGI_RESPONDER);
    ADD_PAIR("REQUEST_METHOD", "GET");
    ADD_PAIR("REQUEST_URI", "/");
    add_pair((ua_text){names[i], lengths[i]}, i == 0 ? (ua_text){"admin\0", 6} : UA_TEXT("admin"));
    ADD_PAIR("AFTER", "it");
    send_params();
    send_end(FCGI_PARAMS);
    send_end(FCGI_STDIN);
    assert_int_equal(hear(), UA_RECORDS_WHOLE);
    assert_true(records.input.params_damaged);
    assert_int_equal(records.input.param_count, 0);
    assert_int_equal(status_of_request(), UA_BAD_REQUEST);
    ua_fastcgi_records_reset(&records);
  }
}

static void parameters_beyond_the_limits_are_refused_before_they_come(void **state)
{
  (void)state;
  static const char lengths[] = "\1\1A1\377\377\377\377\377\377\377\377";
  send_begin(FCGI_RESPONDER);
  wire_record(&sent, FCGI_PARAMS, ID, lengths, sizeof lengths - 1, 0);
  assert_int_equal(hear(), UA_RECORDS_WHOLE);
  assert_true(records.input.params_too_large && records.unread);
  assert_int_equal(records.input.param_count, 0);
  assert_text(records.input.body, "");
  assert_int_equal(status_of_request(), UA_HEADERS_TOO_LARGE);
  assert_in_range(ua_fastcgi_records_bytes(&records), 1, 4096);
}

static void memory_grows_by_what_came_and_not_by_what_was_announced(void **state)
{
  (void)state;
  static const char lengths[] = "\4\200\1\0\0NAME"; /* a value of 64 KiB */
  assert_int_equal(ua_fastcgi_records_bytes(&records), 0);
  send_begin(FCGI_RESPONDER);
  wire_record(&sent, FCGI_PARAMS, ID, lengths, sizeof lengths - 1, 0);
  assert_int_equal(hear(), UA_RECORDS_MORE);
  assert_in_range(ua_fastcgi_records_bytes(&records), 4, 2048);
  ua_fastcgi_records_reset(&records);
  records.body_limit = 1 << 20;
  send_head("1048576");
  wire_record(&sent, FCGI_STDIN, ID, filling, 100, 0);
  assert_int_equal(hear(), UA_RECORDS_MORE);
  assert_in_range(ua_fastcgi_records_bytes(&records), 100, 5000);
}

/* Empty pairs are the cheapest for a peer. */
static void memory_for_the_views_of_parameters_counts(void **state)
{
  (void)state;
  static const char zeros[2 * UA_MAX_PARAMS];
  send_begin(FCGI_RESPONDER);
  wire_record(&sent, FCGI_PARAMS, ID, zeros, sizeof zeros, 0);
  send_end(FCGI_PARAMS);
  assert_int_equal(hear(), UA_RECORDS_MORE);
  assert_true(ua_fastcgi_records_bytes(&records) >= UA_MAX_PARAMS * sizeof(ua_param));
}

static bool is_wiped(const ua_buffer *buffer)
{
  for (size_t i = 0; i < buffer->size; i++) {
    if (buffer->data[i] != 0) {
      return false;
    }
  }
  return buffer->length == 0;
}

static void a_reset_wipes_what_came_and_keeps_little_memory(void **state)
{
  (void)state;
  ADD_PAIR("secret", "secret");
  wire_record(&sent, FCGI_GET_VALUES, 0, content.bytes, content.length, 0);
  send_begin(FCGI_RESPONDER);
  wire_record(&sent, FCGI_PARAMS, ID, content.bytes, content.length, 0);
  send_end(FCGI_PARAMS);
  SEND_STDIN("secret");
  wire_record(&sent, FCGI_STDIN, ID, "", 0, 0);
  assert_int_equal(hear(), UA_RECORDS_WHOLE);
  ua_buffer before[] = {records.params.text, records.asked.text, records.body};
  for (size_t i = 0; i < 3; i++) {
    /* malloc() does not zero these bytes. */
    memset(before[i].data + before[i].length, 0, before[i].size - before[i].length);
  }
  ua_fastcgi_records_reset(&records);
  ua_buffer after[] = {records.params.text, records.asked.text, records.body};
  for (size_t i = 0; i < 3; i++) {
    assert_ptr_equal(after[i].data, before[i].data); /* it is kept */
    assert_true(is_wiped(&after[i]));
  }
  assert_null(memchr(&records.header, 's', sizeof records.header));
  assert_int_equal(records.phase, UA_RECORDS_BEGIN);
  assert_int_equal(records.body_limit, BODY_LIMIT);
  assert_int_equal(records.input.param_count, 0);
  assert_null(records.input.params);
  assert_in_range(ua_fastcgi_records_bytes(&records), 1, 3 * 16 * 1024);
}

static void the_state_serves_one_connection_after_the_other(void **state)
{
  (void)state;
  static char value[90000];
  memset(value, 'v', sizeof value);
  for (int i = 0; i < 4; i++) {
    send_begin(FCGI_RESPONDER);
    add_pair(UA_TEXT("LARGE"), (ua_text){value, sizeof value});
    send_params();
    assert_int_equal(hear(), UA_RECORDS_MORE); /* the peer closes the connection here */
    ua_fastcgi_records_reset(&records);
    assert_in_range(ua_fastcgi_records_bytes(&records), 0, 3 * 16 * 1024);
    send_head("4");
    SEND_STDIN("body");
    send_end(FCGI_STDIN);
    assert_int_equal(hear(), UA_RECORDS_WHOLE);
    assert_int_equal(records.input.param_count, 2);
    assert_text(records.input.body, "body");
    ua_fastcgi_records_reset(&records);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      ON_A_CONNECTION(a_body_has_the_length_that_was_announced),
      ON_A_CONNECTION(a_body_of_the_limit_passes_announced_or_not),
      ON_A_CONNECTION(a_shorter_body_is_damaged),
      ON_A_CONNECTION(a_longer_body_is_damaged_before_all_of_it_has_come),
      ON_A_CONNECTION(an_unannounced_body_above_the_limit_is_too_large),
      ON_A_CONNECTION(an_announcement_above_the_limit_is_refused_before_the_body_comes),
      ON_A_CONNECTION(a_length_that_is_no_number_is_refused_before_the_body_comes),
      ON_A_CONNECTION(of_two_announcements_none_counts),
      ON_A_CONNECTION(damaged_parameters_are_no_request_that_could_be_routed),
      ON_A_CONNECTION(parameters_beyond_the_limits_are_refused_before_they_come),
      ON_A_CONNECTION(memory_grows_by_what_came_and_not_by_what_was_announced),
      ON_A_CONNECTION(memory_for_the_views_of_parameters_counts),
      ON_A_CONNECTION(a_reset_wipes_what_came_and_keeps_little_memory),
      ON_A_CONNECTION(the_state_serves_one_connection_after_the_other),
  };
  return run_in_pieces("records with bodies", tests, sizeof tests / sizeof tests[0]);
}
