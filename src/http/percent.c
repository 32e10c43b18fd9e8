#include "http/percent.h"

#include <stdint.h>

bool ua_http_percent_is_path(unsigned char byte)
{
  bool letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
  return letter || (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == '~' ||
         byte == '/';
}

ua_text ua_http_percent_encode(ua_arena *arena, ua_text text, ua_http_percent_plain *is_plain)
{
  static const char digits[] = "0123456789ABCDEF";
  if (text.length > SIZE_MAX / 4) {
    return UA_TEXT_ABSENT;
  }
  char *out = ua_arena_alloc(arena, 3 * text.length + 1);
  size_t length = 0;
  for (size_t i = 0; out != NULL && i < text.length; i++) {
    unsigned char byte = (unsigned char)text.data[i];
    if (is_plain(byte)) {
      out[length++] = (char)byte;
    } else {
      out[length++] = '%';
      out[length++] = digits[byte >> 4];
      out[length++] = digits[byte & 15];
    }
  }
  return (ua_text){out, length};
}
