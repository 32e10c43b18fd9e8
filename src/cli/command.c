#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/guess.h"
#include "cli/help.h"
#include "cli/report.h"

const ua_cli_option ua_cli_no_options[] = {{NULL, NULL, NULL}};

size_t ua_cli_group_length(const ua_cli_command *command)
{
  const char *blank = strchr(command->name, ' ');
  return blank == NULL ? 0 : (size_t)(blank - command->name);
}

static bool same_group(const ua_cli_command *a, const ua_cli_command *b)
{
  size_t length = ua_cli_group_length(a);
  return length == ua_cli_group_length(b) && strncmp(a->name, b->name, length) == 0;
}

bool ua_cli_group_begins(const ua_cli_program *program, const ua_cli_command *const *row)
{
  return row == program->commands || !same_group(row[-1], row[0]);
}

bool ua_cli_group_ends(const ua_cli_command *const *row)
{
  return row[1] == NULL || !same_group(row[0], row[1]);
}

const ua_cli_command *const *ua_cli_group_find(const ua_cli_program *program, const char *name)
{
  for (const ua_cli_command *const *row = program->commands; *row != NULL; row++) {
    size_t length = ua_cli_group_length(*row);
    if (length > 0 && strlen(name) == length && strncmp((*row)->name, name, length) == 0) {
      return row;
    }
  }
  return NULL;
}

