/* The stream of name-value pairs: FastCGI specification section 3.4. */
#include <stdlib.h>

#include "base/limits.h"
#include "fastcgi/params.h"
#include "unit.h"
#include "wire.h"

static ua_params params;
static wire sent;
static ua_param views[UA_MAX_PARAMS + 1];
static ua_input input;
static char filling[UA_MAX_PARAM_BYTES + 1];
static size_t piece; /* bytes that arrive at a time */

static int begin(void **state)
{
  (void)state;
  params = (ua_params){.count = 0};
  sent.length = 0;
  memset(filling, 'x', sizeof filling);
  return 0;
}

static int end(void **state)
{
  (void)state;
  ua_fastcgi_buffer_free(&params.text);
  return 0;
}

static void send_pair(const char *name, size_t name_length, const char *value, size_t value_length)
{
  wire_pair(&sent, name, name_length, value, value_length);
}

/* Passes on what was sent since the last call; then `input` has views of all pairs. */
static ua_params_outcome hear(void)
{
  ua_params_outcome outcome = UA_PARAMS_OK;
  for (size_t at = 0; at < sent.length && outcome == UA_PARAMS_OK;
       at += piece < sent.length ? piece : sent.length) {
    size_t left = sent.length - at;
    outcome = ua_fastcgi_params_add(&params, sent.bytes + at, left < piece ? left : piece);
  }
  sent.length = 0;
  input = (ua_input){.params = views};
  if (outcome == UA_PARAMS_OK) {
    ua_fastcgi_params_collect(&params, &input);
    assert_false(input.params_too_large);
  }
  return outcome;
}

static void assert_pair(size_t index, const char *name, const char *value, size_t value_length)
{
  assert_true(index < input.param_count);
  assert_true(ua_text_equal(input.params[index].name, ua_text_of(name)));
  assert_int_equal(input.params[index].value.length, value_length);
  assert_memory_equal(input.params[index].value.data, value, value_length);
}

static void nothing_is_complete_and_empty(void **state)
{
  (void)state;
  assert_true(ua_fastcgi_params_is_complete(&params));
  assert_int_equal(hear(), UA_PARAMS_OK);
  assert_int_equal(input.param_count, 0);
  assert_int_equal(params.text.size, 0);
}

static void lengths_have_one_byte_or_four_and_mean_the_same(void **state)
{
  (void)state;
  static const size_t lengths[] = {0, 1, 2, 127, 128, 129, 255, 256, 40000};
  size_t count = 0;
  for (int form = 0; form < 4; form++) {
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
      wire_length(&sent, 2, form % 2 == 1);
      wire_length(&sent, lengths[i], form > 1);
      wire_add(&sent, "AB", 2);
      wire_add(&sent, filling, lengths[i]);
      assert_int_equal(hear(), UA_PARAMS_OK);
      assert_pair(count++, "AB", filling, lengths[i]);
      assert_true(ua_fastcgi_params_is_complete(&params));
      if (params.text.length > UA_MAX_PARAM_BYTES / 2) {
        ua_fastcgi_params_reset(&params);
        count = 0;
      }
    }
  }
}

static void names_may_be_long_and_empty(void **state)
{
  (void)state;
  static char name[301];
  memset(name, 'N', 300);
  send_pair(name, 300, "value", 5);
  send_pair("", 0, "value", 5);
  send_pair("", 0, "", 0);
  send_pair("A", 1, "", 0);
  assert_int_equal(hear(), UA_PARAMS_OK);
  assert_int_equal(input.param_count, 4);
  assert_pair(0, name, "value", 5);
  assert_pair(1, "", "value", 5);
  assert_pair(2, "", "", 0);
  assert_pair(3, "A", "", 0);
}

