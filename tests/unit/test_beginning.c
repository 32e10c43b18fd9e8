#include <string.h>

#include "transfer/beginning.h"
#include "unit.h"

static ua_error_line error;

/* The message, "" for none. */
static const char *fault_of(ua_text beginning, ua_transfer_format format)
{
  error.text[0] = '\0';
  bool good = ua_transfer_beginning_check(beginning, true, format, &error);
  assert_int_equal(good, error.text[0] == '\0');
  return error.text;
}

static void assert_fault(ua_text beginning, ua_transfer_format format, const char *expected)
{
  if (strstr(fault_of(beginning, format), expected) == NULL) {
    fail_msg("\"%s\" is not in \"%s\"", expected, error.text);
  }
}

static void files_that_can_be_read_begin_in_many_ways(void **state)
{
  (void)state;
  static const char *const jsonl[] = {"",
                                      "\n \r\n",
                                      "{}",
                                      "{\"email\":\"a\"}\r\n{\"email\":\"b\"}\r\n",
                                      "\n\n  {\"email\":\"a\"}\n[1]\nx",
                                      "{\n{\"email\":\"a\"}\n",
                                      "{\"email\":\n",
                                      "{\"email\":\"a\"}\r"};
  static const char *const csv[] = {
      "email,name\n", "\r\n,,\r\nname,email\r\n1,2", "\"email\",\"name\"\n", "email,name,roles\na,b,c;d\n",
      "nick\n",       "email,name\r\na\rb,c\n"};
  for (size_t i = 0; i < sizeof jsonl / sizeof jsonl[0]; i++) {
    assert_string_equal(fault_of(ua_text_of(jsonl[i]), UA_ROWS_JSONL), "");
  }
  for (size_t i = 0; i < sizeof csv / sizeof csv[0]; i++) {
    assert_string_equal(fault_of(ua_text_of(csv[i]), UA_ROWS_CSV), "");
  }
}

static void other_encodings_and_archives_are_named_in_either_format(void **state)
{
  (void)state;
  const struct {
    ua_text beginning;
    const char *said;
  } table[] = {
      {UA_TEXT("\xFF\xFE"
               "e\0m\0a\0"),
       "is UTF-16: convert it to UTF-8, as iconv -f UTF-16 -t"},
      {UA_TEXT("\xFE\xFF\0e\0m\0a"), "is UTF-16: convert it to UTF-8, as iconv -f UTF-16 -t"},
      {UA_TEXT("\xFF\xFE\0\0e\0\0\0"), "is UTF-32: convert it to UTF-8, as iconv -f UTF-32 -t"},
      {UA_TEXT("\0\0\xFE\xFF\0\0\0e"), "is UTF-32: convert it to UTF-8, as iconv -f UTF-32 -t"},
      {UA_TEXT("{\0\"\0e\0m\0"), "iconv -f UTF-16LE -t UTF-8"},
      {UA_TEXT("\0e\0m\0a\0i\0l"), "iconv -f UTF-16BE -t UTF-8"},
      {UA_TEXT("{\"email\":\"a\0b\"}\n"), "has NUL bytes in its first line"},
      {UA_TEXT("\0\0\0\0\0\0\0\0"), "has NUL bytes in its first line"},
      {UA_TEXT("\x1F\x8B\x08\x00"), "gunzip"},
      {UA_TEXT("BZh91AY&SY"), "bunzip2"},
      {UA_TEXT("\xFD"
               "7zXZ\0"),
       "unxz"},
      {UA_TEXT("\x28\xB5\x2F\xFD\x04"), "unzstd"},
      {UA_TEXT("PK\x03\x04\x14\0"),
       "is a zip archive, as Excel's .xlsx is: unpack it, or save the sheet as CSV UTF-8"},
      {UA_TEXT("\xD0\xCF\x11\xE0\xA1\xB1"), "is an Excel workbook (.xls)"},
      {UA_TEXT("email,name\ra,b\rc,d\r"), "has lines that end in CR alone"},
      {UA_TEXT("{\"email\":\"a\"}\r{\"email\":\"b\"}\r"), "has lines that end in CR alone"},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    assert_fault(table[i].beginning, UA_ROWS_JSONL, table[i].said);
    assert_fault(table[i].beginning, UA_ROWS_CSV, table[i].said);
  }
}

