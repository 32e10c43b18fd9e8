/* A number that only grows, written by one process and read by others, in memory that they share. */
#ifndef UA_BASE_TALLY_H
#define UA_BASE_TALLY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed memory is a valid one. */
typedef struct ua_tally {
  _Atomic uint64_t value;
} ua_tally;

/* A lock instead of an atomic instruction would work within one process only. */
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit atomic operations without locks");

/* For the only writer: a load and a store are enough, because no other process writes, and an atomic addition
 * would lock the cache line. If the writer is killed between them, it has not counted. NULL counts nothing.
 */
static inline void ua_tally_add(ua_tally *counter, uint64_t number)
{
  if (counter != NULL) {
    uint64_t before = atomic_load_explicit(&counter->value, memory_order_relaxed);
    atomic_store_explicit(&counter->value, before + number, memory_order_relaxed);
  }
}

static inline uint64_t ua_tally_read(const ua_tally *counter)
{
  return atomic_load_explicit(&counter->value, memory_order_relaxed);
}

#endif
