#include "process/watcher.h"

#include <poll.h>
#include <stdatomic.h>

#include "auth/sessions.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/watch.h"

enum {
  LONGEST_INTERVAL_MS = 500, /* between two proofs */
  PROOFS_WITHIN_STALENESS = 4,
  ANSWER_MARGIN_MS = 500, /* in addition to the staleness, for the answer to a proof */
  BEAT_MS = 500,          /* between two signs of life */
  SMALLEST_DELAY_MS = 100,
  LARGEST_DELAY_MS = 2000,
  RESOLVING_MS = 60000, /* for resolving names, while DNS servers do not answer */
  MOST_ADDRESSES = 16,  /* of a URL, each with its own time-out */
  STATEMENTS = 5        /* at the beginning of a connection */
};

typedef struct watcher {
  const ua_watcher_setup *setup;
  ua_session_board *board;
  ua_watch *watch;
  ua_watch_settings settings;
  int64_t interval_ms;
  int64_t prove_at_ms; /* monotonic */
  int64_t delay_ms;    /* before the next attempt to connect */
  bool trusts;
  uint64_t triggers; /* while it trusts */
  bool has_told;
  ua_watch_state told; /* the state that the log has */
} watcher;

static void give_sign(const watcher *self, int64_t ahead_ms)
{
  atomic_store(&self->board->alive_ms, ua_clock_monotonic_ms() + ahead_ms);
}

static void tell(watcher *self, ua_watch_state state)
{
  if (self->has_told && self->told == state) {
    return;
  }
  self->has_told = true;
  self->told = state;
  if (state == UA_WATCH_SOUND) {
    ua_log(UA_LOG_INFO, UA_EVENT("sessions are watched"),
           ua_log_int("backend", ua_store_watch_backend(self->watch)));
  } else {
    ua_log(UA_LOG_WARN, UA_EVENT("sessions are not watched, every check asks the database"),
           ua_log_str("reason", ua_store_watch_reason(self->watch)));
  }
}

/* Without a connection there are no new facts. Known ones stay valid for the grace, unless something other
 * than the database has answered. */
static void doubt(watcher *self, ua_watch_state state)
{
  if (state != UA_WATCH_LOST) {
    atomic_store(&self->board->known_ms, 0);
  }
  atomic_store(&self->board->proved_ms, 0);
  self->trusts = false;
  tell(self, state);
}

/* Sessions that were known before may have ended without a notification. */
static void trust(watcher *self, const ua_watch_proof *proof)
{
  atomic_store(&self->board->proved_ms, -1); /* nothing is valid meanwhile, not even for the grace */
  atomic_store(&self->board->origin, proof->origin);
  atomic_store(&self->board->generation, self->setup->generation);
  ua_auth_session_table_end_all(self->setup->sessions);
  atomic_store(&self->board->moved, false);
  self->triggers = proof->triggers;
  self->trusts = true;
  self->delay_ms = 0;
}

/* A connection has the same origin until it ends. */
static void judge(watcher *self, const ua_watch_proof *proof)
{
  if (proof->state != UA_WATCH_SOUND) {
    doubt(self, proof->state);
    return;
  }
  if (!self->trusts || self->triggers != proof->triggers) {
    trust(self, proof);
  }
  atomic_store(&self->board->known_ms, proof->sent_ms);
  atomic_store(&self->board->proved_ms, proof->sent_ms);
  if (self->setup->config->session_listen_url == NULL) { /* else workers reach the database in another way */
    ua_auth_sessions_note_reached(self->board);
  }
  tell(self, proof->state);
}

static void apply(const watcher *self, const ua_watch_notice *notice)
{
  switch (notice->kind) {
    case UA_WATCH_NOTICE_USER:
      ua_auth_session_table_end_user(self->setup->sessions, notice->user_id);
      break;
    case UA_WATCH_NOTICE_TOKEN:
      ua_auth_session_table_end_token(self->setup->sessions, notice->digest);
      break;
    case UA_WATCH_NOTICE_ALL:
      ua_auth_session_table_end_all(self->setup->sessions);
      break;
  }
}

/* Waits once and handles what arrives. Notices that came before a proof's answer are applied before the proof
 * counts. So are those that came before the connection was lost: they may be the last for a while. */
static ua_watch_state turn(watcher *self)
{
  ua_watch_notice notice;
  ua_watch_proof proof;
  int64_t now = ua_clock_monotonic_ms();
  int64_t until_ms = now + BEAT_MS;
  if (atomic_exchange(&self->board->moved, false)) {
    return ua_store_watch_leave(self->watch, "the workers have come to another server");
  }
  if (now >= self->prove_at_ms) {
    ua_store_watch_prove(self->watch);
    self->prove_at_ms = now + self->interval_ms;
  }
  if (!ua_store_watch_is_proving(self->watch) && self->prove_at_ms < until_ms) {
    until_ms = self->prove_at_ms;
  }
  ua_watch_state state = ua_store_watch_wait(self->watch, until_ms);
  give_sign(self, 0);
  while (ua_store_watch_next_notice(self->watch, &notice)) {
    apply(self, &notice);
  }
  if (state == UA_WATCH_SOUND && ua_store_watch_take_proof(self->watch, &proof)) {
    judge(self, &proof);
  }
  return state;
}

static void pause_before_next(watcher *self)
{
  int64_t longer = self->delay_ms == 0 ? SMALLEST_DELAY_MS : self->delay_ms * 2;
  self->delay_ms = longer > LARGEST_DELAY_MS ? LARGEST_DELAY_MS : longer;
  int64_t end_ms = ua_clock_monotonic_ms() + self->delay_ms;
  for (int64_t left = self->delay_ms; left > 0; left = end_ms - ua_clock_monotonic_ms()) {
    give_sign(self, 0);
    (void)poll(NULL, 0, left > BEAT_MS ? BEAT_MS : (int)left);
  }
}

/* From one connection to its end. */
static void watch_once(watcher *self)
{
  int64_t longest_ms = RESOLVING_MS + (int64_t)MOST_ADDRESSES * self->settings.connect_timeout_ms +
                       (int64_t)STATEMENTS * self->settings.answer_timeout_ms;
  give_sign(self, longest_ms);
  ua_watch_state state = ua_store_watch_connect(self->watch);
  give_sign(self, 0);
  self->prove_at_ms = ua_clock_monotonic_ms();
  while (state == UA_WATCH_SOUND) {
    state = turn(self);
  }
  doubt(self, state);
  ua_store_watch_disconnect(self->watch);
}

ua_status ua_process_watcher_run(const ua_watcher_setup *setup)
{
  const ua_config *config = setup->config;
  int64_t staleness_ms = config->session_staleness_ms;
  int64_t interval_ms = staleness_ms / PROOFS_WITHIN_STALENESS;
  watcher self = {.setup = setup,
                  .board = ua_auth_session_table_board(setup->sessions),
                  .settings = {.url = config->session_listen_url == NULL ? config->database_url
                                                                         : config->session_listen_url,
                               .connect_timeout_ms = (int)config->database_connect_timeout_ms,
                               .answer_timeout_ms = (int)staleness_ms + ANSWER_MARGIN_MS},
                  .interval_ms = interval_ms > LONGEST_INTERVAL_MS ? LONGEST_INTERVAL_MS : interval_ms};
  atomic_store(&self.board->proved_ms, 0); /* the one before may have missed something since it ended */
  self.watch = ua_store_watch_create(&self.settings);
  while (self.watch != NULL) {
    watch_once(&self);
    pause_before_next(&self);
  }
  return UA_INTERNAL;
}