static void a_value_may_hold_any_byte_but_nul(void **state)
{
  (void)state;
  char value[255];
  for (size_t i = 0; i < sizeof value; i++) {
    value[i] = (char)(i + 1);
  }
  send_pair("A", 1, value, sizeof value);
  assert_int_equal(hear(), UA_PARAMS_OK);
  assert_false(input.params_damaged);
  assert_pair(0, "A", value, sizeof value);
}

static void a_name_may_hold_any_byte_but_nul_and_equals_sign(void **state)
{
  (void)state;
  for (int byte = 0; byte < 256; byte++) {
    char name[3] = {'A', (char)byte, 'B'};
    send_pair("FIRST", 5, "1", 1);
    send_pair(name, sizeof name, "value", 5);
    send_pair("LAST", 4, "2", 1);
    assert_int_equal(hear(), UA_PARAMS_OK);
    bool is_damaged = byte == 0 || byte == '=';
    assert_int_equal(input.params_damaged, is_damaged);
    assert_int_equal(input.param_count, is_damaged ? 0 : 3);
    ua_fastcgi_params_reset(&params);
  }
}

static void a_nul_in_a_value_damages_all_parameters_wherever_it_is(void **state)
{
  (void)state;
  for (size_t at = 0; at < 4; at++) {
    char value[] = {'a', 'b', 'c', 'd'};
    value[at] = '\0';
    send_pair("FIRST", 5, "1", 1);
    send_pair("REMOTE_USER", 11, value, sizeof value);
    send_pair("LAST", 4, "2", 1);
    assert_int_equal(hear(), UA_PARAMS_OK);
    assert_true(ua_fastcgi_params_is_complete(&params));
    assert_true(input.params_damaged);
    assert_int_equal(input.param_count, 0);
    ua_fastcgi_params_reset(&params);
  }
}

static void as_many_pairs_as_the_limit_pass_and_no_more(void **state)
{
  (void)state;
  for (int i = 0; i < UA_MAX_PARAMS; i++) {
    send_pair("", 0, "", 0);
  }
  assert_int_equal(hear(), UA_PARAMS_OK);
  assert_int_equal(input.param_count, UA_MAX_PARAMS);
  send_pair("", 0, "", 0);
  assert_int_equal(hear(), UA_PARAMS_TOO_LARGE);
  assert_int_equal(params.count, UA_MAX_PARAMS);
}

/* The bytes of "NAME=value", as limits.h counts them. */
static void as_many_bytes_as_the_limit_pass_and_no_more(void **state)
{
  (void)state;
  for (size_t more = 0; more < 4; more++) {
    send_pair("FIRST", 5, "1", 1);
    send_pair("A", 1, filling, UA_MAX_PARAM_BYTES - 7 - 2 - 2 + more);
    assert_int_equal(hear(), more < 3 ? UA_PARAMS_OK : UA_PARAMS_TOO_LARGE);
    if (more < 3) {
      assert_int_equal(input.param_count, 2);
      assert_int_equal(input.param_bytes, UA_MAX_PARAM_BYTES - 2 + more);
      send_pair("", 0, "", 0); /* one byte more */
      assert_int_equal(hear(), more < 2 ? UA_PARAMS_OK : UA_PARAMS_TOO_LARGE);
    }
    ua_fastcgi_params_reset(&params);
  }
}

static void huge_lengths_take_no_memory(void **state)
{
  (void)state;
  static const size_t huge[] = {UA_MAX_PARAM_BYTES + 1, 0x40000000, 0x3FFFFFFD, 0x7FFFFFFE, 0x7FFFFFFF};
  enum { COUNT = sizeof huge / sizeof huge[0] };
  for (size_t i = 0; i < COUNT * COUNT * 3; i++) {
    size_t name = i / COUNT % COUNT;
    size_t other = huge[i % COUNT];
    wire_length(&sent, i % 3 == 1 ? 4 : huge[name], true);
    wire_length(&sent, i % 3 == 2 ? 4 : other, true);
    wire_add(&sent, filling, 5000);
    assert_int_equal(hear(), UA_PARAMS_TOO_LARGE);
    assert_int_equal(params.text.size, 0);
    ua_fastcgi_params_reset(&params);
  }
}

