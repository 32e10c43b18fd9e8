/* Completion for zsh, with descriptions. */
#include <stdio.h>
#include <string.h>

#include "cli/completion.h"

/* Writes text within single quotes; zsh's functions need a backslash before the characters in `special`. */
static void put_quoted(const char *text, const char *special)
{
  for (; *text != '\0'; text++) {
    if (*text == '\'') {
      (void)fputs("'\\''", stdout);
    } else {
      (void)printf("%s%c", strchr(special, *text) != NULL ? "\\" : "", *text);
    }
  }
}

/* Writes the action of _arguments for a value. */
static void put_action(const ua_cli_values *values)
{
  if (values->files || values->folders) {
    (void)fputs(values->files ? "_files" : "_files -/", stdout);
  } else if (values->words[0] != '\0') {
    (void)printf("(%s)", values->words);
  }
}

static void print_first_words(const ua_cli_program *program)
{
  (void)printf("  local -a first=(\n");
  for (const ua_cli_command *const *row = program->commands; *row != NULL; row++) {
    const ua_cli_command *at = *row;
    size_t group = ua_cli_group_length(at);
    if (group == 0) {
      (void)printf("    '%s:", at->name);
      put_quoted(at->summary, "");
      (void)printf("'\n");
      continue;
    }
    bool begins = ua_cli_group_begins(program, row);
    bool ends = ua_cli_group_ends(row);
    if (begins) {
      (void)printf("    '%.*s:", (int)group, at->name);
    }
    (void)printf("%s%s%s", begins ? "" : ", ", at->name + group + 1, ends ? "'\n" : "");
  }
  (void)printf("  )\n");
}

static void print_groups(const ua_cli_program *program)
{
  (void)printf("  case ${words[at]} in\n");
  for (const ua_cli_command *const *row = program->commands; *row != NULL; row++) {
    const ua_cli_command *at = *row;
    size_t group = ua_cli_group_length(at);
    if (group == 0) {
      continue;
    }
    if (ua_cli_group_begins(program, row)) {
      (void)printf("    %.*s) actions=(\n", (int)group, at->name);
    }
    (void)printf("      '%s:", at->name + group + 1);
    put_quoted(at->summary, "");
    (void)printf("'\n");
    if (ua_cli_group_ends(row)) {
      (void)printf("      ) ;;\n");
    }
  }
  (void)printf("  esac\n");
}

static void print_command(const ua_cli_command *command)
{
  ua_cli_values values = ua_cli_values_of(command->synopsis);
  (void)printf("    '%s') _arguments \\\n", command->name);
  for (const ua_cli_option *option = command->options; option->name != NULL; option++) {
    (void)printf("      '%s%s[", option->name, option->value == NULL ? "" : "=");
    put_quoted(option->help, "[]:\\");
    (void)printf("]");
    if (option->value != NULL) {
      ua_cli_values value = ua_cli_values_of(option->value);
      (void)printf(":");
      put_quoted(option->value, ":\\");
      (void)printf(":");
      put_action(&value);
    }
    (void)printf("' \\\n");
  }
  (void)printf("      '(- *)--help[explains it]'");
  /* An argument without values would be a message, which keeps zsh from inserting a sole option. */
  if (values.files || values.folders || values.words[0] != '\0') {
    (void)printf(" \\\n      '*:argument:");
    put_action(&values);
    (void)printf("'");
  }
  (void)printf(" ;;\n");
}

void ua_cli_completion_print_zsh(const ua_cli_program *program)
{
  const char *name = program->name;
  (void)printf(
      "#compdef %s\n"
      "# Completes %s in zsh; made by `%s completion zsh`.\n"
      "_%s() {\n"
      "  local -a actions\n"
      "  local at=2 key\n",
      name, name, name, name);
  print_first_words(program);
  (void)printf(
      "  [[ ${words[2]} == help ]] && (( CURRENT > 2 )) && at=3\n"
      "  if (( CURRENT == at )); then\n"
      "    if [[ ${words[CURRENT]} == -* ]]; then\n"
      "      _arguments '--help[lists the commands]' '--version[the version of the program]'\n"
      "    else\n"
      "      _describe command first\n"
      "    fi\n"
      "    return\n"
      "  fi\n");
  print_groups(program);
  (void)printf(
      "  if (( CURRENT == at + 1 && ${#actions} > 0 )); then\n"
      "    _describe action actions\n"
      "    return\n"
      "  fi\n"
      "  (( at == 2 )) || return\n"
      "  key=${words[2]}\n"
      "  if (( ${#actions} > 0 )); then\n"
      "    key+=\" ${words[3]}\"\n"
      "    shift words\n"
      "    (( CURRENT-- ))\n"
      "  fi\n"
      "  shift words\n"
      "  (( CURRENT-- ))\n"
      "  case $key in\n");
  for (const ua_cli_command *const *row = program->commands; *row != NULL; row++) {
    print_command(*row);
  }
  (void)printf(
      "  esac\n"
      "}\n"
      "if [[ ${funcstack[1]} == _%s ]]; then\n"
      "  _%s \"$@\"\n"
      "else\n"
      "  compdef _%s %s\n"
      "fi\n",
      name, name, name, name);
}
