#include "service/refusal.h"

#include "base/identifier.h"

void ua_service_violations_add(ua_arena *arena, ua_violations *violations, ua_violation violation)
{
  violations->found++;
  if (violations->list == NULL) {
    violations->list = ua_arena_calloc(arena, UA_MAX_VIOLATIONS, sizeof *violations->list);
  }
  if (violations->list != NULL && violations->count < UA_MAX_VIOLATIONS) {
    violations->list[violations->count++] = violation;
  }
}

void ua_service_violations_add_faults(ua_arena *arena, ua_violations *violations, ua_text field,
                                      unsigned faults)
{
  ua_text sentence = ua_identifier_take_sentence(&faults);
  for (; sentence.data != NULL; sentence = ua_identifier_take_sentence(&faults)) {
    ua_service_violations_add(arena, violations,
                              (ua_violation){.field = field, .item = -1, .sentence = sentence});
  }
}
