/* Whose password is hashed next: first come, first served among sources (a device, a caller, an address), not
 * among requests. Pure and bounded: no clock, no input or output, no allocation but its own.
 *
 * - Of those that wait, a source with the fewest turns under way is next: none has a second turn while
 *   another without one waits.
 * - Of those, a source without recent failures goes first; every fourth turn that they take before waiting
 *   sources with failures belongs to the others.
 * - Of those, the source whose last turn (or arrival) is the longest ago; of its requests the oldest.
 *
 * An entry waits (push), has its turn (next), is hashed (go) and is gone (done). A turn that is not used goes
 * to others (lapse); the entry waits for its job then, and goes to the head of its source's when that comes
 * (go). */
#ifndef UA_PROCESS_HASH_QUEUE_H
#define UA_PROCESS_HASH_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/limits.h"

enum {
  UA_HASH_TURNS = UA_MAX_WORKERS, /* given at a time, at most */
};

typedef struct ua_hash_queue ua_hash_queue;

typedef struct ua_hash_entry {
  uint64_t owner;   /* a worker's connection */
  uint64_t request; /* with the owner it names the entry */
  unsigned char source[UA_SHA256_BYTES];
  unsigned char address[UA_SHA256_BYTES]; /* of the source; zeros: not known */
  void *job; /* the caller's: what came too late for its turn. Who takes the entry out owns it */
} ua_hash_entry;

/* NULL when out of memory. */
ua_hash_queue *ua_process_hash_queue_create(void);

/* What entries refer to is the caller's to free before. */
void ua_process_hash_queue_destroy(ua_hash_queue **queue);

/* A request waits from now on. UA_TOO_MANY_REQUESTS: its source has UA_MAX_HASHES_OF_SOURCE, or all sources
 * of its address together UA_MAX_HASHES_OF_ADDRESS: many accounts of one person are no crowd. UA_BUSY:
 * UA_MAX_HASHES wait, or UA_MAX_HASHES_OF_WORKER of this owner, and nobody has to make room. UA_CONFLICT: it
 * is there already. The youngest entry of the source that has the most waiting (of the same owner, if it is
 * the owner's bound) makes room: of those with failures for a source without recent failures; else of those
 * of its kind that have more waiting than this one would have. It is taken out into *pushed_out_r, and
 * *pushes_out_r is true. */
UA_CHECK ua_status ua_process_hash_queue_push(ua_hash_queue *queue, const ua_hash_entry *entry,
                                              int64_t now_ms, bool *pushes_out_r,
                                              ua_hash_entry *pushed_out_r);

/* The next turn: false when nobody can have one. An entry with a job runs already, any other has its turn. */
bool ua_process_hash_queue_next(ua_hash_queue *queue, int64_t now_ms, ua_hash_entry *entry_r);

/* The job of an entry has come. UA_OK: it has its turn, and runs from now on. UA_PENDING: its turn has
 * lapsed; the entry keeps `job`, and waits at the head of its source's. UA_NOT_FOUND: it expects no job. */
UA_CHECK ua_status ua_process_hash_queue_go(ua_hash_queue *queue, uint64_t owner, uint64_t request,
                                            void *job);

/* Turns that were given at `before_ms` or earlier, and are not used, lapse. How many did. */
size_t ua_process_hash_queue_lapse(ua_hash_queue *queue, int64_t before_ms);

/* When the oldest turn that is not used was given; -1: there is none. */
int64_t ua_process_hash_queue_oldest_turn(const ua_hash_queue *queue);

/* An entry that runs is through. `failed`: its password was wrong. */
void ua_process_hash_queue_done(ua_hash_queue *queue, uint64_t owner, uint64_t request, bool failed,
                                int64_t now_ms);

/* Takes an entry out; false for one that runs or is not there. */
bool ua_process_hash_queue_drop(ua_hash_queue *queue, uint64_t owner, uint64_t request,
                                ua_hash_entry *entry_r);

/* Takes one entry of an owner out that does not run; false when there is none left. */
bool ua_process_hash_queue_drop_any(ua_hash_queue *queue, uint64_t owner, ua_hash_entry *entry_r);

/* Turns that are under way, used or not. */
size_t ua_process_hash_queue_turns(const ua_hash_queue *queue);

#endif
