/* Management records: FastCGI specification section 4. */
#include <stdio.h>

#include "records.h"

/* Section 4.1. */
static void ask(const char *const names[], size_t count)
{
  content.length = 0;
  for (size_t i = 0; i < count; i++) {
    add_pair(ua_text_of(names[i]), UA_TEXT(""));
  }
  wire_record(&sent, FCGI_GET_VALUES, 0, content.bytes, content.length, 5);
  content.length = 0;
}

static void expect_values(bool conns, bool reqs, bool mpxs)
{
  char most[16];
  (void)snprintf(most, sizeof most, "%d", UA_MAX_CONNECTIONS);
  if (conns) {
    add_pair(UA_TEXT("FCGI_MAX_CONNS"), ua_text_of(most));
  }
  if (reqs) {
    add_pair(UA_TEXT("FCGI_MAX_REQS"), ua_text_of(most));
  }
  if (mpxs) {
    ADD_PAIR("FCGI_MPXS_CONNS", "0");
  }
  const unsigned char header[] = {1, FCGI_GET_VALUES_RESULT, 0, 0, 0, (unsigned char)content.length, 0, 0};
  wire_add(&expected, header, sizeof header);
  wire_add(&expected, content.bytes, content.length);
  content.length = 0;
}

/* Section 4.2. */
static void expect_unknown(unsigned char type)
{
  const unsigned char record[] = {1, FCGI_UNKNOWN_TYPE, 0, 0, 0, 8, 0, 0, type, 0, 0, 0, 0, 0, 0, 0};
  wire_add(&expected, record, sizeof record);
}

static void each_value_is_told_that_was_asked_for(void **state)
{
  (void)state;
  static const char *const names[] = {"FCGI_MPXS_CONNS", "FCGI_MAX_CONNS", "FCGI_MAX_REQS"};
  ask(names, 3);
  expect_values(true, true, true);
  ask(names, 1);
  expect_values(false, false, true);
  ask(names + 1, 1);
  expect_values(true, false, false);
  ask(names + 2, 1);
  expect_values(false, true, false);
  ask(names, 0);
  expect_values(false, false, false);
  assert_int_equal(hear(), UA_RECORDS_MORE);
  assert_replies();
}

static void a_value_is_told_once_however_often_it_was_asked_for(void **state)
{
  (void)state;
  const char *names[60];
  for (size_t i = 0; i < 60; i++) {
    names[i] = i % 20 == 19 ? "FCGI_MPXS_CONNS" : "FCGI_MAX_CONNS";
  }
  ask(names, 60);
  expect_values(true, false, true);
  assert_int_equal(hear(), UA_RECORDS_MORE);
  assert_replies();
}

static void names_that_we_do_not_know_are_left_out(void **state)
{
  (void)state;
  static const char *const names[] = {
      "", "FCGI_MAX_CONN", "FCGI_MAX_CONNSX", "fcgi_max_conns", "FCGI_MAX_REQS", "FCGI_KEEP_CONN", "PATH"};
  ask(names, sizeof names / sizeof names[0]);
  expect_values(false, true, false);
  assert_int_equal(hear(), UA_RECORDS_MORE);
  assert_replies();
}

static void what_a_name_comes_with_does_not_matter(void **state)
{
  (void)state;
  ADD_PAIR("FCGI_MAX_REQS", "a value");
  ADD_PAIR("X", "FCGI_MAX_CONNS=");
  wire_record(&sent, FCGI_GET_VALUES, 0, content.bytes, content.length, 0);
  content.length = 0;
  expect_values(false, true, false);
  assert_int_equal(hear(), UA_RECORDS_MORE);
  assert_replies();
}

static void values_may_be_asked_for_at_any_time_and_the_request_goes_on(void **state)
{
  (void)state;
  static const char *const names[] = {"FCGI_MAX_CONNS"};
  ask(names, 1);
  send_begin(FCGI_RESPONDER);
  ask(names, 1);
  wire_record(&sent, FCGI_PARAMS, ID, "\1\1", 2, 0); /* a pair is split around the next one */
  ask(names, 1);
  wire_record(&sent, FCGI_PARAMS, ID, "A1", 2, 0);
  send_end(FCGI_PARAMS);
  ask(names, 1);
  SEND_STDIN("bo");
  ask(names, 1);
  SEND_STDIN("dy");
  send_end(FCGI_STDIN);
  assert_int_equal(hear(), UA_RECORDS_WHOLE);
  for (int i = 0; i < 5; i++) {
    expect_values(true, false, false);
  }
  assert_replies();
  assert_int_equal(records.input.param_count, 1);
  assert_text(records.input.params[0].name, "A");
  assert_text(records.input.params[0].value, "1");
  assert_text(records.input.body, "body");
}

