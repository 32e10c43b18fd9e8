/* The cookies that this service sets. Pure. */
#ifndef UA_AUTH_COOKIE_H
#define UA_AUTH_COOKIE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* A Set-Cookie value (RFC 6265 section 4.1): scripts cannot read it, forms of other sites do not send it.
 * Valid until `expires_at` (seconds, UTC). Absent when memory is exhausted. */
ua_text ua_auth_cookie(ua_arena *arena, const char *name, ua_text value, int64_t expires_at, bool secure);

#endif
