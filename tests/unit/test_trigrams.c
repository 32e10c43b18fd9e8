#include <stdio.h>
#include <string.h>

#include "store/trigrams.h"
#include "unit.h"

static ua_arena *arena;

static int open_arena(void **state)
{
  (void)state;
  arena = ua_arena_create(4096, 1 << 16);
  return arena == NULL;
}

static int close_arena(void **state)
{
  (void)state;
  ua_arena_destroy(&arena);
  return 0;
}

static ua_text read(ua_text pattern)
{
  ua_text array = UA_TEXT("untouched");
  assert_int_equal(ua_store_trigrams_read(arena, pattern, &array), UA_OK);
  return array;
}

static void assert_read(ua_text pattern, const char *expected)
{
  assert_string_equal(read(pattern).data, expected);
}

#define ASSERT_READ(pattern, expected) assert_read(UA_TEXT(pattern), expected)

static void each_three_letters_or_digits_in_a_row_are_one(void **state)
{
  (void)state;
  ASSERT_READ("%ann%", "{\"%ann%\"}");
  ASSERT_READ("%anna%", "{\"%ann%\",\"%nna%\"}");
  ASSERT_READ("%aZ09z%", "{\"%aZ0%\",\"%Z09%\",\"%09z%\"}");
  ASSERT_READ("abc", "{\"%abc%\"}");
  ASSERT_READ("aaaa", "{\"%aaa%\",\"%aaa%\"}");
}

static void what_is_shorter_has_none(void **state)
{
  (void)state;
  ASSERT_READ("", "{}");
  ASSERT_READ("%%", "{}");
  ASSERT_READ("%a%", "{}");
  ASSERT_READ("%ab%", "{}");
  ASSERT_READ("ab", "{}");
  ASSERT_READ("%\xC3\xBC\xC3\xBC%", "{}"); /* two characters of four bytes */
}

static void wildcards_are_in_none(void **state)
{
  (void)state;
  ASSERT_READ("%ab%cd%", "{}");
  ASSERT_READ("%ab_cd%", "{}");
  ASSERT_READ("%abc_def%", "{\"%abc%\",\"%def%\"}");
  ASSERT_READ("%abc%defg%", "{\"%abc%\",\"%def%\",\"%efg%\"}");
  ASSERT_READ("%__%%abc%%__", "{\"%abc%\"}");
}

static void escapes_are_in_none_and_what_is_escaped_is_what_it_is(void **state)
{
  (void)state;
  ASSERT_READ("%abc\\%def%", "{\"%abc%\",\"%def%\"}");
  ASSERT_READ("%ab\\%cd%", "{}");
  ASSERT_READ("%ab\\_cd%", "{}");
  ASSERT_READ("%ab\\\\cd%", "{}");
  ASSERT_READ("%abc\\\\def%", "{\"%abc%\",\"%def%\"}");
  ASSERT_READ("%\\abc%", "{\"%abc%\"}"); /* \a is the letter a */
  ASSERT_READ("%ab\\c%", "{}");          /* fewer trigrams than there are, which finds the same users */
  ASSERT_READ("%ab\\cde%", "{\"%cde%\"}");
  ASSERT_READ("%abc\\%", "{\"%abc%\"}");
  ASSERT_READ("abc\\", "{\"%abc%\"}");
}

static void blanks_and_punctuation_are_in_none(void **state)
{
  (void)state;
  ASSERT_READ("%ab cd%", "{}");
  ASSERT_READ("%ann@exa.org%", "{\"%ann%\",\"%exa%\",\"%org%\"}");
  ASSERT_READ("%o'b-c,d{e}f%", "{}");
  ASSERT_READ("%a/b:c;d<e=f>g?h%", "{}");
  ASSERT_READ("%A@B[C]D^E`F|G~H%", "{}");
  ASSERT_READ(
      "%a\tb\nc\x7F"
      "d%",
      "{}");
  assert_read((ua_text){"abc\0def", 7}, "{\"%abc%\",\"%def%\"}");
}

static void characters_of_several_bytes_count_as_one(void **state)
{
  (void)state;
  ASSERT_READ(
      "%\xC3\xBC"
      "ab%",
      "{\"%\xC3\xBC"
      "ab%\"}");
  ASSERT_READ(
      "%a\xE4\xB8\xAD"
      "b%",
      "{\"%a\xE4\xB8\xAD"
      "b%\"}");
  ASSERT_READ("%\xF0\x9F\x98\x80\xF0\x9F\x98\x81\xF0\x9F\x98\x82\xC3\xA4%",
              "{\"%\xF0\x9F\x98\x80\xF0\x9F\x98\x81\xF0\x9F\x98\x82%\","
              "\"%\xF0\x9F\x98\x81\xF0\x9F\x98\x82\xC3\xA4%\"}");
  /* Only the database knows which characters are letters. */
  ASSERT_READ("%a\xC2\xA0\xCC\x81%", "{\"%a\xC2\xA0\xCC\x81%\"}");
}

static void what_is_no_utf_8_is_in_none(void **state)
{
  (void)state;
  ASSERT_READ(
      "%ab\xFF"
      "cd%",
      "{}");
  ASSERT_READ(
      "%abc\x80"
      "def%",
      "{\"%abc%\",\"%def%\"}");
  ASSERT_READ("%ab\xC3%", "{}");
  ASSERT_READ("%ab\xED\xA0\x80%", "{}");         /* a surrogate */
  ASSERT_READ("%ab\xC1\xA1%", "{}");             /* overlong */
  ASSERT_READ("ab\xF0\x9F\x98", "{}");           /* ends too early */
  assert_read((ua_text){"ab\xC3\xBC", 3}, "{}"); /* so does this: the length counts */
}