static void other_management_records_are_unknown(void **state)
{
  (void)state;
  static const unsigned char types[] = {FCGI_GET_VALUES_RESULT, FCGI_UNKNOWN_TYPE, 12, 127, 128, 255};
  for (size_t i = 0; i < sizeof types; i++) {
    wire_record(&sent, types[i], 0, "content", 7 * (i % 2), 3 * i);
    expect_unknown(types[i]);
  }
  send_head("");
  send_end(FCGI_STDIN);
  assert_int_equal(hear(), UA_RECORDS_WHOLE);
  assert_replies();
}

static void a_connection_may_ask_eight_times_and_the_ninth_ends_it(void **state)
{
  (void)state;
  static const char *const names[] = {"FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS"};
  for (int last = 0; last < 4; last++) {
    send_begin(FCGI_RESPONDER);
    for (unsigned i = 0; i < UA_RECORDS_MAX_REPLIES; i++) {
      ask(names, 3);
      expect_values(true, true, true);
    }
    assert_int_equal(hear(), UA_RECORDS_MORE);
    if (last == 0) {
      ask(names, 3);
    } else if (last == 1) {
      wire_record(&sent, 12, 0, "", 0, 0);
    } else if (last == 2) {
      wire_begin(&sent, FCGI_RESPONDER, OTHER_ID, 0);
    } else {
      wire_record(&sent, FCGI_ABORT_REQUEST, ID, "", 0, 0);
    }
    assert_ended("too many records beside the request");
    assert_replies();
    ua_fastcgi_records_reset(&records);
  }
}

/* Collects all replies in one call, as a connection does when its peer sends everything at once. */
static void all_answers_have_room_at_a_time(void **state)
{
  (void)state;
  static const char *const names[] = {"FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS"};
  size_t used = 0;
  for (unsigned i = 0; i < UA_RECORDS_MAX_REPLIES; i++) {
    ask(names, 3);
    expect_values(true, true, true);
  }
  assert_int_equal(ua_fastcgi_records_add(&records, sent.bytes, sent.length, &used), UA_RECORDS_MORE);
  assert_int_equal(records.reply_length, expected.length);
  assert_memory_equal(records.reply, expected.bytes, expected.length);
}

static void names_of_values_that_are_cut_short_end_the_connection(void **state)
{
  (void)state;
  static const char cut[] = "\16\0FCGI_MAX_CONN";
  static const char with_nul[] = "\17\0FCGI_MAX_CONNS\0";
  wire_record(&sent, FCGI_GET_VALUES, 0, cut, sizeof cut - 1, 0);
  assert_ended("names of values that are damaged");
  ua_fastcgi_records_reset(&records);
  wire_record(&sent, FCGI_GET_VALUES, 0, with_nul, sizeof with_nul - 1, 0);
  assert_ended("names of values that are damaged");
  assert_replies();
}

static void names_of_values_that_lie_about_their_length_end_the_connection(void **state)
{
  (void)state;
  wire_record(&sent, FCGI_GET_VALUES, 0, "\377\377\377\377\377\377\377\377names", 13, 0);
  assert_ended("names of values too large");
  assert_in_range(ua_fastcgi_records_bytes(&records), 0, 4096);
  assert_replies();
}

static void a_management_record_is_as_long_as_its_limit_and_no_longer(void **state)
{
  (void)state;
  static const char zeros[65535]; /* as pairs: all empty */
  static const unsigned char types[] = {FCGI_GET_VALUES, FCGI_UNKNOWN_TYPE, 200};
  for (size_t i = 0; i < sizeof types; i++) {
    wire_record(&sent, types[i], 0, zeros, UA_MAX_MANAGEMENT_BYTES, 255);
    if (types[i] == FCGI_GET_VALUES) {
      expect_values(false, false, false);
    } else {
      expect_unknown(types[i]);
    }
    assert_int_equal(hear(), UA_RECORDS_MORE);
    wire_record(&sent, types[i], 0, zeros, i == 1 ? sizeof zeros : UA_MAX_MANAGEMENT_BYTES + 1, 0);
    assert_ended("a record of no request");
    assert_replies();
    ua_fastcgi_records_reset(&records);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      ON_A_CONNECTION(each_value_is_told_that_was_asked_for),
      ON_A_CONNECTION(a_value_is_told_once_however_often_it_was_asked_for),
      ON_A_CONNECTION(names_that_we_do_not_know_are_left_out),
      ON_A_CONNECTION(what_a_name_comes_with_does_not_matter),
      ON_A_CONNECTION(values_may_be_asked_for_at_any_time_and_the_request_goes_on),
      ON_A_CONNECTION(other_management_records_are_unknown),
      ON_A_CONNECTION(a_connection_may_ask_eight_times_and_the_ninth_ends_it),
      ON_A_CONNECTION(all_answers_have_room_at_a_time),
      ON_A_CONNECTION(names_of_values_that_are_cut_short_end_the_connection),
      ON_A_CONNECTION(names_of_values_that_lie_about_their_length_end_the_connection),
      ON_A_CONNECTION(a_management_record_is_as_long_as_its_limit_and_no_longer),
  };
  return run_in_pieces("records beside the request", tests, sizeof tests / sizeof tests[0]);
}
