/* Makes untrusted text safe for an operator's terminal. */
#include <stdint.h>
#include <stdio.h>

#include "cli/output.h"

/* "\x1b" for one byte is the longest. */
enum { MOST_BYTES_A_BYTE = 4 };

static uint32_t code_point(const char *bytes, size_t length)
{
  static const unsigned char masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  uint32_t point = (unsigned char)bytes[0] & masks[length];
  for (size_t i = 1; i < length; i++) {
    point = point << 6 | ((unsigned char)bytes[i] & 0x3FU);
  }
  return point;
}

/* Control characters of terminals (C0, DEL, C1), and characters that hide or reverse their neighbours. */
static bool is_deceptive(uint32_t point)
{
  static const struct {
    uint32_t first, last;
  } ranges[] = {{0, 0x1F},        {0x7F, 0x9F},     {0xAD, 0xAD},      {0x61C, 0x61C},
                {0x180E, 0x180E}, {0x200B, 0x200F}, {0x2028, 0x202E},  {0x2060, 0x206F},
                {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F}};
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
    if (point >= ranges[i].first && point <= ranges[i].last) {
      return true;
    }
  }
  return false;
}

/* A single blank between two other characters separates words. Any other blank could look like the space
 * between two cells. */
static bool is_plain_blank(ua_text text, size_t at)
{
  return at > 0 && at + 1 < text.length && text.data[at - 1] != ' ' && text.data[at + 1] != ' ';
}

/* Writes the character of `length` bytes at `at` (0: none begins there) and a NUL; returns the bytes written.
 */
static size_t put(char *out, ua_text text, size_t at, size_t length)
{
  const char *bytes = text.data + at;
  uint32_t point = length == 0 ? (unsigned char)bytes[0] : code_point(bytes, length);
  int wrote = 0;
  if (length == 0 || (length == 1 && is_deceptive(point)) || (point == ' ' && !is_plain_blank(text, at))) {
    wrote = snprintf(out, MOST_BYTES_A_BYTE + 1, "\\x%02x", (unsigned)point);
  } else if (is_deceptive(point)) {
    wrote = snprintf(out, MOST_BYTES_A_BYTE * length + 1, point > 0xFFFF ? "\\U%08x" : "\\u%04x",
                     (unsigned)point);
  } else {
    wrote =
        snprintf(out, MOST_BYTES_A_BYTE * length + 1, point == '\\' ? "\\\\" : "%.*s", (int)length, bytes);
  }
  return (size_t)wrote;
}

ua_text ua_cli_printable(ua_arena *arena, ua_text text)
{
  char *out = ua_arena_alloc(arena, text.length * MOST_BYTES_A_BYTE + 1);
  size_t used = 0;
  for (size_t at = 0; out != NULL && at < text.length;) {
    size_t length = ua_text_utf8_sequence((ua_text){text.data + at, text.length - at});
    used += put(out + used, text, at, length);
    at += length == 0 ? 1 : length;
  }
  return (ua_text){out, out == NULL ? 0 : used};
}
