#include <string.h>

#include "operator/migration_file.h"
#include "unit.h"

static ua_error_line error;
static ua_operator_migration migration;

static ua_status parse(const char *content)
{
  error.text[0] = '\0';
  return ua_operator_migration_parse(UA_TEXT("20261123000001_users.sql"), ua_text_of(content), &migration,
                                     &error);
}

static void assert_text(ua_text text, const char *expected)
{
  assert_true(ua_text_equal(text, ua_text_of(expected)));
}

static void assert_refused(const char *content, const char *complaint)
{
  assert_int_equal(parse(content), UA_BAD_REQUEST);
  assert_non_null(strstr(error.text, complaint));
  assert_non_null(strstr(error.text, "20261123000001_users.sql"));
}

static void a_version_is_the_digits_that_a_name_begins_with(void **state)
{
  (void)state;
  assert_text(ua_operator_migration_version(UA_TEXT("20261123000001_users.sql")), "20261123000001");
  assert_text(ua_operator_migration_version(UA_TEXT("1.sql")), "1");
  assert_text(ua_operator_migration_version(UA_TEXT("007-x.sql")), "007");
}

static void other_files_are_no_migrations(void **state)
{
  (void)state;
  static const char *const names[] = {"",        "users.sql", "1_users.SQL", "1_users.sql~",
                                      "1_users", ".sql",      "_1.sql",      "embed.mk"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    assert_null(ua_operator_migration_version(ua_text_of(names[i])).data);
  }
  assert_null(ua_operator_migration_version((ua_text){"1\0.sql", 6}).data);
  assert_null(ua_operator_migration_version(UA_TEXT_ABSENT).data);
}

static void a_version_of_more_than_32_digits_is_none(void **state)
{
  (void)state;
  assert_non_null(ua_operator_migration_version(UA_TEXT("12345678901234567890123456789012.sql")).data);
  assert_null(ua_operator_migration_version(UA_TEXT("123456789012345678901234567890123.sql")).data);
}

static void a_file_has_an_up_and_a_down_half(void **state)
{
  (void)state;
  assert_int_equal(parse("-- migrate:up\nCREATE TABLE a ();\n\n-- migrate:down\nDROP TABLE a;\n"), UA_OK);
  assert_text(migration.version, "20261123000001");
  assert_text(migration.up, "CREATE TABLE a ();\n\n");
  assert_text(migration.down, "DROP TABLE a;\n");
}

static void comments_and_empty_lines_may_stand_before_the_directives(void **state)
{
  (void)state;
  assert_int_equal(parse("-- why\n\n  -- more\n\t\n-- migrate:up\nx\n-- migrate:down\ny"), UA_OK);
  assert_text(migration.up, "x\n");
  assert_text(migration.down, "y");
}

static void either_half_may_be_empty(void **state)
{
  (void)state;
  assert_int_equal(parse("-- migrate:up\n-- migrate:down"), UA_OK);
  assert_text(migration.up, "");
  assert_text(migration.down, "");
}

static void blanks_around_a_directive_and_lines_of_windows_do_not_matter(void **state)
{
  (void)state;
  assert_int_equal(parse("--migrate:up \r\nx\r\n--  \tmigrate:down\t\r\ny\r\n"), UA_OK);
  assert_text(migration.up, "x\r\n");
  assert_text(migration.down, "y\r\n");
}

static void words_that_only_begin_like_a_directive_are_comments(void **state)
{
  (void)state;
  assert_int_equal(parse("-- migrate:upper\n-- migrate:up\n-- migrate:downward\n-- migrate:down\n"), UA_OK);
  assert_text(migration.up, "-- migrate:downward\n");
}

static void a_directive_in_the_middle_of_a_line_is_none(void **state)
{
  (void)state;
  assert_int_equal(parse("-- migrate:up\nSELECT 1; -- migrate:down\n -- migrate:down\n-- migrate:down\n"),
                   UA_OK);
  assert_text(migration.up, "SELECT 1; -- migrate:down\n -- migrate:down\n");
}

static void missing_directives_are_refused(void **state)
{
  (void)state;
  assert_refused("", "no -- migrate:up");
  assert_refused("-- only a comment\n", "no -- migrate:up");
  assert_refused("-- migrate:up\nx\n", "no -- migrate:down");
}

static void directives_in_the_wrong_order_or_twice_are_refused(void **state)
{
  (void)state;
  assert_refused("-- migrate:down\n-- migrate:up\n", "before");
  assert_refused("-- migrate:up\n-- migrate:up\n-- migrate:down\n", "twice");
  assert_refused("-- migrate:up\n-- migrate:down\n-- migrate:down\n", "twice");
  assert_refused("-- migrate:up\n-- migrate:down\n-- migrate:up\n", "twice");
}

