#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#include "cli/report.h"

enum { NAME_WIDTH = 20, OPTION_WIDTH = 32 };

static void print_row(const ua_cli_command *command)
{
  (void)printf("  %-*s %s\n", NAME_WIDTH, command->name, command->summary);
}

void ua_cli_help_print(void)
{
  (void)printf("usage: user-api-admin COMMAND [ARGUMENTS]\n\n");
  for (const ua_cli_command *command = ua_admin_commands; command->name != NULL; command++) {
    if (command != ua_admin_commands && !ua_cli_same_group(command - 1, command)) {
      (void)printf("\n");
    }
    print_row(command);
  }
  (void)printf(
      "\n"
      "  --help     this text; `user-api-admin help COMMAND` tells all about one\n"
      "  --version  the program's version\n"
      "\n"
      "The database is given as an argument, with --database-url, or in USER_API_DATABASE_URL or the file\n"
      "that USER_API_DATABASE_URL_FILE names: a URI (postgresql://user@host/database) or a keyword string.\n"
      "\n"
      "Exit codes: 0 done, 1 failed, 2 the command line was not understood.\n");
}

void ua_cli_help_print_group(const ua_cli_command *first)
{
  int length = (int)ua_cli_group_length(first);
  (void)printf("usage: user-api-admin %.*s ACTION [ARGUMENTS]\n\n", length, first->name);
  for (const ua_cli_command *at = first; at->name != NULL && ua_cli_same_group(first, at); at++) {
    print_row(at);
  }
  (void)printf("\n`user-api-admin help %.*s ACTION` tells all about one.\n", length, first->name);
}

void ua_cli_help_print_command(const ua_cli_command *command)
{
  (void)printf("usage: user-api-admin %s%s%s\n\n%s.\n\n%s", command->name,
               command->synopsis[0] == '\0' ? "" : " ", command->synopsis, command->summary,
               command->details);
  if (command->options->name != NULL) {
    (void)printf("\nOptions:\n");
  }
  for (const ua_cli_option *option = command->options; option->name != NULL; option++) {
    int used = printf("  %s%s%s", option->name, option->value == NULL ? "" : " ",
                      option->value == NULL ? "" : option->value);
    (void)printf("%*s%s\n", used < OPTION_WIDTH ? OPTION_WIDTH - used : 1, "", option->help);
  }
}

int ua_cli_help(const ua_cli_arguments *arguments)
{
  if (arguments->positional_count == 0) {
    ua_cli_help_print();
    return UA_CLI_OK;
  }
  int count = (int)arguments->positional_count;
  int taken = 0;
  const ua_cli_command *group = ua_cli_group_find(arguments->positional[0]);
  const ua_cli_command *command = ua_cli_command_find(count, arguments->positional, &taken);
  if (group != NULL && count == 1) {
    ua_cli_help_print_group(group);
    return UA_CLI_OK;
  }
  if (command == NULL) {
    return ua_cli_unknown_command(count, arguments->positional);
  }
  if (taken < count) {
    return ua_cli_misused("help: too many arguments (see: user-api-admin help)");
  }
  ua_cli_help_print_command(command);
  return UA_CLI_OK;
}
