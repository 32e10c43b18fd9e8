/* REQUEST_URI: path and query, decoded once, refused if ambiguous. Pure. */
#ifndef UA_HTTP_URI_H
#define UA_HTTP_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"

/* The decoded segments of an absolute path. "/api/users/" has the segments "api", "users" and a
 * trailing slash; "/" has none and a trailing slash. */
typedef struct ua_path {
  ua_text segment[UA_MAX_PATH_SEGMENTS];
  size_t count;
  bool trailing_slash;
} ua_path;

typedef struct ua_argument {
  ua_text name;
  ua_text value; /* empty if there is no "=" */
} ua_argument;

/* Splits `uri` (REQUEST_URI as sent: raw path and query) at the first "?" into raw parts.
 * query_r is absent if there is no "?". */
void ua_http_uri_split(ua_text uri, ua_text *path_r, ua_text *query_r);

/* Decodes a raw path: split at "/" first, percent-decoded once (RFC 3986 section 2.4). UA_BAD_REQUEST for
 * anything that the web server may read differently: not starting with "/", absolute form, empty, "." or ".."
 * segments (encoded too), %2F, %5C, %00, a raw backslash, control characters, "#", bytes that are not UTF-8
 * after decoding, incomplete escapes, too many segments. */
UA_CHECK ua_status ua_http_uri_parse_path(ua_arena *arena, ua_text raw, ua_path *path_r);

/* Whether `decoded` (SCRIPT_NAME followed by PATH_INFO, decoded and normalised by the web server)
 * names the same path. */
bool ua_http_uri_path_equals(const ua_path *path, ua_text decoded);

/* Decodes application/x-www-form-urlencoded arguments ("+" is a blank, WHATWG URL section 5.1) in order;
 * empty ones between "&" are skipped. An absent query has none. UA_BAD_REQUEST for incomplete escapes or too
 * many arguments. Values may hold any bytes: the validator checks them. */
UA_CHECK ua_status ua_http_uri_parse_query(ua_arena *arena, ua_text raw, ua_argument **arguments_r,
                                           size_t *count_r);

#endif
