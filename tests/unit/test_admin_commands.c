/* What every command of user-api-admin must have. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wordexp.h>

#include "admin/commands.h"
#include "base/text.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "unit.h"

enum { COLUMNS = 80, MOST_HELP_BYTES = 16384 };

static bool takes_no_database(const ua_cli_command *command)
{
  return command == &ua_cli_completion || command == &ua_cli_help;
}

/* A group's first row prints the group's help, too. */
static void print_help(const ua_cli_command *const *row)
{
  if (ua_cli_group_length(*row) > 0 && ua_cli_group_begins(&ua_admin_program, row)) {
    ua_cli_help_print_group(&ua_admin_program, row);
  }
  ua_cli_help_print_command(&ua_admin_program, *row);
}

/* What printing wrote to standard output. */
static const char *printed_help(const ua_cli_command *const *row)
{
  static char text[MOST_HELP_BYTES];
  FILE *file = tmpfile();
  (void)fflush(stdout);
  int usual = dup(STDOUT_FILENO);
  assert_true(file != NULL && usual >= 0 && dup2(fileno(file), STDOUT_FILENO) >= 0);
  if (row == NULL) {
    ua_cli_help_print(&ua_admin_program);
  } else {
    print_help(row);
  }
  (void)fflush(stdout);
  (void)dup2(usual, STDOUT_FILENO);
  (void)close(usual);
  rewind(file);
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  (void)fclose(file);
  assert_true(strlen(text) < sizeof text - 1);
  return text;
}

static void assert_fits(const char *text)
{
  ua_text rest = ua_text_of(text), line;
  while (ua_text_split(&rest, '\n', &line)) {
    if (ua_text_utf8_count(line) > COLUMNS) {
      fail_msg("more than %d columns: %.*s", COLUMNS, UA_TEXT_ARGS(line));
    }
  }
}

static void every_help_fits_eighty_columns(void **state)
{
  (void)state;
  assert_fits(printed_help(NULL));
  for (const ua_cli_command *const *row = ua_admin_program.commands; *row != NULL; row++) {
    assert_fits(printed_help(row));
  }
}

static void every_help_ends_with_an_example_that_the_command_understands(void **state)
{
  (void)state;
  for (const ua_cli_command *const *row = ua_admin_program.commands; *row != NULL; row++) {
    ua_cli_arguments arguments;
    wordexp_t words;
    if ((*row)->example == NULL) {
      fail_msg("%s has no example", (*row)->name);
    }
    assert_non_null(strstr(printed_help(row), "\nExample:\n  user-api-admin "));
    assert_int_equal(wordexp((*row)->example, &words, WRDE_NOCMD | WRDE_UNDEF), 0);
    if (!ua_cli_arguments_read(&ua_admin_program, *row, (int)words.we_wordc, words.we_wordv, &arguments)) {
      fail_msg("%s does not understand its example", (*row)->name);
    }
    assert_false(arguments.help);
    wordfree(&words);
  }
}

static bool has_option(const ua_cli_command *command, const char *name)
{
  for (const ua_cli_option *option = command->options; option->name != NULL; option++) {
    if (strcmp(option->name, name) == 0) {
      return true;
    }
  }
  return false;
}

static void every_command_takes_the_database_by_the_same_option(void **state)
{
  (void)state;
  for (const ua_cli_command *const *row = ua_admin_program.commands; *row != NULL; row++) {
    if (has_option(*row, "--database-url") == takes_no_database(*row)) {
      fail_msg("%s and --database-url", (*row)->name);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_help_fits_eighty_columns),
      cmocka_unit_test(every_help_ends_with_an_example_that_the_command_understands),
      cmocka_unit_test(every_command_takes_the_database_by_the_same_option),
  };
  return cmocka_run_group_tests_name("admin commands", tests, NULL, NULL);
}
