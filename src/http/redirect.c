#include "http/redirect.h"

#include <string.h>

#include "http/percent.h"

/* No honest client sends a path that is still encoded after so many rounds. */
enum { MAX_TURNS = 4 };

static bool is_harmless(ua_text text)
{
  return !ua_text_has_control(text) && memchr(text.data, '\\', text.length) == NULL;
}

/* Browsers resolve dot segments, and "/.//host" leaves "//host" behind. */
static bool is_local_path(ua_text path)
{
  if (path.length == 0 || path.data[0] != '/' || !is_harmless(path)) {
    return false;
  }
  if (path.length > 1 && path.data[1] == '/') {
    return false;
  }
  ua_text segment;
  while (ua_text_split(&path, '/', &segment)) {
    if (ua_text_equal(segment, UA_TEXT(".")) || ua_text_equal(segment, UA_TEXT(".."))) {
      return false;
    }
  }
  return true;
}

/* Decodes in place once; false for an incomplete escape. */
static bool decode(char *bytes, size_t *length)
{
  size_t to = 0;
  for (size_t from = 0; from < *length; from++) {
    unsigned char byte = (unsigned char)bytes[from];
    if (byte == '%') {
      if (*length - from < 3 || !ua_text_unhex((ua_text){bytes + from + 1, 2}, &byte, 1)) {
        return false;
      }
      from += 2;
    }
    bytes[to++] = (char)byte;
  }
  *length = to;
  return true;
}

bool ua_http_redirect_is_local(ua_text target)
{
  char decoded[UA_MAX_RETURN_BYTES];
  if (target.data == NULL || target.length == 0 || target.length > sizeof decoded || !is_harmless(target)) {
    return false;
  }
  size_t length = 0;
  while (length < target.length && target.data[length] != '?' && target.data[length] != '#') {
    length++;
  }
  memcpy(decoded, target.data, length);
  for (size_t turn = 0; turn <= MAX_TURNS; turn++) {
    if (!is_local_path((ua_text){decoded, length})) {
      return false;
    }
    if (memchr(decoded, '%', length) == NULL) {
      return true;
    }
    if (!decode(decoded, &length)) {
      return false;
    }
  }
  return false;
}

ua_text ua_http_redirect_to_login(ua_arena *arena, const char *login_url, ua_text target)
{
  ua_text place = ua_http_redirect_is_local(target) ? target : UA_TEXT("/");
  ua_text encoded = ua_http_percent_encode(arena, place, ua_http_percent_is_path);
  if (encoded.data == NULL) {
    return UA_TEXT_ABSENT;
  }
  const char *joint = strchr(login_url, '?') == NULL ? "?" : "&";
  return ua_arena_printf(arena, "%s%snext=%s", login_url, joint, encoded.data);
}
