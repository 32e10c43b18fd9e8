#include "auth/cookie.h"

#include <time.h>

ua_text ua_auth_cookie(ua_arena *arena, const char *name, ua_text value, int64_t expires_at, bool secure)
{
  char date[64];
  struct tm utc;
  time_t seconds = (time_t)expires_at;
  if (gmtime_r(&seconds, &utc) == NULL ||
      strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc) == 0) {
    return UA_TEXT_ABSENT;
  }
  return ua_arena_printf(arena, "%s=%.*s; Expires=%s; HttpOnly; Path=/; SameSite=Lax%s", name,
                         UA_TEXT_ARGS(value), date, secure ? "; Secure" : "");
}
