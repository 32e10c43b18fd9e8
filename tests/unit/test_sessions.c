/* When a session is valid without the database. The database is never reachable here, so UA_UNAVAILABLE means
 * that it would have been asked. */
#include "auth/sessions.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "unit.h"

enum { STALENESS_MS = 2000, GRACE_MS = 10000, GENERATION = 7, ORIGIN = 11, LONG_MS = 3600000 };

typedef struct fixture {
  ua_arena *arena;
  ua_db *db;
  ua_sessions sessions;
  ua_session_board *board;
  ua_session_way way;
  ua_claims claims;
} fixture;

static int make(void **state)
{
  static fixture made;
  static const ua_db_settings nowhere = {.url = "host=/nonexistent dbname=none",
                                         .application_name = "test",
                                         .connect_timeout_ms = 2000,
                                         .statement_timeout_ms = 1000};
  ua_log_set_level(UA_LOG_ERROR + 1);
  made =
      (fixture){.arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT), .db = ua_store_db_create(&nowhere)};
  made.sessions = (ua_sessions){.table = ua_auth_session_table_create(1),
                                .way = &made.way,
                                .generation = GENERATION,
                                .staleness_ms = STALENESS_MS,
                                .attempt_ms = 1000};
  made.board = ua_auth_session_table_board(made.sessions.table);
  made.claims = (ua_claims){.user = {.id = 3, .customer_id = 1},
                            .not_before = INT64_MIN,
                            .expires_at = INT64_MAX,
                            .key = {.user_id = 3, .customer_id = 1, .digest = "a token"}};
  *state = &made;
  return made.arena == NULL || made.db == NULL || made.sessions.table == NULL ? -1 : 0;
}

static int unmake(void **state)
{
  fixture *made = *state;
  ua_auth_session_table_destroy(&made->sessions.table);
  ua_store_db_destroy(&made->db);
  ua_arena_destroy(&made->arena);
  return 0;
}

/* The watcher proved `ago_ms` ago that the table is current, for the server of this process. */
static void prove(fixture *made, int64_t ago_ms)
{
  made->way = (ua_session_way){.origin = ORIGIN, .asked_ms = ua_clock_boot_ms()};
  atomic_store(&made->board->origin, ORIGIN);
  atomic_store(&made->board->generation, GENERATION);
  atomic_store(&made->board->known_ms, ua_clock_boot_ms() - ago_ms);
  atomic_store(&made->board->proved_ms, ua_clock_boot_ms() - ago_ms);
}

static void accept_at(const fixture *made, int64_t boot_ms)
{
  const ua_token_key *key = &made->claims.key;
  ua_session_moment moment = ua_auth_session_table_now(made->sessions.table, key);
  ua_auth_session_table_fill(made->sessions.table, GENERATION, key, moment, boot_ms);
}

/* The database accepted the token `ago_ms` ago. */
static void accept(const fixture *made, int64_t ago_ms)
{
  accept_at(made, ua_clock_boot_ms() - ago_ms);
}

/* The earliest possible time: when the machine booted. */
static void accept_long_ago(const fixture *made)
{
  accept_at(made, 0);
}

static ua_status check(const fixture *made, bool grace)
{
  return ua_auth_sessions_check(&made->sessions, made->db, made->arena, &made->claims, grace);
}

static void a_token_that_was_verified_once_still_expires(void **state)
{
  fixture *made = *state;
  static const ua_token_secrets none = {NULL, 0}; /* the signature is not verified a second time */
  unsigned char digest[UA_SHA256_BYTES];
  ua_claims claims;
  made->sessions.verified = ua_auth_token_cache_create(UA_ARENA_LIMIT);
  assert_non_null(made->sessions.verified);
  assert_true(ua_crypto_sha256(UA_TEXT("a.b.c"), digest));
  made->claims.expires_at = ua_clock_wall_seconds() + 60;
  ua_auth_token_cache_add(made->sessions.verified, digest, &made->claims);
  assert_int_equal(ua_auth_sessions_verify(&made->sessions, &none, made->arena, UA_TEXT("a.b.c"), &claims),
                   UA_OK);
  assert_true(ua_crypto_sha256(UA_TEXT("d.e.f"), digest));
  made->claims.expires_at = ua_clock_wall_seconds();
  ua_auth_token_cache_add(made->sessions.verified, digest, &made->claims);
  assert_int_equal(ua_auth_sessions_verify(&made->sessions, &none, made->arena, UA_TEXT("d.e.f"), &claims),
                   UA_INVALID_TOKEN);
  ua_auth_token_cache_destroy(&made->sessions.verified);
}

