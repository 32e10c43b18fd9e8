/* The two functions of Python on which the original's behaviour and messages depend. Pure. */
#ifndef UA_API_PYTHON_H
#define UA_API_PYTHON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

/* Reads what Python's int(text) accepts: surrounding blanks, a sign, digits with single underscores between
 * them. Values beyond 64 bits become the nearest one that fits. False for anything else. */
bool ua_api_python_int(ua_text text, int64_t *integer_r);

/* Python's repr() of a string: quoted, control characters escaped; bytes that are not UTF-8 become U+FFFD. ""
 * when memory is exhausted. */
const char *ua_api_python_repr(ua_arena *arena, ua_text text);

#endif
