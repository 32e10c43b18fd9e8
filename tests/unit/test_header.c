#include <stdio.h>
#include <string.h>

#include "transfer/header.h"
#include "unit.h"

static ua_transfer_csv_header header;
static ua_error_line error;

/* The message, "" for none. */
static const char *fault_of(const char *line)
{
  static char scratch[4096];
  static ua_transfer_csv_record record;
  assert_int_equal(ua_transfer_csv_read(ua_text_of(line), true, scratch, &record), UA_CSV_RECORD);
  error.text[0] = '\0';
  bool good = ua_transfer_header_read(&record, &header, &error);
  assert_int_equal(good, error.text[0] == '\0');
  return error.text;
}

#define PLACE "the header (the first line has to name the columns): "
#define NAMES "the names are id, email, name, active, customer, roles, epoch, hash, salt"

static void columns_stand_in_any_order(void **state)
{
  (void)state;
  assert_string_equal(fault_of("name,id,email\n"), "");
  assert_int_equal(header.count, 3);
  assert_int_equal(header.width, 3);
  assert_int_equal(header.column[0], UA_USER_NAME);
  assert_int_equal(header.column[2], UA_USER_EMAIL);
}

static void columns_without_a_name_behind_the_others_are_left_out(void **state)
{
  (void)state;
  assert_string_equal(fault_of("email,name,active,,\"\"\n"), "");
  assert_int_equal(header.count, 3);
  assert_int_equal(header.width, 5);
}

static void what_is_wrong_is_named_with_its_text(void **state)
{
  (void)state;
  static const struct {
    const char *line;
    const char *said;
  } table[] = {
      {"email,name,nick", PLACE "column 3 \"nick\" is not the name of a field; " NAMES},
      {"E-Mail,name", PLACE "column 1 \"E-Mail\" is not the name of a field: write email"},
      {"email, Name ", PLACE "column 2 \" Name \" is not the name of a field: write name"},
      {"\xEF\xBB\xBF"
       "email,name",
       PLACE "column 1 \"\xEF\xBB\xBF"
             "email\" is not the name of a field: write email"},
      {"email,,name", PLACE "column 2 has no name; " NAMES},
      {"email,name,email", PLACE "column 3 \"email\" repeats the name of another"},
      {"email,customer", PLACE "column \"name\" is missing: email and name are required"},
      {"name", PLACE "column \"email\" is missing: email and name are required"},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    assert_string_equal(fault_of(table[i].line), table[i].said);
  }
}

static void columns_beyond_the_most_are_refused(void **state)
{
  (void)state;
  char line[64] = "email,name";
  memset(line + strlen(line), ',', UA_CSV_MAX_FIELDS - 2);
  assert_string_equal(fault_of(line), "");
  assert_int_equal(header.width, UA_CSV_MAX_FIELDS);
  line[strlen(line)] = ',';
  assert_string_equal(fault_of(line), "the header has 33 columns: delete those without a name");
}

static void a_line_that_names_no_field_is_not_repeated(void **state)
{
  (void)state;
  static const char *const lines[] = {"ann@example.org,Ann,hunter2", "Ann,secret",
                                      "1,$2b$04$abcdefghijklmnopqrstuu", "x"};
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    assert_string_equal(fault_of(lines[i]), PLACE
                        "no column has the name of a field; is the header missing? The names are id, "
                        "email, name, active, customer, roles, epoch, hash, salt");
  }
}

static void what_looks_like_an_email_or_a_hash_is_not_repeated(void **state)
{
  (void)state;
  static const char *const texts[] = {"ann@example.org", "$2b$04$abcdefghijklmnopqrstuu",
                                      "0123456789abcdef0123456789abcdef", "x0123456789ABCDEFx", "\xFF\xFE"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    char line[96];
    (void)snprintf(line, sizeof line, "name,%s", texts[i]);
    assert_string_equal(fault_of(line), PLACE "column 2 is not the name of a field; " NAMES);
  }
}

static void a_long_name_is_cut_at_a_whole_character(void **state)
{
  (void)state;
  assert_string_equal(fault_of("email,name,xéééééééééééééééééééééééé"),
                      PLACE "column 3 \"xééééééééééééééééééé…\" is not the name of a field; " NAMES);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(columns_stand_in_any_order),
      cmocka_unit_test(columns_without_a_name_behind_the_others_are_left_out),
      cmocka_unit_test(what_is_wrong_is_named_with_its_text),
      cmocka_unit_test(columns_beyond_the_most_are_refused),
      cmocka_unit_test(a_line_that_names_no_field_is_not_repeated),
      cmocka_unit_test(what_looks_like_an_email_or_a_hash_is_not_repeated),
      cmocka_unit_test(a_long_name_is_cut_at_a_whole_character),
  };
  return cmocka_run_group_tests_name("header", tests, NULL, NULL);
}
