/* A change or a logout with an unknown outcome may have happened, so the table must forget the sessions that
 * it ends. This file replaces the database. */
#define ua_store_db_begin      answer_begin
#define ua_store_db_commit     answer_commit
#define ua_store_db_rollback   answer_rollback
#define ua_store_tokens_revoke answer_revoke
#include "service/service.c"
#include "service/sessions.c"
#include "unit.h"

enum { GENERATION = 7 };

static const ua_token_key key = {.user_id = 3, .customer_id = 1, .digest = "a token"};

static ua_session_table *table;
static ua_status outcome; /* of each COMMIT */

ua_status answer_begin(ua_db *db)
{
  (void)db;
  return UA_OK;
}

ua_status answer_commit(ua_db *db)
{
  (void)db;
  return outcome;
}

void answer_rollback(ua_db *db)
{
  (void)db;
}

ua_status answer_revoke(ua_db *db, ua_arena *arena, const ua_token_key *revoked, int64_t expires_at)
{
  (void)db, (void)arena, (void)revoked, (void)expires_at;
  return UA_OK;
}

static int make(void **state)
{
  (void)state;
  table = ua_auth_session_table_create(1);
  if (table == NULL) {
    return -1;
  }
  ua_auth_session_table_fill(table, GENERATION, &key, ua_auth_session_table_now(table, &key), 1000);
  outcome = UA_OUTCOME_UNKNOWN;
  return 0;
}

static int unmake(void **state)
{
  (void)state;
  ua_auth_session_table_destroy(&table);
  return 0;
}

static bool is_remembered(void)
{
  int64_t asked_ms;
  return ua_auth_session_table_find(table, GENERATION, &key, &asked_ms);
}

static void a_session_is_remembered_until_something_ends_it(void **state)
{
  (void)state;
  assert_true(is_remembered());
}

static void a_change_of_unknown_outcome_ends_the_users_sessions(void **state)
{
  (void)state;
  const ua_service service = {.sessions = {.table = table}};
  assert_int_equal(ua_service_end_transaction_of(&service, UA_OK, key.user_id), UA_OUTCOME_UNKNOWN);
  assert_false(is_remembered());
}

static void a_logout_of_unknown_outcome_ends_the_session(void **state)
{
  (void)state;
  const ua_service service = {.sessions = {.table = table}};
  const ua_claims caller = {.user = {.id = 3, .customer_id = 1}, .key = key};
  assert_int_equal(ua_service_sessions_logout(&service, NULL, &caller), UA_OUTCOME_UNKNOWN);
  assert_false(is_remembered());
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, make, unmake)

int main(void)
{
  static const struct CMUnitTest tests[] = {
      EACH(a_session_is_remembered_until_something_ends_it),
      EACH(a_change_of_unknown_outcome_ends_the_users_sessions),
      EACH(a_logout_of_unknown_outcome_ends_the_session),
  };
  return cmocka_run_group_tests_name("outcomes", tests, NULL, NULL);
}
