/* The command `completion`: scripts for shells, generated from the table of commands. */
#ifndef UA_CLI_COMPLETION_H
#define UA_CLI_COMPLETION_H

#include "cli/command.h"

extern const ua_cli_command ua_cli_completion;

/* Possible values of an option, or of a command's arguments. */
typedef struct ua_cli_values {
  bool files;
  bool folders;
  char words[128]; /* separated by blanks; "" for none */
} ua_cli_values;

/* Of an option's `value` ("FILE", "up|down", NULL) or of a whole synopsis: FILE, DIR, and lower-case words
 * separated by |, also next to another name. */
ua_cli_values ua_cli_values_of(const char *text);

/* Each prints a script on standard output. */
void ua_cli_completion_print_bash(const ua_cli_program *program);
void ua_cli_completion_print_zsh(const ua_cli_program *program);

#endif