static void of_a_long_pattern_the_first_sixteen_are_taken(void **state)
{
  (void)state;
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
  for (size_t length = UA_MAX_TRIGRAMS + 1; length <= sizeof letters - 1; length++) {
    char expected[512] = "{";
    size_t used = 1;
    for (size_t i = 0; i < UA_MAX_TRIGRAMS && i + 3 <= length; i++) {
      used += (size_t)snprintf(expected + used, sizeof expected - used, "%s\"%%%.3s%%\"", i == 0 ? "" : ",",
                               letters + i);
    }
    memcpy(expected + used, "}", 2);
    assert_read((ua_text){letters, length}, expected);
  }
}

static void sixteen_of_the_longest_characters_fit(void **state)
{
  (void)state;
  char pattern[4 * 300];
  for (size_t i = 0; i < sizeof pattern; i += 4) {
    memcpy(pattern + i, "\xF0\x9F\x98\x80", 4);
  }
  ua_text array = read((ua_text){pattern, sizeof pattern});
  assert_int_equal(array.length, 2 + UA_MAX_TRIGRAMS * (3 * 4 + 4) + UA_MAX_TRIGRAMS - 1);
  assert_int_equal(array.data[array.length - 1], '}');
}

static void absent_text_gives_absent_text_and_needs_no_memory(void **state)
{
  (void)state;
  ua_text array = UA_TEXT("untouched");
  assert_int_equal(ua_store_trigrams_read(NULL, UA_TEXT_ABSENT, &array), UA_OK);
  assert_null(array.data);
}

static void exhausted_memory_is_no_absent_text(void **state)
{
  (void)state;
  ua_text array = UA_TEXT_ABSENT;
  while (ua_arena_alloc(arena, 1) != NULL) {
    continue;
  }
  assert_int_equal(ua_store_trigrams_read(arena, UA_TEXT("%abc%"), &array), UA_INTERNAL);
  assert_int_equal(ua_store_trigrams_read(arena, UA_TEXT("%%"), &array), UA_INTERNAL);
}

/* Fails unless `array` is {"%...%","%...%"}, where the dots are characters that are not special in an array,
 * a string or a LIKE pattern of PostgreSQL. */
static void assert_plain(ua_text array)
{
  static const char special[] = "\"\\%_{}, ";
  const char *at = array.data;
  assert_int_equal(*at++, '{');
  while (*at != '}') {
    assert_memory_equal(at, "\"%", 2);
    at += 2;
    size_t length = strcspn(at, special);
    assert_in_range(length, 3, 12);
    assert_true(ua_text_is_utf8((ua_text){at, length}));
    at += length;
    assert_memory_equal(at, "%\"", 2);
    at += 2;
    at += *at == ',' && at[1] == '"' ? 1 : 0;
  }
  assert_ptr_equal(at, array.data + array.length - 1);
}

static void nothing_in_one_means_anything_to_the_database(void **state)
{
  (void)state;
  static const char *const parts[] = {"a",
                                      "Z",
                                      "7",
                                      "%",
                                      "_",
                                      "\\",
                                      "\"",
                                      "'",
                                      "{",
                                      "}",
                                      ",",
                                      " ",
                                      "\xC3\xBC",
                                      "\xE4\xB8\xAD",
                                      "\xF0\x9F\x98\x80",
                                      "\x80",
                                      "\xFF",
                                      "\xC3"};
  enum { PARTS = sizeof parts / sizeof parts[0], PATTERNS = 20000 };
  uint32_t seed = 1;
  for (int i = 0; i < PATTERNS; i++) {
    char pattern[128];
    size_t length = 0;
    for (int left = i % 30; left > 0; left--) {
      seed = seed * 1664525u + 1013904223u;
      /* More letters than other characters. */
      const char *part = parts[(seed >> 8) % 3 == 0 ? (seed >> 16) % PARTS : (seed >> 16) % 3];
      memcpy(pattern + length, part, strlen(part));
      length += strlen(part);
    }
    assert_plain(read((ua_text){pattern, length}));
    ua_arena_reset(arena);
  }
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

int main(void)
{
  const struct CMUnitTest tests[] = {
      WITH_ARENA(each_three_letters_or_digits_in_a_row_are_one),
      WITH_ARENA(what_is_shorter_has_none),
      WITH_ARENA(wildcards_are_in_none),
      WITH_ARENA(escapes_are_in_none_and_what_is_escaped_is_what_it_is),
      WITH_ARENA(blanks_and_punctuation_are_in_none),
      WITH_ARENA(characters_of_several_bytes_count_as_one),
      WITH_ARENA(what_is_no_utf_8_is_in_none),
      WITH_ARENA(of_a_long_pattern_the_first_sixteen_are_taken),
      WITH_ARENA(sixteen_of_the_longest_characters_fit),
      WITH_ARENA(absent_text_gives_absent_text_and_needs_no_memory),
      WITH_ARENA(exhausted_memory_is_no_absent_text),
      WITH_ARENA(nothing_in_one_means_anything_to_the_database),
  };
  return cmocka_run_group_tests_name("trigrams", tests, NULL, NULL);
}
