/* Where a request carries its token. Pure. */
#ifndef UA_AUTH_CREDENTIALS_H
#define UA_AUTH_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "http/request.h"

/* The original's cookie: base64 of the token. */
#define UA_CREDENTIALS_COOKIE "user-api-credentials"

/* The token of `Authorization: Bearer`, else `Authentication: Bearer` (which the original's README asks
 * clients to send), else the cookie. A header, when there is one, decides alone. UA_NO_CREDENTIALS when there
 * is none, UA_INVALID_TOKEN for another scheme, for what cannot be a token, and for two cookies that differ.
 */
UA_CHECK ua_status ua_auth_credentials_find(const ua_request *request, ua_text *token_r);

/* The Set-Cookie value that carries `token` until `expires_at` (seconds, UTC); an absent token clears the
 * cookie. RFC 6265 section 4.1. Absent when memory is exhausted. */
ua_text ua_auth_credentials_cookie(ua_arena *arena, ua_text token, int64_t expires_at, bool secure);

#endif
