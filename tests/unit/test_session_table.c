#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/session_table.h"
#include "base/crypto.h"
#include "unit.h"

enum { SMALLEST = 1, MIB = 1024 * 1024, GENERATION = 7 };

static int create(void **state)
{
  *state = ua_auth_session_table_create(SMALLEST);
  return *state == NULL;
}

static int destroy(void **state)
{
  ua_auth_session_table_destroy((ua_session_table **)state);
  ua_auth_session_table_destroy((ua_session_table **)state);
  return *state != NULL;
}

static ua_token_key key_of(int32_t user_id, int32_t number)
{
  const int32_t text[] = {user_id, number};
  ua_token_key key = {.user_id = user_id, .customer_id = 1};
  assert_true(ua_crypto_sha256((ua_text){(const char *)text, sizeof text}, key.digest));
  return key;
}

static void fill(ua_session_table *table, const ua_token_key *key, int64_t asked_ms)
{
  ua_auth_session_table_fill(table, GENERATION, key, ua_auth_session_table_now(table, key), asked_ms);
}

/* When the database was asked; -1 if the token is not found. */
static int64_t asked(const ua_session_table *table, const ua_token_key *key)
{
  int64_t asked_ms = -1;
  bool found = ua_auth_session_table_find(table, GENERATION, key, &asked_ms);
  assert_int_equal(found, asked_ms >= 0);
  return asked_ms;
}

static void a_stored_token_is_found_with_the_second_of_its_question(void **state)
{
  static const int32_t users[] = {0, 1, 2, INT32_MAX, INT32_MIN, -1};
  static const int64_t times[] = {0, 1, 999, 1000, 1999, (INT64_C(1) << 32) * 1000 - 1};
  for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
    ua_token_key key = key_of(users[i], 1);
    assert_int_equal(asked(*state, &key), -1);
    for (size_t j = 0; j < sizeof times / sizeof *times; j++) {
      fill(*state, &key, times[j]);
      assert_int_equal(asked(*state, &key), times[j] / 1000 * 1000);
    }
  }
}

static void a_time_that_an_entry_cannot_hold_is_not_stored(void **state)
{
  static const int64_t times[] = {-1, INT64_MIN, (INT64_C(1) << 32) * 1000, INT64_MAX};
  ua_token_key key = key_of(1, 1);
  for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
    fill(*state, &key, times[i]);
    assert_int_equal(asked(*state, &key), -1);
  }
}

static void a_token_of_another_digest_or_user_is_not_found(void **state)
{
  ua_token_key key = key_of(1, 1);
  fill(*state, &key, 5000);
  for (size_t bit = 0; bit < 8 * (size_t)UA_TOKEN_DIGEST_BYTES; bit++) {
    ua_token_key other = key;
    other.digest[bit / 8] ^= (unsigned char)(1 << bit % 8);
    assert_int_equal(asked(*state, &other), -1);
  }
  ua_token_key other = key;
  other.user_id = 2;
  assert_int_equal(asked(*state, &other), -1);
  assert_int_equal(asked(*state, &key), 5000);
}

static void what_one_generation_of_the_pool_stored_is_not_found_by_another(void **state)
{
  ua_token_key key = key_of(1, 1);
  int64_t asked_ms;
  fill(*state, &key, 5000);
  for (size_t bit = 0; bit < 64; bit++) {
    uint64_t other = GENERATION ^ UINT64_C(1) << bit;
    assert_false(ua_auth_session_table_find(*state, other, &key, &asked_ms));
  }
  assert_int_equal(asked(*state, &key), 5000);
}

static void the_end_of_a_user_ends_all_tokens_of_theirs(void **state)
{
  ua_token_key first = key_of(7, 1);
  ua_token_key second = key_of(7, 2);
  ua_token_key neighbour = key_of(8, 1);
  fill(*state, &first, 1000);
  fill(*state, &second, 1000);
  fill(*state, &neighbour, 1000);
  ua_auth_session_table_end_user(*state, 7);
  assert_int_equal(asked(*state, &first), -1);
  assert_int_equal(asked(*state, &second), -1);
  assert_int_equal(asked(*state, &neighbour), 1000);
  fill(*state, &first, 2000);
  assert_int_equal(asked(*state, &first), 2000);
}

