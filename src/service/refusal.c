#include "service/refusal.h"

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
