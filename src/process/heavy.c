#include "process/heavy.h"

static uint32_t owner_of(const ua_heavy_claim *claim)
{
  return atomic_load(&claim->owner);
}

static bool is_same(const ua_heavy_claim *claim, size_t worker, uint64_t request)
{
  return owner_of(claim) == (uint32_t)worker + 1 && claim->request == request;
}

/* The place in the table; UA_MAX_SEARCHES if it is not there. */
static size_t find(const ua_heavy *heavy, size_t worker, uint64_t request)
{
  size_t place = 0;
  while (place < UA_MAX_SEARCHES && !is_same(&heavy->claim[place], worker, request)) {
    place++;
  }
  return place;
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

/* Whether it could begin before `other`: it waits in a free worker, and arrived first. */
static bool precedes(const ua_heavy *heavy, const ua_heavy_claim *claim, const ua_heavy_claim *other)
{
  uint32_t owner = owner_of(claim);
  return owner != 0 && !atomic_load(&claim->runs) && claim->ticket < other->ticket &&
         worker_is_free(heavy, owner);
}

/* Whether this is the next search of its caller. */
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

/* Each caller who has waited longer gets one of the places before it. */
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

/* Adds the request; UA_MAX_SEARCHES if the caller has enough, or the table is full. */
static size_t add(ua_heavy *heavy, size_t worker, uint64_t request, int32_t caller)
{
  size_t unused = UA_MAX_SEARCHES;
  size_t of_caller = 0;
  for (size_t i = 0; i < UA_MAX_SEARCHES; i++) {
    if (owner_of(&heavy->claim[i]) == 0) {
      unused = i;
    } else {
      of_caller += heavy->claim[i].caller == caller;
    }
  }
  if (unused == UA_MAX_SEARCHES || of_caller >= UA_MAX_SEARCHES_OF_CALLER) {
    return UA_MAX_SEARCHES;
  }
  ua_heavy_claim *claim = &heavy->claim[unused];
  claim->caller = caller;
  claim->request = request;
  claim->ticket = ++heavy->last_ticket;
  atomic_store(&claim->runs, false);
  atomic_store(&claim->owner, (uint32_t)worker + 1);
  return unused;
}

ua_status ua_process_heavy_ask(ua_heavy *heavy, size_t worker, uint64_t request, int32_t caller)
{
  size_t place = find(heavy, worker, request);
  place = place == UA_MAX_SEARCHES ? add(heavy, worker, request, caller) : place;
  if (place == UA_MAX_SEARCHES) {
    return UA_TOO_MANY_REQUESTS;
  }
  if (!may_begin(heavy, &heavy->claim[place])) {
    return UA_PENDING;
  }
  atomic_store(&heavy->claim[place].runs, true);
  return UA_OK;
}

bool ua_process_heavy_must_wait(const ua_heavy *heavy, size_t worker, uint64_t request)
{
  size_t place = find(heavy, worker, request);
  return place < UA_MAX_SEARCHES && !may_begin(heavy, &heavy->claim[place]);
}

bool ua_process_heavy_end(ua_heavy *heavy, size_t worker, uint64_t request)
{
  size_t place = find(heavy, worker, request);
  if (place < UA_MAX_SEARCHES) {
    atomic_store(&heavy->claim[place].owner, 0);
  }
  return place < UA_MAX_SEARCHES;
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
