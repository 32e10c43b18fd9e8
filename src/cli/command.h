/* Command lines as data: a program is a table of commands, and a command's file contains its entry, its
 * options and its function. */
#ifndef UA_CLI_COMMAND_H
#define UA_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { UA_CLI_MAX_OPTIONS = 24, UA_CLI_MAX_POSITIONALS = 32 };

/* An option of one command. The last row of a table has name NULL. */
typedef struct ua_cli_option {
  const char *name;  /* with its two dashes */
  const char *value; /* what follows, as help shows it; NULL for a switch. FILE and DIR are completed as
                        paths, words separated by | as those words */
  const char *help;
} ua_cli_option;

typedef struct ua_cli_command ua_cli_command;

/* A program and its commands. */
typedef struct ua_cli_program {
  const char *name;
  const char *details;                   /* of its help, after the list of commands */
  const ua_cli_command *const *commands; /* NULL at the end; commands of a group are consecutive */
} ua_cli_program;

/* The options of a command without options. */
extern const ua_cli_option ua_cli_no_options[];

/* For every command that prints something. */
#define UA_CLI_JSON_OPTION_ROW {"--json", NULL, "one JSON object instead of lines"}

/* A parsed command line. The strings belong to the caller. */
typedef struct ua_cli_arguments {
  const ua_cli_program *program;
  const ua_cli_command *command;
  const char *option[UA_CLI_MAX_OPTIONS]; /* by row of the command's options; NULL: not given */
  const char *positional[UA_CLI_MAX_POSITIONALS];
  size_t positional_count;
  bool help;
} ua_cli_arguments;

struct ua_cli_command {
  const char *name;     /* one word, or group and action: "customer add" */
  const char *synopsis; /* what follows the name; lower-case words separated by | are completed */
  const char *summary;  /* one line */
  const char *details;  /* the rest of its help; {program} stands for the program's name */
  const char *example;  /* the words after the name, as a shell reads it; " \\\n" continues a long one */
  const ua_cli_option *options;
  size_t required;    /* so many positionals at least, */
  size_t positionals; /* and so many at most */
  int (*run)(const ua_cli_arguments *arguments);
};

/* The command whose name the first of `count` words are; *taken_r says how many of them. NULL, *taken_r
 * untouched, when there is none. */
const ua_cli_command *ua_cli_command_find(const ua_cli_program *program, int count, const char *const words[],
                                          int *taken_r);

/* The first row of the group `name`, NULL if there is no such group. Its other rows follow. */
const ua_cli_command *const *ua_cli_group_find(const ua_cli_program *program, const char *name);

/* The length of the group's name, 0 for a command of one word. */
size_t ua_cli_group_length(const ua_cli_command *command);

/* Whether the row is the first, or the last, of its group in the table. Consecutive commands of one word
 * count as a group. */
bool ua_cli_group_begins(const ua_cli_program *program, const ua_cli_command *const *row);
bool ua_cli_group_ends(const ua_cli_command *const *row);

/* Reports that `words` name no command, and which commands exist; returns UA_CLI_USAGE. */
int ua_cli_unknown_command(const ua_cli_program *program, int count, const char *const words[]);

/* Reads the words after the command's name: options as `--name value` or `--name=value`, in any order with
 * the positionals; `--` ends options. False after it has reported an error. */
UA_CHECK bool ua_cli_arguments_read(const ua_cli_program *program, const ua_cli_command *command, int argc,
                                    char *const argv[], ua_cli_arguments *arguments_r);

/* Runs the program's command line and returns its exit code. First wipes the words after the command's name
 * from argv: they may contain passwords, and every user of the machine can read them. */
int ua_cli_main(const ua_cli_program *program, int argc, char *argv[]);

#endif
