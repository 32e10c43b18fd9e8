/* What only the table's own code can access: single words of entries, and the layout of its parts. */
#include "auth/session_table.c"
#include "unit.h"

static ua_token_key key_of(uint64_t first_word, int32_t user_id)
{
  ua_token_key key = {.user_id = user_id};
  memcpy(key.digest, &first_word, sizeof first_word);
  return key;
}

static slot *find_slot(const ua_session_table *table, const ua_token_key *key)
{
  token_place place = place_of(table, key);
  for (size_t i = 0; i < ENTRIES_PER_BUCKET; i++) {
    session_entry copy = copy_entry(slot_at(&place, i));
    if (is_of(&copy, place.digest)) {
      return slot_at(&place, i);
    }
  }
  return NULL;
}

static bool is_found(const ua_session_table *table, const ua_token_key *key)
{
  int64_t asked_ms;
  return ua_auth_session_table_find(table, 1, key, &asked_ms);
}

/* Like a mixture of two entries: the single word is valid. */
static void a_changed_word_is_found_out_even_where_it_suits(void **state)
{
  (void)state;
  ua_session_table *table = ua_auth_session_table_create(1);
  assert_non_null(table);
  for (size_t word = DIGEST; word < WORDS; word++) {
    ua_token_key key = key_of(word << 40, 5);
    ua_token_key sought = key;
    ua_auth_session_table_fill(table, 1, &key, ua_auth_session_table_now(table, &key), 7000);
    slot *filled = find_slot(table, &key);
    assert_true(filled != NULL && is_found(table, &key));
    (void)atomic_fetch_add(&filled->word[word], 1);
    if (word < USER_AND_SECONDS) {
      sought.digest[word * sizeof(uint64_t)]++;
    } else if (word == USER_GENERATION) {
      ua_auth_session_table_end_user(table, key.user_id);
    } else if (word == TOKEN_GENERATION) {
      ua_auth_session_table_end_token(table, key.digest);
    }
    assert_false(is_found(table, &sought));
    assert_ptr_equal(find_slot(table, &sought), filled);
  }
  ua_auth_session_table_destroy(&table);
}

static void an_entry_of_another_table_is_not_found(void **state)
{
  (void)state;
  ua_session_table *here = ua_auth_session_table_create(1);
  ua_session_table *there = ua_auth_session_table_create(1);
  ua_token_key key = key_of(1, 1);
  assert_true(here != NULL && there != NULL);
  ua_auth_session_table_fill(here, 1, &key, ua_auth_session_table_now(here, &key), 7000);
  ua_auth_session_table_fill(there, 1, &key, ua_auth_session_table_now(there, &key), 7000);
  memcpy(find_slot(here, &key), find_slot(there, &key), sizeof(slot));
  assert_true(is_found(there, &key));
  assert_false(is_found(here, &key));
  ua_auth_session_table_destroy(&here);
  ua_auth_session_table_destroy(&there);
}

static void every_part_lies_within_a_table_of_any_size(void **state)
{
  (void)state;
  static const int32_t ids[] = {0, 1, -1, INT32_MAX, INT32_MIN};
  for (size_t mib = 1; mib <= MOST_MIB; mib += mib < 64 ? 1 : 96) {
    ua_session_table *table = ua_auth_session_table_create(mib);
    assert_non_null(table);
    uintptr_t begin = (uintptr_t)table;
    uintptr_t user = (uintptr_t)table->user;
    uintptr_t token = (uintptr_t)table->token;
    uintptr_t entries = (uintptr_t)table->bucket;
    assert_true(begin + sizeof *table <= user && user % CACHE_LINE == 0);
    assert_true(user + table->generations * sizeof(uint64_t) <= token && token % CACHE_LINE == 0);
    assert_true(token + table->generations * sizeof(uint64_t) <= entries && entries % CACHE_LINE == 0);
    assert_true(entries + table->buckets * sizeof(bucket) <= begin + mib * MIB);
    assert_true(entries + (table->buckets + 1) * sizeof(bucket) > begin + mib * MIB);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
      assert_in_range(user_generation(table, ids[i]) - table->user, 0, table->generations - 1);
    }
    assert_int_equal(pick(UINT64_MAX, table->buckets), table->buckets - 1);
    assert_int_equal(pick(UINT64_MAX, table->generations), table->generations - 1);
    ua_auth_session_table_destroy(&table);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_changed_word_is_found_out_even_where_it_suits),
      cmocka_unit_test(an_entry_of_another_table_is_not_found),
      cmocka_unit_test(every_part_lies_within_a_table_of_any_size),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
