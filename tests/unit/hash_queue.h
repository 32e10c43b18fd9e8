/* Entries of a queue under test. */
#ifndef UA_TESTS_UNIT_HASH_QUEUE_H
#define UA_TESTS_UNIT_HASH_QUEUE_H

#include <string.h>

#include "process/hash_queue.h"

static inline ua_hash_entry entry_of(uint64_t owner, uint64_t request, unsigned source)
{
  ua_hash_entry entry = {.owner = owner, .request = request};
  memcpy(entry.source, &source, sizeof source);
  memcpy(entry.source + sizeof entry.source - sizeof source, &source, sizeof source);
  return entry;
}

#endif
