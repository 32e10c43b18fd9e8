/* A response: built whole in memory, then sent once. */
#ifndef UA_HTTP_RESPONSE_H
#define UA_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

enum { UA_MAX_RESPONSE_HEADERS = 24 };

typedef struct ua_response {
  int status;
  struct {
    ua_text name;
    ua_text value;
  } header[UA_MAX_RESPONSE_HEADERS];
  size_t header_count;
  ua_text body;
  bool head; /* send the headers of `body`, not the body */
  bool bare; /* no Content-Length, no body: an authorizer's consent, whose headers servers add to the answer
                of the guarded application */
} ua_response;

/* Adds a header. The name is a literal; the value is kept by reference. A value with CR, LF, NUL or another
 * control character, or one header too many, makes the response unsendable (status 0), which
 * ua_http_response_serialise reports: a smuggled header must never be sent. */
void ua_http_response_add_header(ua_response *response, const char *name, ua_text value);

/* Whether an answer with this status has a body at all: not 204 and 304 (RFC 9110 section 6.4.1). */
bool ua_http_response_has_content(const ua_response *response);

/* The whole CGI response (RFC 3875 section 6): Status, headers, Content-Length unless it has no content
 * or is bare, an empty line, the body. UA_INTERNAL when the response is not fit to be sent or memory is
 * exhausted. */
UA_CHECK ua_status ua_http_response_serialise(ua_arena *arena, const ua_response *response, ua_text *bytes_r);

/* The reason phrase of RFC 9110 section 15, "Unknown" otherwise. Static. */
const char *ua_http_response_reason(int status);

#endif
