/* Failed logins, counted where all machines see them. An attempt is counted before its password is looked at,
 * so that attempts at the same moment cannot be more than are allowed; what turns out to be no failure is
 * taken back. Results are as ua_store_db_execute has them. Without counters each function is UA_OK and sends
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
  const char *address;                   /* of an address, and of nothing else, where it is NULL */
  int64_t limit;                         /* failures within a window: 1 to INT32_MAX */
  int64_t window; /* set by reserve: where it was counted; 0: in whichever window there is */
} ua_counter;

/* What one attempt counts on, in the order of locking: address, then account; or the device alone. */
enum { UA_MAX_COUNTERS = 2 };
typedef struct ua_counters {
  ua_counter list[UA_MAX_COUNTERS];
  size_t count;
  int64_t window_seconds; /* of a window that begins: 1 to INT32_MAX */
} ua_counters;

typedef struct ua_throttle_state {
  int64_t blocked_seconds;       /* until the last window that blocks ends, at least 1; 0: not blocked */
  bool unrecorded;               /* of peek: blocked, and there is no event that says so */
  bool reached[UA_MAX_COUNTERS]; /* of reserve: this was the last attempt allowed, the next one is blocked */
} ua_throttle_state;

/* Whether an attempt would be blocked now. */
UA_CHECK ua_status ua_store_throttle_peek(ua_db *db, ua_arena *arena, const ua_counters *counters,
                                          ua_throttle_state *state_r);

/* Within a transaction: writes an event for each of the counters that is blocked, unless there is one of its
 * window already. */
UA_CHECK ua_status ua_store_throttle_record(ua_db *db, ua_arena *arena, const ua_counters *counters);

/* Counts one attempt on each counter or, where it is blocked, on none. Also clears away some of what is over.
 */
UA_CHECK ua_status ua_store_throttle_reserve(ua_db *db, ua_arena *arena, ua_counters *counters,
                                             ua_throttle_state *state_r);

/* Takes one back from each: an attempt that was dropped, or right but no login. One whose window is over is
 * left alone. */
UA_CHECK ua_status ua_store_throttle_release(ua_db *db, ua_arena *arena, const ua_counters *counters);

/* After a login: takes one back from the address, and sets account and device back to no failure. */
UA_CHECK ua_status ua_store_throttle_succeed(ua_db *db, ua_arena *arena, const ua_counters *counters);

#endif
