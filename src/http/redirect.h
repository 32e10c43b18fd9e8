/* Where to return after a login: always a path on the same site. Pure. */
#ifndef UA_HTTP_REDIRECT_H
#define UA_HTTP_REDIRECT_H

#include <stdbool.h>

#include "base/arena.h"

/* A longer path is dropped: it would not fit into the request lines that web servers accept. */
enum { UA_MAX_RETURN_BYTES = 2048 };

/* Whether a browser that is sent to `target` stays on the site, however often it is decoded on the way: it
 * begins with one slash; its path, decoded until nothing is left to decode, has no backslash, no control
 * character, no "." or ".." segment, does not begin with two slashes and is decodable; the rest holds neither
 * backslash nor control character as written. deploy/www/login.js has the same rules, and never returns to a
 * logout. */
bool ua_http_redirect_is_local(ua_text target);

/* `login_url` with the argument next=<target>, or next=/ if `target` is not local. Safe to put in a header.
 * Absent when memory is exhausted. */
ua_text ua_http_redirect_to_login(ua_arena *arena, const char *login_url, ua_text target);

#endif
