#include <stdlib.h>
#include <string.h>

#include "base/assignment.h"
#include "unit.h"

enum { ROOM = 512 };

static char room[ROOM];
static ua_assignment read;

/* The first assignment of the text, after comments and empty lines. */
static void read_first(const char *text)
{
  ua_assignments self;
  ua_assignments_begin(&self, ua_text_of(text), room);
  do {
    if (!ua_assignments_next(&self, &read)) {
      fail_msg("nothing in %s", text);
    }
  } while (read.key.data == NULL && read.wrong == NULL);
}

static void values_are_read_as_systemd_reads_them(void **state)
{
  static const struct {
    const char *text, *value;
  } rows[] = {
      {"K=abc", "abc"},
      {"K=", ""},
      {"K=''", ""},
      {"K=\"\"", ""},
      {" \tK \t= a b \t\r\n", "a b"},
      {"K=a=b", "a=b"},
      {"K='abc'", "abc"},
      {"K=\"abc\"", "abc"},
      {"K= 'abc' \n", "abc"},
      {"K=' a '", " a "},
      {"K='a\\b\"$`#'", "a\\b\"$`#"},
      {"K=\"a\\\\b\\\"\\$\\`\"", "a\\b\"$`"},
      {"K=\"a\\nb\\'\"", "a\\nb\\'"},
      {"K=a\\b\\\\c\\\"", "ab\\c\""},
      {"K=a\\ \n", "a "},
      {"K=\\'a'b", "'a'b"},
      {"K=it's", "it's"},
      {"K=host=/tmp password='a b'", "host=/tmp password='a b'"},
      {"K=a # b", "a # b"},
      {"K=#a", "#a"},
      {"K=a;b", "a;b"},
      {"K=$HOME`x`%d", "$HOME`x`%d"},
      {"K=a\\\nb\n", "ab"},
      {"K=a \\\n  b\n", "a   b"},
      {"K=\\\n b\n", " b"},
      {"K=\"a\\\nb\"\n", "ab"},
      {"K='a\\\nb'\n", "a\\\nb"},
      {"K='a\nb'\n", "a\nb"},
      {"K=\"a\nb\"\n", "a\nb"},
      {"K='it'\"'\"'s'", "it's"},
      {"K=\xC3\xA9", "\xC3\xA9"},
      {"# K=comment\n;K=another\n\n  # K=third\nK=x", "x"},
      {"#\\\\\nK=x", "x"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    read_first(rows[i].text);
    if (read.wrong != NULL || strcmp(read.value.data, rows[i].value) != 0) {
      fail_msg("%s: %s instead of '%s'", rows[i].text, read.wrong != NULL ? read.wrong : read.value.data,
               rows[i].value);
    }
    assert_int_equal(read.value.length, strlen(rows[i].value));
    assert_true(ua_text_equal(read.key, UA_TEXT("K")));
  }
}

static void mistakes_are_refused_by_a_reason_that_repeats_nothing(void **state)
{
  static const struct {
    const char *text, *reason;
  } rows[] = {
      {"secret", "not KEY=value"},
      {"=secret", "not KEY=value"},
      {"export K=secret", "not KEY=value"},
      {"K-K=secret", "not KEY=value"},
      {"1K=secret", "not KEY=value"},
      {"K='secret", "a quote is not closed"},
      {"K=\"secret\nL=1\n", "a quote is not closed"},
      {"K=\"secret\\", "a quote is not closed"},
      {"K=\"secret\\\"", "a quote is not closed"},
      {"K=secret'", "a quote is missing"},
      {"K=secret\"\n", "a quote is missing"},
      {"K='it's'", "there is text behind the closing quote"},
      {"K='it'\\''s'", "there is text behind the closing quote"},
      {"K=\"secret\" # comment", "there is text behind the closing quote"},
      {"K=\"a\nL=\"secret\"\n", "there is text behind the closing quote"},
      {"K=secret\\", "the last line ends in a backslash"},
      {"# comment \\\nK=secret", "the comment ends in a backslash"},
      {"K=\xE9", "the value is not UTF-8"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    read_first(rows[i].text);
    const char *wrong = read.wrong == NULL ? "nothing is wrong" : read.wrong;
    if (strstr(wrong, rows[i].reason) != wrong) {
      fail_msg("%s: %s", rows[i].text, wrong);
    }
    assert_null(strstr(wrong, "secret"));
  }
}

static void line_ends_of_windows_and_a_byte_order_mark_belong_to_nothing(void **state)
{
  ua_assignments self;
  (void)state;
  ua_assignments_begin(&self, UA_TEXT("\xEF\xBB\xBFK=a\r\n\r\nL='b\r\nc'\r\nM=d\\\r\ne\rN=f"), room);
  assert_true(ua_assignments_next(&self, &read));
  assert_string_equal(read.value.data, "a");
  assert_true(ua_assignments_next(&self, &read));
  assert_null(read.key.data);
  assert_true(ua_assignments_next(&self, &read));
  assert_string_equal(read.value.data, "b\nc");
  assert_int_equal(read.line, 3);
  assert_true(ua_assignments_next(&self, &read));
  assert_string_equal(read.value.data, "de");
  assert_int_equal(read.line, 5);
  assert_true(ua_assignments_next(&self, &read));
  assert_string_equal(read.value.data, "f");
  assert_int_equal(read.line, 7);
  assert_false(ua_assignments_next(&self, &read));
}

static void the_source_of_each_is_what_stands_in_the_text(void **state)
{
  static const char *const pieces[] = {"# a\n", "\n", "A='1\n2'\n", "what is wrong\n", " B = 3"};
  char text[ROOM] = "";
  size_t used = 0;
  ua_assignments self;
  (void)state;
  for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
    used += (size_t)snprintf(text + used, sizeof text - used, "%s", pieces[i]);
  }
  ua_assignments_begin(&self, ua_text_of(text), room);
  for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
    assert_true(ua_assignments_next(&self, &read));
    assert_true(ua_text_equal(read.source, ua_text_of(pieces[i])));
  }
  assert_false(ua_assignments_next(&self, &read));
}

static void what_is_written_is_read_back(void **state)
{
  static const char *const values[] = {"",    "plain-_.~%:/@?=+,[]", " ",    " a ", "'",  "\"",
                                       "\\",  "\\\\\"$`'",           "a\nb", "#a",  ";a", "\xC3\xA9",
                                       "it's"};
  (void)state;
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    char *written = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&written, &length);
    assert_non_null(out);
    ua_assignment_put(out, "K", values[i]);
    assert_int_equal(fclose(out), 0);
    read_first(written);
    assert_null(read.wrong);
    assert_string_equal(read.value.data, values[i]);
    assert_int_equal(read.source.length, length);
    free(written);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_are_read_as_systemd_reads_them),
      cmocka_unit_test(mistakes_are_refused_by_a_reason_that_repeats_nothing),
      cmocka_unit_test(line_ends_of_windows_and_a_byte_order_mark_belong_to_nothing),
      cmocka_unit_test(the_source_of_each_is_what_stands_in_the_text),
      cmocka_unit_test(what_is_written_is_read_back),
  };
  return cmocka_run_group_tests_name("assignment", tests, NULL, NULL);
}