static void the_end_of_a_token_leaves_the_users_others(void **state)
{
  ua_token_key first = key_of(7, 1);
  ua_token_key second = key_of(7, 2);
  fill(*state, &first, 1000);
  fill(*state, &second, 1000);
  ua_auth_session_table_end_token(*state, first.digest);
  assert_int_equal(asked(*state, &first), -1);
  assert_int_equal(asked(*state, &second), 1000);
}

static void the_end_of_all_ends_everything(void **state)
{
  for (int32_t user = 0; user < 100; user++) {
    ua_token_key key = key_of(user, 1);
    fill(*state, &key, 1000);
  }
  ua_auth_session_table_end_all(*state);
  for (int32_t user = 0; user < 100; user++) {
    ua_token_key key = key_of(user, 1);
    assert_int_equal(asked(*state, &key), -1);
  }
}

static void an_answer_that_an_end_overtook_is_stored_in_vain(void **state)
{
  for (int what = 0; what < 3; what++) {
    ua_token_key key = key_of(INT32_MAX, what);
    ua_session_moment before = ua_auth_session_table_now(*state, &key);
    if (what == 0) {
      ua_auth_session_table_end_user(*state, key.user_id);
    } else if (what == 1) {
      ua_auth_session_table_end_token(*state, key.digest);
    } else {
      ua_auth_session_table_end_all(*state);
    }
    ua_auth_session_table_fill(*state, GENERATION, &key, before, 1000);
    assert_int_equal(asked(*state, &key), -1);
    fill(*state, &key, 2000);
    assert_int_equal(asked(*state, &key), 2000);
  }
}

static void a_small_table_serves_many_users_as_far_as_it_reaches(void **state)
{
  enum { USERS = 100000, ENTRIES = 12000 };
  size_t found = 0;
  for (int32_t user = 1; user <= USERS; user++) {
    ua_token_key key = key_of(user, 1);
    fill(*state, &key, (int64_t)user * 1000);
    assert_int_equal(asked(*state, &key), (int64_t)user * 1000);
  }
  for (int32_t user = 1; user <= USERS; user++) {
    ua_token_key key = key_of(user, 1);
    int64_t asked_ms = asked(*state, &key);
    assert_true(asked_ms == -1 || asked_ms == (int64_t)user * 1000);
    found += asked_ms != -1;
  }
  assert_in_range(found, ENTRIES, MIB / 64);
}

static void ended_tokens_make_room_before_living_ones(void **state)
{
  enum { OLD = 40000, NEW = 6000 };
  size_t found = 0;
  for (int32_t number = 0; number < OLD; number++) {
    ua_token_key key = key_of(-1, number);
    fill(*state, &key, 1000);
  }
  ua_auth_session_table_end_user(*state, -1);
  for (int32_t user = 1; user <= NEW; user++) {
    ua_token_key key = key_of(user, 1);
    fill(*state, &key, 1000);
  }
  for (int32_t user = 1; user <= NEW; user++) {
    ua_token_key key = key_of(user, 1);
    found += asked(*state, &key) == 1000;
  }
  assert_in_range(found, NEW - NEW / 50, NEW);
}

/* Nine tokens compete for a bucket of eight entries. A token that is not found is stored, as a pool does. */
static void tokens_that_compete_do_not_push_each_other_out_for_ever(void **state)
{
  enum { TOKENS = 9, ROUNDS = 1000 };
  size_t found[TOKENS] = {0};
  for (int64_t round = 0; round < ROUNDS; round++) {
    for (unsigned char i = 0; i < TOKENS; i++) {
      ua_token_key key = {.user_id = i, .digest = {[UA_TOKEN_DIGEST_BYTES - 9] = i}};
      if (asked(*state, &key) >= 0) {
        found[i]++;
      } else {
        fill(*state, &key, round * TOKENS + i);
      }
    }
  }
  for (size_t i = 0; i < TOKENS; i++) {
    assert_in_range(found[i], ROUNDS / 3, ROUNDS - 1);
  }
}

static void forked_processes_have_it_in_common(void **state)
{
  ua_session_table *table = *state;
  ua_session_board *board = ua_auth_session_table_board(table);
  ua_token_key ended = key_of(1, 1);
  ua_token_key stored = key_of(2, 1);
  assert_int_equal(atomic_load(&board->proved_ms), 0);
  fill(table, &ended, 1000);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    bool found = asked(table, &ended) == 1000;
    ua_auth_session_table_end_token(table, ended.digest);
    fill(table, &stored, 2000);
    atomic_store(&board->proved_ms, 42);
    _exit(found ? 0 : 1);
  }
  int status = -1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_int_equal(asked(table, &ended), -1);
  assert_int_equal(asked(table, &stored), 2000);
  assert_int_equal(atomic_load(&board->proved_ms), 42);
}

