#include "auth/credentials.h"

#include <string.h>

#include "auth/cookie.h"
#include "base/crypto.h"
#include "base/limits.h"

/* RFC 6750 section 2.1: the scheme in any case, one space, the token and nothing else. */
static ua_status bearer(ua_text header, ua_text *token_r)
{
  static const ua_text scheme = {"Bearer ", 7};
  if (header.length <= scheme.length ||
      !ua_text_equal_nocase((ua_text){header.data, scheme.length}, scheme)) {
    return UA_INVALID_TOKEN;
  }
  ua_text token = {header.data + scheme.length, header.length - scheme.length};
  if (token.length > UA_MAX_TOKEN_BYTES || memchr(token.data, ' ', token.length) != NULL) {
    return UA_INVALID_TOKEN;
  }
  *token_r = token;
  return UA_OK;
}

/* Some clients send the cookie back percent-encoded: "%3D" for the "=" of the padding. */
static ua_text without_escaped_padding(ua_arena *arena, ua_text value)
{
  char *copy = ua_arena_alloc(arena, value.length + 1);
  size_t length = 0;
  for (size_t i = 0; copy != NULL && i < value.length; i++) {
    ua_text rest = {value.data + i, value.length - i};
    bool escaped = rest.length >= 3 && ua_text_equal_nocase((ua_text){rest.data, 3}, UA_TEXT("%3d"));
    copy[length++] = escaped ? '=' : value.data[i];
    i += escaped ? 2 : 0;
  }
  return (ua_text){copy, length};
}

static ua_status from_cookie(const ua_request *request, ua_text value, ua_text *token_r)
{
  if (value.length > 2 * UA_MAX_TOKEN_BYTES) {
    return UA_INVALID_TOKEN;
  }
  ua_text encoded = without_escaped_padding(request->arena, value);
  char *decoded = ua_arena_alloc(request->arena, encoded.length + 1);
  if (encoded.data == NULL || decoded == NULL) {
    return UA_INTERNAL;
  }
  size_t length = ua_crypto_base64_decode(encoded, decoded);
  if (length == 0) {
    return UA_INVALID_TOKEN;
  }
  *token_r = (ua_text){decoded, length};
  return UA_OK;
}

ua_status ua_auth_credentials_find(const ua_request *request, ua_text *token_r)
{
  ua_text header = request->input->single[UA_SINGLE_HTTP_AUTHORIZATION];
  if (header.length == 0) { /* some servers pass an absent header as an empty one */
    /* Two headers, joined, are no token: choosing one of them would be a guess. */
    ua_status status = ua_http_request_joined(request, "HTTP_AUTHENTICATION", UA_TEXT(", "), &header);
    if (status != UA_OK) {
      return status;
    }
  }
  if (header.length > 0) {
    return bearer(header, token_r);
  }
  /* A neighbouring host can set a second cookie of this name for the whole domain, and RFC 6265 does not
   * define their order: that host must not choose the caller. */
  if (ua_http_request_cookie_is_disputed(request, UA_CREDENTIALS_COOKIE)) {
    return UA_INVALID_TOKEN;
  }
  ua_text cookie = ua_http_request_cookie(request, UA_CREDENTIALS_COOKIE);
  return cookie.length == 0 ? UA_NO_CREDENTIALS : from_cookie(request, cookie, token_r);
}

ua_text ua_auth_credentials_cookie(ua_arena *arena, ua_text token, int64_t expires_at, bool secure)
{
  char *encoded = ua_arena_alloc(arena, UA_BASE64_SIZE(token.length));
  if (encoded == NULL || !ua_crypto_base64_encode(token, encoded)) {
    return UA_TEXT_ABSENT;
  }
  return ua_auth_cookie(arena, UA_CREDENTIALS_COOKIE, ua_text_of(encoded),
                        token.data == NULL ? 0 : expires_at, secure);
}
