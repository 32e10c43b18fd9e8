#include "process/hash_failures.h"

#include <stddef.h>
#include <string.h>

/* Sources are keyed digests, so an attacker cannot choose their set. */
static size_t set_of(const unsigned char *source)
{
  return ((size_t)source[UA_SHA256_BYTES - 2] << 8 | source[UA_SHA256_BYTES - 1]) % UA_HASH_FAILURE_SETS;
}

void ua_process_hash_failures_note(ua_hash_failures *failures, const unsigned char source[UA_SHA256_BYTES],
                                   int64_t now_ms)
{
  size_t set = set_of(source);
  size_t way = 0;
  for (size_t i = 0; i < UA_HASH_FAILURE_WAYS; i++) {
    if (memcmp(failures->set[set][i].key, source, UA_HASH_FAILURE_KEY_BYTES) == 0) {
      way = i;
      break;
    }
    if (failures->set[set][i].ends_ms < failures->set[set][way].ends_ms) {
      way = i;
    }
  }
  memcpy(failures->set[set][way].key, source, UA_HASH_FAILURE_KEY_BYTES);
  failures->set[set][way].ends_ms = now_ms + UA_HASH_FAILURE_MS;
}

bool ua_process_hash_failures_has(const ua_hash_failures *failures,
                                  const unsigned char source[UA_SHA256_BYTES], int64_t now_ms)
{
  size_t set = set_of(source);
  for (size_t i = 0; i < UA_HASH_FAILURE_WAYS; i++) {
    if (memcmp(failures->set[set][i].key, source, UA_HASH_FAILURE_KEY_BYTES) == 0) {
      return now_ms < failures->set[set][i].ends_ms;
    }
  }
  return false;
}
