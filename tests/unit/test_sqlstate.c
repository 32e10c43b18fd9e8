#include "store/sqlstate.h"
#include "unit.h"

static void violations_of_constraints_are_the_callers_fault(void **state)
{
  (void)state;
  assert_int_equal(ua_store_sqlstate_status("23505"), UA_CONFLICT);
  assert_int_equal(ua_store_sqlstate_status("23503"), UA_UNPROCESSABLE);
  assert_false(ua_store_sqlstate_ends_connection("23505"));
}

static void a_server_that_is_slow_full_or_leaving_is_unavailable(void **state)
{
  static const char *const states[] = {"57014", "55P03", "25P03", "40001", "40P01", "53300",
                                       "57P01", "57P02", "57P03", "08006", "25006", "26000"};
  (void)state;
  for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
    assert_int_equal(ua_store_sqlstate_status(states[i]), UA_UNAVAILABLE);
  }
}

static void a_server_that_is_leaving_ends_the_connection_and_a_slow_one_does_not(void **state)
{
  (void)state;
  assert_true(ua_store_sqlstate_ends_connection("57P01"));
  assert_true(ua_store_sqlstate_ends_connection("25006"));
  assert_true(ua_store_sqlstate_ends_connection("26000"));
  assert_true(ua_store_sqlstate_ends_connection("0A000"));
  assert_false(ua_store_sqlstate_ends_connection("57014"));
  assert_false(ua_store_sqlstate_ends_connection("40P01"));
}

static void everything_else_is_our_own_mistake(void **state)
{
  static const char *const states[] = {"", "42501", "42P01", "22P02", "XX000"};
  (void)state;
  for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
    assert_int_equal(ua_store_sqlstate_status(states[i]), UA_INTERNAL);
    assert_false(ua_store_sqlstate_ends_connection(states[i]));
  }
}

static void messages_that_may_quote_values_are_not_repeated(void **state)
{
  static const char *const quote[] = {"", "2", "22P02", "22001", "22021", "P0001", "HV000", "39000", "zzzzz"};
  static const char *const plain[] = {"23505", "28P01", "3D000", "42501", "42601", "53300", "57P01", "UA001"};
  (void)state;
  for (size_t i = 0; i < sizeof quote / sizeof quote[0]; i++) {
    assert_true(ua_store_sqlstate_quotes(quote[i], false));
  }
  for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
    assert_false(ua_store_sqlstate_quotes(plain[i], false));
  }
  assert_true(ua_store_sqlstate_quotes("42601", true));
  assert_false(ua_store_sqlstate_quotes("42501", true));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(violations_of_constraints_are_the_callers_fault),
      cmocka_unit_test(a_server_that_is_slow_full_or_leaving_is_unavailable),
      cmocka_unit_test(a_server_that_is_leaving_ends_the_connection_and_a_slow_one_does_not),
      cmocka_unit_test(everything_else_is_our_own_mistake),
      cmocka_unit_test(messages_that_may_quote_values_are_not_repeated),
  };
  return cmocka_run_group_tests_name("sqlstate", tests, NULL, NULL);
}
