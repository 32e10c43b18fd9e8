/* A program with two commands: its output must have nothing of user-api-admin. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/report.h"
#include "unit.h"

static ua_cli_arguments seen;

static int run_send(const ua_cli_arguments *arguments)
{
  seen = *arguments;
  return UA_CLI_OK;
}

static const ua_cli_option send_options[] = {
    {"--to", "ADDRESS", "where it goes"},
    {"--dry-run", NULL, "send nothing"},
    {NULL, NULL, NULL},
};

static const ua_cli_command mail_send = {.name = "mail send",
                                         .synopsis = "[OPTIONS] FILE",
                                         .summary = "Sends a mail",
                                         .details = "See {program} help, or help of {program}.\n",
                                         .example = "letter --to ann@example.org",
                                         .options = send_options,
                                         .required = 1,
                                         .positionals = 1,
                                         .run = run_send};

static const ua_cli_command *const commands[] = {&mail_send, &ua_cli_completion, &ua_cli_help, NULL};

static const ua_cli_program program = {
    .name = "user-api-courier", .details = "That is all.\n", .commands = commands};

static char output[16384];

/* Runs the line, and sets `output` to what it wrote to `stream`. */
static int run(FILE *stream, const char *line)
{
  char words[256];
  char *argv[8] = {words};
  int argc = 0;
  FILE *file = tmpfile();
  assert_non_null(file);
  (void)fflush(stream);
  int usual = dup(fileno(stream));
  assert_true(usual >= 0 && dup2(fileno(file), fileno(stream)) >= 0);
  (void)snprintf(words, sizeof words, "%s", line);
  char *rest = words;
  while (rest != NULL) {
    argv[argc++] = strsep(&rest, " ");
  }
  int code = ua_cli_main(&program, argc, argv);
  (void)fflush(stream);
  (void)dup2(usual, fileno(stream));
  (void)close(usual);
  rewind(file);
  output[fread(output, 1, sizeof output - 1, file)] = '\0';
  (void)fclose(file);
  return code;
}

static void assert_says(const char *text)
{
  if (strstr(output, text) == NULL) {
    fail_msg("%s is missing in: %s", text, output);
  }
  assert_null(strstr(output, "user-api-admin"));
}

static void words_that_may_hold_a_secret_are_not_repeated(void **state)
{
  static const char *const lines[] = {
      "courier postgresql://u:hunter2@h/d",      "courier password=hunter2",
      "courier help postgresql://u:hunter2@h/d", "courier mail postgresql://u:hunter2@h/d",
      "courier mail password=hunter2",           "courier mail send --url:postgresql://u:hunter2@h/d x",
      "courier mail send --tu=hunter2 x",        "courier completion postgresql://u:hunter2@h/d"};
  (void)state;
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    assert_int_equal(run(stderr, lines[i]), UA_CLI_USAGE);
    assert_says("unknown ");
    assert_null(strstr(output, "hunter2"));
  }
}

static void an_entry_is_all_that_a_command_needs(void **state)
{
  (void)state;
  assert_int_equal(run(stdout, "courier mail send --to=a@b.c letter --dry-run"), UA_CLI_OK);
  assert_ptr_equal(seen.program, &program);
  assert_ptr_equal(seen.command, &mail_send);
  assert_int_equal(seen.positional_count, 1);
  assert_non_null(seen.option[0]);
  assert_non_null(seen.option[1]);
}

static void help_is_made_of_the_table_and_names_the_program(void **state)
{
  (void)state;
  assert_int_equal(run(stdout, "courier --help"), UA_CLI_OK);
  assert_says(
      "usage: user-api-courier COMMAND [ARGUMENTS]\n\n  mail send            Sends a mail\n\n  completion  ");
  assert_says("\nThat is all.\n");
  assert_int_equal(run(stdout, "courier help mail send"), UA_CLI_OK);
  assert_says("usage: user-api-courier mail send [OPTIONS] FILE\n\nSends a mail.\n\n");
  assert_says("See user-api-courier help, or help of user-api-courier.\n\nOptions:\n  --to ADDRESS ");
  assert_says("send nothing\n\nExample:\n  user-api-courier mail send letter --to ann@example.org\n");
  assert_int_equal(run(stdout, "courier help completion"), UA_CLI_OK);
  assert_says("source <(user-api-courier completion bash)");
}

static void errors_begin_with_the_program_and_lead_to_its_help(void **state)
{
  (void)state;
  assert_int_equal(run(stderr, "courier post"), UA_CLI_USAGE);
  assert_says("user-api-courier: unknown command post (see: user-api-courier help)\n");
  assert_int_equal(run(stderr, "courier mail read"), UA_CLI_USAGE);
  assert_says("user-api-courier: mail: unknown action read (send)\n");
  assert_int_equal(run(stderr, "courier mail send --now x"), UA_CLI_USAGE);
  assert_says("mail send: unknown option --now (see: user-api-courier help mail send)\n");
  assert_int_equal(run(stderr, "courier mail send"), UA_CLI_USAGE);
  assert_says("(usage: user-api-courier mail send [OPTIONS] FILE)\n");
}

static void a_mistyped_word_is_answered_with_the_nearest_one(void **state)
{
  (void)state;
  assert_int_equal(run(stderr, "courier mial send x"), UA_CLI_USAGE);
  assert_says("unknown command mial: did you mean mail? (see: user-api-courier help)\n");
  assert_int_equal(run(stderr, "courier mail-send x"), UA_CLI_USAGE);
  assert_says("unknown command mail-send: did you mean mail send? (see: ");
  assert_int_equal(run(stderr, "courier help mial"), UA_CLI_USAGE);
  assert_says("unknown command mial: did you mean mail? (see: ");
  assert_int_equal(run(stderr, "courier --versoin"), UA_CLI_USAGE);
  assert_says("unknown option --versoin: did you mean --version? (see: ");
  assert_int_equal(run(stderr, "courier mail snd x"), UA_CLI_USAGE);
  assert_says("mail: unknown action snd: did you mean send? (send)\n");
  assert_int_equal(run(stderr, "courier mail send --dryrun=now x"), UA_CLI_USAGE);
  assert_says("mail send: unknown option --dryrun: did you mean --dry-run? (see: user-api-courier help ");
}

static void shells_complete_the_program_by_its_own_name(void **state)
{
  (void)state;
  assert_int_equal(run(stdout, "courier completion bash"), UA_CLI_OK);
  assert_says("\n_user_api_courier() {\n");
  assert_says("\n    mail) at=3 values='send' ;;\n");
  assert_says("\ncomplete -F _user_api_courier user-api-courier\n");
  assert_int_equal(run(stdout, "courier completion zsh"), UA_CLI_OK);
  assert_says("#compdef user-api-courier\n");
  assert_says("compdef _user-api-courier user-api-courier\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_entry_is_all_that_a_command_needs),
      cmocka_unit_test(help_is_made_of_the_table_and_names_the_program),
      cmocka_unit_test(words_that_may_hold_a_secret_are_not_repeated),
      cmocka_unit_test(errors_begin_with_the_program_and_lead_to_its_help),
      cmocka_unit_test(a_mistyped_word_is_answered_with_the_nearest_one),
      cmocka_unit_test(shells_complete_the_program_by_its_own_name),
  };
  return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
