/* Percent-encoding (RFC 3986 section 2.1). Pure. */
#ifndef UA_HTTP_PERCENT_H
#define UA_HTTP_PERCENT_H

#include <stdbool.h>

#include "base/arena.h"

/* Whether a byte stays unencoded. "%" must not. */
typedef bool ua_http_percent_plain(unsigned char byte);

/* Letters, digits, "-", ".", "_", "~" and "/". */
bool ua_http_percent_is_path(unsigned char byte);

/* `text` with every byte that is not plain as %XX, NUL-terminated. Absent when memory is exhausted. */
ua_text ua_http_percent_encode(ua_arena *arena, ua_text text, ua_http_percent_plain *is_plain);

#endif
