#include "process/heavy.h"

static uint32_t owner_of(const ua_heavy_claim *claim)
{
  return atomic_load(&claim->owner);
}

static bool is_same(const ua_heavy_claim *claim, size_t worker, uint64_t request)
{
  return owner_of(claim) == (uint32_t)worker + 1 && claim->request == request;
}

static const ua_heavy_claim *find(const ua_heavy *heavy, size_t worker, uint64_t request)
{
  for (size_t i = 0; i < UA_MAX_SEARCHES; i++) {
    if (is_same(&heavy->claim[i], worker, request)) {
      return &heavy->claim[i];
    }
  }
  return NULL;
}

static bool worker_is_free(const ua_heavy *heavy, uint32_t owner)
{
  for (size_t i = 0; i < UA_MAX_SEARCHES; i++) {
    const ua_heavy_claim *claim = &heavy->claim[i];
    if (owner_of(claim) == owner && atomic_load(&claim->runs)) {
      return false;
    }
  }
  return true;
}

/* Whether it could begin before `other`: it waits, in a free worker, and came first. */
static bool precedes(const ua_heavy *heavy, const ua_heavy_claim *claim, const ua_heavy_claim *other)
{
  uint32_t owner = owner_of(claim);
  return owner != 0 && !atomic_load(&claim->runs) && claim->ticket < other->ticket &&
         worker_is_free(heavy, owner);
}

/* Whether it is its caller's turn for this one and no other. */
static bool is_callers_next(const ua_heavy *heavy, const ua_heavy_claim *claim)
{
  for (size_t i = 0; i < UA_MAX_SEARCHES; i++) {
    const ua_heavy_claim *other = &heavy->claim[i];
    bool is_callers = owner_of(other) != 0 && other->caller == claim->caller;
    if (is_callers && (atomic_load(&other->runs) || precedes(heavy, other, claim))) {
      return false;
    }
  }
  return true;
}

/* Each caller who waits for longer gets one of the places before it. */
static bool may_begin(const ua_heavy *heavy, const ua_heavy_claim *claim)
{
  size_t limit = atomic_load(&heavy->limit);
  size_t places = 0;
  if (!is_callers_next(heavy, claim)) {
    return false;
  }
  for (size_t i = 0; i < UA_MAX_SEARCHES && places < limit; i++) {
    const ua_heavy_claim *other = &heavy->claim[i];
    bool runs = owner_of(other) != 0 && atomic_load(&other->runs);
    places += runs || (precedes(heavy, other, claim) && is_callers_next(heavy, other));
  }
  return places < limit;
}

/* NULL: the caller has enough, or the table is full. */
static ua_heavy_claim *add(ua_heavy *heavy, size_t worker, uint64_t request, int32_t caller)
{
  ua_heavy_claim *unused = NULL;
  size_t of_caller = 0;
  for (size_t i = 0; i < UA_MAX_SEARCHES; i++) {
    ua_heavy_claim *claim = &heavy->claim[i];
    bool is_free = owner_of(claim) == 0;
    of_caller += !is_free && claim->caller == caller;
    unused = unused == NULL && is_free ? claim : unused;
  }
  if (unused == NULL || of_caller >= UA_MAX_SEARCHES_OF_CALLER) {
    return NULL;
  }
  unused->caller = caller;
  unused->request = request;
  unused->ticket = ++heavy->last_ticket;
  atomic_store(&unused->runs, false);
  atomic_store(&unused->owner, (uint32_t)worker + 1);
  return unused;
}

ua_status ua_process_heavy_ask(ua_heavy *heavy, size_t worker, uint64_t request, int32_t caller)
{
  const ua_heavy_claim *found = find(heavy, worker, request);
  ua_heavy_claim *claim =
      found == NULL ? add(heavy, worker, request, caller) : &heavy->claim[found - heavy->claim];
  if (claim == NULL) {
    return UA_TOO_MANY_REQUESTS;
  }
  if (!may_begin(heavy, claim)) {
    return UA_PENDING;
  }
  atomic_store(&claim->runs, true);
  return UA_OK;
}

bool ua_process_heavy_must_wait(const ua_heavy *heavy, size_t worker, uint64_t request)
{
  const ua_heavy_claim *claim = find(heavy, worker, request);
  return claim != NULL && !may_begin(heavy, claim);
}

bool ua_process_heavy_end(ua_heavy *heavy, size_t worker, uint64_t request)
{
  for (size_t i = 0; i < UA_MAX_SEARCHES; i++) {
    if (is_same(&heavy->claim[i], worker, request)) {
      atomic_store(&heavy->claim[i].owner, 0);
      return true;
    }
  }
  return false;
}

bool ua_process_heavy_end_worker(ua_heavy *heavy, size_t worker)
{
  bool any = false;
  for (size_t i = 0; i < UA_MAX_SEARCHES; i++) {
    if (owner_of(&heavy->claim[i]) == (uint32_t)worker + 1) {
      atomic_store(&heavy->claim[i].owner, 0);
      any = true;
    }
  }
  return any;
}
