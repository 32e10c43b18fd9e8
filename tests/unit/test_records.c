/* How records become a request: FastCGI specification sections 3.3, 5.1, 5.2 and 5.4. */
#include "records.h"

static void a_request_is_whole_when_its_stdin_ends(void **state)
{
  (void)state;
  send_head("");
  assert_int_equal(hear(), UA_RECORDS_MORE);
  send_end(FCGI_STDIN);
  assert_int_equal(hear(), UA_RECORDS_WHOLE);
  assert_int_equal(records.input.role, UA_ROLE_RESPONDER);
  assert_int_equal(records.id, ID);
  assert_int_equal(records.input.param_count, 2);
  assert_text(records.input.params[0].name, "REQUEST_METHOD");
  assert_text(records.input.params[0].value, "POST");
  assert_text(records.input.single[UA_SINGLE_CONTENT_LENGTH], "");
  assert_text(records.input.body, "");
  assert_false(records.input.params_damaged || records.input.params_too_large);
  assert_false(records.input.body_damaged || records.input.body_too_large);
  assert_false(records.unread);
  assert_int_equal(replies.length, 0);
}

static void an_authorizer_is_whole_without_stdin_which_may_still_come(void **state)
{
  (void)state;
  send_begin(FCGI_AUTHORIZER);
  ADD_PAIR("CONTENT_LENGTH", "9");
  send_params();
  send_end(FCGI_PARAMS);
  assert_int_equal(hear(), UA_RECORDS_WHOLE);
  assert_int_equal(records.input.role, UA_ROLE_AUTHORIZER);
  assert_text(records.input.single[UA_SINGLE_CONTENT_LENGTH], "9");
  assert_true(records.unread);
  assert_false(records.input.body_damaged);
  send_end(FCGI_STDIN);
  assert_int_equal(hear(), UA_RECORDS_WHOLE);
  assert_int_equal(unheard, FCGI_HEADER_LEN);
}

static void the_outcome_stays_and_nothing_behind_the_request_is_used(void **state)
{
  (void)state;
  send_head("");
  send_end(FCGI_STDIN);
  size_t length = sent.length;
  wire_add(&sent, "\1\1garbage", 9);
  assert_int_equal(hear(), UA_RECORDS_WHOLE);
  assert_int_equal(unheard, 9);
  sent.length = length; /* once more */
  assert_int_equal(hear(), UA_RECORDS_WHOLE);
  assert_int_equal(unheard, 9 + length);
  assert_int_equal(records.input.param_count, 2);
}

static void padding_of_up_to_255_bytes_is_skipped_behind_every_record(void **state)
{
  (void)state;
  for (size_t padding = 0; padding <= 255; padding += 5) {
    ADD_PAIR("FCGI_MPXS_CONNS", "");
    wire_record(&sent, FCGI_GET_VALUES, 0, content.bytes, content.length, padding);
    content.length = 0;
    wire_begin(&sent, FCGI_RESPONDER, ID, padding);
    wire_begin(&sent, FCGI_RESPONDER, OTHER_ID, padding);
    wire_record(&sent, FCGI_PARAMS, OTHER_ID, "xyz", 3, padding);
    wire_record(&sent, FCGI_PARAMS, ID, "\1\1A1\1\1B", 7, padding);
    wire_record(&sent, 99, 0, "", 0, padding);
    wire_record(&sent, FCGI_PARAMS, ID, "2", 1, padding);
    wire_record(&sent, FCGI_PARAMS, ID, "", 0, padding);
    wire_record(&sent, FCGI_STDIN, ID, "body", 4, padding);
    wire_record(&sent, FCGI_STDIN, ID, "", 0, padding);
    assert_int_equal(hear(), UA_RECORDS_WHOLE);
    assert_int_equal(unheard, 0);
    assert_int_equal(records.input.param_count, 2);
    assert_text(records.input.params[0].value, "1");
    assert_text(records.input.params[1].name, "B");
    assert_text(records.input.params[1].value, "2");
    assert_text(records.input.body, "body");
    assert_int_equal(replies.length, 8 + 18 + 16 + 16);
    replies.length = 0;
    ua_fastcgi_records_reset(&records);
  }
}

