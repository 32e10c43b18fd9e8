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

/* A lock in place of an atomic instruction would be one process's own. */
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit atomic operations without locks");

/* For its only writer: a load and a store, because nobody else can write in between, and an atomic addition
 * would lock the cache line. A writer that is killed between them has not counted. NULL counts nothing. */
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
