/* Why something was refused, beyond its status. HTTP clients and programs that embed the library read the
 * same words. A zeroed refusal adds nothing to the status. */
#ifndef UA_SERVICE_REFUSAL_H
#define UA_SERVICE_REFUSAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

/* One sentence about one field. `item` is the index in a list, -1 for the field itself; `item_field` the
 * field of that item, or of the field where it is an object; NULL for the whole. */
typedef struct ua_violation {
  ua_text field;
  long item;
  const char *item_field;
  ua_text sentence;
} ua_violation;

enum { UA_MAX_VIOLATIONS = 512 };

typedef struct ua_violations {
  ua_violation *list; /* in the order found */
  size_t count;       /* UA_MAX_VIOLATIONS at the most; 0 when memory is exhausted */
  size_t found;       /* all, listed or not */
} ua_violations;

typedef struct ua_refusal {
  ua_text message;             /* absent: that of the status */
  ua_text missing_roles;       /* of UA_FORBIDDEN: codes, joined by ", "; absent: not known */
  ua_violations violations;    /* of UA_WRONG_DOCUMENT and UA_WRONG_ARGS */
  int64_t retry_after_seconds; /* of UA_TOO_MANY_REQUESTS; 0: that of the status */
  const char *defect; /* of UA_UNAVAILABLE: what an operator has to fix; never for clients; NULL: unknown */
} ua_refusal;

/* Adds one violation to the list, which lives in the arena; `violations` may be zeroed. `found` grows even
 * when memory is exhausted, so a wrong document is never accepted. */
void ua_service_violations_add(ua_arena *arena, ua_violations *violations, ua_violation violation);

/* Adds a sentence for each fault that base/identifier.h has found in the text of a field. */
void ua_service_violations_add_faults(ua_arena *arena, ua_violations *violations, ua_text field,
                                      unsigned faults);

#endif