const ua_cli_command *ua_cli_command_find(const ua_cli_program *program, int count, const char *const words[],
                                          int *taken_r)
{
  for (const ua_cli_command *const *row = program->commands; count > 0 && *row != NULL; row++) {
    const ua_cli_command *command = *row;
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

/* Suggests a command or group for a mistyped word, also "user add" for user-add. */
static void guess_command(const ua_cli_program *program, ua_cli_guess *guess)
{
  ua_cli_guess_try(guess, UA_TEXT("--help"));
  ua_cli_guess_try(guess, UA_TEXT("--version"));
  for (const ua_cli_command *const *row = program->commands; *row != NULL; row++) {
    ua_cli_guess_try(guess, (ua_text){(*row)->name, ua_cli_group_length(*row)});
    ua_cli_guess_try(guess, ua_text_of((*row)->name));
  }
}

int ua_cli_unknown_command(const ua_cli_program *program, int count, const char *const words[])
{
  char actions[256] = "";
  char hint[UA_CLI_GUESS_BYTES];
  size_t used = 0;
  bool last = false;
  ua_cli_guess guess = {.word = ua_text_of(words[0])};
  const ua_cli_command *const *first = ua_cli_group_find(program, words[0]);
  if (first == NULL) {
    guess_command(program, &guess);
    return ua_cli_misused("unknown %s %s%s (see: %s help)", words[0][0] == '-' ? "option" : "command",
                          ua_text_shown(words[0]), ua_cli_guess_hint(&guess, hint), program->name);
  }
  guess.word = ua_text_of(count < 2 ? "" : words[1]);
  for (const ua_cli_command *const *row = first; !last; row++) {
    const char *action = (*row)->name + ua_cli_group_length(*row) + 1;
    last = ua_cli_group_ends(row);
    const char *separator = row == first ? "" : (last ? " or " : ", ");
    int length = snprintf(actions + used, sizeof actions - used, "%s%s", separator, action);
    used += length > 0 && (size_t)length < sizeof actions - used ? (size_t)length : 0;
    ua_cli_guess_try(&guess, ua_text_of(action));
  }
  if (count < 2) {
    return ua_cli_misused("%s: what to do is missing: %s", words[0], actions);
  }
  return ua_cli_misused("%s: unknown action %s%s (%s)", words[0], ua_text_shown(words[1]),
                        ua_cli_guess_hint(&guess, hint), actions);
}

/* Reports that a command has no such option; ignores the text after its "=". */
static void unknown_option(const ua_cli_arguments *arguments, ua_text word)
{
  bool may_be_url = memchr(word.data, ':', word.length) != NULL;
  ua_text shown = may_be_url ? UA_TEXT("…") : word;
  const ua_cli_command *command = arguments->command;
  char hint[UA_CLI_GUESS_BYTES];
  ua_cli_guess guess = {.word = word};
  for (const ua_cli_option *option = command->options; option->name != NULL; option++) {
    ua_cli_guess_try(&guess, ua_text_of(option->name));
  }
  ua_cli_guess_try(&guess, UA_TEXT("--help"));
  (void)ua_cli_misused("%s: unknown option %.*s%s (see: %s help %s)", command->name, UA_TEXT_ARGS(shown),
                       ua_cli_guess_hint(&guess, hint), arguments->program->name, command->name);
}

/* The row whose name equals `word`, or the part of it before a "=". */
static const ua_cli_option *find_option(const ua_cli_option *options, const char *word, size_t length)
{
  for (const ua_cli_option *option = options; option->name != NULL; option++) {
    if (strlen(option->name) == length && strncmp(option->name, word, length) == 0) {
      return option;
    }
  }
  return NULL;
}

/* Reads the option at argv[*at], and advances to its value if that is a separate word. */
static bool read_option(int argc, char *const argv[], int *at, ua_cli_arguments *arguments)
{
  const ua_cli_command *command = arguments->command;
  const char *word = argv[*at];
  const char *equals = strchr(word, '=');
  size_t length = equals == NULL ? strlen(word) : (size_t)(equals - word);
  const ua_cli_option *option = find_option(command->options, word, length);
  if (option == NULL) {
    unknown_option(arguments, (ua_text){word, length});
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

bool ua_cli_arguments_read(const ua_cli_program *program, const ua_cli_command *command, int argc,
                           char *const argv[], ua_cli_arguments *arguments_r)
{
  ua_cli_arguments arguments = {.program = program, .command = command};
  bool options_end = false;
  for (int at = 0; at < argc; at++) {
    const char *word = argv[at];
    if (!options_end && strcmp(word, "--") == 0) {
      options_end = true;
    } else if (!options_end && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
      arguments.help = true;
    } else if (!options_end && word[0] == '-' && word[1] != '\0') {
      if (!read_option(argc, argv, &at, &arguments)) {
        return false;
      }
    } else if (arguments.positional_count == command->positionals) {
      (void)ua_cli_misused("%s: too many arguments (see: %s help %s)", command->name, program->name,
                           command->name);
      return false;
    } else {
      arguments.positional[arguments.positional_count++] = word;
    }
  }
  if (!arguments.help && arguments.positional_count < command->required) {
    (void)ua_cli_misused("%s: an argument is missing (usage: %s %s %s)", command->name, program->name,
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

/* Moves the words out of argv, which every user of the machine can read. */
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

static int run_command(const ua_cli_program *program, const ua_cli_command *command, int argc,
                       char *const words[])
{
  ua_cli_arguments arguments;
  if (!ua_cli_arguments_read(program, command, argc, words, &arguments)) {
    return UA_CLI_USAGE;
  }
  if (arguments.help) {
    ua_cli_help_print_command(program, command);
    return UA_CLI_OK;
  }
  return command->run(&arguments);
}

/* Handles a command line that does not begin with a command's name. */
static int run_no_command(const ua_cli_program *program, int count, const char *const words[])
{
  const ua_cli_command *const *group = ua_cli_group_find(program, words[0]);
  if (group != NULL && count > 1 && (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0)) {
    ua_cli_help_print_group(program, group);
    return UA_CLI_OK;
  }
  return ua_cli_unknown_command(program, count, words);
}

int ua_cli_main(const ua_cli_program *program, int argc, char *argv[])
{
  int taken = 0;
  ua_cli_name_set(program->name);
  const char *name = argc > 1 ? argv[1] : NULL;
  if (name == NULL) {
    return ua_cli_misused("no command given (see: %s help)", program->name);
  }
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
    ua_cli_help_print(program);
    return UA_CLI_OK;
  }
  if (strcmp(name, "--version") == 0) {
    (void)printf("%s %s\n", program->name, UA_VERSION);
    return UA_CLI_OK;
  }
  const char *const *given = (const char *const *)argv + 1;
  const ua_cli_command *command = ua_cli_command_find(program, argc - 1, given, &taken);
  if (command == NULL) {
    return run_no_command(program, argc - 1, given);
  }
  int count = argc - 1 - taken;
  char **words = take_words(count, argv + 1 + taken);
  if (words == NULL) {
    return ua_cli_fail("out of memory");
  }
  int code = run_command(program, command, count, words);
  forget(words, count);
  return code;
}
