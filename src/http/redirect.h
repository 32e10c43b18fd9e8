/* The place to come back to after a login: only ever a path on the same site. Pure. */
#ifndef UA_HTTP_REDIRECT_H
#define UA_HTTP_REDIRECT_H

#include <stdbool.h>

#include "base/arena.h"

/* A longer place is not carried along: it would not fit into the request lines that web servers take. */
enum { UA_MAX_RETURN_BYTES = 2048 };

/* Whether a browser that is sent to `target` stays on the site, however often anybody decodes it before: it
 * begins with one slash; its path, decoded until nothing is left to decode, has no backslash, no control
 * character, no "." or ".." segment, does not begin with two slashes and is decodable; the rest holds neither
 * backslash nor control character as written. deploy/www/login.js has the same rules, and never goes back to
 * a logout. */
bool ua_http_redirect_is_local(ua_text target);

/* `login_url` with the argument next=<target>, "/" in its place where it is not local, fit to stand in a
 * header. Absent when memory is exhausted. */
ua_text ua_http_redirect_to_login(ua_arena *arena, const char *login_url, ua_text target);

#endif
