#include "base/text.h"

#include <string.h>

ua_text ua_text_of(const char *string)
{
  return string == NULL ? UA_TEXT_ABSENT : (ua_text){string, strlen(string)};
}

bool ua_text_equal(ua_text a, ua_text b)
{
  if (a.data == NULL || b.data == NULL) {
    return a.data == b.data;
  }
  return a.length == b.length && memcmp(a.data, b.data, a.length) == 0;
}

static unsigned char lower(char character)
{
  unsigned char byte = (unsigned char)character;
  return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte + ('a' - 'A')) : byte;
}

bool ua_text_equal_nocase(ua_text a, ua_text b)
{
  if (a.data == NULL || b.data == NULL) {
    return a.data == b.data;
  }
  if (a.length != b.length) {
    return false;
  }
  for (size_t i = 0; i < a.length; i++) {
    if (lower(a.data[i]) != lower(b.data[i])) {
      return false;
    }
  }
  return true;
}

bool ua_text_starts_with(ua_text text, ua_text prefix)
{
  if (text.data == NULL || prefix.data == NULL || text.length < prefix.length) {
    return false;
  }
  return memcmp(text.data, prefix.data, prefix.length) == 0;
}

int ua_text_compare(ua_text a, ua_text b)
{
  size_t common = a.length < b.length ? a.length : b.length;
  int order = common == 0 ? 0 : memcmp(a.data, b.data, common);
  if (order != 0) {
    return order;
  }
  return (a.length > b.length) - (a.length < b.length);
}

static bool is_blank(char character)
{
  return character == ' ' || character == '\t';
}

ua_text ua_text_trim(ua_text text)
{
  while (text.length > 0 && is_blank(text.data[0])) {
    text.data++;
    text.length--;
  }
  while (text.length > 0 && is_blank(text.data[text.length - 1])) {
    text.length--;
  }
  return text;
}

ua_text ua_text_without_mark(ua_text text)
{
  const ua_text mark = UA_TEXT("\xEF\xBB\xBF");
  return ua_text_starts_with(text, mark) ? (ua_text){text.data + mark.length, text.length - mark.length}
                                         : text;
}

bool ua_text_split(ua_text *rest, char separator, ua_text *part)
{
  if (rest->data == NULL) {
    return false;
  }
  const char *found = rest->length == 0 ? NULL : memchr(rest->data, separator, rest->length);
  if (found == NULL) {
    *part = *rest;
    *rest = UA_TEXT_ABSENT;
    return true;
  }
  size_t taken = (size_t)(found - rest->data);
  *part = (ua_text){rest->data, taken};
  *rest = (ua_text){found + 1, rest->length - taken - 1};
  return true;
}

bool ua_text_to_uint(ua_text text, uint64_t maximum, uint64_t *value_r)
{
  if (text.data == NULL || text.length == 0) {
    return false;
  }
  if (text.length > 1 && text.data[0] == '0') {
    return false;
  }
  uint64_t value = 0;
  for (size_t i = 0; i < text.length; i++) {
    if (text.data[i] < '0' || text.data[i] > '9') {
      return false;
    }
    uint64_t digit = (uint64_t)(text.data[i] - '0');
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, digit, &value)) {
      return false;
    }
  }
  if (value > maximum) {
    return false;
  }
  *value_r = value;
  return true;
}

ua_text ua_text_of_integer(int64_t value, char out[UA_DECIMAL_BYTES])
{
  char *end = out + UA_DECIMAL_BYTES;
  char *first = end;
  uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
  do {
    *--first = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (value < 0) {
    *--first = '-';
  }
  return (ua_text){first, (size_t)(end - first)};
}

/* RFC 3629 section 4: the first byte gives the length and the range of the second; the others are
 * 80..BF. */
typedef struct utf8_lead {
  unsigned char first, last;
  unsigned char second_from, second_to;
  unsigned char length;
} utf8_lead;

static const utf8_lead utf8_leads[] = {
    {0x00, 0x7F, 0x00, 0x00, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

size_t ua_text_utf8_sequence(ua_text text)
{
  if (text.length == 0) {
    return 0;
  }
  const unsigned char *bytes = (const unsigned char *)text.data;
  for (size_t i = 0; i < sizeof utf8_leads / sizeof *utf8_leads; i++) {
    const utf8_lead *lead = &utf8_leads[i];
    if (bytes[0] < lead->first || bytes[0] > lead->last) {
      continue;
    }
    if (lead->length > text.length) {
      return 0;
    }
    if (lead->length > 1 && (bytes[1] < lead->second_from || bytes[1] > lead->second_to)) {
      return 0;
    }
    for (size_t k = 2; k < lead->length; k++) {
      if ((bytes[k] & 0xC0) != 0x80) {
        return 0;
      }
    }
    return lead->length;
  }
  return 0;
}

bool ua_text_is_utf8(ua_text text)
{
  while (text.length > 0) {
    size_t length = (text.data[0] & 0x80) == 0 ? 1 : ua_text_utf8_sequence(text);
    if (length == 0) {
      return false;
    }
    text.data += length;
    text.length -= length;
  }
  return true;
}

size_t ua_text_utf8_count(ua_text text)
{
  size_t count = 0;
  for (size_t i = 0; i < text.length; i++) {
    count += ((unsigned char)text.data[i] & 0xC0) != 0x80;
  }
  return count;
}

bool ua_text_has_nul(ua_text text)
{
  return text.length > 0 && memchr(text.data, '\0', text.length) != NULL;
}

bool ua_text_is_control(char byte)
{
  return (unsigned char)byte < 0x20 || byte == 0x7F;
}

bool ua_text_has_control(ua_text text)
{
  for (size_t i = 0; i < text.length; i++) {
    if (ua_text_is_control(text.data[i])) {
      return true;
    }
  }
  return false;
}

const char *ua_text_shown(const char *word)
{
  return strpbrk(word, ":=") == NULL ? word : "…";
}

void ua_text_hex(const unsigned char *bytes, size_t length, char *out)
{
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < length; i++) {
    out[2 * i] = digits[bytes[i] >> 4];
    out[2 * i + 1] = digits[bytes[i] & 0x0F];
  }
  out[2 * length] = '\0';
}

int ua_text_hex_digit(char character)
{
  unsigned char byte = lower(character);
  if (byte >= '0' && byte <= '9') {
    return byte - '0';
  }
  if (byte >= 'a' && byte <= 'f') {
    return byte - 'a' + 10;
  }
  return -1;
}

bool ua_text_unhex(ua_text text, unsigned char *out, size_t length)
{
  if (text.data == NULL || text.length % 2 != 0 || text.length / 2 != length) {
    return false;
  }
  for (size_t i = 0; i < length; i++) {
    int high = ua_text_hex_digit(text.data[2 * i]);
    int low = ua_text_hex_digit(text.data[2 * i + 1]);
    if (high < 0 || low < 0) {
      return false;
    }
    out[i] = (unsigned char)(high << 4 | low);
  }
  return true;
}
