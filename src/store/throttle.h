/* Failed logins, counted in the database, where all machines see them. An attempt is counted before its
 * password is verified, so parallel attempts cannot exceed the limit. If it does not fail, its count is taken
 * back. Results are those of ua_store_db_execute. Without counters each function returns UA_OK and sends
 * nothing. */
#ifndef UA_STORE_THROTTLE_H
#define UA_STORE_THROTTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/crypto.h"
#include "base/error.h"
#include "store/db.h"

typedef enum ua_counter_kind { UA_COUNTER_ADDRESS, UA_COUNTER_ACCOUNT, UA_COUNTER_DEVICE } ua_counter_kind;

typedef struct ua_counter {
  ua_counter_kind kind;
  unsigned char digest[UA_SHA256_BYTES]; /* which one */
  int32_t user_id;                       /* of an account or device; 0: none */
  const char *address;                   /* of an address; NULL for all others */
  int64_t limit;                         /* failures within a window: 1 to INT32_MAX */
  int64_t window; /* set by reserve: the window that counted it; 0: the current window */
} ua_counter;

/* The counters of one attempt, in the order of locking: address, then account; or only the device. */
enum { UA_MAX_COUNTERS = 2 };
typedef struct ua_counters {
  ua_counter list[UA_MAX_COUNTERS];
  size_t count;
  int64_t window_seconds; /* of a new window: 1 to INT32_MAX */
} ua_counters;

typedef struct ua_throttle_state {
  int64_t blocked_seconds;       /* until the last window that blocks ends, at least 1; 0: not blocked */
  bool unrecorded;               /* of peek: blocked, and no event records it */
  bool reached[UA_MAX_COUNTERS]; /* of reserve: this was the last allowed attempt; the next one is blocked */
} ua_throttle_state;

/* Whether an attempt would be blocked now. */
UA_CHECK ua_status ua_store_throttle_peek(ua_db *db, ua_arena *arena, const ua_counters *counters,
                                          ua_throttle_state *state_r);

/* Within a transaction: writes an event for each blocked counter, unless its window has one already. */
UA_CHECK ua_status ua_store_throttle_record(ua_db *db, ua_arena *arena, const ua_counters *counters);

/* Counts one attempt on each counter or, if it is blocked, on none. Also deletes some expired counters. */
UA_CHECK ua_status ua_store_throttle_reserve(ua_db *db, ua_arena *arena, ua_counters *counters,
                                             ua_throttle_state *state_r);

/* Takes one attempt back from each counter: it was dropped, or its password was right but did not log in. A
 * counter whose window has ended is not changed. */
UA_CHECK ua_status ua_store_throttle_release(ua_db *db, ua_arena *arena, const ua_counters *counters);

/* After a login: takes one attempt back from the address, and resets account and device to zero. */
UA_CHECK ua_status ua_store_throttle_succeed(ua_db *db, ua_arena *arena, const ua_counters *counters);

#endif
