#include "auth/sessions.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"

enum { PAUSE_MS = 500 /* after a failed attempt to reach the database, before the next one */ };

/* --- verified tokens --- */

ua_status ua_auth_sessions_verify(const ua_sessions *self, const ua_token_secrets *secrets, ua_arena *arena,
                                  ua_text token, ua_claims *claims_r)
{
  int64_t now = ua_clock_wall_seconds();
  unsigned char digest[UA_SHA256_BYTES];
  ua_claims claims;
  if (self->verified == NULL || token.length > UA_MAX_TOKEN_BYTES || !ua_crypto_sha256(token, digest)) {
    return ua_auth_token_verify(secrets, arena, token, now, claims_r);
  }
  if (ua_auth_token_cache_find(self->verified, arena, digest, &claims)) {
    if (!ua_auth_token_is_in_time(&claims, now)) {
      return UA_INVALID_TOKEN;
    }
    *claims_r = claims;
    return UA_OK;
  }
  ua_status status = ua_auth_token_verify(secrets, arena, token, now, claims_r);
  if (status == UA_OK) {
    ua_auth_token_cache_add(self->verified, digest, claims_r);
  }
  return status;
}

/* --- without the database --- */

static ua_session_board *board_of(const ua_sessions *self)
{
  return ua_auth_session_table_board(self->table);
}

/* A time of the board, if it is about the database of this process's pool; else 0. Read the table after this:
 * it then holds all that the time stands for. */
static int64_t time_of(const ua_sessions *self, const _Atomic int64_t *time_ms)
{
  int64_t read_ms = atomic_load(time_ms);
  return atomic_load(&board_of(self)->generation) == self->generation ? read_ms : 0;
}

static bool is_stored(const ua_sessions *self, const ua_token_key *key)
{
  int64_t asked_ms;
  return ua_auth_session_table_find(self->table, self->generation, key, &asked_ms);
}

static void begin_grace(const ua_sessions *self, int64_t now_ms)
{
  int64_t none = 0;
  if (atomic_compare_exchange_strong(&board_of(self)->grace_since_ms, &none, now_ms)) {
    ua_log(UA_LOG_WARN, UA_EVENT("the database cannot be reached: recent sessions still pass guards"),
           ua_log_int("seconds", self->grace_ms / 1000));
  }
}

static void end_grace(const ua_sessions *self, int64_t now_ms)
{
  int64_t since_ms = atomic_load(&board_of(self)->grace_since_ms);
  if (since_ms > 0 && atomic_compare_exchange_strong(&board_of(self)->grace_since_ms, &since_ms, -now_ms)) {
    ua_log(UA_LOG_WARN, UA_EVENT("the database has been away for too long: sessions are refused"),
           ua_log_int("seconds", (now_ms - since_ms) / 1000));
  }
}

static ua_status pass_in_grace(const ua_sessions *self, const ua_token_key *key)
{
  int64_t now_ms = ua_clock_boot_ms();
  int64_t good_ms = time_of(self, &board_of(self)->known_ms);
  int64_t asked_ms;
  if (self->grace_ms == 0 || !ua_auth_session_table_find(self->table, self->generation, key, &asked_ms)) {
    return UA_UNAVAILABLE;
  }
  good_ms = asked_ms > good_ms ? asked_ms : good_ms;
  if (now_ms - good_ms > self->grace_ms) {
    end_grace(self, now_ms);
    return UA_UNAVAILABLE;
  }
  begin_grace(self, now_ms);
  return UA_OK;
}

/* --- asking the database --- */

/* Whether to ask. A process with a connection always does. Of the others, one tries at a time, and not right
 * after one that failed. */
static bool may_ask(const ua_sessions *self, const ua_db *db, int64_t now_ms)
{
  ua_session_board *board = board_of(self);
  int64_t until_ms = atomic_load(&board->away_until_ms);
  bool is_other = atomic_load(&board->away_generation) != self->generation;
  if (until_ms == 0 || is_other || ua_store_db_is_connected(db)) {
    return true;
  }
  return now_ms >= until_ms &&
         atomic_compare_exchange_strong(&board->away_until_ms, &until_ms, now_ms + self->attempt_ms);
}

void ua_auth_sessions_note_reached(ua_session_board *board)
{
  if (atomic_load(&board->away_until_ms) != 0) {
    atomic_store(&board->away_until_ms, 0);
  }
  if (atomic_load(&board->grace_since_ms) == 0) {
    return;
  }
  int64_t since_ms = atomic_exchange(&board->grace_since_ms, 0);
  if (since_ms != 0) {
    ua_log(UA_LOG_INFO, UA_EVENT("the database is back: sessions are checked again"));
  }
}

