/* Decides whose password is hashed next: first come, first served among sources (a device, a caller, an
 * address), not among requests. Pure and bounded: no clock, no input or output, no allocation after its own.
 *
 * - Among waiting sources, one with the fewest turns under way is next: no source gets a second turn while
 *   another one waits without any.
 * - Of those, a source without recent failures goes first; but while sources with failures wait, every fourth
 *   turn is theirs.
 * - Of those, the source whose last turn (or arrival) is longest ago; of its requests the oldest one.
 *
 * An entry waits (push), gets its turn (next), is hashed (go) and is removed (done). An unused turn goes to
 * others (lapse). The entry then waits for its job; when that arrives (go), the entry becomes the first of
 * its source. */
#ifndef UA_PROCESS_HASH_QUEUE_H
#define UA_PROCESS_HASH_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/limits.h"

enum {
  UA_HASH_TURNS = UA_MAX_WORKERS, /* given at the same time, at most */
};

typedef struct ua_hash_queue ua_hash_queue;

typedef struct ua_hash_entry {
  uint64_t owner;   /* a worker's connection */
  uint64_t request; /* with the owner it names the entry */
  unsigned char source[UA_SHA256_BYTES];
  unsigned char address[UA_SHA256_BYTES]; /* of the source; zeros: not known */
  void *job; /* a job that came too late for its turn; the caller that removes the entry owns it */
} ua_hash_entry;

/* NULL when out of memory. */
ua_hash_queue *ua_process_hash_queue_create(void);

/* The caller has to free the jobs of entries before. */
void ua_process_hash_queue_destroy(ua_hash_queue **queue);

/* Adds a waiting request. UA_TOO_MANY_REQUESTS: its source has UA_MAX_HASHES_OF_SOURCE entries, or all
 * sources of its address together have UA_MAX_HASHES_OF_ADDRESS, so one person gains nothing by using many
 * accounts. UA_BUSY: UA_MAX_HASHES entries wait, or UA_MAX_HASHES_OF_WORKER of this owner, and no other entry
 * has to make room. UA_CONFLICT: the entry exists already. To make room, the youngest entry of the source
 * with the most waiting entries is removed (only of the same owner, if the owner's bound is reached). For a
 * source without recent failures, that is a source with failures if there is one; else only a source of its
 * own kind with more waiting entries than this one would have. The removed entry is in *pushed_out_r, and
 * *pushes_out_r is true. */
UA_CHECK ua_status ua_process_hash_queue_push(ua_hash_queue *queue, const ua_hash_entry *entry,
                                              int64_t now_ms, bool *pushes_out_r,
                                              ua_hash_entry *pushed_out_r);

/* Gives the next turn: false when no entry can have one. An entry with a job runs at once; any other one has
 * its turn and expects its job. */
bool ua_process_hash_queue_next(ua_hash_queue *queue, int64_t now_ms, ua_hash_entry *entry_r);

/* The job of an entry has arrived. UA_OK: it has its turn, and runs from now on. UA_PENDING: its turn has
 * lapsed; the entry keeps `job`, and waits as the first of its source. UA_NOT_FOUND: it expects no job. */
UA_CHECK ua_status ua_process_hash_queue_go(ua_hash_queue *queue, uint64_t owner, uint64_t request,
                                            void *job);

/* Lets unused turns lapse that were given at `before_ms` or earlier. Returns how many. */
size_t ua_process_hash_queue_lapse(ua_hash_queue *queue, int64_t before_ms);

/* When the oldest unused turn was given; -1: there is none. */
int64_t ua_process_hash_queue_oldest_turn(const ua_hash_queue *queue);

/* A running entry has finished. `failed`: its password was wrong. */
void ua_process_hash_queue_done(ua_hash_queue *queue, uint64_t owner, uint64_t request, bool failed,
                                int64_t now_ms);

/* Removes an entry; false if it runs or does not exist. */
bool ua_process_hash_queue_drop(ua_hash_queue *queue, uint64_t owner, uint64_t request,
                                ua_hash_entry *entry_r);

/* Removes one entry of an owner that does not run; false when there is none left. */
bool ua_process_hash_queue_drop_any(ua_hash_queue *queue, uint64_t owner, ua_hash_entry *entry_r);

/* Turns that are under way, used or not. */
size_t ua_process_hash_queue_turns(const ua_hash_queue *queue);

#endif
