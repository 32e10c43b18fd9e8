/* Where a request may hash a password: the pool's queue, which process/hash_client.h implements. Without
 * functions (the command line, an embedding program without workers) this process hashes at once. */
#ifndef UA_SERVICE_HASHER_H
#define UA_SERVICE_HASHER_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/hashing.h"
#include "base/crypto.h"
#include "base/error.h"
#include "store/throttle.h"

typedef struct ua_hash_ticket {
  uint64_t request; /* ua_input.id; 0: it cannot wait, and the functions below block instead */
  bool last_try;    /* it has no place to wait: UA_BUSY instead of a first UA_PENDING */
  unsigned char source[UA_SHA256_BYTES];  /* who asks: a device, a caller, or an address */
  unsigned char address[UA_SHA256_BYTES]; /* where the source is; zeros: not known */
  ua_counters counted;                    /* of a login: where this attempt is counted */
} ua_hash_ticket;

typedef struct ua_hasher {
  /* Whether the request has asked for its turn already. */
  bool (*has_asked)(void *context, uint64_t request);
  /* Asks for the request's turn. UA_OK: it has its turn; *began_r: `run` was called before, its hash is under
   * way or ready, and ticket->counted is what it was then. UA_PENDING: not yet; the request will be woken.
   * UA_TOO_MANY_REQUESTS: UA_MAX_HASHES_OF_SOURCE of this source wait, or UA_MAX_HASHES_OF_ADDRESS of this
   * address. UA_BUSY: it has waited for hash_wait_seconds, the queue is full, or the hasher is lost. */
  ua_status (*enter)(void *context, ua_hash_ticket *ticket, bool *began_r);
  /* After UA_OK of `enter`. UA_OK with the outcome; UA_PENDING: under way. UA_BUSY: the hasher died while it
   * hashed. UA_CONFLICT: `job` differs from the one given before; the request has lost its place. */
  ua_status (*run)(void *context, const ua_hash_ticket *ticket, const ua_hash_job *job,
                   ua_hash_outcome *outcome_r);
  /* Gives up the request's place, turn or outcome; does nothing for one that has none. */
  void (*leave)(void *context, uint64_t request);
  void *context;
} ua_hasher;

#endif
