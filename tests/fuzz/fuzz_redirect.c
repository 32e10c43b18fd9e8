/* An accepted target is a path on this site. The redirect to the login is always a valid header value. */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  ua_text target = {(const char *)data, size};
  ua_arena *arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  if (arena == NULL) {
    return 0;
  }
  check_location(ua_http_redirect_to_login(arena, "/login/", target).data);
  if (ua_http_redirect_is_local(target)) {
    bool elsewhere = size > 1 && (data[1] == '/' || data[1] == '\\');
    if (size == 0 || data[0] != '/' || elsewhere || memchr(data, '\n', size) != NULL) {
      abort();
    }
  }
  ua_arena_destroy(&arena);
  return 0;
}
