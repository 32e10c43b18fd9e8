#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/word_list.h"
#include "unit.h"

static ua_word_list *list_of(const char *lines)
{
  ua_word_list *list = NULL;
  size_t line;
  assert_int_equal(ua_word_list_create(ua_text_of(lines), &list, &line), UA_OK);
  return list;
}

static bool has(const ua_word_list *list, const char *folded)
{
  return ua_word_list_has(list, ua_text_of(folded));
}

static void every_line_is_found_and_nothing_else(void **state)
{
  (void)state;
  ua_word_list *list = list_of("zebra\n\nant\r\nBee Hive\n ant \nant");
  assert_true(has(list, "zebra"));
  assert_true(has(list, "ant"));
  assert_true(has(list, "bee hive"));
  assert_true(has(list, " ant "));
  assert_false(has(list, ""));
  assert_false(has(list, "an"));
  assert_false(has(list, "antz"));
  assert_false(has(list, "zebra\r"));
  ua_word_list_destroy(&list);
  assert_null(list);
}

static void lines_are_folded(void **state)
{
  (void)state;
  ua_word_list *list = list_of("Pa\xCC\x88SSWORT\n");
  assert_true(has(list, "p\xC3\xA4sswort"));
  ua_word_list_destroy(&list);
}

static void a_long_list_is_whole(void **state)
{
  (void)state;
  enum { COUNT = 20000, WORD = 16 };
  char *lines = calloc(COUNT, WORD);
  char word[WORD];
  size_t used = 0;
  assert_non_null(lines);
  for (int i = 0; i < COUNT; i++) {
    used += (size_t)snprintf(lines + used, WORD, "%d\n", i * 7919 % COUNT);
  }
  ua_word_list *list = list_of(lines);
  for (int i = 0; i < COUNT; i++) {
    (void)snprintf(word, sizeof word, "%d", i);
    assert_true(has(list, word));
  }
  assert_false(has(list, "20000"));
  ua_word_list_destroy(&list);
  free(lines);
}

static void what_is_not_utf8_is_named_by_its_line(void **state)
{
  (void)state;
  ua_word_list *list = NULL;
  size_t line = 0;
  assert_int_equal(ua_word_list_create(UA_TEXT("a\nb\n\xFF\n"), &list, &line), UA_BAD_REQUEST);
  assert_int_equal(line, 3);
  assert_int_equal(ua_word_list_create(UA_TEXT("\n\r\n"), &list, &line), UA_BAD_REQUEST);
  assert_int_equal(line, 0);
  assert_null(list);
}

static void a_file_that_is_too_large_or_missing_is_named(void **state)
{
  (void)state;
  char path[] = "/tmp/ua-words-XXXXXX";
  ua_word_list *list = NULL;
  ua_error_line error;
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, "\xEF\xBB\xBFword", 7), 7);
  assert_int_equal(ua_word_list_load(path, &list, &error), UA_OK);
  assert_true(has(list, "word"));
  ua_word_list_destroy(&list);
  static const char line[1024] = "";
  char *filled = memset(malloc(sizeof line), 'x', sizeof line);
  for (int i = 0; i < UA_WORD_LIST_MAX_BYTES / 1024; i++) {
    assert_int_equal(write(fd, filled, sizeof line), sizeof line);
  }
  free(filled);
  assert_int_equal(close(fd), 0);
  assert_int_equal(ua_word_list_load(path, &list, &error), UA_UNAVAILABLE);
  assert_non_null(strstr(error.text, "it is larger than 16384 KiB"));
  assert_int_equal(unlink(path), 0);
  assert_int_equal(ua_word_list_load(path, &list, &error), UA_UNAVAILABLE);
  assert_non_null(strstr(error.text, path));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_line_is_found_and_nothing_else),
      cmocka_unit_test(lines_are_folded),
      cmocka_unit_test(a_long_list_is_whole),
      cmocka_unit_test(what_is_not_utf8_is_named_by_its_line),
      cmocka_unit_test(a_file_that_is_too_large_or_missing_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
