/* The origin of the page that made a browser send a request (RFC 6454). Pure. */
#ifndef UA_HTTP_ORIGIN_H
#define UA_HTTP_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* Views of the text that was read. */
typedef struct ua_origin {
  ua_text scheme;
  ua_text host;  /* an IPv6 address with its brackets */
  uint64_t port; /* 0: the scheme's default port, written or not */
} ua_origin;

/* Reads "https://app.example.org:8443". False for everything else: "null", a list, a path (a slash at the end
 * is one), user information, a wildcard. */
bool ua_http_origin_parse(ua_text text, ua_origin *origin_r);

/* Without regard to case. */
bool ua_http_origin_equal(const ua_origin *a, const ua_origin *b);

/* Whether `host`, a Host header ("app.example.org", "[::1]:8443"), names the origin's host and port. The
 * header has no scheme: the origin's is assumed. */
bool ua_http_origin_is_host(const ua_origin *origin, ua_text host);

#endif
