#include "cli/completion.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/report.h"

static const char details[] =
    "Prints a script that completes commands, actions, options and their values.\n"
    "`make install` puts both where bash (with the package bash-completion) and zsh\n"
    "look for them. To try it in one shell:\n"
    "\n"
    "  bash  source <({program} completion bash)\n"
    "  zsh   source <({program} completion zsh), after compinit\n";

static bool is_word(ua_text text)
{
  for (size_t i = 0; i < text.length; i++) {
    if ((text.data[i] < 'a' || text.data[i] > 'z') && text.data[i] != '-') {
      return false;
    }
  }
  return text.length > 0;
}

static void add_word(ua_cli_values *values, ua_text word)
{
  size_t used = strlen(values->words);
  if (used + word.length + 2 <= sizeof values->words) {
    (void)snprintf(values->words + used, sizeof values->words - used, "%s%.*s", used == 0 ? "" : " ",
                   UA_TEXT_ARGS(word));
  }
}

/* One token of a synopsis, without the brackets around it. */
static void add_token(ua_cli_values *values, ua_text token)
{
  bool is_choice = token.length > 0 && memchr(token.data, '|', token.length) != NULL;
  ua_text word;
  while (ua_text_split(&token, '|', &word)) {
    values->files = values->files || ua_text_equal(word, UA_TEXT("FILE"));
    values->folders = values->folders || ua_text_equal(word, UA_TEXT("DIR"));
    if (is_choice && is_word(word)) {
      add_word(values, word);
    }
  }
}

ua_cli_values ua_cli_values_of(const char *text)
{
  ua_cli_values values = {.files = false};
  ua_text rest = ua_text_of(text);
  ua_text token;
  while (ua_text_split(&rest, ' ', &token)) {
    while (token.length > 0 && token.data[0] == '[') {
      token = (ua_text){token.data + 1, token.length - 1};
    }
    while (token.length > 0 && token.data[token.length - 1] == ']') {
      token.length--;
    }
    add_token(&values, token);
  }
  return values;
}

static int run_completion(const ua_cli_arguments *arguments)
{
  const char *shell = arguments->positional[0];
  if (strcmp(shell, "bash") == 0) {
    ua_cli_completion_print_bash(arguments->program);
  } else if (strcmp(shell, "zsh") == 0) {
    ua_cli_completion_print_zsh(arguments->program);
  } else {
    return ua_cli_misused("completion: unknown shell %s (bash or zsh)", ua_text_shown(shell));
  }
  return UA_CLI_OK;
}

const ua_cli_command ua_cli_completion = {
    .name = "completion",
    .synopsis = "bash|zsh",
    .summary = "Prints completion for a shell",
    .details = details,
    .example = "bash",
    .options = ua_cli_no_options,
    .required = 1,
    .positionals = 1,
    .run = run_completion,
};
