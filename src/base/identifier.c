#include "base/identifier.h"

#include <stdint.h>

typedef struct range {
  uint32_t first, last;
} range;

static const range controls[] = {{0x0001, 0x001F}, {0x007F, 0x009F}};

static const range invisibles[] = {
    {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x2064}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF}};

static const range blanks[] = {{0x0020, 0x0020}, {0x00A0, 0x00A0}, {0x1680, 0x1680}, {0x2000, 0x200A},
                               {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};

#define IS_AMONG(ranges, point) is_among(ranges, sizeof(ranges) / sizeof((ranges)[0]), point)

static bool is_among(const range *ranges, size_t count, uint32_t point)
{
  for (size_t i = 0; i < count; i++) {
    if (point >= ranges[i].first && point <= ranges[i].last) {
      return true;
    }
  }
  return false;
}

/* The code point that the text begins with, and its length in bytes; for a byte that is no UTF-8 the
 * replacement character, which is in none of the ranges. */
static uint32_t first_point(ua_text text, size_t *length_r)
{
  static const unsigned char masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  size_t length = ua_text_utf8_sequence(text);
  *length_r = length == 0 ? 1 : length;
  if (length == 0) {
    return 0xFFFD;
  }
  uint32_t point = (unsigned char)text.data[0] & masks[length];
  for (size_t i = 1; i < length; i++) {
    point = point << 6 | ((unsigned char)text.data[i] & 0x3F);
  }
  return point;
}

unsigned ua_identifier_faults(ua_text text)
{
  unsigned faults = text.length == 0 ? UA_IDENTIFIER_EMPTY : 0;
  bool is_blank = false;
  bool is_first = true;
  while (text.length > 0) {
    size_t length;
    uint32_t point = first_point(text, &length);
    is_blank = IS_AMONG(blanks, point);
    faults |= is_blank && is_first ? UA_IDENTIFIER_BLANK : 0;
    faults |= IS_AMONG(controls, point) ? UA_IDENTIFIER_CONTROL : 0;
    faults |= IS_AMONG(invisibles, point) ? UA_IDENTIFIER_INVISIBLE : 0;
    is_first = false;
    text = (ua_text){text.data + length, text.length - length};
  }
  return faults | (is_blank ? UA_IDENTIFIER_BLANK : 0);
}

ua_text ua_identifier_take_sentence(unsigned *faults)
{
  static const char *const sentences[UA_IDENTIFIER_FAULTS] = {
      "empty values not allowed", "control character not allowed", "invisible character not allowed",
      "must not begin or end with a blank"};
  for (size_t i = 0; i < UA_IDENTIFIER_FAULTS; i++) {
    unsigned fault = 1U << i;
    if ((*faults & fault) != 0) {
      *faults &= ~fault;
      return ua_text_of(sentences[i]);
    }
  }
  return UA_TEXT_ABSENT;
}

ua_text ua_identifier_without_end_blanks(ua_text text)
{
  size_t kept = 0;
  size_t length;
  for (size_t at = 0; at < text.length; at += length) {
    uint32_t point = first_point((ua_text){text.data + at, text.length - at}, &length);
    if (!IS_AMONG(blanks, point)) {
      kept = at + length;
    }
  }
  return (ua_text){text.data, kept};
}
