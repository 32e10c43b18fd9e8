#include "process/slots.h"

void ua_process_slots_set_limit(ua_slots *slots, size_t limit)
{
  atomic_store(&slots->limit, limit > UA_MAX_WORKERS ? UA_MAX_WORKERS : limit);
}

bool ua_process_slots_has_any(const ua_slots *slots)
{
  size_t limit = atomic_load(&slots->limit);
  size_t i = 0;
  while (i < limit && atomic_load(&slots->owner[i]) != 0) {
    i++;
  }
  return i < limit;
}

/* Each worker begins its search at a different place, so that the first one is usually free. */
bool ua_process_slots_take(ua_slots *slots, size_t worker)
{
  size_t limit = atomic_load(&slots->limit);
  for (size_t i = 0; i < limit; i++) {
    _Atomic uint32_t *owner = &slots->owner[(worker + i) % limit];
    uint32_t nobody = 0;
    if (atomic_load(owner) == 0 && atomic_compare_exchange_strong(owner, &nobody, (uint32_t)worker + 1)) {
      return true;
    }
  }
  return false;
}

bool ua_process_slots_give(ua_slots *slots, size_t worker)
{
  for (size_t i = 0; i < UA_MAX_WORKERS; i++) {
    uint32_t owner = (uint32_t)worker + 1;
    if (atomic_load(&slots->owner[i]) == owner &&
        atomic_compare_exchange_strong(&slots->owner[i], &owner, 0)) {
      return true;
    }
  }
  return false;
}
