/* A connection that listens to whose sessions end, and that shows that it still hears: one statement at a
 * time, each with a deadline.
 *
 * A *proof* is a statement whose answer comes behind all notifications of what was committed before it was
 * sent. It also says whether anything could have been missed. */
#ifndef UA_STORE_WATCH_H
#define UA_STORE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/watch_notice.h"

typedef struct ua_watch ua_watch;

typedef struct ua_watch_settings {
  const char *url; /* must outlive the watch */
  int connect_timeout_ms;
  int answer_timeout_ms; /* for each statement */
} ua_watch_settings;

/* What can be said of a connection. Zero is the worst. */
typedef enum ua_watch_state {
  UA_WATCH_LOST,     /* there is none, or it ended, or the server did not answer in time */
  UA_WATCH_REFUSED,  /* the server refuses what it is asked */
  UA_WATCH_POOLED,   /* a pooler stands in between, which does not pass on what others notify */
  UA_WATCH_STANDBY,  /* a server in recovery, where nobody listens */
  UA_WATCH_DISARMED, /* the triggers that notify are not all there, or not all on */
  UA_WATCH_SOUND     /* nothing is missed */
} ua_watch_state;

typedef struct ua_watch_proof {
  ua_watch_state state;
  int64_t sent_ms;   /* CLOCK_BOOTTIME */
  uint64_t origin;   /* which running server and database answer */
  uint64_t triggers; /* another one when they were changed meanwhile, even if they are as before now */
} ua_watch_proof;

/* Connects to nothing. NULL when out of memory. */
ua_watch *ua_store_watch_create(const ua_watch_settings *settings);
void ua_store_watch_destroy(ua_watch **watch);

/* Connects, and returns UA_WATCH_SOUND once it listens: all that is committed from now on is heard. A
 * pooler's session is left as it was. Blocks for connect_timeout and a second for each address, for as long
 * as names take to resolve, and for the answers to five statements. */
UA_CHECK ua_watch_state ua_store_watch_connect(ua_watch *watch);

/* Forgets what has come and was not taken. */
void ua_store_watch_disconnect(ua_watch *watch);

/* UA_WATCH_LOST, for a reason of the caller's. */
UA_CHECK ua_watch_state ua_store_watch_leave(ua_watch *watch, const char *reason);

/* Sends a proof unless one is under way; the next wait finds out when the connection is lost. */
void ua_store_watch_prove(ua_watch *watch);

/* Waits until something has come, or until `until_ms` (monotonic clock). What has come is bounded, and to be
 * taken before the next wait: all notices first. Anything but UA_WATCH_SOUND: nothing more will come, and
 * what has come can still be taken. */
UA_CHECK ua_watch_state ua_store_watch_wait(ua_watch *watch, int64_t until_ms);

/* The next notice, and the answered proof, each once. False when there is none. */
UA_CHECK bool ua_store_watch_next_notice(ua_watch *watch, ua_watch_notice *notice_r);
UA_CHECK bool ua_store_watch_take_proof(ua_watch *watch, ua_watch_proof *proof_r);

/* Whether a proof is under way. */
bool ua_store_watch_is_proving(const ua_watch *watch);

/* Of the last state that was not UA_WATCH_SOUND: one line for an operator, without secrets. */
const char *ua_store_watch_reason(const ua_watch *watch);

/* The server's process at the other end, 0 for none. */
int ua_store_watch_backend(const ua_watch *watch);

#endif
