#include "process/scoreboard.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "base/clock.h"

enum { CACHE_LINE = 64 };

typedef struct worker_slot {
  alignas(CACHE_LINE) _Atomic int state; /* workers write all the time: no two on one cache line */
  _Atomic int64_t busy_since_ms;
  _Atomic uint64_t served;
} worker_slot;

struct ua_scoreboard {
  size_t bytes;
  size_t slots;
  ua_hash_board hashing;
  ua_turns turns;
  worker_slot worker[];
};

ua_scoreboard *ua_process_scoreboard_create(size_t slots)
{
  size_t bytes = sizeof(ua_scoreboard) + slots * sizeof(worker_slot);
  ua_scoreboard *scoreboard = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (scoreboard == MAP_FAILED) {
    return NULL;
  }
  scoreboard->bytes = bytes;
  scoreboard->slots = slots;
  if (ua_process_turns_open(&scoreboard->turns) != UA_OK) {
    (void)munmap(scoreboard, bytes);
    return NULL;
  }
  return scoreboard;
}

void ua_process_scoreboard_destroy(ua_scoreboard **scoreboard)
{
  if (*scoreboard != NULL) {
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

ua_hash_board *ua_process_scoreboard_hashing(ua_scoreboard *scoreboard)
{
  return &scoreboard->hashing;
}

ua_turns *ua_process_scoreboard_turns(ua_scoreboard *scoreboard)
{
  return &scoreboard->turns;
}
