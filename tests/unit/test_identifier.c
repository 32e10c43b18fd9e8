/* Tests the rule for emails and names with every code point: its faults alone, and at each position of a
 * text. */
#include <stdlib.h>
#include <string.h>

#include "base/identifier.h"
#include "unit.h"

enum { LAST_POINT = 0x10FFFF, NUL_APART = 1 };

static unsigned char expected[LAST_POINT + 1];

/* Fills in the sets as the documentation lists them. */
static int fill_expected(void **state)
{
  (void)state;
  static const struct {
    unsigned fault;
    const char *points;
  } sets[] = {
      {UA_IDENTIFIER_CONTROL, "1-1f 7f-9f"},
      {UA_IDENTIFIER_INVISIBLE, "200b-200f 202a-202e 2060-2064 2066-2069 feff-feff"},
      {UA_IDENTIFIER_BLANK, "20-20 a0-a0 1680-1680 2000-200a 2028-2029 202f-202f 205f-205f 3000-3000"}};
  for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
    const char *rest = sets[i].points;
    while (*rest != '\0') {
      char *end;
      unsigned long point = strtoul(rest, &end, 16);
      unsigned long last = strtoul(end + 1, &end, 16);
      for (; point <= last; point++) {
        expected[point] = (unsigned char)sets[i].fault;
      }
      rest = end;
    }
  }
  return 0;
}

static size_t encode(uint32_t point, char *out)
{
  if (point < 0x80) {
    out[0] = (char)point;
    return 1;
  }
  size_t more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  static const unsigned char leads[] = {0, 0xC0, 0xE0, 0xF0};
  out[0] = (char)(leads[more] | point >> 6 * more);
  for (size_t i = 1; i <= more; i++) {
    out[i] = (char)(0x80 | (point >> 6 * (more - i) & 0x3F));
  }
  return more + 1;
}

/* The text of `before`, the code point and `behind`. */
static ua_text place(char out[16], const char *before, uint32_t point, const char *behind)
{
  size_t length = strlen(before);
  memcpy(out, before, length);
  length += encode(point, out + length);
  memcpy(out + length, behind, strlen(behind));
  return (ua_text){out, length + strlen(behind)};
}

static bool is_surrogate(uint32_t point)
{
  return point >= 0xD800 && point <= 0xDFFF;
}

static void each_code_point_has_the_faults_of_its_sets_and_blanks_only_at_an_edge(void **state)
{
  (void)state;
  char room[16];
  for (uint32_t point = NUL_APART; point <= LAST_POINT; point++) {
    if (is_surrogate(point)) {
      continue;
    }
    unsigned faults = expected[point];
    assert_int_equal(ua_identifier_faults(place(room, "", point, "")), faults);
    assert_int_equal(ua_identifier_faults(place(room, "a", point, "")), faults);
    assert_int_equal(ua_identifier_faults(place(room, "", point, "\xC3\xA9")), faults);
    assert_int_equal(ua_identifier_faults(place(room, "\xC3\xA9", point, "a")),
                     faults & ~(unsigned)UA_IDENTIFIER_BLANK);
  }
}

static void blanks_at_the_end_are_what_is_taken_off_and_nothing_else_is(void **state)
{
  (void)state;
  char room[16];
  for (uint32_t point = NUL_APART; point <= LAST_POINT; point++) {
    if (is_surrogate(point)) {
      continue;
    }
    bool is_blank = expected[point] == UA_IDENTIFIER_BLANK;
    ua_text text = place(room, " a", point, " \xE3\x80\x80");
    ua_text rest = ua_identifier_without_end_blanks(text);
    assert_ptr_equal(rest.data, text.data);
    assert_int_equal(rest.length, is_blank ? 2 : text.length - 4);
  }
}

static void what_is_left_has_no_blank_at_its_end_and_is_left_alone(void **state)
{
  (void)state;
  assert_true(ua_text_equal(ua_identifier_without_end_blanks(UA_TEXT("a b")), UA_TEXT("a b")));
  assert_true(ua_text_equal(ua_identifier_without_end_blanks(UA_TEXT("a\n")), UA_TEXT("a\n")));
  assert_true(ua_text_equal(ua_identifier_without_end_blanks(UA_TEXT("\xC2\xA0 ")), UA_TEXT("")));
  assert_true(ua_text_equal(ua_identifier_without_end_blanks(UA_TEXT("")), UA_TEXT("")));
}

static void only_an_empty_text_is_empty(void **state)
{
  (void)state;
  assert_int_equal(ua_identifier_faults(UA_TEXT("")), UA_IDENTIFIER_EMPTY);
  assert_int_equal(ua_identifier_faults(UA_TEXT(" ")), UA_IDENTIFIER_BLANK);
  assert_int_equal(ua_identifier_faults(UA_TEXT("Ann Smith")), 0);
}

static void a_null_character_is_reported_elsewhere(void **state)
{
  (void)state;
  assert_int_equal(ua_identifier_faults((ua_text){"a\0b", 3}), 0);
  assert_int_equal(ua_identifier_faults((ua_text){"\0\n", 2}), UA_IDENTIFIER_CONTROL);
}

static void bytes_that_are_no_utf8_do_no_harm(void **state)
{
  (void)state;
  assert_int_equal(ua_identifier_faults(UA_TEXT("\xC2")), 0);
  assert_int_equal(ua_identifier_faults(UA_TEXT("\xA0\x80")), 0);
  assert_true(ua_text_equal(ua_identifier_without_end_blanks(UA_TEXT("a\xE3\x80 ")), UA_TEXT("a\xE3\x80")));
}

static void each_fault_has_one_sentence_taken_in_order(void **state)
{
  (void)state;
  unsigned faults = ua_identifier_faults(UA_TEXT(" \x01\xE2\x80\x8B"));
  assert_true(ua_text_equal(ua_identifier_take_sentence(&faults), UA_TEXT("control character not allowed")));
  assert_true(
      ua_text_equal(ua_identifier_take_sentence(&faults), UA_TEXT("invisible character not allowed")));
  assert_true(
      ua_text_equal(ua_identifier_take_sentence(&faults), UA_TEXT("must not begin or end with a blank")));
  assert_null(ua_identifier_take_sentence(&faults).data);
  faults = UA_IDENTIFIER_EMPTY;
  assert_true(ua_text_equal(ua_identifier_take_sentence(&faults), UA_TEXT("empty values not allowed")));
  assert_int_equal(faults, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_code_point_has_the_faults_of_its_sets_and_blanks_only_at_an_edge),
      cmocka_unit_test(blanks_at_the_end_are_what_is_taken_off_and_nothing_else_is),
      cmocka_unit_test(what_is_left_has_no_blank_at_its_end_and_is_left_alone),
      cmocka_unit_test(only_an_empty_text_is_empty),
      cmocka_unit_test(a_null_character_is_reported_elsewhere),
      cmocka_unit_test(bytes_that_are_no_utf8_do_no_harm),
      cmocka_unit_test(each_fault_has_one_sentence_taken_in_order),
  };
  return cmocka_run_group_tests(tests, fill_expected, NULL);
}
