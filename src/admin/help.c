#include "admin/help.h"

#include <stdio.h>
#include <string.h>

#include "admin/report.h"

void ua_admin_help_print(void)
{
  (void)printf("usage: user-api-admin COMMAND [ARGUMENTS]\n\n");
  for (const ua_admin_command *command = ua_admin_commands; command->name != NULL; command++) {
    (void)printf("  %-10s %s\n", command->name, command->summary);
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

void ua_admin_help_print_command(const ua_admin_command *command)
{
  (void)printf("usage: user-api-admin %s%s%s\n\n%s.\n\n%s", command->name,
               command->synopsis[0] == '\0' ? "" : " ", command->synopsis, command->summary,
               command->details);
  if (command->options->name != NULL) {
    (void)printf("\nOptions:\n");
  }
  for (const ua_admin_option *option = command->options; option->name != NULL; option++) {
    int used = printf("  %s%s%s", option->name, option->value == NULL ? "" : " ",
                      option->value == NULL ? "" : option->value);
    (void)printf("%*s%s\n", used < 32 ? 32 - used : 1, "", option->help);
  }
}

int ua_admin_help(const ua_admin_arguments *arguments)
{
  if (arguments->positional_count == 0) {
    ua_admin_help_print();
    return UA_ADMIN_OK;
  }
  const ua_admin_command *command = ua_admin_command_find(arguments->positional[0]);
  if (command == NULL) {
    return ua_admin_misused("help: unknown command %s", arguments->positional[0]);
  }
  ua_admin_help_print_command(command);
  return UA_ADMIN_OK;
}