/* --- in parallel --- */

enum { RACED = 3000, WINDOW = 4 };

typedef struct race {
  ua_session_table *table;
  ua_token_key key[RACED + WINDOW];
  _Atomic int32_t current;                 /* this token and the later ones are in use */
  _Atomic bool is_revoked[RACED + WINDOW]; /* in the database */
  _Atomic bool is_ended[RACED + WINDOW];   /* in the table */
  _Atomic size_t hits;
  _Atomic size_t wrong_hits;
} race;

static void *check_tokens(void *raced)
{
  race *self = raced;
  for (int32_t current = 0; current < RACED; current = atomic_load(&self->current)) {
    /* Also checks tokens that have just been revoked. */
    for (int32_t i = current < WINDOW ? 0 : current - WINDOW; i < current + WINDOW; i++) {
      bool is_ended = atomic_load(&self->is_ended[i]);
      int64_t asked_ms;
      if (ua_auth_session_table_find(self->table, GENERATION, &self->key[i], &asked_ms)) {
        atomic_fetch_add(&self->hits, 1);
        atomic_fetch_add(&self->wrong_hits, is_ended || asked_ms != i * INT64_C(1000));
        continue;
      }
      ua_session_moment moment = ua_auth_session_table_now(self->table, &self->key[i]);
      if (!atomic_load(&self->is_revoked[i])) {
        ua_auth_session_table_fill(self->table, GENERATION, &self->key[i], moment, i * INT64_C(1000));
      }
    }
  }
  return NULL;
}

static void *end_tokens(void *raced)
{
  race *self = raced;
  for (int32_t i = 0; i < RACED; i++) {
    atomic_store(&self->is_revoked[i], true);
    if (i % 100 == 0) {
      ua_auth_session_table_end_all(self->table);
    } else if (i % 2 == 0) {
      ua_auth_session_table_end_user(self->table, self->key[i].user_id);
    } else {
      ua_auth_session_table_end_token(self->table, self->key[i].digest);
    }
    atomic_store(&self->is_ended[i], true);
    atomic_store(&self->current, i + 1);
    for (size_t seen = atomic_load(&self->hits); i % 16 == 0 && atomic_load(&self->hits) == seen;) {
      (void)sched_yield();
    }
  }
  return NULL;
}

static void threads_never_find_a_token_that_has_been_ended(void **state)
{
  enum { CHECKERS = 3 };
  static race raced;
  pthread_t checker[CHECKERS];
  raced.table = *state;
  for (int32_t i = 0; i < RACED + WINDOW; i++) {
    raced.key[i] = key_of(i % 50, i);
  }
  for (size_t i = 0; i < CHECKERS; i++) {
    assert_int_equal(pthread_create(&checker[i], NULL, check_tokens, &raced), 0);
  }
  (void)end_tokens(&raced);
  for (size_t i = 0; i < CHECKERS; i++) {
    assert_int_equal(pthread_join(checker[i], NULL), 0);
  }
  assert_int_equal(atomic_load(&raced.wrong_hits), 0);
  assert_in_range(atomic_load(&raced.hits), RACED / 16, SIZE_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_stored_token_is_found_with_the_second_of_its_question),
      TEST(a_time_that_an_entry_cannot_hold_is_not_stored),
      TEST(a_token_of_another_digest_or_user_is_not_found),
      TEST(what_one_generation_of_the_pool_stored_is_not_found_by_another),
      TEST(the_end_of_a_user_ends_all_tokens_of_theirs),
      TEST(the_end_of_a_token_leaves_the_users_others),
      TEST(the_end_of_all_ends_everything),
      TEST(an_answer_that_an_end_overtook_is_stored_in_vain),
      TEST(a_small_table_serves_many_users_as_far_as_it_reaches),
      TEST(ended_tokens_make_room_before_living_ones),
      TEST(tokens_that_compete_do_not_push_each_other_out_for_ever),
      TEST(forked_processes_have_it_in_common),
      TEST(threads_never_find_a_token_that_has_been_ended),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
