/* Entity tags in If-Match and If-None-Match (RFC 9110 sections 8.8.3, 13.1.1 and 13.1.2). Pure. */
#ifndef UA_HTTP_ETAG_H
#define UA_HTTP_ETAG_H

#include <stdbool.h>

#include "base/text.h"

typedef enum ua_etag_comparison {
  UA_ETAG_STRONG, /* of If-Match: a weak tag equals none */
  UA_ETAG_WEAK    /* of If-None-Match: weakness is ignored */
} ua_etag_comparison;

/* Whether a header names `tag`, a strong entity tag with its quotes: by "*", or in its list. False for a
 * header that is absent, or that cannot be read as a whole. */
bool ua_http_etag_is_named(ua_text header, ua_text tag, ua_etag_comparison comparison);

#endif
