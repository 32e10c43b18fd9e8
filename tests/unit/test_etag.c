#include "http/etag.h"
#include "unit.h"

#define TAG "\"abc\""

/* Whether `header` names TAG, by the comparison of If-Match and by that of If-None-Match. */
typedef struct expectation {
  const char *header; /* NULL: there is none */
  bool strong;
  bool weak;
} expectation;

static void assert_all(const expectation *table, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    ua_text header = table[i].header == NULL ? UA_TEXT_ABSENT : ua_text_of(table[i].header);
    if (ua_http_etag_is_named(header, UA_TEXT(TAG), UA_ETAG_STRONG) != table[i].strong ||
        ua_http_etag_is_named(header, UA_TEXT(TAG), UA_ETAG_WEAK) != table[i].weak) {
      fail_msg("header: %s", table[i].header == NULL ? "(none)" : table[i].header);
    }
  }
}

#define ASSERT_ALL(table) assert_all(table, sizeof(table) / sizeof((table)[0]))

static void a_list_names_the_tag_wherever_it_stands(void **state)
{
  (void)state;
  static const expectation table[] = {
      {TAG, true, true},
      {" \t" TAG "\t ", true, true},
      {TAG ", \"x\"", true, true},
      {"\"x\", " TAG, true, true},
      {"\"x\"," TAG ",\"y\"", true, true},
      {"\"x\"\t ,\t " TAG, true, true},
      {"\"\", " TAG, true, true},
      {"\"a,b\", " TAG, true, true},
      {"\"W/\", " TAG, true, true},
      {"\"back\\\", " TAG, true, true}, /* the backslash escapes nothing */
      {"\"\xC3\xBC\x80\xFF\", " TAG, true, true},
      {"\"x\"", false, false},
      {"\"\"", false, false},
      {"\"x\", \"y\"", false, false},
  };
  ASSERT_ALL(table);
}

static void elements_may_be_empty(void **state)
{
  (void)state;
  static const expectation table[] = {
      {"," TAG, true, true}, {TAG ",", true, true},  {", ,\t," TAG ", ,", true, true},
      {",", false, false},   {" , ,", false, false},
  };
  ASSERT_ALL(table);
}

static void a_weak_tag_equals_one_only_where_that_does_not_count(void **state)
{
  (void)state;
  static const expectation table[] = {
      {"W/" TAG, false, true},       {"\"x\", W/" TAG, false, true}, {"W/" TAG ", " TAG, true, true},
      {"W/\"x\", " TAG, true, true}, {"W/\"x\"", false, false},      {"w/" TAG, false, false},
      {"W/ " TAG, false, false},     {"W" TAG, false, false},        {"/" TAG, false, false},
      {"W/W/" TAG, false, false},
  };
  ASSERT_ALL(table);
}

static void a_star_stands_for_any_tag_but_only_alone(void **state)
{
  (void)state;
  static const expectation table[] = {
      {"*", true, true},    {" * ", true, true},  {"*, " TAG, false, false}, {TAG ", *", false, false},
      {"**", false, false}, {"*,", false, false}, {"\"*\"", false, false},   {"W/*", false, false},
  };
  ASSERT_ALL(table);
}

static void a_header_that_cannot_be_read_as_a_whole_names_nothing(void **state)
{
  (void)state;
  static const expectation table[] = {
      {NULL, false, false},
      {"", false, false},
      {" ", false, false},
      {"abc", false, false},
      {"\"abc", false, false},
      {"abc\"", false, false},
      {"\"", false, false},
      {"W/", false, false},
      {"W/\"", false, false},
      {"'abc'", false, false},
      {TAG ", x", false, false},
      {TAG ", \"open", false, false},
      {TAG " " TAG, false, false},
      {TAG TAG, false, false},
      {TAG ";q=1", false, false},
      {TAG "; " TAG, false, false},
      {"\"with blank\", " TAG, false, false},
      {"\"with\ttab\", " TAG, false, false},
      {"\"\x7F\", " TAG, false, false},
      {"\xC2\xA0" TAG, false, false},
  };
  ASSERT_ALL(table);
}

static void parts_of_a_tag_and_other_cases_of_it_are_other_tags(void **state)
{
  (void)state;
  static const expectation table[] = {
      {"\"ab\"", false, false},
      {"\"abcd\"", false, false},
      {"\"ABC\"", false, false},
      {"\"xabc\"", false, false},
  };
  ASSERT_ALL(table);
}

static void the_header_ends_where_its_length_says(void **state)
{
  (void)state;
  static const char longer[] = "\"abc\", \"open";
  assert_true(ua_http_etag_is_named((ua_text){longer, 5}, UA_TEXT(TAG), UA_ETAG_STRONG));
  assert_false(ua_http_etag_is_named((ua_text){longer, 4}, UA_TEXT(TAG), UA_ETAG_STRONG));
  assert_false(ua_http_etag_is_named((ua_text){"\"abc\"\0", 6}, UA_TEXT(TAG), UA_ETAG_STRONG));
  assert_false(ua_http_etag_is_named((ua_text){"\"a\0c\", \"abc\"", 12}, UA_TEXT(TAG), UA_ETAG_STRONG));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_list_names_the_tag_wherever_it_stands),
      cmocka_unit_test(elements_may_be_empty),
      cmocka_unit_test(a_weak_tag_equals_one_only_where_that_does_not_count),
      cmocka_unit_test(a_star_stands_for_any_tag_but_only_alone),
      cmocka_unit_test(a_header_that_cannot_be_read_as_a_whole_names_nothing),
      cmocka_unit_test(parts_of_a_tag_and_other_cases_of_it_are_other_tags),
      cmocka_unit_test(the_header_ends_where_its_length_says),
  };
  return cmocka_run_group_tests_name("etag", tests, NULL, NULL);
}
