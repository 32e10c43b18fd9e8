#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#include "cli/report.h"

enum { NAME_WIDTH = 20, OPTION_WIDTH = 32 };

static void print_row(const ua_cli_command *command)
{
  (void)printf("  %-*s %s\n", NAME_WIDTH, command->name, command->summary);
}

void ua_cli_help_print(const ua_cli_program *program)
{
  (void)printf("usage: %s COMMAND [ARGUMENTS]\n", program->name);
  for (const ua_cli_command *const *row = program->commands; *row != NULL; row++) {
    (void)fputs(ua_cli_group_begins(program, row) ? "\n" : "", stdout);
    print_row(*row);
  }
  (void)printf(
      "\n"
      "  --help     this text; `%s help COMMAND` explains one\n"
      "  --version  the program's version\n"
      "\n"
      "%s",
      program->name, program->details);
}

void ua_cli_help_print_group(const ua_cli_program *program, const ua_cli_command *const *first)
{
  int length = (int)ua_cli_group_length(*first);
  const ua_cli_command *const *row = first;
  (void)printf("usage: %s %.*s ACTION [ARGUMENTS]\n\n", program->name, length, (*first)->name);
  print_row(*row);
  while (!ua_cli_group_ends(row)) {
    print_row(*++row);
  }
  (void)printf("\n`%s help %.*s ACTION` explains one.\n", program->name, length, (*first)->name);
}

static void print_details(const ua_cli_program *program, const char *details)
{
  static const char mark[] = "{program}";
  for (const char *at; (at = strstr(details, mark)) != NULL; details = at + strlen(mark)) {
    (void)printf("%.*s%s", (int)(at - details), details, program->name);
  }
  (void)fputs(details, stdout);
}

void ua_cli_help_print_command(const ua_cli_program *program, const ua_cli_command *command)
{
  (void)printf("usage: %s %s%s%s\n\n%s.\n\n", program->name, command->name,
               command->synopsis[0] == '\0' ? "" : " ", command->synopsis, command->summary);
  print_details(program, command->details);
  if (command->options->name != NULL) {
    (void)printf("\nOptions:\n");
  }
  for (const ua_cli_option *option = command->options; option->name != NULL; option++) {
    int used = printf("  %s%s%s", option->name, option->value == NULL ? "" : " ",
                      option->value == NULL ? "" : option->value);
    (void)printf("%*s%s\n", used < OPTION_WIDTH ? OPTION_WIDTH - used : 1, "", option->help);
  }
  (void)printf("\nExample:\n  %s %s%s%s\n", program->name, command->name,
               command->example[0] == '\0' ? "" : " ", command->example);
}

static int run_help(const ua_cli_arguments *arguments)
{
  const ua_cli_program *program = arguments->program;
  if (arguments->positional_count == 0) {
    ua_cli_help_print(program);
    return UA_CLI_OK;
  }
  int count = (int)arguments->positional_count;
  int taken = 0;
  const ua_cli_command *const *group = ua_cli_group_find(program, arguments->positional[0]);
  const ua_cli_command *command = ua_cli_command_find(program, count, arguments->positional, &taken);
  if (group != NULL && count == 1) {
    ua_cli_help_print_group(program, group);
    return UA_CLI_OK;
  }
  if (command == NULL) {
    return ua_cli_unknown_command(program, count, arguments->positional);
  }
  if (taken < count) {
    return ua_cli_misused("help: too many arguments (see: %s help)", program->name);
  }
  ua_cli_help_print_command(program, command);
  return UA_CLI_OK;
}

const ua_cli_command ua_cli_help = {
    .name = "help",
    .synopsis = "[COMMAND]",
    .summary = "Explains a command",
    .details = "Without COMMAND, lists the commands.\n",
    .example = "user add",
    .options = ua_cli_no_options,
    .positionals = 2,
    .run = run_help,
};