static void a_request_that_is_aborted_is_answered_and_ends_the_connection(void **state)
{
  (void)state;
  for (int phase = 0; phase < 5; phase++) {
    send_begin(FCGI_RESPONDER);
    if (phase > 0) {
      wire_record(&sent, FCGI_PARAMS, ID, "\1\1A", 3, 0); /* in the middle of a pair */
    }
    if (phase > 1) {
      wire_record(&sent, FCGI_PARAMS, ID, "1", 1, 0);
      send_end(FCGI_PARAMS);
    }
    if (phase > 2) {
      SEND_STDIN("half a bo");
    }
    wire_record(&sent, FCGI_ABORT_REQUEST, ID, "why", phase == 3 ? 3 : 0, phase == 4 ? 255 : 0);
    assert_ended("aborted by the peer");
    expect_end(ID, FCGI_REQUEST_COMPLETE);
    assert_replies();
    ua_fastcgi_records_reset(&records);
  }
}

static void nothing_is_aborted_that_has_not_begun(void **state)
{
  (void)state;
  wire_record(&sent, FCGI_ABORT_REQUEST, ID, "", 0, 0);
  send_head("");
  wire_record(&sent, FCGI_ABORT_REQUEST, OTHER_ID, "", 0, 0);
  send_end(FCGI_STDIN);
  assert_int_equal(hear(), UA_RECORDS_WHOLE);
  assert_replies();
}

static void a_second_request_is_refused_and_the_first_goes_on(void **state)
{
  (void)state;
  send_begin(FCGI_RESPONDER);
  wire_begin(&sent, FCGI_RESPONDER, OTHER_ID, 0);
  wire_record(&sent, FCGI_PARAMS, ID, "\1\1A", 3, 0);
  wire_begin(&sent, FCGI_FILTER, OTHER_ID + 1, 3); /* whatever its role is */
  wire_record(&sent, FCGI_PARAMS, OTHER_ID, "\1\1X9", 4, 0);
  wire_record(&sent, FCGI_PARAMS, OTHER_ID, "", 0, 0);
  wire_record(&sent, FCGI_PARAMS, ID, "1", 1, 0);
  send_end(FCGI_PARAMS);
  wire_begin(&sent, FCGI_AUTHORIZER, OTHER_ID, 0);
  wire_record(&sent, FCGI_STDIN, OTHER_ID, "theirs", 6, 0);
  wire_record(&sent, FCGI_STDIN, OTHER_ID, "", 0, 0);
  SEND_STDIN("ours");
  send_end(FCGI_STDIN);
  assert_int_equal(hear(), UA_RECORDS_WHOLE);
  assert_int_equal(records.id, ID);
  assert_int_equal(records.input.param_count, 1);
  assert_text(records.input.params[0].value, "1");
  assert_text(records.input.body, "ours");
  expect_end(OTHER_ID, FCGI_CANT_MPX_CONN);
  expect_end(OTHER_ID + 1, FCGI_CANT_MPX_CONN);
  expect_end(OTHER_ID, FCGI_CANT_MPX_CONN);
  assert_replies();
}

static void roles_that_are_none_of_ours_are_answered(void **state)
{
  (void)state;
  static const unsigned roles[] = {0, FCGI_FILTER, 4, 0x0100 + FCGI_RESPONDER, 0xFFFF};
  for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
    send_begin(roles[i]);
    assert_ended("a role that is none of ours");
    expect_end(ID, FCGI_UNKNOWN_ROLE);
    assert_replies();
    ua_fastcgi_records_reset(&records);
  }
}

static void a_begin_of_another_length_ends_the_connection(void **state)
{
  (void)state;
  static const size_t lengths[] = {0, 1, 7, 9, 16, 65535};
  static const char zeros[65535];
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    wire_record(&sent, FCGI_BEGIN_REQUEST, ID, zeros, lengths[i], 0);
    assert_ended("a request that begins badly");
    ua_fastcgi_records_reset(&records);
  }
  assert_replies();
}

static void a_request_does_not_begin_twice(void **state)
{
  (void)state;
  send_begin(FCGI_RESPONDER);
  send_begin(FCGI_RESPONDER);
  assert_ended("a request that begins badly");
  assert_replies();
}

static void another_version_ends_the_connection_wherever_it_comes(void **state)
{
  (void)state;
  static const char other[] = "\2\1\0\1\0\10\0\0";
  for (int phase = 0; phase < 3; phase++) {
    if (phase == 1) {
      send_begin(FCGI_RESPONDER);
    } else if (phase == 2) {
      send_head("");
    }
    wire_add(&sent, other, sizeof other - 1);
    assert_ended("no FastCGI of version 1");
    ua_fastcgi_records_reset(&records);
  }
  wire_add(&sent, "GET / HTTP/1.1\r\n\r\n", 18);
  assert_ended("no FastCGI of version 1");
  assert_replies();
}

