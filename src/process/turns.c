#include "process/turns.h"

#include <errno.h>

ua_status ua_process_turns_open(ua_turns *turns)
{
  pthread_mutexattr_t attributes;
  int failure = pthread_mutexattr_init(&attributes);
  if (failure == 0) {
    (void)pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    (void)pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    failure = pthread_mutex_init(&turns->heavy_lock, &attributes); /* fails for unsupported attributes */
    (void)pthread_mutexattr_destroy(&attributes);
  }
  errno = failure;
  return failure == 0 ? UA_OK : UA_INTERNAL;
}

void ua_process_turns_set_workers(ua_turns *turns, size_t workers)
{
  ua_process_slots_set_limit(&turns->common, workers > 1 ? workers - 1 : 1);
  atomic_store(&turns->heavy.limit, workers > 1 ? workers / 2 : 1);
}

void ua_process_turns_end(ua_turns *turns, size_t worker)
{
  (void)ua_process_slots_give(&turns->common, worker);
  (void)ua_process_heavy_end_worker(&turns->heavy, worker);
}

bool ua_process_turns_has_common(const ua_turns *turns)
{
  return ua_process_slots_has_any(&turns->common);
}

ua_status ua_process_turns_take_common(ua_turns *turns, size_t worker)
{
  return ua_process_slots_take(&turns->common, worker) ? UA_OK : UA_PENDING;
}

void ua_process_turns_give_common(ua_turns *turns, size_t worker)
{
  (void)atomic_fetch_add(&turns->given, 1);
  (void)ua_process_slots_give(&turns->common, worker);
}

/* A process that died while it held the lock has left a valid table: see ua_heavy_claim. */
static void lock(ua_turns *turns)
{
  if (pthread_mutex_lock(&turns->heavy_lock) == EOWNERDEAD) {
    (void)pthread_mutex_consistent(&turns->heavy_lock);
  }
}

static void unlock(ua_turns *turns)
{
  (void)pthread_mutex_unlock(&turns->heavy_lock);
}

ua_status ua_process_turns_take_heavy(ua_turns *turns, size_t worker, uint64_t request, int32_t caller)
{
  lock(turns);
  ua_status status = ua_process_heavy_ask(&turns->heavy, worker, request, caller);
  unlock(turns);
  return status;
}

bool ua_process_turns_must_wait(ua_turns *turns, size_t worker, uint64_t request)
{
  lock(turns);
  bool must = ua_process_heavy_must_wait(&turns->heavy, worker, request);
  unlock(turns);
  return must;
}

void ua_process_turns_give_heavy(ua_turns *turns, size_t worker, uint64_t request)
{
  (void)ua_process_heavy_end(&turns->heavy, worker, request);
}
