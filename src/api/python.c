#include "api/python.h"

#include <string.h>

static bool is_python_space(char character)
{
  return character != '\0' && strchr(" \t\n\r\f\v", character) != NULL;
}

bool ua_api_python_int(ua_text text, int64_t *integer_r)
{
  while (text.length > 0 && is_python_space(text.data[0])) {
    text.data++;
    text.length--;
  }
  while (text.length > 0 && is_python_space(text.data[text.length - 1])) {
    text.length--;
  }
  bool negative = text.length > 0 && text.data[0] == '-';
  if (negative || (text.length > 0 && text.data[0] == '+')) {
    text.data++;
    text.length--;
  }
  int64_t value = 0;
  bool after_digit = false;
  for (size_t i = 0; i < text.length; i++) {
    char character = text.data[i];
    if (character == '_' && after_digit) {
      after_digit = false;
      continue;
    }
    if (character < '0' || character > '9') {
      return false;
    }
    int digit = character - '0';
    value = value > (INT64_MAX - digit) / 10 ? INT64_MAX : value * 10 + digit;
    after_digit = true;
  }
  *integer_r = negative ? -value : value;
  return after_digit; /* neither empty nor ending in an underscore */
}

/* Writes the repr of one character into `out`, which has room for 4 bytes; returns how many were written. */
static size_t repr_character(ua_text character, char quote, char *out)
{
  static const char hex[] = "0123456789abcdef";
  static const char replacement[] = "\xEF\xBF\xBD";
  unsigned char first = (unsigned char)character.data[0];
  unsigned char last = (unsigned char)character.data[character.length > 0 ? character.length - 1 : 0];
  const char *plain = "\n\r\t";
  const char *letters = "nrt";
  if (character.length == 0) {
    memcpy(out, replacement, 3);
    return 3;
  }
  const char *escape = first == '\0' ? NULL : strchr(plain, first);
  if (first == (unsigned char)quote || first == '\\' || escape != NULL) {
    out[0] = '\\';
    out[1] = escape != NULL ? letters[escape - plain] : (char)first;
    return 2;
  }
  /* C1 controls, the no-break space and the soft hyphen are not printable either. */
  bool latin1_control = first == 0xC2 && (last <= 0xA0 || last == 0xAD);
  if (ua_text_is_control(character.data[0]) || latin1_control) {
    out[0] = '\\';
    out[1] = 'x';
    out[2] = hex[last >> 4];
    out[3] = hex[last & 0x0F];
    return 4;
  }
  memcpy(out, character.data, character.length);
  return character.length;
}

const char *ua_api_python_repr(ua_arena *arena, ua_text text)
{
  bool has_single = text.length > 0 && memchr(text.data, '\'', text.length) != NULL;
  bool has_double = text.length > 0 && memchr(text.data, '"', text.length) != NULL;
  char quote = has_single && !has_double ? '"' : '\'';
  char *out = ua_arena_alloc(arena, 4 * text.length + 3);
  size_t used = 0;
  if (out == NULL) {
    return "";
  }
  out[used++] = quote;
  for (size_t i = 0; i < text.length;) {
    size_t length = ua_text_utf8_sequence((ua_text){text.data + i, text.length - i});
    used += repr_character((ua_text){text.data + i, length}, quote, out + used);
    i += length == 0 ? 1 : length;
  }
  out[used++] = quote;
  out[used] = '\0';
  return out;
}