static void statements_before_the_first_directive_are_refused(void **state)
{
  (void)state;
  assert_refused("CREATE TABLE a ();\n-- migrate:up\n-- migrate:down\n", "before -- migrate:up");
}

static void a_migration_that_asks_for_no_transaction_is_refused(void **state)
{
  (void)state;
  assert_refused("-- migrate:up transaction:false\n-- migrate:down\n", "transaction:false");
  assert_refused("-- migrate:up\n-- migrate:down transaction:false\n", "transaction:false");
  assert_refused("-- migrate:up colour:red\n-- migrate:down\n", "unknown option");
  assert_int_equal(parse("-- migrate:up transaction:true\n-- migrate:down\n"), UA_OK);
}

static void what_is_not_text_is_refused(void **state)
{
  (void)state;
  ua_text with_nul = {"-- migrate:up\n\0\n-- migrate:down\n", 32};
  assert_int_equal(ua_operator_migration_parse(UA_TEXT("1.sql"), with_nul, &migration, &error),
                   UA_BAD_REQUEST);
  assert_refused("-- migrate:up\n\xFF\n-- migrate:down\n", "UTF-8");
}

static void a_refused_file_leaves_the_result_untouched(void **state)
{
  (void)state;
  migration = (ua_operator_migration){.name = UA_TEXT("before")};
  assert_int_equal(parse("-- migrate:up\n"), UA_BAD_REQUEST);
  assert_text(migration.name, "before");
}

static void the_programs_own_migrations_are_whole_and_ordered(void **state)
{
  (void)state;
  ua_operator_migration_set set;
  assert_int_equal(ua_operator_migration_set_embedded(&set, &error), UA_OK);
  assert_true(set.count >= 2);
  for (size_t i = 0; i < set.count; i++) {
    assert_true(set.migrations[i].up.length > 0);
    assert_true(set.migrations[i].down.length > 0);
    assert_true(i == 0 || ua_text_compare(set.migrations[i - 1].version, set.migrations[i].version) < 0);
  }
  ua_operator_migration_set_clear(&set);
  assert_int_equal(set.count, 0);
}

static void a_line_about_an_error_is_one_line(void **state)
{
  (void)state;
  ua_error_line_set(&error, "%s", "\n one\n\ttwo \x1b[31m three\n");
  assert_string_equal(error.text, "one two [31m three");
  ua_error_line_prefix(&error, "%s", "file");
  assert_string_equal(error.text, "file: one two [31m three");
}

static void a_line_about_an_error_is_cut_not_overrun(void **state)
{
  (void)state;
  char longer[2000];
  memset(longer, 'x', sizeof longer - 1);
  longer[sizeof longer - 1] = '\0';
  ua_error_line_set(&error, "%s", longer);
  assert_int_equal(strlen(error.text), sizeof error.text - 1);
  ua_error_line_prefix(&error, "%s", longer);
  assert_true(strlen(error.text) < sizeof error.text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_version_is_the_digits_that_a_name_begins_with),
      cmocka_unit_test(other_files_are_no_migrations),
      cmocka_unit_test(a_version_of_more_than_32_digits_is_none),
      cmocka_unit_test(a_file_has_an_up_and_a_down_half),
      cmocka_unit_test(comments_and_empty_lines_may_stand_before_the_directives),
      cmocka_unit_test(either_half_may_be_empty),
      cmocka_unit_test(blanks_around_a_directive_and_lines_of_windows_do_not_matter),
      cmocka_unit_test(words_that_only_begin_like_a_directive_are_comments),
      cmocka_unit_test(a_directive_in_the_middle_of_a_line_is_none),
      cmocka_unit_test(missing_directives_are_refused),
      cmocka_unit_test(directives_in_the_wrong_order_or_twice_are_refused),
      cmocka_unit_test(statements_before_the_first_directive_are_refused),
      cmocka_unit_test(a_migration_that_asks_for_no_transaction_is_refused),
      cmocka_unit_test(what_is_not_text_is_refused),
      cmocka_unit_test(a_refused_file_leaves_the_result_untouched),
      cmocka_unit_test(the_programs_own_migrations_are_whole_and_ordered),
      cmocka_unit_test(a_line_about_an_error_is_one_line),
      cmocka_unit_test(a_line_about_an_error_is_cut_not_overrun),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
