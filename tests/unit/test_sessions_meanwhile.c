/* Sessions that end while this process waits for the database: its answer is outdated, and must not be
 * remembered. This file replaces the database. */
#define ua_store_tokens_check    answer_check
#define ua_store_tokens_origin   answer_origin
#define ua_store_db_is_connected answer_is_connected
#include "auth/sessions.c"
#include "unit.h"

enum { STALENESS_MS = 2000, GENERATION = 7, ORIGIN = 11 };

typedef struct fixture {
  ua_arena *arena;
  ua_sessions sessions;
  ua_session_board *board;
  ua_session_way way;
  ua_claims claims;
  void (*meanwhile)(void); /* runs before the next answer */
  ua_status status;        /* the database's answer about the token */
  size_t asked;
} fixture;

static fixture made;

static void let_it_happen(void)
{
  void (*meanwhile)(void) = made.meanwhile;
  made.meanwhile = NULL;
  if (meanwhile != NULL) {
    meanwhile();
  }
}

ua_status answer_check(ua_db *db, ua_arena *arena, const ua_token_key *key, int32_t epoch, int64_t expires_at,
                       uint64_t *origin_r)
{
  (void)db, (void)arena, (void)key, (void)epoch, (void)expires_at;
  ua_status status = made.status;
  *origin_r = ORIGIN;
  made.asked++;
  let_it_happen();
  return status;
}

ua_status answer_origin(ua_db *db, uint64_t *origin_r)
{
  (void)db;
  *origin_r = ORIGIN;
  let_it_happen();
  return UA_OK;
}

bool answer_is_connected(const ua_db *db)
{
  (void)db;
  return true;
}

/* The watcher's proof is new, and this process has just asked which server it is connected to. */
static int make(void **state)
{
  int64_t now_ms = ua_clock_boot_ms();
  made = (fixture){.arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT), .status = UA_OK};
  made.sessions = (ua_sessions){.table = ua_auth_session_table_create(1),
                                .way = &made.way,
                                .generation = GENERATION,
                                .staleness_ms = STALENESS_MS,
                                .attempt_ms = 1000};
  if (made.arena == NULL || made.sessions.table == NULL) {
    return -1;
  }
  made.way = (ua_session_way){.origin = ORIGIN, .asked_ms = now_ms};
  made.board = ua_auth_session_table_board(made.sessions.table);
  atomic_store(&made.board->origin, ORIGIN);
  atomic_store(&made.board->generation, GENERATION);
  atomic_store(&made.board->known_ms, now_ms);
  atomic_store(&made.board->proved_ms, now_ms);
  made.claims = (ua_claims){.user = {.id = 3, .customer_id = 1},
                            .not_before = INT64_MIN,
                            .expires_at = INT64_MAX,
                            .key = {.user_id = 3, .customer_id = 1, .digest = "a token"}};
  *state = &made;
  return 0;
}

static int unmake(void **state)
{
  (void)state;
  ua_auth_session_table_destroy(&made.sessions.table);
  ua_arena_destroy(&made.arena);
  return 0;
}

static ua_status check(void)
{
  return ua_auth_sessions_check(&made.sessions, NULL, made.arena, &made.claims, false);
}

/* Does what the watcher does when it learns of a change. */
static void end_token(void)
{
  made.status = UA_INVALID_TOKEN;
  ua_auth_session_table_end_token(made.sessions.table, made.claims.key.digest);
}

static void end_user(void)
{
  made.status = UA_INVALID_TOKEN;
  ua_auth_session_table_end_user(made.sessions.table, made.claims.key.user_id);
}

static void end_all(void)
{
  made.status = UA_INVALID_TOKEN;
  ua_auth_session_table_end_all(made.sessions.table);
}

static void lose_proof(void)
{
  made.status = UA_INVALID_TOKEN;
  atomic_store(&made.board->proved_ms, 0);
}

static void (*const ends[])(void) = {end_token, end_user, end_all};

static void what_nothing_has_ended_is_asked_about_once(void **state)
{
  (void)state;
  assert_int_equal(check(), UA_OK);
  assert_int_equal(check(), UA_OK);
  assert_int_equal(made.asked, 1);
}

static void what_ends_while_it_is_asked_about_is_not_remembered(void **state)
{
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
    assert_int_equal(unmake(state), 0);
    assert_int_equal(make(state), 0);
    made.meanwhile = ends[i];
    assert_int_equal(check(), UA_OK); /* the check began before the session ended */
    assert_int_equal(check(), UA_INVALID_TOKEN);
  }
}

/* Runs `meanwhile` while the process asks which server it is connected to. The check must notice it. */
static void assert_looked_at_again(void **state, void (*meanwhile)(void))
{
  assert_int_equal(unmake(state), 0);
  assert_int_equal(make(state), 0);
  assert_int_equal(check(), UA_OK);
  made.way.asked_ms = ua_clock_boot_ms() - STALENESS_MS - 1;
  made.meanwhile = meanwhile;
  assert_int_equal(check(), UA_INVALID_TOKEN);
  assert_null(made.meanwhile);
}

static void what_ends_while_the_way_is_looked_at_does_not_count(void **state)
{
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
    assert_looked_at_again(state, ends[i]);
  }
}

static void a_proof_that_is_lost_while_the_way_is_looked_at_is_none(void **state)
{
  assert_looked_at_again(state, lose_proof);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, make, unmake)

int main(void)
{
  static const struct CMUnitTest tests[] = {
      EACH(what_nothing_has_ended_is_asked_about_once),
      EACH(what_ends_while_it_is_asked_about_is_not_remembered),
      EACH(what_ends_while_the_way_is_looked_at_does_not_count),
      EACH(a_proof_that_is_lost_while_the_way_is_looked_at_is_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
