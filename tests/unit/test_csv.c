#include <string.h>

#include "transfer/csv.h"
#include "unit.h"

static char scratch[4096];
static ua_transfer_csv_record record;

static ua_transfer_csv_verdict verdict_of(const char *input, bool is_all)
{
  memset(&record, 0xFF, sizeof record);
  return ua_transfer_csv_read(ua_text_of(input), is_all, scratch, &record);
}

static void assert_record(const char *input, size_t length, size_t lines, size_t count)
{
  assert_int_equal(verdict_of(input, false), UA_CSV_RECORD);
  assert_int_equal(record.length, length);
  assert_int_equal(record.lines, lines);
  assert_int_equal(record.count, count);
}

static void assert_field(size_t at, const char *text, bool quoted)
{
  assert_true(ua_text_equal(record.field[at].text, ua_text_of(text)));
  assert_int_equal(record.field[at].quoted, quoted);
}

static void a_line_is_fields_with_commas_between_them(void **state)
{
  (void)state;
  assert_record("a,,b c \r\nnext", 9, 1, 3);
  assert_field(0, "a", false);
  assert_field(1, "", false);
  assert_field(2, "b c ", false);
}

static void lines_end_in_lf_crlf_or_with_the_input(void **state)
{
  (void)state;
  assert_record("a\nb", 2, 1, 1);
  assert_record("a\r\nb", 3, 1, 1);
  assert_int_equal(verdict_of("a,b", true), UA_CSV_RECORD);
  assert_int_equal(record.length, 3);
  assert_int_equal(record.lines, 1);
  assert_field(1, "b", false);
}

static void a_lone_cr_is_a_character(void **state)
{
  (void)state;
  assert_record("a\rb\n", 4, 1, 1);
  assert_field(0, "a\rb", false);
}

static void quotes_hold_commas_line_ends_and_doubled_quotes(void **state)
{
  (void)state;
  assert_record("\"a,\"\"b\"\"\r\nc\",\"\",d\n", 18, 2, 3);
  assert_field(0, "a,\"b\"\r\nc", true);
  assert_field(1, "", true);
  assert_field(2, "d", false);
}

static void an_empty_line_is_one_empty_field(void **state)
{
  (void)state;
  assert_record("\r\na", 2, 1, 1);
  assert_field(0, "", false);
}

static void what_may_go_on_behind_the_input_is_not_decided(void **state)
{
  (void)state;
  static const struct {
    const char *input;
    bool open;
  } table[] = {{"", false},       {"a", false},       {"a,", false},      {"a\r", false},
               {"a\"b", false},   {"\"", true},       {"\"a", true},      {"\"a\"", true},
               {"\"a\"\"", true}, {"\"a\"\r", false}, {"\"a\",b", false}, {"a,\"b\n", true}};
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    assert_int_equal(verdict_of(table[i].input, false), UA_CSV_MORE);
    assert_int_equal(record.open, table[i].open);
  }
}

static void a_quote_that_nothing_closes_is_told(void **state)
{
  (void)state;
  assert_int_equal(verdict_of("a,\"b\nc\n", true), UA_CSV_UNTERMINATED);
  assert_true(record.open);
  assert_int_equal(record.length, 7);
}

static void a_stray_quote_spoils_its_line_alone(void **state)
{
  (void)state;
  static const char *const inputs[] = {"a\"b,c\nd", "\"ab\"x,\nd", "a,\"b\" \nd", "\"a\"\rx\nd"};
  for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
    assert_int_equal(verdict_of(inputs[i], false), UA_CSV_STRAY_QUOTE);
    assert_int_equal(record.lines, 1);
    assert_string_equal(inputs[i] + record.length, "d");
  }
}

static void fields_beyond_the_most_are_counted_and_not_kept(void **state)
{
  (void)state;
  char input[3 * UA_CSV_MAX_FIELDS];
  memset(input, ',', sizeof input);
  input[sizeof input - 2] = '\n';
  input[sizeof input - 1] = '\0';
  assert_record(input, sizeof input - 1, 1, sizeof input - 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_line_is_fields_with_commas_between_them),
      cmocka_unit_test(lines_end_in_lf_crlf_or_with_the_input),
      cmocka_unit_test(a_lone_cr_is_a_character),
      cmocka_unit_test(quotes_hold_commas_line_ends_and_doubled_quotes),
      cmocka_unit_test(an_empty_line_is_one_empty_field),
      cmocka_unit_test(what_may_go_on_behind_the_input_is_not_decided),
      cmocka_unit_test(a_quote_that_nothing_closes_is_told),
      cmocka_unit_test(a_stray_quote_spoils_its_line_alone),
      cmocka_unit_test(fields_beyond_the_most_are_counted_and_not_kept),
  };
  return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