static void an_accepted_token_counts_while_the_proof_is_fresh(void **state)
{
  fixture *made = *state;
  prove(made, 0);
  accept_long_ago(made);
  assert_int_equal(check(made, false), UA_OK);
}

static void a_token_that_was_never_accepted_is_asked_about(void **state)
{
  fixture *made = *state;
  prove(made, 0);
  assert_int_equal(check(made, false), UA_UNAVAILABLE);
}

static void without_a_proof_it_is_asked_about(void **state)
{
  const fixture *made = *state;
  accept(made, 0);
  assert_int_equal(check(made, false), UA_UNAVAILABLE);
}

static void a_proof_older_than_the_bound_is_none(void **state)
{
  fixture *made = *state;
  accept(made, 0);
  prove(made, STALENESS_MS + 1);
  assert_int_equal(check(made, false), UA_UNAVAILABLE);
}

static void a_proof_for_another_generation_of_the_pool_is_none(void **state)
{
  fixture *made = *state;
  accept(made, 0);
  prove(made, 0);
  atomic_store(&made->board->generation, GENERATION + 1);
  assert_int_equal(check(made, false), UA_UNAVAILABLE);
}

static void what_a_worker_of_another_generation_has_stored_does_not_count(void **state)
{
  fixture *made = *state;
  accept(made, 0);
  prove(made, 0);
  made->sessions.generation = GENERATION + 1;
  atomic_store(&made->board->generation, GENERATION + 1);
  assert_int_equal(check(made, false), UA_UNAVAILABLE);
}

static void a_process_whose_way_leads_to_another_server_asks(void **state)
{
  fixture *made = *state;
  prove(made, 0);
  accept(made, 0);
  made->way.origin = ORIGIN + 1;
  assert_int_equal(check(made, false), UA_UNAVAILABLE);
}

static void a_process_that_has_not_looked_at_its_way_for_long_looks_and_trusts_nothing_meanwhile(void **state)
{
  fixture *made = *state;
  prove(made, 0);
  accept(made, 0);
  made->way.asked_ms = ua_clock_boot_ms() - STALENESS_MS - 1;
  assert_int_equal(check(made, false), UA_UNAVAILABLE);
  assert_true(atomic_load(&made->board->away_until_ms) > 0);
}

static void an_ended_token_is_asked_about(void **state)
{
  fixture *made = *state;
  prove(made, 0);
  accept(made, 0);
  ua_auth_sessions_end_token(&made->sessions, &made->claims.key);
  assert_int_equal(check(made, false), UA_UNAVAILABLE);
}

static void a_token_of_an_ended_user_is_asked_about(void **state)
{
  fixture *made = *state;
  prove(made, 0);
  accept(made, 0);
  ua_auth_sessions_end_user(&made->sessions, made->claims.key.user_id);
  assert_int_equal(check(made, false), UA_UNAVAILABLE);
}

static void after_a_failure_to_connect_nobody_tries_for_a_while(void **state)
{
  const fixture *made = *state;
  assert_int_equal(check(made, false), UA_UNAVAILABLE);
  int64_t until_ms = atomic_load(&made->board->away_until_ms);
  assert_true(until_ms > ua_clock_boot_ms());
  assert_int_equal(check(made, false), UA_UNAVAILABLE);
  assert_int_equal(atomic_load(&made->board->away_until_ms), until_ms);
}

static void after_the_pause_one_tries_again(void **state)
{
  const fixture *made = *state;
  int64_t past_ms = ua_clock_boot_ms() - 1;
  atomic_store(&made->board->away_generation, GENERATION);
  atomic_store(&made->board->away_until_ms, past_ms);
  assert_int_equal(check(made, false), UA_UNAVAILABLE);
  assert_true(atomic_load(&made->board->away_until_ms) > past_ms);
}

