/* An accepted target is a path on this site after any number of decodings. The redirect to the login is
 * always a valid header value. */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "http/redirect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_location(const char *location)
{
  static const char beginning[] = "/login/?next=/";
  if (location == NULL || strncmp(location, beginning, sizeof beginning - 1) != 0) {
    abort();
  }
  for (const char *at = location; *at != '\0'; at++) {
    if (*at <= ' ' || *at > '~' || *at == '\\') {
      abort();
    }
  }
  if (strncmp(location + sizeof beginning - 1, "/", 1) == 0) {
    abort();
  }
}

static bool ends_with(const char *text, const char *end)
{
  size_t length = strlen(text);
  return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

static bool is_local(const char *path)
{
  for (const char *at = path; *at != '\0'; at++) {
    if (iscntrl((unsigned char)*at) != 0 || *at == '\\') {
      return false;
    }
  }
  bool has_dots = strstr(path, "/./") != NULL || strstr(path, "/../") != NULL || ends_with(path, "/.") ||
                  ends_with(path, "/..");
  return path[0] == '/' && path[1] != '/' && !has_dots;
}

/* Decodes every escape once, in place. */
static void decode(char *path)
{
  char *to = path;
  for (const char *from = path; *from != '\0'; from++) {
    *to = *from;
    if (*from == '%') {
      if (isxdigit((unsigned char)from[1]) == 0 || isxdigit((unsigned char)from[2]) == 0) {
        abort();
      }
      *to = (char)strtoul((char[]){from[1], from[2], '\0'}, NULL, 16);
      from += 2;
      if (*to == '\0') {
        abort();
      }
    }
    to++;
  }
  *to = '\0';
}

static void check_accepted(const char *target, size_t size)
{
  char path[UA_MAX_RETURN_BYTES + 1] = "";
  if (size >= sizeof path || memchr(target, '\0', size) != NULL) {
    abort();
  }
  memcpy(path, target, size);
  if (strpbrk(path, "\\\n\r") != NULL) {
    abort();
  }
  path[strcspn(path, "?#")] = '\0';
  while (is_local(path) && strchr(path, '%') != NULL) {
    decode(path);
  }
  if (!is_local(path)) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  ua_text target = {(const char *)data, size};
  ua_arena *arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  if (arena == NULL) {
    return 0;
  }
  check_location(ua_http_redirect_to_login(arena, "/login/", target).data);
  if (ua_http_redirect_is_local(target)) {
    check_accepted(target.data, size);
  }
  ua_arena_destroy(&arena);
  return 0;
}