/* When a server is replaced, the watcher may still listen to the old one: it has to reconnect. */
static void note_way(const ua_sessions *self, uint64_t origin, int64_t asked_ms)
{
  ua_session_board *board = board_of(self);
  uint64_t watched = atomic_load(&board->origin);
  bool is_of_us = atomic_load(&board->generation) == self->generation;
  if (is_of_us && self->way->origin == watched && origin != watched) {
    atomic_store(&board->moved, true);
  }
  *self->way = (ua_session_way){.origin = origin, .asked_ms = asked_ms};
}

/* Any answer shows that the server can be reached; a lost connection shows that it cannot. */
static bool note_outcome(const ua_sessions *self, const ua_db *db, ua_status status)
{
  bool is_away = status == UA_UNAVAILABLE && !ua_store_db_is_connected(db);
  if (is_away) {
    atomic_store(&board_of(self)->away_generation, self->generation);
    atomic_store(&board_of(self)->away_until_ms, ua_clock_boot_ms() + PAUSE_MS);
  } else {
    ua_auth_sessions_note_reached(board_of(self));
  }
  return is_away;
}

/* Whether this process's connection leads to the server that the watcher listens to, checked within the bound
 * on staleness. */
static bool leads_there(const ua_sessions *self, ua_db *db)
{
  int64_t now_ms = ua_clock_boot_ms();
  uint64_t origin = 0;
  if (self->way->asked_ms == 0 || now_ms - self->way->asked_ms > self->staleness_ms) {
    if (!may_ask(self, db, now_ms)) {
      return false;
    }
    ua_status status = ua_store_tokens_origin(db, &origin);
    (void)note_outcome(self, db, status);
    if (status != UA_OK) {
      return false;
    }
    note_way(self, origin, now_ms);
  }
  return self->way->origin == atomic_load(&board_of(self)->origin);
}

static bool is_proved(const ua_sessions *self)
{
  int64_t proved_ms = time_of(self, &board_of(self)->proved_ms);
  return proved_ms > 0 && ua_clock_boot_ms() - proved_ms <= self->staleness_ms;
}

/* Checking the way may take a while, so the cheap checks come first. Afterwards the proof, and then the
 * table, are checked again, in this order. */
static bool is_known(const ua_sessions *self, ua_db *db, const ua_token_key *key)
{
  bool is_likely = is_proved(self) && is_stored(self, key);
  return is_likely && leads_there(self, db) && is_proved(self) && is_stored(self, key);
}

/* An answer of another database than the watcher's must not be kept: no process would notice its changes.
 * Without a watcher it is kept for the grace only. */
static bool may_keep(const ua_sessions *self, uint64_t origin)
{
  const ua_session_board *board = board_of(self);
  bool is_watched =
      atomic_load(&board->generation) == self->generation && atomic_load(&board->origin) == origin;
  return is_watched || (self->grace_ms > 0 && atomic_load(&board->proved_ms) == 0);
}

static ua_status ask(const ua_sessions *self, ua_db *db, ua_arena *arena, const ua_claims *claims,
                     bool *away_r)
{
  uint64_t origin = 0;
  int64_t asked_ms = ua_clock_boot_ms();
  ua_session_moment moment = ua_auth_session_table_now(self->table, &claims->key);
  ua_status status =
      ua_store_tokens_check(db, arena, &claims->key, claims->user.epoch, claims->expires_at, &origin);
  *away_r = note_outcome(self, db, status);
  if (status == UA_OK) {
    note_way(self, origin, asked_ms);
  }
  if (status == UA_OK && may_keep(self, origin)) {
    ua_auth_session_table_fill(self->table, self->generation, &claims->key, moment, asked_ms);
  } else if (status == UA_INVALID_TOKEN && is_stored(self, &claims->key)) {
    /* No notice has revoked it: without this the grace would accept it. */
    ua_auth_session_table_end_token(self->table, claims->key.digest);
  }
  return status;
}

ua_status ua_auth_sessions_check(const ua_sessions *self, ua_db *db, ua_arena *arena, const ua_claims *claims,
                                 bool grace)
{
  uint64_t origin;
  bool is_away = true;
  ua_status status = UA_UNAVAILABLE;
  if (self->table == NULL) {
    return ua_store_tokens_check(db, arena, &claims->key, claims->user.epoch, claims->expires_at, &origin);
  }
  if (is_known(self, db, &claims->key)) {
    ua_tally_add(self->hits, 1);
    return UA_OK;
  }
  ua_tally_add(self->misses, 1);
  if (may_ask(self, db, ua_clock_boot_ms())) {
    status = ask(self, db, arena, claims, &is_away);
  }
  return is_away && grace ? pass_in_grace(self, &claims->key) : status;
}

/* --- ends --- */

void ua_auth_sessions_end_user(const ua_sessions *self, int32_t user_id)
{
  if (self->table != NULL) {
    ua_auth_session_table_end_user(self->table, user_id);
  }
}

void ua_auth_sessions_end_token(const ua_sessions *self, const ua_token_key *key)
{
  if (self->table != NULL) {
    ua_auth_session_table_end_token(self->table, key->digest);
  }
}
