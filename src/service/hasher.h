/* Where a request may hash: the pool's queue. Without functions (the command line, an embedding program
 * without a worker) the hash is made at once, in this process. */
#ifndef UA_SERVICE_HASHER_H
#define UA_SERVICE_HASHER_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/hashing.h"
#include "base/crypto.h"
#include "base/error.h"

typedef struct ua_hash_ticket {
  uint64_t request;                      /* ua_input.id; 0: it cannot wait, the functions block instead */
  bool last_try;                         /* it has no place to wait: UA_BUSY instead of a first UA_PENDING */
  unsigned char source[UA_SHA256_BYTES]; /* who asks: device, caller, or address */
} ua_hash_ticket;

typedef struct ua_hasher {
  /* Asks for the request's turn. UA_OK: it has it, or its hash is under way or ready (*began_r true for the
   * last two: run was called before). UA_PENDING: later, call again when woken. UA_TOO_MANY_REQUESTS: this
   * source has UA_MAX_HASHES_OF_SOURCE waiting. UA_BUSY: waited longer than hash_wait_seconds, queue full,
   * hasher lost. */
  ua_status (*enter)(void *context, const ua_hash_ticket *ticket, bool *began_r);
  /* After UA_OK of enter. UA_OK with the outcome; UA_PENDING: under way; UA_BUSY: the hasher died over it, or
   * `job` is not the one that was handed in before (a digest of its inputs is kept). */
  ua_status (*run)(void *context, const ua_hash_ticket *ticket, const ua_hash_job *job,
                   ua_hash_outcome *outcome_r);
  /* Gives up the request's place, turn or outcome; does nothing for one that has none. */
  void (*leave)(void *context, uint64_t request);
  void *context;
} ua_hasher;

#endif
