/* Lists of violations, and the two pieces of Python that the original's sentences quote. Pure. */
#ifndef UA_API_VIOLATIONS_H
#define UA_API_VIOLATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "json/writer.h"

/* One sentence about one field. `item` is the index in a list, -1 for the field itself; `item_field` the
 * field of that item, NULL for the item itself. */
typedef struct ua_violation {
  ua_text field;
  long item;
  const char *item_field;
  ua_text sentence;
} ua_violation;

/* More than these are counted, but not told. */
enum { UA_MAX_VIOLATIONS = 512 };

typedef struct ua_violations {
  ua_violation *list; /* UA_MAX_VIOLATIONS of them, in the order found */
  size_t count;
} ua_violations;

/* An empty list. */
UA_CHECK ua_status ua_api_violations_create(ua_arena *arena, ua_violations *violations_r);

void ua_api_violations_add(ua_violations *violations, ua_violation violation);

/* {"email":["required field"],"roles":[{"0":[{"id":["must be of integer type"]}]}]} as the member `key`. */
void ua_api_violations_write(ua_arena *arena, ua_json_writer *writer, const char *key,
                             const ua_violations *violations);

/* What Python's int(text) takes: blanks around, a sign, digits with single underscores between them. Values
 * beyond 64 bits become the nearest that fits. False for anything else. */
bool ua_api_python_int(ua_text text, int64_t *integer_r);

/* Python's repr() of a string: quoted, control characters escaped; bytes that are not UTF-8 become U+FFFD. ""
 * when memory is exhausted. */
const char *ua_api_python_repr(ua_arena *arena, ua_text text);

#endif
