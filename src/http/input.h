/* What the FastCGI side or an embedding program hands over: parameters and a body. Counts and bounds the
 * parameters, and finds those that may come only once. Pure. */
#ifndef UA_HTTP_INPUT_H
#define UA_HTTP_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

/* One FastCGI parameter (FastCGI specification section 3.4); the CGI names of RFC 3875. */
typedef struct ua_param {
  ua_text name;
  ua_text value;
} ua_param;

/* Parameters that may come only once, because libfcgi and other readers would choose differently between two.
 * Headers that clients and proxies do repeat are not in this list: nginx passes all header lines to its
 * guard, and treats a 400 as a failure, which any client could cause. */
typedef enum ua_single {
  UA_SINGLE_REQUEST_METHOD,
  UA_SINGLE_REQUEST_URI,
  UA_SINGLE_SCRIPT_NAME,
  UA_SINGLE_PATH_INFO,
  UA_SINGLE_CONTENT_LENGTH,
  UA_SINGLE_HTTPS,
  UA_SINGLE_REQUEST_SCHEME,
  UA_SINGLE_QUERY_STRING,
  UA_SINGLE_CONTENT_TYPE,
  UA_SINGLE_HTTP_AUTHORIZATION,
  UA_SINGLE_REMOTE_ADDR,
  UA_SINGLE_USER_API_REQUIRE_ROLES,
  UA_SINGLE_USER_API_REQUIRE_CUSTOMER,
  UA_SINGLE_COUNT
} ua_single;

/* FastCGI roles (specification section 6). Filters are not supported. */
typedef enum ua_role_kind { UA_ROLE_RESPONDER = 1, UA_ROLE_AUTHORIZER = 2 } ua_role_kind;

typedef struct ua_input {
  ua_role_kind role;
  ua_param *params; /* room for UA_MAX_PARAMS */
  size_t param_count;
  size_t param_bytes;
  ua_text single[UA_SINGLE_COUNT]; /* absent if there is none, or more than one */
  bool seen[UA_SINGLE_COUNT];
  bool repeated;         /* one of the singles comes twice */
  bool params_damaged;   /* PARAMS ended in an error: nothing in them can be trusted */
  bool params_too_large; /* beyond limits.h: only some of them are stored */
  ua_text body;          /* never absent */
  bool body_too_large;   /* more than the limit was announced or sent; body is empty then */
  bool body_damaged;     /* fewer or more bytes than CONTENT_LENGTH says, or a stream error */
  uint64_t id;           /* of the request, unique within the process while it waits; 0: it cannot wait */
  int64_t received_us;   /* when it was whole, on the monotonic clock; 0: now */
  bool last_try;         /* it has waited long enough: answer it now, with 503 if necessary */
} ua_input;

/* Adds "NAME=value", of which views are kept; a name alone has an empty value. False, and params_too_large
 * set, for the first one beyond UA_MAX_PARAMS or UA_MAX_PARAM_BYTES: add no more after that. */
UA_CHECK bool ua_http_input_add(ua_input *input, ua_text pair);

/* What CONTENT_LENGTH announces. Without a body nginx sends it empty, and mod_fcgid sends "0"; other servers
 * omit it, also when they stream a body of unknown length. *known_r is false for an absent or empty one.
 * False when it is anything but digits. */
UA_CHECK bool ua_http_input_length(const ua_input *input, bool *known_r, uint64_t *length_r);

#endif
