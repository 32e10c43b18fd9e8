#include "process/scoreboard.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"

enum { CACHE_LINE = 64 };

typedef struct worker_slot {
  alignas(CACHE_LINE) _Atomic int state; /* workers write often, so each has its own cache line */
  _Atomic int64_t busy_since_ms;
  _Atomic uint64_t served;
  _Atomic bool was_used;
} worker_slot;

struct ua_scoreboard {
  size_t bytes;
  size_t slots;
  ua_hash_board hashing;
  ua_turns turns;
  ua_pool_birth birth;
  ua_tally dropped_here;
  ua_tally dropped_by_watcher;
  ua_tally deaths;
  ua_metrics *metrics; /* one for each slot, in a separate mapping with the same address in all processes */
  worker_slot worker[];
};

/* NULL, with errno, on failure. Only used pages take memory: those of requested routes, in slots with
 * workers. */
static ua_metrics *map_metrics(size_t slots)
{
  int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;
  ua_metrics *metrics = mmap(NULL, slots * sizeof(*metrics), PROT_READ | PROT_WRITE, flags, -1, 0);
  if (metrics == MAP_FAILED) {
    return NULL;
  }
  (void)madvise(metrics, slots * sizeof(*metrics), MADV_DONTDUMP);
  return metrics;
}

ua_scoreboard *ua_process_scoreboard_create(size_t slots)
{
  size_t bytes = sizeof(ua_scoreboard) + slots * sizeof(worker_slot);
  ua_scoreboard *scoreboard = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (scoreboard == MAP_FAILED) {
    return NULL;
  }
  scoreboard->bytes = bytes;
  scoreboard->slots = slots;
  scoreboard->birth = (ua_pool_birth){.wall_seconds = ua_clock_wall_seconds(), .boot_ms = ua_clock_boot_ms()};
  scoreboard->metrics = map_metrics(slots);
  if (scoreboard->metrics == NULL || ua_process_turns_open(&scoreboard->turns) != UA_OK) {
    ua_process_scoreboard_destroy(&scoreboard);
    return NULL;
  }
  return scoreboard;
}

void ua_process_scoreboard_destroy(ua_scoreboard **scoreboard)
{
  if (*scoreboard != NULL) {
    if ((*scoreboard)->metrics != NULL) {
      (void)munmap((*scoreboard)->metrics, (*scoreboard)->slots * sizeof(ua_metrics));
    }
    (void)munmap(*scoreboard, (*scoreboard)->bytes);
    *scoreboard = NULL;
  }
}

size_t ua_process_scoreboard_slots(const ua_scoreboard *scoreboard)
{
  return scoreboard->slots;
}

void ua_process_scoreboard_begin(ua_scoreboard *scoreboard, size_t slot)
{
  worker_slot *worker = &scoreboard->worker[slot];
  atomic_store(&worker->served, 0);
  atomic_store(&worker->busy_since_ms, 0);
  atomic_store(&worker->was_used, true);
  atomic_store(&worker->state, UA_WORKER_STARTING);
}

void ua_process_scoreboard_end(ua_scoreboard *scoreboard, size_t slot)
{
  ua_process_turns_end(&scoreboard->turns, slot);
  atomic_store(&scoreboard->worker[slot].state, UA_WORKER_NONE);
}

void ua_process_scoreboard_set(ua_scoreboard *scoreboard, size_t slot, ua_worker_state state, uint64_t served)
{
  worker_slot *worker = &scoreboard->worker[slot];
  if (state == UA_WORKER_BUSY) {
    atomic_store(&worker->busy_since_ms, ua_clock_monotonic_ms());
  }
  atomic_store(&worker->served, served);
  atomic_store(&worker->state, (int)state);
}

ua_worker_state ua_process_scoreboard_get(const ua_scoreboard *scoreboard, size_t slot, int64_t *busy_ms_r)
{
  const worker_slot *worker = &scoreboard->worker[slot];
  ua_worker_state state = (ua_worker_state)atomic_load(&worker->state);
  *busy_ms_r = state == UA_WORKER_BUSY ? ua_clock_monotonic_ms() - atomic_load(&worker->busy_since_ms) : 0;
  return state;
}

uint64_t ua_process_scoreboard_served(const ua_scoreboard *scoreboard, size_t slot)
{
  return atomic_load(&scoreboard->worker[slot].served);
}

ua_metrics *ua_process_scoreboard_metrics(ua_scoreboard *scoreboard, size_t slot)
{
  return &scoreboard->metrics[slot];
}

/* Skips slots that were never used: reading a page takes as much memory as writing it. */
void ua_process_scoreboard_sum(const ua_scoreboard *scoreboard, ua_metrics *sum_r)
{
  memset(sum_r, 0, sizeof(*sum_r));
  for (size_t i = 0; i < scoreboard->slots; i++) {
    if (atomic_load(&scoreboard->worker[i].was_used)) {
      ua_metrics_add(sum_r, &scoreboard->metrics[i]);
    }
  }
}

ua_tally *ua_process_scoreboard_dropped_here(ua_scoreboard *scoreboard)
{
  return &scoreboard->dropped_here;
}

ua_tally *ua_process_scoreboard_dropped_by_watcher(ua_scoreboard *scoreboard)
{
  return &scoreboard->dropped_by_watcher;
}

ua_tally *ua_process_scoreboard_deaths(ua_scoreboard *scoreboard)
{
  return &scoreboard->deaths;
}

ua_pool_birth ua_process_scoreboard_birth(const ua_scoreboard *scoreboard)
{
  return scoreboard->birth;
}

ua_hash_board *ua_process_scoreboard_hashing(ua_scoreboard *scoreboard)
{
  return &scoreboard->hashing;
}

ua_turns *ua_process_scoreboard_turns(ua_scoreboard *scoreboard)
{
  return &scoreboard->turns;
}
