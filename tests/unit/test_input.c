#include <string.h>

#include "base/limits.h"
#include "http/input.h"
#include "unit.h"

static ua_param params[UA_MAX_PARAMS];

static ua_input empty(void)
{
  return (ua_input){.role = UA_ROLE_RESPONDER, .params = params, .body = UA_TEXT("")};
}

static void assert_text(ua_text text, const char *expected)
{
  assert_true(ua_text_equal(text, ua_text_of(expected)));
}

static void a_pair_is_split_at_its_first_equals_sign(void **state)
{
  (void)state;
  ua_input input = empty();
  assert_true(ua_http_input_add(&input, UA_TEXT("QUERY_STRING=x=1")));
  assert_true(ua_http_input_add(&input, UA_TEXT("HTTPS=")));
  assert_true(ua_http_input_add(&input, UA_TEXT("ALONE")));
  assert_int_equal(input.param_count, 3);
  assert_text(input.params[0].name, "QUERY_STRING");
  assert_text(input.params[0].value, "x=1");
  assert_text(input.params[1].value, "");
  assert_text(input.params[2].name, "ALONE");
  assert_text(input.params[2].value, "");
  assert_text(input.single[UA_SINGLE_QUERY_STRING], "x=1");
  assert_text(input.single[UA_SINGLE_HTTPS], "");
  assert_null(input.single[UA_SINGLE_CONTENT_TYPE].data);
}

static void of_a_repeated_single_no_value_is_picked(void **state)
{
  (void)state;
  ua_input input = empty();
  for (int i = 0; i < 3; i++) {
    assert_int_equal(input.repeated, i > 1);
    assert_true(ua_http_input_add(&input, UA_TEXT("HTTP_AUTHORIZATION=Bearer x")));
  }
  assert_true(input.repeated);
  assert_null(input.single[UA_SINGLE_HTTP_AUTHORIZATION].data);
}

static void anything_else_may_be_repeated(void **state)
{
  (void)state;
  ua_input input = empty();
  assert_true(ua_http_input_add(&input, UA_TEXT("HTTP_ACCEPT=a")));
  assert_true(ua_http_input_add(&input, UA_TEXT("HTTP_ACCEPT=b")));
  assert_false(input.repeated);
}

static void more_parameters_than_the_limit_are_not_taken(void **state)
{
  (void)state;
  ua_input input = empty();
  for (size_t i = 0; i < UA_MAX_PARAMS; i++) {
    assert_true(ua_http_input_add(&input, UA_TEXT("A=b")));
  }
  assert_false(input.params_too_large);
  assert_false(ua_http_input_add(&input, UA_TEXT("A=b")));
  assert_true(input.params_too_large);
  assert_int_equal(input.param_count, UA_MAX_PARAMS);
}

static void more_bytes_than_the_limit_are_not_taken(void **state)
{
  (void)state;
  static char large[UA_MAX_PARAM_BYTES + 1];
  memset(large, 'x', sizeof large);
  ua_input input = empty();
  assert_false(ua_http_input_add(&input, (ua_text){large, sizeof large}));
  assert_true(input.params_too_large);
  input = empty();
  assert_true(ua_http_input_add(&input, (ua_text){large, UA_MAX_PARAM_BYTES / 2}));
  assert_true(ua_http_input_add(&input, (ua_text){large, UA_MAX_PARAM_BYTES / 2}));
  assert_false(input.params_too_large);
  assert_false(ua_http_input_add(&input, UA_TEXT("x")));
  assert_true(input.params_too_large);
}

static void a_length_is_absent_empty_or_digits(void **state)
{
  (void)state;
  bool known = true;
  uint64_t length = 7;
  ua_input input = empty();
  assert_true(ua_http_input_length(&input, &known, &length));
  assert_false(known);
  assert_int_equal(length, 0);
  assert_true(ua_http_input_add(&input, UA_TEXT("CONTENT_LENGTH=")));
  assert_true(ua_http_input_length(&input, &known, &length));
  assert_false(known);
  input = empty();
  assert_true(ua_http_input_add(&input, UA_TEXT("CONTENT_LENGTH=65536")));
  assert_true(ua_http_input_length(&input, &known, &length));
  assert_true(known);
  assert_int_equal(length, 65536);
  input = empty();
  assert_true(ua_http_input_add(&input, UA_TEXT("CONTENT_LENGTH=-1")));
  assert_false(ua_http_input_length(&input, &known, &length));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_pair_is_split_at_its_first_equals_sign),
      cmocka_unit_test(of_a_repeated_single_no_value_is_picked),
      cmocka_unit_test(anything_else_may_be_repeated),
      cmocka_unit_test(more_parameters_than_the_limit_are_not_taken),
      cmocka_unit_test(more_bytes_than_the_limit_are_not_taken),
      cmocka_unit_test(a_length_is_absent_empty_or_digits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
