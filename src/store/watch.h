/* A connection that listens for ended sessions, and that proves that it still receives notifications: one
 * statement at a time, each with a deadline.
 *
 * A *proof* is a statement whose answer comes after all notifications of transactions that were committed
 * before it was sent. It also says whether anything could have been missed. */
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

/* The state of a connection. Zero is the worst. */
typedef enum ua_watch_state {
  UA_WATCH_LOST,     /* there is none, or it ended, or the server did not answer in time */
  UA_WATCH_REFUSED,  /* the server refuses a statement */
  UA_WATCH_POOLED,   /* a pooler is in between, which does not forward notifications of others */
  UA_WATCH_STANDBY,  /* a server in recovery, which does not support LISTEN */
  UA_WATCH_DISARMED, /* triggers that notify are missing or disabled */
  UA_WATCH_SOUND     /* no notification is missed */
} ua_watch_state;

typedef struct ua_watch_proof {
  ua_watch_state state;
  int64_t sent_ms;   /* CLOCK_BOOTTIME */
  uint64_t origin;   /* which running server and database answer */
  uint64_t triggers; /* changes when the triggers are changed, even if they were changed back */
} ua_watch_proof;

/* Does not connect yet. NULL when out of memory. */
ua_watch *ua_store_watch_create(const ua_watch_settings *settings);
void ua_store_watch_destroy(ua_watch **watch);

/* Connects, and returns UA_WATCH_SOUND once it listens: it receives notifications of all later commits. A
 * pooler's session is not changed. Blocks for connect_timeout and a second for each address, for as long as
 * names take to resolve, and for the answers to five statements. */
UA_CHECK ua_watch_state ua_store_watch_connect(ua_watch *watch);

/* Discards what has arrived and was not taken. */
void ua_store_watch_disconnect(ua_watch *watch);

/* Records the caller's `reason`, and returns UA_WATCH_LOST. */
UA_CHECK ua_watch_state ua_store_watch_leave(ua_watch *watch, const char *reason);

/* Sends a proof unless one is under way. If the connection is lost, the next wait reports it. */
void ua_store_watch_prove(ua_watch *watch);

/* Waits until something arrives, or until `until_ms` (monotonic clock). The amount is bounded; take all of it
 * before the next wait, notices first. Any state except UA_WATCH_SOUND: nothing more will arrive, and what
 * has arrived can still be taken. */
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
