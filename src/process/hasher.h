/* The hasher: one queue for all workers of a pool, and a thread of low priority for each password that is
 * hashed. In a pool it is a separate process, in a single process a thread. It logs nothing, and never blocks
 * for a worker: a worker that does not read, or sends invalid messages, loses its connection. */
#ifndef UA_PROCESS_HASHER_H
#define UA_PROCESS_HASHER_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { UA_HASHER_BEAT_MS = 500 /* between two signs of life */ };

/* The state that it shares with the supervisor. Zeroed memory is a valid state. */
typedef struct ua_hash_board {
  _Atomic size_t slots;     /* passwords hashed at a time; 0 counts as 1 */
  _Atomic int64_t alive_ms; /* its last sign of life */
  _Atomic size_t in_use;    /* turns that are under way */
} ua_hash_board;

/* As many slots as the setting says; 0 means one for each processor. */
size_t ua_process_hasher_slots(int64_t setting);

/* Serves workers until the channel (process/hash_channel.h) ends; then it finishes the running hashes, and
 * wipes the rest. Signals have to be blocked. UA_INTERNAL when the system refuses what it needs. */
UA_CHECK ua_status ua_process_hasher_run(int hasher_fd, ua_hash_board *board);

#endif
