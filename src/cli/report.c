#include "cli/report.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/text.h"

static const char *program_name = "user-api";

void ua_cli_name_set(const char *name)
{
  program_name = name;
}

const char *ua_cli_name(void)
{
  return program_name;
}

__attribute__((format(printf, 2, 0))) static void say(const char *kind, const char *format, va_list arguments)
{
  char message[1024];
  (void)vsnprintf(message, sizeof message, format, arguments);
  for (char *at = message; *at != '\0'; at++) {
    bool is_c1 = at[0] == '\xC2' && (unsigned char)at[1] >= 0x80 && (unsigned char)at[1] <= 0x9F;
    if (ua_text_is_control(*at) || is_c1) {
      at[is_c1] = ' ';
      *at = ' ';
    }
  }
  (void)fflush(stdout);
  (void)fprintf(stderr, "%s: %s%s\n", program_name, kind, message);
}

int ua_cli_fail(const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  say("", format, arguments);
  va_end(arguments);
  return UA_CLI_FAILED;
}

int ua_cli_misused(const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  say("", format, arguments);
  va_end(arguments);
  return UA_CLI_USAGE;
}

void ua_cli_warn(const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  say("warning: ", format, arguments);
  va_end(arguments);
}
