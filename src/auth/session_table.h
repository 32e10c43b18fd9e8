/* Which tokens were accepted lately, for all processes of a pool: a shared mapping that is made before the
 * first fork. It takes no locks, and a process killed at any instruction leaves nothing that could let
 * anybody in.
 *
 * Users and tokens have *generations*, numbers that only grow. To end sessions, a process increments one of
 * them by one atomic addition, and never searches for entries. An entry holds the generations from before the
 * database was asked, and is valid while they are unchanged. So an answer that a change has overtaken is
 * never found; neither are torn, stale and foreign entries.
 *
 * The table knows no clock, no database and no settings: auth/sessions.h decides when it may be used. */
#ifndef UA_AUTH_SESSION_TABLE_H
#define UA_AUTH_SESSION_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/tokens.h"

typedef struct ua_session_table ua_session_table;

/* What processes share about the database behind the table; zero at the beginning. Times are milliseconds of
 * CLOCK_BOOTTIME, which goes on while the machine sleeps. */
typedef struct ua_session_board {
  _Atomic uint64_t generation; /* of the pool whose settings the watcher has */
  _Atomic uint64_t origin;     /* the server and database that it listens to; 0: none */
  _Atomic int64_t known_ms;    /* the last proof before the connection was lost, for the grace; 0: none */
  _Atomic int64_t proved_ms;   /* all that was committed before this time is known here; 0: nothing is, -1:
                                  not yet */
  _Atomic bool moved; /* a worker has reached another server than before: the watcher has to check, too */
  _Atomic int64_t alive_ms;      /* the watcher's last sign of life, for the supervisor (CLOCK_MONOTONIC) */
  _Atomic int64_t away_until_ms; /* the database could not be reached: no process asks it before this time;
                                    0: it can be */
  _Atomic uint64_t away_generation; /* of the pool whose settings failed to reach it */
  _Atomic int64_t grace_since_ms;   /* since when sessions pass without the database; 0: none does */
} ua_session_board;

/* A table of 1 to 4096 MiB, which forked processes share; core files leave it out. Pages that are never used
 * take no memory, and none counts towards RLIMIT_DATA. NULL, with errno, when the size is out of range or the
 * system refuses. */
ua_session_table *ua_auth_session_table_create(size_t mib);
void ua_auth_session_table_destroy(ua_session_table **table);

/* It lives as long as the table. */
ua_session_board *ua_auth_session_table_board(ua_session_table *table);

/* The generations that concern a token, at one moment. */
typedef struct ua_session_moment {
  uint64_t all;
  uint64_t user;
  uint64_t token;
} ua_session_moment;

ua_session_moment ua_auth_session_table_now(const ua_session_table *table, const ua_token_key *key);

/* Stores that the database accepted the token, for processes of this generation of the pool: others may have
 * another database. `moment` was taken before it was asked, `asked_ms` is when it was asked (CLOCK_BOOTTIME,
 * from 0). May evict another token: one that was revoked, if there is one. */
void ua_auth_session_table_fill(ua_session_table *table, uint64_t generation, const ua_token_key *key,
                                ua_session_moment moment, int64_t asked_ms);

/* Whether the token's acceptance is stored, for this generation of the pool, and nothing has ended it since;
 * then *asked_ms_r is when the database was asked, to within a second and never later than that. */
UA_CHECK bool ua_auth_session_table_find(const ua_session_table *table, uint64_t generation,
                                         const ua_token_key *key, int64_t *asked_ms_r);

/* End all sessions of a user, the sessions of one token, all sessions. Once it returns, no process finds what
 * was stored before or is stored with an older moment. Other sessions may end with them. */
void ua_auth_session_table_end_user(ua_session_table *table, int32_t user_id);
void ua_auth_session_table_end_token(ua_session_table *table,
                                     const unsigned char digest[UA_TOKEN_DIGEST_BYTES]);
void ua_auth_session_table_end_all(ua_session_table *table);

#endif
