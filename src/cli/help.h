/* The command `help`, and the texts of --help, on standard output. */
#ifndef UA_CLI_HELP_H
#define UA_CLI_HELP_H

#include "cli/command.h"

extern const ua_cli_command ua_cli_help;

void ua_cli_help_print(const ua_cli_program *program);
void ua_cli_help_print_command(const ua_cli_program *program, const ua_cli_command *command);
void ua_cli_help_print_group(const ua_cli_program *program, const ua_cli_command *const *first);

#endif
