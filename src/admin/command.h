/* Subcommands as data: a command is a row here, and a file with its function. */
#ifndef UA_ADMIN_COMMAND_H
#define UA_ADMIN_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { UA_ADMIN_MAX_OPTIONS = 16, UA_ADMIN_MAX_POSITIONALS = 4 };

/* An option of one command. The last row of a table has name NULL. */
typedef struct ua_admin_option {
  const char *name;  /* with its two dashes */
  const char *value; /* what follows, as help shows it; NULL for a switch */
  const char *help;
} ua_admin_option;

/* A command line, read. The strings belong to whoever made it. */
typedef struct ua_admin_arguments {
  const char *option[UA_ADMIN_MAX_OPTIONS]; /* by row of the command's options; NULL: not given */
  const char *positional[UA_ADMIN_MAX_POSITIONALS];
  size_t positional_count;
  bool help;
} ua_admin_arguments;

typedef struct ua_admin_command {
  const char *name;
  const char *synopsis; /* what follows the name */
  const char *summary;  /* one line */
  const char *details;  /* the rest of its help */
  const ua_admin_option *options;
  size_t positionals; /* at most so many */
  int (*run)(const ua_admin_arguments *arguments);
} ua_admin_command;

/* The table; the last row has name NULL. */
extern const ua_admin_command ua_admin_commands[];

/* NULL when there is none of this name. */
const ua_admin_command *ua_admin_command_find(const char *name);

/* Reads what follows the command's name: options as `--name value` or `--name=value`, in any order with the
 * positionals; `--` ends options. False after saying what is wrong. */
UA_CHECK bool ua_admin_arguments_read(const ua_admin_command *command, int argc, char *const argv[],
                                      ua_admin_arguments *arguments_r);

/* On standard output. */
void ua_admin_help_print(void);
void ua_admin_help_print_command(const ua_admin_command *command);

/* Runs the program's command line and returns its exit code. Wipes what follows the command's name from argv
 * first, because passwords may stand there, and everyone can read it. */
int ua_admin_main(int argc, char *argv[]);

#endif
