#include "api/python.h"
#include "api/violations.h"
#include "unit.h"

static int open_arena(void **state)
{
  *state = ua_arena_create(4096, 1 << 20);
  return *state == NULL;
}

static int close_arena(void **state)
{
  ua_arena *arena = *state;
  ua_arena_destroy(&arena);
  return 0;
}

static void repr_quotes_as_python_does(void **state)
{
  assert_string_equal(ua_api_python_repr(*state, UA_TEXT("abc")), "'abc'");
  assert_string_equal(ua_api_python_repr(*state, UA_TEXT("")), "''");
  assert_string_equal(ua_api_python_repr(*state, UA_TEXT("it's")), "\"it's\"");
  assert_string_equal(ua_api_python_repr(*state, UA_TEXT("it's \"x\"")), "'it\\'s \"x\"'");
  assert_string_equal(ua_api_python_repr(*state, UA_TEXT("a\\b\n\r\t")), "'a\\\\b\\n\\r\\t'");
}

static void repr_escapes_what_cannot_be_printed(void **state)
{
  assert_string_equal(ua_api_python_repr(*state, (ua_text){"\0\x1f\x7f", 3}), "'\\x00\\x1f\\x7f'");
  assert_string_equal(ua_api_python_repr(*state, UA_TEXT("\xC2\x85\xC2\xA0\xC2\xAD")), "'\\x85\\xa0\\xad'");
  assert_string_equal(ua_api_python_repr(*state, UA_TEXT("\xC3\xBC\xE2\x82\xAC")), "'\xC3\xBC\xE2\x82\xAC'");
}

static void repr_replaces_bytes_that_are_not_utf8(void **state)
{
  assert_string_equal(ua_api_python_repr(*state, UA_TEXT("a\xFF\xC3")), "'a\xEF\xBF\xBD\xEF\xBF\xBD'");
}

static void int_takes_what_python_takes(void **state)
{
  static const struct {
    const char *text;
    int64_t integer;
  } table[] = {{"0", 0},
               {"42", 42},
               {"-1", -1},
               {"+7", 7},
               {" \t5\n", 5},
               {"1_000", 1000},
               {"007", 7},
               {"-0", 0},
               {"99999999999999999999", INT64_MAX},
               {"-99999999999999999999", -INT64_MAX}};
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    int64_t integer = -2;
    assert_true(ua_api_python_int(ua_text_of(table[i].text), &integer));
    assert_int_equal(integer, table[i].integer);
  }
}

static void int_refuses_what_python_refuses(void **state)
{
  static const char *const table[] = {"",   " ",  "-",    "+",    "abc", "1.0", "1e3",
                                      "_1", "1_", "1__0", "0x10", "1 2", "--1", "\xD9\xA1"};
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    int64_t integer;
    assert_false(ua_api_python_int(ua_text_of(table[i]), &integer));
  }
  int64_t integer;
  assert_false(ua_api_python_int((ua_text){"1\0", 2}, &integer));
}

static void sentences_about_one_field_stand_together(void **state)
{
  ua_violations violations = {0};
  ua_text text;
  ua_service_violations_add(*state, &violations, (ua_violation){UA_TEXT("b"), -1, NULL, UA_TEXT("one")});
  ua_service_violations_add(*state, &violations, (ua_violation){UA_TEXT("a"), -1, NULL, UA_TEXT("two")});
  ua_service_violations_add(*state, &violations, (ua_violation){UA_TEXT("b"), -1, NULL, UA_TEXT("three")});
  ua_json_writer *writer = ua_json_writer_create();
  ua_api_violations_write(*state, writer, NULL, &violations);
  assert_int_equal(ua_json_finish(&writer, *state, false, &text), UA_OK);
  assert_string_equal(text.data, "{\"a\":[\"two\"],\"b\":[\"one\",\"three\"]}");
}

static void a_violation_counts_even_when_memory_is_exhausted(void **state)
{
  ua_violations violations = {0};
  ua_arena *arena = ua_arena_create(64, 1024);
  (void)state;
  assert_non_null(arena);
  ua_service_violations_add(arena, &violations, (ua_violation){UA_TEXT("a"), -1, NULL, UA_TEXT("one")});
  assert_int_equal(violations.found, 1);
  assert_int_equal(violations.count, 0);
  ua_arena_destroy(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(repr_quotes_as_python_does),
      cmocka_unit_test(repr_escapes_what_cannot_be_printed),
      cmocka_unit_test(repr_replaces_bytes_that_are_not_utf8),
      cmocka_unit_test(int_takes_what_python_takes),
      cmocka_unit_test(int_refuses_what_python_refuses),
      cmocka_unit_test(sentences_about_one_field_stand_together),
      cmocka_unit_test(a_violation_counts_even_when_memory_is_exhausted),
  };
  return cmocka_run_group_tests_name("violations", tests, open_arena, close_arena);
}
