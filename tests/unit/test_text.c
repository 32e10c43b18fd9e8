#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "unit.h"

static void absent_differs_from_empty(void **state)
{
  (void)state;
  assert_false(ua_text_equal(UA_TEXT_ABSENT, UA_TEXT("")));
  assert_false(ua_text_equal_nocase(UA_TEXT(""), UA_TEXT_ABSENT));
  assert_true(ua_text_equal(UA_TEXT_ABSENT, UA_TEXT_ABSENT));
  assert_true(ua_text_equal(UA_TEXT(""), UA_TEXT("")));
  assert_null(ua_text_of(NULL).data);
  assert_int_equal(ua_text_of("abc").length, 3);
}

static void case_is_ignored_for_ascii_letters_alone(void **state)
{
  (void)state;
  assert_true(ua_text_equal_nocase(UA_TEXT("Bearer"), UA_TEXT("bEARER")));
  assert_false(ua_text_equal_nocase(UA_TEXT("Bearer"), UA_TEXT("Bearers")));
  assert_false(ua_text_equal_nocase(UA_TEXT("@"), UA_TEXT("`")));
  assert_false(ua_text_equal_nocase(UA_TEXT("["), UA_TEXT("{")));
  assert_false(ua_text_equal_nocase(UA_TEXT("\xC3\x84"), UA_TEXT("\xC3\xA4")));
  assert_false(ua_text_equal(UA_TEXT("a"), UA_TEXT("A")));
}

static void texts_are_ordered_by_bytes_the_shorter_first(void **state)
{
  (void)state;
  assert_true(ua_text_compare(UA_TEXT("a"), UA_TEXT("b")) < 0);
  assert_true(ua_text_compare(UA_TEXT("ab"), UA_TEXT("a")) > 0);
  assert_true(ua_text_compare(UA_TEXT(""), UA_TEXT("a")) < 0);
  assert_true(ua_text_compare(UA_TEXT("\xC3"), UA_TEXT("z")) > 0);
  assert_int_equal(ua_text_compare(UA_TEXT("a"), UA_TEXT("a")), 0);
  assert_int_equal(ua_text_compare(UA_TEXT_ABSENT, UA_TEXT_ABSENT), 0);
}

static void a_prefix_must_be_whole(void **state)
{
  (void)state;
  assert_true(ua_text_starts_with(UA_TEXT("Bearer x"), UA_TEXT("Bearer ")));
  assert_true(ua_text_starts_with(UA_TEXT("x"), UA_TEXT("")));
  assert_false(ua_text_starts_with(UA_TEXT("Bea"), UA_TEXT("Bearer")));
  assert_false(ua_text_starts_with(UA_TEXT_ABSENT, UA_TEXT("")));
}

static void trimming_takes_blanks_and_tabs_and_nothing_else(void **state)
{
  (void)state;
  assert_true(ua_text_equal(ua_text_trim(UA_TEXT(" \t a b \t")), UA_TEXT("a b")));
  assert_true(ua_text_equal(ua_text_trim(UA_TEXT("\na")), UA_TEXT("\na")));
  assert_int_equal(ua_text_trim(UA_TEXT("  ")).length, 0);
}

static void splitting_gives_every_part_once_the_last_one_too(void **state)
{
  (void)state;
  ua_text rest = UA_TEXT("a,,b,");
  ua_text part;
  const char *expected[] = {"a", "", "b", ""};
  for (size_t i = 0; i < 4; i++) {
    assert_true(ua_text_split(&rest, ',', &part));
    assert_true(ua_text_equal(part, ua_text_of(expected[i])));
  }
  assert_false(ua_text_split(&rest, ',', &part));
  rest = UA_TEXT("");
  assert_true(ua_text_split(&rest, ',', &part));
  assert_int_equal(part.length, 0);
  assert_false(ua_text_split(&rest, ',', &part));
}

static void signs_blanks_and_leading_zeros_are_no_integer(void **state)
{
  (void)state;
  static const char *const wrong[] = {"",     "-1",  "+12",  " 12", "12 ",
                                      "012",  "00",  "0x1",  "1.0", "1e3",
                                      "12ab", "\t1", "1\n2", "٣",   "99999999999999999999999999"};
  uint64_t value = 7;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_false(ua_text_to_uint(ua_text_of(wrong[i]), UINT64_MAX, &value));
  }
  assert_false(ua_text_to_uint((ua_text){"1\0", 2}, UINT64_MAX, &value));
  assert_false(ua_text_to_uint(UA_TEXT_ABSENT, UINT64_MAX, &value));
  assert_int_equal(value, 7);
}

static void integers_are_taken_up_to_their_maximum(void **state)
{
  (void)state;
  uint64_t value = 7;
  assert_true(ua_text_to_uint(UA_TEXT("0"), 0, &value));
  assert_int_equal(value, 0);
  assert_true(ua_text_to_uint(UA_TEXT("2147483647"), 2147483647, &value));
  assert_int_equal(value, 2147483647);
  assert_false(ua_text_to_uint(UA_TEXT("2147483648"), 2147483647, &value));
  assert_int_equal(value, 2147483647);
  assert_true(ua_text_to_uint(UA_TEXT("18446744073709551615"), UINT64_MAX, &value));
  assert_true(value == UINT64_MAX);
  assert_false(ua_text_to_uint(UA_TEXT("18446744073709551616"), UINT64_MAX, &value));
  assert_false(ua_text_to_uint(UA_TEXT("28446744073709551615"), UINT64_MAX, &value));
}