static void records_of_a_request_need_an_id(void **state)
{
  (void)state;
  for (unsigned type = 0; type < FCGI_GET_VALUES; type++) {
    wire_record(&sent, type, 0, "12345678", 8, 0);
    assert_ended("a record of no request");
    ua_fastcgi_records_reset(&records);
  }
  assert_replies();
}

static void records_of_the_request_come_in_order(void **state)
{
  (void)state;
  for (unsigned type = 0; type < 256; type++) {
    bool is_known = type == FCGI_BEGIN_REQUEST || type == FCGI_ABORT_REQUEST;
    for (int body = 0; body < 2 && !is_known; body++) {
      if (type != (body == 0 ? FCGI_PARAMS : FCGI_STDIN)) {
        if (body == 0) {
          send_begin(FCGI_RESPONDER);
        } else {
          send_head("");
        }
        wire_record(&sent, type, ID, "x", type % 2, 0);
        assert_ended("a record out of order");
        ua_fastcgi_records_reset(&records);
      }
    }
  }
  assert_replies();
}

static void records_of_other_requests_are_ignored(void **state)
{
  (void)state;
  static const char filling[65535];
  for (unsigned type = 0; type < 256; type++) {
    if (type != FCGI_BEGIN_REQUEST) {
      wire_record(&sent, type, OTHER_ID, filling, type * 7, type);
      wire_record(&sent, type, ID, filling, type, 0); /* it has not begun */
    }
  }
  send_begin(FCGI_RESPONDER);
  for (unsigned type = 0; type < 256; type++) {
    if (type != FCGI_BEGIN_REQUEST) {
      wire_record(&sent, type, OTHER_ID, filling, type * 7, type);
    }
  }
  ADD_PAIR("A", "1");
  send_params();
  wire_record(&sent, FCGI_PARAMS, OTHER_ID, "", 0, 0);
  send_end(FCGI_PARAMS);
  wire_record(&sent, FCGI_STDIN, OTHER_ID, filling, sizeof filling, 255);
  wire_record(&sent, FCGI_STDIN, OTHER_ID, "", 0, 0);
  SEND_STDIN("ours");
  send_end(FCGI_STDIN);
  assert_int_equal(hear(), UA_RECORDS_WHOLE);
  assert_int_equal(records.input.param_count, 1);
  assert_text(records.input.body, "ours");
  assert_replies();
}

static void parameters_that_are_cut_short_are_no_request(void **state)
{
  (void)state;
  static const char pairs[] = "\3\1ABC1\200\0\0\1\200\0\0\2D23";
  for (size_t length = 0; length < sizeof pairs; length++) {
    bool is_whole = length == 0 || length == 6 || length == sizeof pairs - 1;
    send_begin(FCGI_RESPONDER);
    wire_stream(&sent, FCGI_PARAMS, ID, pairs, length, 4);
    send_end(FCGI_PARAMS);
    assert_int_equal(hear(), is_whole ? UA_RECORDS_MORE : UA_RECORDS_ENDED);
    ua_fastcgi_records_reset(&records);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      ON_A_CONNECTION(a_request_is_whole_when_its_stdin_ends),
      ON_A_CONNECTION(an_authorizer_is_whole_without_stdin_which_may_still_come),
      ON_A_CONNECTION(the_outcome_stays_and_nothing_behind_the_request_is_used),
      ON_A_CONNECTION(padding_of_up_to_255_bytes_is_skipped_behind_every_record),
      ON_A_CONNECTION(a_request_that_is_aborted_is_answered_and_ends_the_connection),
      ON_A_CONNECTION(nothing_is_aborted_that_has_not_begun),
      ON_A_CONNECTION(a_second_request_is_refused_and_the_first_goes_on),
      ON_A_CONNECTION(roles_that_are_none_of_ours_are_answered),
      ON_A_CONNECTION(a_begin_of_another_length_ends_the_connection),
      ON_A_CONNECTION(a_request_does_not_begin_twice),
      ON_A_CONNECTION(another_version_ends_the_connection_wherever_it_comes),
      ON_A_CONNECTION(records_of_a_request_need_an_id),
      ON_A_CONNECTION(records_of_the_request_come_in_order),
      ON_A_CONNECTION(records_of_other_requests_are_ignored),
      ON_A_CONNECTION(parameters_that_are_cut_short_are_no_request),
  };
  return run_in_pieces("records", tests, sizeof tests / sizeof tests[0]);
}