static void json_that_is_no_lines_is_named(void **state)
{
  (void)state;
  static const struct {
    const char *beginning;
    const char *said;
  } table[] = {
      {"[\n {\"email\":\"a\"},\n {\"email\":\"b\"}\n]\n",
       "the file is a JSON array: write one object a line"},
      {"\n  [{\"email\":\"a\"}]", "jq -c '.[]'"},
      {"[]", "is a JSON array"},
      {"{\n  \"email\": \"a\",\n  \"name\": \"b\"\n}\n",
       "spreads an object over several lines: write one object a line"},
      {"{\"email\": \"a\",\r\n\r\n\t\"name\": \"b\"}\r\n", "jq -c ."},
      {"{\n}\n", "spreads an object over several lines"},
      {"{\"email\":\"a\"},\n{\"email\":\"b\"}\n", "has a comma behind an object"},
      {"email,name\na,b\n",
       "does not begin with a JSON object: if it is CSV, end its name in .csv, or give --format csv"},
      {"a@x,b,c\n", "does not begin with a JSON object"},
      {"<users>\n", "does not begin with a JSON object"},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    assert_fault(ua_text_of(table[i].beginning), UA_ROWS_JSONL, table[i].said);
  }
}

static void csv_that_is_something_else_is_named(void **state)
{
  (void)state;
  static const struct {
    const char *beginning;
    const char *said;
  } table[] = {
      {"", "the file is empty: its first line has to name the columns"},
      {" \r\n\n", "the file is empty"},
      {"{\"email\":\"a\"}\n",
       "seems to be JSON: if it has one object a line, end its name in .jsonl, or give --format jsonl"},
      {"[{\"email\":\"a\"}]", "seems to be JSON"},
      {"sep=;\nemail;name\n", "Excel's line sep=, which is no header: delete that line"},
      {"SEP=,\r\nemail,name\r\n", "Excel's line sep="},
      {"email;name;active;roles\nann;Ann;TRUE;admin\n",
       "the header \"email;name;active;roles\" has semicolons between its columns: separate them by commas"},
      {"\"Email\";\"Name\"\n", "the header \"\"Email\";\"Name\"\" has semicolons"},
      {"email\tname\n", "the header \"email name\" has tabs between its columns"},
      {"email|name|active\n", "has the character | between its columns"},
      {"id;email;name;active;customer;roles;epoch;hash;salt\n",
       "the header \"id;email;name;active;customer;roles;epoc…\" has semicolons"},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    assert_fault(ua_text_of(table[i].beginning), UA_ROWS_CSV, table[i].said);
  }
}

static void what_may_go_on_is_not_judged_by_its_end(void **state)
{
  (void)state;
  assert_true(ua_transfer_beginning_check(UA_TEXT_ABSENT, false, UA_ROWS_CSV, &error));
  assert_true(ua_transfer_beginning_check(UA_TEXT("\n\n"), false, UA_ROWS_CSV, &error));
  assert_true(ua_transfer_beginning_check(UA_TEXT("{\"email\":{},"), false, UA_ROWS_JSONL, &error));
  assert_false(ua_transfer_beginning_check(UA_TEXT("{\"email\":{},"), true, UA_ROWS_JSONL, &error));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(files_that_can_be_read_begin_in_many_ways),
      cmocka_unit_test(other_encodings_and_archives_are_named_in_either_format),
      cmocka_unit_test(json_that_is_no_lines_is_named),
      cmocka_unit_test(csv_that_is_something_else_is_named),
      cmocka_unit_test(what_may_go_on_is_not_judged_by_its_end),
  };
  return cmocka_run_group_tests_name("beginning", tests, NULL, NULL);
}
