/* A request as everything above FastCGI sees it. Pure: parameters in, struct out. */
#ifndef UA_HTTP_REQUEST_H
#define UA_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "http/input.h"
#include "http/uri.h"

typedef enum ua_method {
  UA_METHOD_OTHER = 0,
  UA_METHOD_GET = 1 << 0,
  UA_METHOD_HEAD = 1 << 1,
  UA_METHOD_POST = 1 << 2,
  UA_METHOD_PUT = 1 << 3,
  UA_METHOD_DELETE = 1 << 4,
  UA_METHOD_PATCH = 1 << 5,
  UA_METHOD_OPTIONS = 1 << 6,
  UA_METHOD_ANY = 1 << 7 /* of routes only: whatever the method, OPTIONS and unknown ones included */
} ua_method;

typedef struct ua_request {
  ua_arena *arena; /* lives as long as the request */
  const ua_input *input;
  ua_method method;
  ua_text method_name;
  ua_path path;
  ua_text raw_path;  /* as sent, for redirects: only characters that are allowed in a header; an
                        authorizer's may hold any */
  ua_text raw_query; /* as sent; absent without "?" */
  ua_text request_id;
  bool https;
} ua_request;

/* Reads `input` into *request_r, which refers to it. request_id is set on failure too: HTTP_X_REQUEST_ID if
 * it has 1 to 128 characters of A-Z a-z 0-9 . _ -, else 32 random hexadecimal digits. method is set on
 * failure if it is known.
 * UA_BAD_REQUEST for damaged parameters, a repeated single parameter, missing method or URI, an ambiguous
 * path (ua_http_uri_parse_path), a path that differs from SCRIPT_NAME + PATH_INFO where the server sends
 * those, a query with control characters or "#", a CONTENT_LENGTH that is neither empty nor digits, a damaged
 * body; UA_HEADERS_TOO_LARGE for parameters or URI beyond limits.h. A body that is too large is no failure
 * here: the caller answers it once it knows the route.
 * An authorizer is asked about paths of another application, on which its decision does not depend: for that
 * role the path stays empty, and no path or query is refused. */
UA_CHECK ua_status ua_http_request_parse(ua_arena *arena, const ua_input *input, ua_request *request_r);

/* The value of any parameter ("HTTP_ACCEPT"), the first if there are several, absent if there is none. Those
 * of ua_single are in request->input->single. */
ua_text ua_http_request_param(const ua_request *request, const char *name);

/* All values of a parameter that a client may send in several lines ("HTTP_IF_MATCH"), in their order as one
 * text: joined by ", " they are the list that RFC 9110 section 5.3 makes of them. Empty ones are left out;
 * *joined_r is absent if there is no such parameter. UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_http_request_joined(const ua_request *request, const char *name, ua_text separator,
                                          ua_text *joined_r);

/* Whether the media type is application/json (any case, parameters such as charset ignored). */
bool ua_http_request_is_json(const ua_request *request);

/* The value of the cookie `name` (RFC 6265 section 4.2.1), without surrounding double quotes; the first if it
 * is repeated; absent if there is none. Cookies may come in several lines, which are read as one (RFC 9113
 * section 8.2.3): nginx joins those of HTTP/2, and passes those of HTTP/1.1 as parameters of one name. */
ua_text ua_http_request_cookie(const ua_request *request, const char *name);

/* The values of all cookies of that name, in their order, with `separator` between them: for a cookie whose
 * value proves that it is genuine, because another host of the domain can send another cookie of that name
 * before it. *joined_r is absent if there is none. UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_http_request_cookies(const ua_request *request, const char *name, char separator,
                                           ua_text *joined_r);

/* Whether the cookie `name` comes more than once, with values that differ. */
bool ua_http_request_cookie_is_disputed(const ua_request *request, const char *name);

#endif
