#include "process/admission.h"

#include "api/admission.h"
#include "base/clock.h"

enum {
  SHORTAGE_MS = 50,       /* without a free turn or progress, until the pool counts as stuck */
  LONG_SHORTAGE_MS = 1000 /* until requests without a place to wait are refused */
};

/* The place among the queued searches; self->count if it is not there. */
static size_t place_of(const ua_worker_turns *self, uint64_t request)
{
  size_t place = 0;
  while (place < self->count && self->queued[place] != request) {
    place++;
  }
  return place;
}

/* A search that still has to wait takes no common turn when it is tried again: it would take it from requests
 * that can use it, and query the database each time. */
static ua_status enter_common(ua_worker_turns *self, uint64_t request)
{
  if (place_of(self, request) < self->count &&
      ua_process_turns_must_wait(self->turns, self->worker, request)) {
    return UA_PENDING;
  }
  ua_status status = ua_process_turns_take_common(self->turns, self->worker);
  self->holds_common = status == UA_OK;
  self->lacks_common = self->lacks_common || status == UA_PENDING;
  return status;
}

static ua_status enter_heavy(ua_worker_turns *self, uint64_t request, int32_t caller)
{
  size_t place = place_of(self, request);
  if (place == sizeof(self->queued) / sizeof(self->queued[0])) {
    return UA_BUSY; /* searches leave places to wait for other requests */
  }
  ua_status status = ua_process_turns_take_heavy(self->turns, self->worker, request, caller);
  if (place == self->count && status != UA_TOO_MANY_REQUESTS) {
    self->queued[self->count++] = request;
  }
  return status;
}

static ua_status enter(void *context, ua_load load, uint64_t request, int32_t caller)
{
  switch (load) {
    case UA_LOAD_COMMON:
      return enter_common(context, request);
    case UA_LOAD_HEAVY:
      return enter_heavy(context, request, caller);
    default:
      return UA_OK;
  }
}

static void leave(void *context, uint64_t request, bool waits)
{
  ua_worker_turns *self = context;
  if (!waits) {
    ua_process_admission_forget(self, request);
  }
  if (self->holds_common) {
    ua_process_turns_give_common(self->turns, self->worker);
    self->holds_common = false;
  }
}

void ua_process_admission_open(ua_worker_turns *self, ua_turns *turns, size_t worker,
                               struct ua_admission *admission_r)
{
  *self = (ua_worker_turns){.turns = turns, .worker = worker};
  *admission_r = (ua_admission){.enter = enter, .leave = leave, .context = self};
}

void ua_process_admission_forget(ua_worker_turns *self, uint64_t request)
{
  size_t place = place_of(self, request);
  if (place < self->count) {
    ua_process_turns_give_heavy(self->turns, self->worker, request);
    self->queued[place] = self->queued[--self->count];
  }
}

bool ua_process_admission_leaves_queue(ua_worker_turns *self, bool is_full)
{
  if (!self->lacks_common && ua_process_turns_has_common(self->turns)) {
    self->short_since_ms = 0;
    return false;
  }
  int64_t now = ua_clock_monotonic_ms();
  uint64_t given = atomic_load(&self->turns->given);
  if (self->short_since_ms == 0 || given != self->given) {
    self->short_since_ms = now;
    self->given = given;
  }
  return now - self->short_since_ms < (is_full ? LONG_SHORTAGE_MS : SHORTAGE_MS);
}