static void overlong_surrogate_and_cut_sequences_are_no_utf8(void **state)
{
  (void)state;
  static const char *const wrong[] = {"\x80",
                                      "\xBF",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xC3",
                                      "\xC3\x28",
                                      "\xE0\x80\x80",
                                      "\xE0\x9F\xBF",
                                      "\xE2\x82",
                                      "\xED\xA0\x80",
                                      "\xED\xBF\xBF",
                                      "\xE2\x28\xA1",
                                      "\xF0\x80\x80\x80",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF4\x90\x80\x80",
                                      "\xF0\x9F\x98",
                                      "\xF5\x80\x80",
                                      "\xFE",
                                      "\xFF",
                                      "ok\xFF"};
  static const char *const right[] = {"",
                                      "ascii",
                                      "\x7F",
                                      "\xC2\x80",
                                      "\xE0\xA0\x80",
                                      "\xED\x9F\xBF",
                                      "\xEE\x80\x80",
                                      "\xEF\xBF\xBF",
                                      "\xF0\x90\x80\x80",
                                      "\xF4\x8F\xBF\xBF"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_false(ua_text_is_utf8(ua_text_of(wrong[i])));
  }
  for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
    assert_true(ua_text_is_utf8(ua_text_of(right[i])));
  }
}

static void characters_are_counted_not_bytes(void **state)
{
  (void)state;
  assert_int_equal(ua_text_utf8_count(UA_TEXT("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80")), 4);
  assert_int_equal(ua_text_utf8_count(UA_TEXT("")), 0);
}

static void a_nul_is_found_wherever_it_stands(void **state)
{
  (void)state;
  assert_true(ua_text_has_nul((ua_text){"x\0y", 3}));
  assert_true(ua_text_has_nul((ua_text){"x\0", 2}));
  assert_false(ua_text_has_nul(UA_TEXT("xy")));
  assert_false(ua_text_has_nul(UA_TEXT_ABSENT));
}

static void control_characters_are_those_of_ascii(void **state)
{
  (void)state;
  for (int byte = 0; byte <= 0xFF; byte++) {
    char character = (char)(unsigned char)byte;
    bool expected = byte <= 0x1F || byte == 0x7F;
    assert_int_equal(ua_text_is_control(character), expected);
    assert_int_equal(ua_text_has_control((ua_text){(const char[]){'x', character}, 2}), expected);
  }
  assert_false(ua_text_has_control(UA_TEXT("")));
  assert_false(ua_text_has_control(UA_TEXT_ABSENT));
}

static void hexadecimal_goes_there_and_back(void **state)
{
  (void)state;
  const unsigned char bytes[] = {0x00, 0x7F, 0xAB, 0xFF};
  unsigned char back[4] = {0};
  char text[9];
  ua_text_hex(bytes, sizeof bytes, text);
  assert_string_equal(text, "007fabff");
  assert_true(ua_text_unhex(UA_TEXT("007FabfF"), back, sizeof back));
  assert_memory_equal(back, bytes, sizeof bytes);
  assert_false(ua_text_unhex(UA_TEXT("007FabfF"), back, 3));
  assert_false(ua_text_unhex(UA_TEXT("007Fabf"), back, sizeof back));
  assert_false(ua_text_unhex(UA_TEXT("007Fabfg"), back, sizeof back));
  assert_false(ua_text_unhex(UA_TEXT_ABSENT, back, 0));
}

static void an_integer_becomes_its_decimal(void **state)
{
  (void)state;
  static const int64_t values[] = {0, 7, 10, -1, 4711, INT64_MAX, INT64_MIN};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    char expected[32];
    char out[UA_DECIMAL_BYTES];
    int length = snprintf(expected, sizeof expected, "%lld", (long long)values[i]);
    ua_text made = ua_text_of_integer(values[i], out);
    assert_int_equal(made.length, length);
    assert_memory_equal(made.data, expected, made.length);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(absent_differs_from_empty),
      cmocka_unit_test(case_is_ignored_for_ascii_letters_alone),
      cmocka_unit_test(texts_are_ordered_by_bytes_the_shorter_first),
      cmocka_unit_test(a_prefix_must_be_whole),
      cmocka_unit_test(trimming_takes_blanks_and_tabs_and_nothing_else),
      cmocka_unit_test(splitting_gives_every_part_once_the_last_one_too),
      cmocka_unit_test(signs_blanks_and_leading_zeros_are_no_integer),
      cmocka_unit_test(integers_are_taken_up_to_their_maximum),
      cmocka_unit_test(overlong_surrogate_and_cut_sequences_are_no_utf8),
      cmocka_unit_test(characters_are_counted_not_bytes),
      cmocka_unit_test(a_nul_is_found_wherever_it_stands),
      cmocka_unit_test(control_characters_are_those_of_ascii),
      cmocka_unit_test(hexadecimal_goes_there_and_back),
      cmocka_unit_test(an_integer_becomes_its_decimal),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