static void a_failure_with_other_settings_keeps_nobody_from_trying(void **state)
{
  const fixture *made = *state;
  int64_t until_ms = ua_clock_boot_ms() + LONG_MS;
  atomic_store(&made->board->away_generation, GENERATION - 1);
  atomic_store(&made->board->away_until_ms, until_ms);
  assert_int_equal(check(made, false), UA_UNAVAILABLE);
  assert_true(atomic_load(&made->board->away_until_ms) < until_ms);
}

static void with_grace_a_session_that_was_good_passes_and_only_where_nothing_follows(void **state)
{
  fixture *made = *state;
  made->sessions.grace_ms = GRACE_MS;
  accept(made, GRACE_MS / 2);
  assert_int_equal(check(made, true), UA_OK);
  assert_int_equal(check(made, false), UA_UNAVAILABLE);
  assert_true(atomic_load(&made->board->grace_since_ms) > 0);
}

static void without_grace_it_does_not(void **state)
{
  const fixture *made = *state;
  accept(made, 0);
  assert_int_equal(check(made, true), UA_UNAVAILABLE);
}

static void grace_counts_from_the_last_proof_where_that_is_later(void **state)
{
  fixture *made = *state;
  made->sessions.grace_ms = GRACE_MS;
  accept_long_ago(made);
  prove(made, GRACE_MS / 2);
  assert_int_equal(check(made, true), UA_OK);
}

static void grace_has_an_end(void **state)
{
  fixture *made = *state;
  made->sessions.grace_ms = GRACE_MS;
  accept_long_ago(made);
  prove(made, GRACE_MS + 1);
  assert_int_equal(check(made, true), UA_UNAVAILABLE);
}

static void an_ended_session_has_no_grace(void **state)
{
  fixture *made = *state;
  made->sessions.grace_ms = GRACE_MS;
  accept(made, 0);
  ua_auth_sessions_end_user(&made->sessions, made->claims.key.user_id);
  assert_int_equal(check(made, true), UA_UNAVAILABLE);
}

static void when_the_database_is_reached_pause_and_grace_are_over(void **state)
{
  fixture *made = *state;
  made->sessions.grace_ms = GRACE_MS;
  accept(made, 0);
  assert_int_equal(check(made, true), UA_OK);
  ua_auth_sessions_note_reached(made->board);
  assert_int_equal(atomic_load(&made->board->away_until_ms), 0);
  assert_int_equal(atomic_load(&made->board->grace_since_ms), 0);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, make, unmake)

int main(void)
{
  static const struct CMUnitTest tests[] = {
      EACH(a_token_that_was_verified_once_still_expires),
      EACH(an_accepted_token_counts_while_the_proof_is_fresh),
      EACH(a_token_that_was_never_accepted_is_asked_about),
      EACH(without_a_proof_it_is_asked_about),
      EACH(a_proof_older_than_the_bound_is_none),
      EACH(a_proof_for_another_generation_of_the_pool_is_none),
      EACH(what_a_worker_of_another_generation_has_stored_does_not_count),
      EACH(a_process_whose_way_leads_to_another_server_asks),
      EACH(a_process_that_has_not_looked_at_its_way_for_long_looks_and_trusts_nothing_meanwhile),
      EACH(an_ended_token_is_asked_about),
      EACH(a_token_of_an_ended_user_is_asked_about),
      EACH(after_a_failure_to_connect_nobody_tries_for_a_while),
      EACH(after_the_pause_one_tries_again),
      EACH(a_failure_with_other_settings_keeps_nobody_from_trying),
      EACH(with_grace_a_session_that_was_good_passes_and_only_where_nothing_follows),
      EACH(without_grace_it_does_not),
      EACH(grace_counts_from_the_last_proof_where_that_is_later),
      EACH(grace_has_an_end),
      EACH(an_ended_session_has_no_grace),
      EACH(when_the_database_is_reached_pause_and_grace_are_over),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
