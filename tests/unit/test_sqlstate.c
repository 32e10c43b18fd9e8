#include <string.h>

#include "store/sqlstate.h"
#include "unit.h"

static void violations_of_constraints_are_the_callers_fault(void **state)
{
  (void)state;
  assert_int_equal(ua_store_sqlstate_status("23505"), UA_CONFLICT);
  assert_int_equal(ua_store_sqlstate_status("23503"), UA_UNPROCESSABLE);
  assert_false(ua_store_sqlstate_ends_connection("23505"));
}

static void a_server_that_is_away_slow_full_or_misconfigured_is_unavailable(void **state)
{
  static const char *const states[] = {
      "08006", "08P01", "0A000", "22021", "22P05", "2200H", "25006", "25P03", "25P04", "26000", "28000",
      "28P01", "3D000", "3F000", "40001", "40P01", "42501", "42703", "42704", "42883", "42P01", "42P05",
      "42P10", "53100", "53200", "53300", "53400", "54000", "55000", "55P03", "57014", "57P01", "57P02",
      "57P03", "57P04", "57P05", "58000", "58030", "58P01", "72000", "F0000", "XX000", "XX001", "XX002"};
  (void)state;
  for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
    assert_int_equal(ua_store_sqlstate_status(states[i]), UA_UNAVAILABLE);
  }
}

static void what_an_operator_can_mend_has_a_hint(void **state)
{
  static const struct {
    const char *sqlstate;
    const char *word;
  } hints[] = {{"42P05", "USER_API_DATABASE_PREPARED=off"},
               {"26000", "USER_API_DATABASE_PREPARED=off"},
               {"25006", "read-only"},
               {"53100", "disk"},
               {"53300", "max_connections"},
               {"54000", "notification queue"},
               {"57014", "USER_API_DATABASE_TIMEOUT_MS"},
               {"55P03", "USER_API_DATABASE_TIMEOUT_MS"},
               {"42501", "doctor"},
               {"42P01", "migrate"},
               {"3D000", "USER_API_DATABASE_URL"},
               {"28P01", "password"},
               {"22P05", "UTF8"},
               {"P0001", "trigger"}};
  (void)state;
  for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
    assert_non_null(ua_store_sqlstate_hint(hints[i].sqlstate));
    assert_non_null(strstr(ua_store_sqlstate_hint(hints[i].sqlstate), hints[i].word));
  }
  assert_null(ua_store_sqlstate_hint("23505"));
  assert_null(ua_store_sqlstate_hint(""));
}

static void a_server_that_is_leaving_ends_the_connection_and_a_slow_one_does_not(void **state)
{
  (void)state;
  assert_true(ua_store_sqlstate_ends_connection("57P01"));
  assert_true(ua_store_sqlstate_ends_connection("25006"));
  assert_true(ua_store_sqlstate_ends_connection("42P05"));
  assert_true(ua_store_sqlstate_ends_connection("26000"));
  assert_true(ua_store_sqlstate_ends_connection("0A000"));
  assert_false(ua_store_sqlstate_ends_connection("57014"));
  assert_false(ua_store_sqlstate_ends_connection("40P01"));
  assert_false(ua_store_sqlstate_ends_connection("53100"));
}

static void everything_else_is_our_own_mistake(void **state)
{
  static const char *const states[] = {"", "22P02", "23502", "23514", "25P02", "42601", "P0001"};
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
      cmocka_unit_test(a_server_that_is_away_slow_full_or_misconfigured_is_unavailable),
      cmocka_unit_test(what_an_operator_can_mend_has_a_hint),
      cmocka_unit_test(a_server_that_is_leaving_ends_the_connection_and_a_slow_one_does_not),
      cmocka_unit_test(everything_else_is_our_own_mistake),
      cmocka_unit_test(messages_that_may_quote_values_are_not_repeated),
  };
  return cmocka_run_group_tests_name("sqlstate", tests, NULL, NULL);
}
