#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report.h"

size_t ua_cli_group_length(const ua_cli_command *command)
{
  const char *blank = strchr(command->name, ' ');
  return blank == NULL ? 0 : (size_t)(blank - command->name);
}

bool ua_cli_same_group(const ua_cli_command *a, const ua_cli_command *b)
{
  size_t length = ua_cli_group_length(a);
  return length == ua_cli_group_length(b) && strncmp(a->name, b->name, length) == 0;
}

const ua_cli_command *ua_cli_group_find(const char *name)
{
  for (const ua_cli_command *command = ua_admin_commands; command->name != NULL; command++) {
    size_t length = ua_cli_group_length(command);
    if (length > 0 && strlen(name) == length && strncmp(command->name, name, length) == 0) {
      return command;
    }
  }
  return NULL;
}

const ua_cli_command *ua_cli_command_find(int count, const char *const words[], int *taken_r)
{
  for (const ua_cli_command *command = ua_admin_commands; count > 0 && command->name != NULL; command++) {
    size_t group = ua_cli_group_length(command);
    bool found = group == 0 ? strcmp(command->name, words[0]) == 0
                            : count > 1 && strlen(words[0]) == group &&
                                  strncmp(command->name, words[0], group) == 0 &&
                                  strcmp(command->name + group + 1, words[1]) == 0;
    if (found) {
      *taken_r = group == 0 ? 1 : 2;
      return command;
    }
  }
  return NULL;
}

int ua_cli_unknown_command(int count, const char *const words[])
{
  char actions[256] = "";
  size_t used = 0;
  const ua_cli_command *first = ua_cli_group_find(words[0]);
  if (first == NULL) {
    return ua_cli_misused("unknown %s %s (see: user-api-admin help)",
                          words[0][0] == '-' ? "option" : "command", words[0]);
  }
  for (const ua_cli_command *at = first; at->name != NULL && ua_cli_same_group(first, at); at++) {
    const char *action = at->name + ua_cli_group_length(at) + 1;
    bool last = at[1].name == NULL || !ua_cli_same_group(first, at + 1);
    const char *separator = at == first ? "" : (last ? " or " : ", ");
    int length = snprintf(actions + used, sizeof actions - used, "%s%s", separator, action);
    used += length > 0 && (size_t)length < sizeof actions - used ? (size_t)length : 0;
  }
  if (count < 2) {
    return ua_cli_misused("%s: what to do is missing: %s", words[0], actions);
  }
  return ua_cli_misused("%s: unknown action %s (%s)", words[0], words[1], actions);
}

/* The row whose name `word` is, or begins with before a "=". */
static const ua_cli_option *find_option(const ua_cli_option *options, const char *word, size_t length)
{
  for (const ua_cli_option *option = options; option->name != NULL; option++) {
    if (strlen(option->name) == length && strncmp(option->name, word, length) == 0) {
      return option;
    }
  }
  return NULL;
}

/* Reads the option at argv[*at], and moves on to its value when that is a word of its own. */
static bool read_option(const ua_cli_command *command, int argc, char *const argv[], int *at,
                        ua_cli_arguments *arguments)
{
  const char *word = argv[*at];
  const char *equals = strchr(word, '=');
  int length = equals == NULL ? (int)strlen(word) : (int)(equals - word);
  const ua_cli_option *option = find_option(command->options, word, (size_t)length);
  if (option == NULL) {
    (void)ua_cli_misused("%s: unknown option %.*s (see: user-api-admin help %s)", command->name, length, word,
                         command->name);
    return false;
  }
  const char **value = &arguments->option[option - command->options];
  if (*value != NULL) {
    (void)ua_cli_misused("%s: %s is given twice", command->name, option->name);
    return false;
  }
  if (option->value == NULL) {
    *value = equals == NULL ? option->name : NULL;
  } else if (equals != NULL) {
    *value = equals + 1;
  } else if (*at + 1 < argc) {
    *value = argv[++*at];
  }
  if (*value == NULL) {
    (void)ua_cli_misused("%s: %s %s", command->name, option->name,
                         option->value == NULL ? "takes no value" : "needs a value");
    return false;
  }
  return true;
}

bool ua_cli_arguments_read(const ua_cli_command *command, int argc, char *const argv[],
                           ua_cli_arguments *arguments_r)
{
  ua_cli_arguments arguments = {.command = command};
  bool options_end = false;
  for (int at = 0; at < argc; at++) {
    const char *word = argv[at];
    if (!options_end && strcmp(word, "--") == 0) {
      options_end = true;
    } else if (!options_end && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
      arguments.help = true;
    } else if (!options_end && word[0] == '-' && word[1] != '\0') {
      if (!read_option(command, argc, argv, &at, &arguments)) {
        return false;
      }
    } else if (arguments.positional_count == command->positionals) {
      (void)ua_cli_misused("%s: too many arguments (see: user-api-admin help %s)", command->name,
                           command->name);
      return false;
    } else {
      arguments.positional[arguments.positional_count++] = word;
    }
  }
  if (!arguments.help && arguments.positional_count < command->required) {
    (void)ua_cli_misused("%s: an argument is missing (usage: user-api-admin %s %s)", command->name,
                         command->name, command->synopsis);
    return false;
  }
  *arguments_r = arguments;
  return true;
}

static void forget(char **words, int count)
{
  for (int i = 0; words != NULL && i < count; i++) {
    if (words[i] != NULL) {
      explicit_bzero(words[i], strlen(words[i]));
      free(words[i]);
    }
  }
  free(words);
}

/* Moves the words out of argv, which everyone on the machine can read. */
static char **take_words(int argc, char *argv[])
{
  char **words = calloc((size_t)argc + 1, sizeof *words);
  for (int i = 0; words != NULL && i < argc; i++) {
    words[i] = strdup(argv[i]);
    explicit_bzero(argv[i], strlen(argv[i]));
    if (words[i] == NULL) {
      forget(words, argc);
      return NULL;
    }
  }
  return words;
}

static int run_command(const ua_cli_command *command, int argc, char *const words[])
{
  ua_cli_arguments arguments;
  if (!ua_cli_arguments_read(command, argc, words, &arguments)) {
    return UA_CLI_USAGE;
  }
  if (arguments.help) {
    ua_cli_help_print_command(command);
    return UA_CLI_OK;
  }
  return command->run(&arguments);
}

/* A command line whose words are no command's name. */
static int run_no_command(int count, const char *const words[])
{
  const ua_cli_command *group = ua_cli_group_find(words[0]);
  if (group != NULL && count > 1 && (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0)) {
    ua_cli_help_print_group(group);
    return UA_CLI_OK;
  }
  return ua_cli_unknown_command(count, words);
}

int ua_cli_main(int argc, char *argv[])
{
  int taken = 0;
  const char *name = argc > 1 ? argv[1] : NULL;
  if (name == NULL) {
    return ua_cli_misused("no command given (see: user-api-admin help)");
  }
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
    ua_cli_help_print();
    return UA_CLI_OK;
  }
  if (strcmp(name, "--version") == 0) {
    (void)printf("user-api-admin %s\n", UA_VERSION);
    return UA_CLI_OK;
  }
  const char *const *given = (const char *const *)argv + 1;
  const ua_cli_command *command = ua_cli_command_find(argc - 1, given, &taken);
  if (command == NULL) {
    return run_no_command(argc - 1, given);
  }
  int count = argc - 1 - taken;
  char **words = take_words(count, argv + 1 + taken);
  if (words == NULL) {
    return ua_cli_fail("out of memory");
  }
  int code = run_command(command, count, words);
  forget(words, count);
  return code;
}
