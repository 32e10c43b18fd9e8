/* Whether a verified token is still valid: from the shared table if that is safe, else by asking the
 * database.
 *
 * The table is used while two things are younger than the bound on staleness. One is the watcher's last
 * proof: everything that was committed before the proof was sent has been applied to the table. The other is
 * this process's check that its own connection leads to the server that the watcher listens to. Otherwise
 * each check asks. */
#ifndef UA_AUTH_SESSIONS_H
#define UA_AUTH_SESSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/session_table.h"
#include "auth/token.h"
#include "auth/token_cache.h"
#include "base/tally.h"
#include "store/db.h"

/* Where this process's own connection leads. An address may lead to another server with each new connection,
 * and behind a pooler at any time. */
typedef struct ua_session_way {
  uint64_t origin;  /* of the last answer */
  int64_t asked_ms; /* when that was asked, CLOCK_BOOTTIME; 0: never */
} ua_session_way;

/* The sessions as one process sees them. All zero: every check asks the database, and every token is
 * verified. */
typedef struct ua_sessions {
  ua_session_table *table;  /* NULL: none */
  ua_session_way *way;      /* never NULL if there is a table */
  ua_token_cache *verified; /* NULL: none */
  uint64_t generation;      /* of the pool that the process belongs to */
  int64_t staleness_ms;     /* how long a proof is valid */
  int64_t grace_ms;   /* how long a session is valid without the database, after it was known to be valid */
  int64_t attempt_ms; /* how long one attempt to reach the database takes at most */
  ua_tally *hits;     /* checks that the table answered; NULL: not counted */
  ua_tally *misses;   /* checks that it could not answer; likewise */
} ua_sessions;

/* The claims of a token, if its signature and its times are valid now. As ua_auth_token_verify. */
UA_CHECK ua_status ua_auth_sessions_verify(const ua_sessions *self, const ua_token_secrets *secrets,
                                           ua_arena *arena, ua_text token, ua_claims *claims_r);

/* Whether the claims of a verified token are valid now. UA_OK; UA_INVALID_TOKEN; UA_UNAVAILABLE when that
 * cannot be known. With `grace`, a session that was valid a while ago is accepted while the database cannot
 * be reached. If another process failed to connect a moment ago, this one does not try. */
UA_CHECK ua_status ua_auth_sessions_check(const ua_sessions *self, ua_db *db, ua_arena *arena,
                                          const ua_claims *claims, bool grace);

/* Call them after a change was, or may have been, committed, and before it is answered. Then no process of
 * this machine accepts the user's old tokens, or this one token, without asking the database. */
void ua_auth_sessions_end_user(const ua_sessions *self, int32_t user_id);
void ua_auth_sessions_end_token(const ua_sessions *self, const ua_token_key *key);

/* The database was reached: processes may ask it at once, and grace is over. */
void ua_auth_sessions_note_reached(ua_session_board *board);

#endif