static void what_was_announced_and_has_not_come_takes_no_memory(void **state)
{
  (void)state;
  wire_length(&sent, UA_MAX_PARAM_BYTES / 2, true);
  wire_length(&sent, UA_MAX_PARAM_BYTES / 2 - 1, true);
  wire_add(&sent, "N", 1);
  assert_int_equal(hear(), UA_PARAMS_OK);
  assert_in_range(params.text.size, 1, 2048);
  assert_false(ua_fastcgi_params_is_complete(&params));
  assert_int_equal(input.param_count, 0);
}

static void the_first_pair_of_a_name_is_found_by_its_whole_name(void **state)
{
  (void)state;
  send_pair("ABC", 3, "", 0);
  send_pair("D", 1, "E=", 2);
  assert_int_equal(hear(), UA_PARAMS_OK);
  assert_true(ua_fastcgi_params_has(&params, "ABC"));
  assert_true(ua_fastcgi_params_has(&params, "D"));
  assert_false(ua_fastcgi_params_has(&params, "AB"));
  assert_false(ua_fastcgi_params_has(&params, "ABCD"));
  assert_false(ua_fastcgi_params_has(&params, "E"));
  assert_false(ua_fastcgi_params_has(&params, ""));
}

static void a_reset_makes_it_empty_also_in_the_middle_of_a_pair(void **state)
{
  (void)state;
  static const char whole[] = "\2\200\0\0\2ABcd";
  for (size_t length = 0; length < sizeof whole; length++) {
    wire_add(&sent, whole, length);
    assert_int_equal(hear(), UA_PARAMS_OK);
    assert_int_equal(ua_fastcgi_params_is_complete(&params), length == 0 || length == sizeof whole - 1);
    ua_fastcgi_params_reset(&params);
    assert_true(ua_fastcgi_params_is_complete(&params));
    send_pair("A", 1, "1", 1);
    assert_int_equal(hear(), UA_PARAMS_OK);
    assert_int_equal(input.param_count, 1);
    assert_pair(0, "A", "1", 1);
    ua_fastcgi_params_reset(&params);
  }
}

int main(void)
{
  static const size_t pieces[] = {SIZE_MAX, 1, 5};
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(nothing_is_complete_and_empty, begin, end),
      cmocka_unit_test_setup_teardown(lengths_have_one_byte_or_four_and_mean_the_same, begin, end),
      cmocka_unit_test_setup_teardown(names_may_be_long_and_empty, begin, end),
      cmocka_unit_test_setup_teardown(a_value_may_hold_any_byte_but_nul, begin, end),
      cmocka_unit_test_setup_teardown(a_name_may_hold_any_byte_but_nul_and_equals_sign, begin, end),
      cmocka_unit_test_setup_teardown(a_nul_in_a_value_damages_all_parameters_wherever_it_is, begin, end),
      cmocka_unit_test_setup_teardown(as_many_pairs_as_the_limit_pass_and_no_more, begin, end),
      cmocka_unit_test_setup_teardown(as_many_bytes_as_the_limit_pass_and_no_more, begin, end),
      cmocka_unit_test_setup_teardown(huge_lengths_take_no_memory, begin, end),
      cmocka_unit_test_setup_teardown(what_was_announced_and_has_not_come_takes_no_memory, begin, end),
      cmocka_unit_test_setup_teardown(the_first_pair_of_a_name_is_found_by_its_whole_name, begin, end),
      cmocka_unit_test_setup_teardown(a_reset_makes_it_empty_also_in_the_middle_of_a_pair, begin, end),
  };
  int failed = 0;
  for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
    piece = pieces[i];
    failed += cmocka_run_group_tests_name("parameters", tests, NULL, NULL);
  }
  return failed;
}
