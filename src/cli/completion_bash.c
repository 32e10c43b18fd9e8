/* Completion for bash. Names and values are words of letters and dashes, so they need no quotes. */
#include <stdio.h>

#include "cli/completion.h"

/* The text after `=` is a separate word, because `=` is among bash's COMP_WORDBREAKS. An option that is given
 * already is not offered again. Does not use the package bash-completion. */
static const char beginning[] =
    "() {\n"
    "  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "  local first=${COMP_WORDS[1]} at=2 key values='' options='' offered='' option others paths=''\n"
    "  others=\" ${COMP_WORDS[*]:0:COMP_CWORD} ${COMP_WORDS[*]:COMP_CWORD + 1} \"\n"
    "  if [ \"$word\" = = ]; then\n"
    "    word=''\n"
    "  elif [ \"$previous\" = = ]; then\n"
    "    previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "  fi\n"
    "  COMPREPLY=()\n";

static const char ending[] =
    "  for option in $options; do\n"
    "    case $others in *\" $option \"*) ;; *) offered+=\" $option\" ;; esac\n"
    "  done\n"
    "  case $word in\n"
    "    -*) values=$offered paths='' ;;\n"
    "    *) [ -n \"$values$paths\" ] || values=$offered ;;\n"
    "  esac\n"
    "  [ -z \"$paths\" ] || { compopt -o filenames 2>/dev/null || :; mapfile -t COMPREPLY < <(compgen "
    "\"$paths\" "
    "-- "
    "\"$word\"); }\n"
    "  [ -z \"$values\" ] || mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -W \"$values\" -- "
    "\"$word\")\n"
    "}\n";

/* The name of the function: the program's, as an identifier. */
static void print_function(const ua_cli_program *program)
{
  (void)putchar('_');
  for (const char *at = program->name; *at != '\0'; at++) {
    (void)putchar(*at == '-' ? '_' : *at);
  }
}

/* Commands of one word, and groups, once each. */
static void print_first_words(const ua_cli_program *program)
{
  for (const ua_cli_command *const *row = program->commands; *row != NULL; row++) {
    const ua_cli_command *at = *row;
    size_t group = ua_cli_group_length(at);
    if (group == 0) {
      (void)printf(" %s", at->name);
    } else if (ua_cli_group_begins(program, row)) {
      (void)printf(" %.*s", (int)group, at->name);
    }
  }
}

/* For each group, its second words. */
static void print_groups(const ua_cli_program *program)
{
  (void)printf("  case $first in\n");
  for (const ua_cli_command *const *row = program->commands; *row != NULL; row++) {
    const ua_cli_command *at = *row;
    size_t group = ua_cli_group_length(at);
    if (group == 0) {
      continue;
    }
    bool begins = ua_cli_group_begins(program, row);
    bool ends = ua_cli_group_ends(row);
    if (begins) {
      (void)printf("    %.*s) at=3 values='", (int)group, at->name);
    }
    (void)printf("%s%s", begins ? "" : " ", at->name + group + 1);
    if (ends) {
      (void)printf("' ;;\n");
    }
  }
  (void)printf("  esac\n");
}

static void print_values(const ua_cli_values *values)
{
  if (values->words[0] != '\0') {
    (void)printf(" values='%s'", values->words);
  }
  if (values->files || values->folders) {
    (void)printf(" paths=-%c", values->files ? 'f' : 'd');
  }
}

/* Of one command: its options, its arguments, and the values of its options. */
static void print_command(const ua_cli_command *command)
{
  ua_cli_values values = ua_cli_values_of(command->synopsis);
  (void)printf("    '%s')\n      options='", command->name);
  for (const ua_cli_option *option = command->options; option->name != NULL; option++) {
    (void)printf("%s ", option->name);
  }
  (void)printf("--help'");
  print_values(&values);
  (void)printf("\n      case $previous in\n");
  for (const ua_cli_option *option = command->options; option->name != NULL; option++) {
    if (option->value != NULL) {
      values = ua_cli_values_of(option->value);
      (void)printf("        %s) options='' values='' paths=''", option->name);
      print_values(&values);
      (void)printf(" ;;\n");
    }
  }
  (void)printf("        *) ;;\n      esac\n      ;;\n");
}

void ua_cli_completion_print_bash(const ua_cli_program *program)
{
  (void)printf("# Completes %s in bash; made by `%s completion bash`.\n", program->name, program->name);
  print_function(program);
  (void)fputs(beginning, stdout);
  (void)printf(
      "  if [ \"$first\" = help ] && [ \"$COMP_CWORD\" -gt 1 ]; then\n"
      "    first=${COMP_WORDS[2]} at=3\n"
      "  fi\n");
  (void)printf(
      "  if [ \"$COMP_CWORD\" -eq 1 ] || { [ \"$COMP_CWORD\" -eq 2 ] && [ \"${COMP_WORDS[1]}\" = help ]; "
      "}; then\n    values='");
  print_first_words(program);
  (void)printf("' options='--help --version'\n    case $word in -*) values='' ;; esac\n");
  (void)printf(
      "    mapfile -t COMPREPLY < <(compgen -W \"${values:-$options}\" -- \"$word\")\n"
      "    return 0\n  fi\n");
  print_groups(program);
  (void)printf(
      "  [ \"${COMP_WORDS[1]}\" != help ] || [ -z \"$values\" ] || at=4\n"
      "  if [ -n \"$values\" ] && [ \"$COMP_CWORD\" -eq $((at - 1)) ]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$values --help\" -- \"$word\")\n"
      "    return 0\n"
      "  fi\n"
      "  [ \"${COMP_WORDS[1]}\" != help ] || return 0\n"
      "  key=$first\n"
      "  [ \"$at\" -eq 2 ] || key+=\" ${COMP_WORDS[2]}\"\n"
      "  values=''\n"
      "  case $key in\n");
  for (const ua_cli_command *const *row = program->commands; *row != NULL; row++) {
    print_command(*row);
  }
  (void)printf("    *) ;;\n  esac\n");
  (void)fputs(ending, stdout);
  (void)printf("complete -F ");
  print_function(program);
  (void)printf(" %s\n", program->name);
}
