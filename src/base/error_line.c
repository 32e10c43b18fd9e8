#include "base/error_line.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

static void flatten(char *text)
{
  size_t used = 0;
  for (size_t i = 0; text[i] != '\0'; i++) {
    char character = ua_text_is_control(text[i]) ? ' ' : text[i];
    if (character == ' ' && (used == 0 || text[used - 1] == ' ')) {
      continue;
    }
    text[used++] = character;
  }
  while (used > 0 && text[used - 1] == ' ') {
    used--;
  }
  text[used] = '\0';
}

void ua_error_line_set(ua_error_line *error, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(error->text, sizeof error->text, format, arguments);
  va_end(arguments);
  flatten(error->text);
}

void ua_error_line_prefix(ua_error_line *error, const char *format, ...)
{
  char prefix[160];
  ua_error_line old = *error;
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(prefix, sizeof prefix, format, arguments);
  va_end(arguments);
  ua_error_line_set(error, "%s: %.300s", prefix, old.text);
}
