/* Finds the row of a route table for a method and a path. Pure; knows nothing of handlers. */
#ifndef UA_HTTP_ROUTER_H
#define UA_HTTP_ROUTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "http/request.h"

enum { UA_MAX_PATH_PARAMETERS = 4 };

/* A pattern below a mount point: literal segments and typed parameters: "/", "/login", "/<int:id>" (a
 * positive 32-bit decimal without sign or leading zero), "/<string:name>" (any one segment). A pattern ending
 * in "/" matches only with the trailing slash; the same path without it gives UA_MATCH_ADD_SLASH. */
typedef struct ua_route_pattern {
  const char *mount; /* "" or "/api/users": absolute, without trailing slash */
  const char *pattern;
  ua_method method;
} ua_route_pattern;

typedef struct ua_path_parameter {
  const char *name; /* the pattern's text behind "int:" or "string:", `name_length` bytes of it */
  size_t name_length;
  ua_text text;
  int32_t integer; /* for int parameters */
} ua_path_parameter;

typedef struct ua_match {
  size_t index; /* of the matching row */
  ua_path_parameter parameter[UA_MAX_PATH_PARAMETERS];
  size_t parameter_count;
  unsigned allowed; /* ua_method bits that the path knows, HEAD and OPTIONS included */
} ua_match;

typedef enum ua_match_result {
  UA_MATCH_NONE,               /* no such path */
  UA_MATCH_FOUND,              /* HEAD matches the row of GET */
  UA_MATCH_ADD_SLASH,          /* the path exists with a trailing slash: redirect 308 */
  UA_MATCH_METHOD_NOT_ALLOWED, /* path known; match_r->allowed says which methods */
  UA_MATCH_OPTIONS             /* OPTIONS on a known path; match_r->allowed */
} ua_match_result;

/* Matches against `count` rows that lie `stride` bytes apart, each beginning with its
 * ua_route_pattern (so that a table's rows may carry more). Literal segments win over parameters. */
ua_match_result ua_http_router_match(const void *routes, size_t count, size_t stride, ua_method method,
                                     const ua_path *path, ua_match *match_r);

/* "GET, HEAD, OPTIONS" for a set of bits, in a fixed order, into the arena. */
ua_text ua_http_router_allow(ua_arena *arena, unsigned allowed);

#endif
