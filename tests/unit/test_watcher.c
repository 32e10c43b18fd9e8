/* One turn of the session watcher. This file replaces the connection, and prepares what it returns. */
#include <stdlib.h>
#include <string.h>

#include "process/watcher.c"
#include "unit.h"

enum { USER = 9, GENERATION = 7, ORIGIN = 11, SENT_MS = 5000, STALENESS_MS = 2000 };

static const ua_token_key key = {.user_id = USER, .customer_id = 1, .digest = "a token"};

/* --- the connection --- */

static struct {
  ua_session_table *table;
  bool has_notice;
  bool was_applied_before_the_proof;
} brought;

ua_watch *ua_store_watch_create(const ua_watch_settings *settings)
{
  (void)settings;
  return NULL;
}

ua_watch_state ua_store_watch_connect(ua_watch *watch)
{
  (void)watch;
  return UA_WATCH_LOST;
}

void ua_store_watch_disconnect(ua_watch *watch)
{
  (void)watch;
}

ua_watch_state ua_store_watch_leave(ua_watch *watch, const char *reason)
{
  (void)watch;
  (void)reason;
  return UA_WATCH_LOST;
}

void ua_store_watch_prove(ua_watch *watch)
{
  (void)watch;
}

ua_watch_state ua_store_watch_wait(ua_watch *watch, int64_t until_ms)
{
  (void)watch;
  (void)until_ms;
  return UA_WATCH_SOUND;
}

bool ua_store_watch_next_notice(ua_watch *watch, ua_watch_notice *notice_r)
{
  (void)watch;
  *notice_r = (ua_watch_notice){.kind = UA_WATCH_NOTICE_USER, .user_id = USER};
  bool has_notice = brought.has_notice;
  brought.has_notice = false;
  return has_notice;
}

static bool is_in_table(void)
{
  int64_t asked_ms;
  return ua_auth_session_table_find(brought.table, GENERATION, &key, &asked_ms);
}

bool ua_store_watch_take_proof(ua_watch *watch, ua_watch_proof *proof_r)
{
  (void)watch;
  brought.was_applied_before_the_proof = !is_in_table();
  *proof_r = (ua_watch_proof){.state = UA_WATCH_SOUND, .sent_ms = SENT_MS, .origin = ORIGIN};
  return true;
}

bool ua_store_watch_is_proving(const ua_watch *watch)
{
  (void)watch;
  return true;
}

const char *ua_store_watch_reason(const ua_watch *watch)
{
  (void)watch;
  return "";
}

int ua_store_watch_backend(const ua_watch *watch)
{
  (void)watch;
  return 1;
}

/* --- tests --- */

static int make_table(void **state)
{
  ua_log_set_level(UA_LOG_ERROR + 1);
  memset(&brought, 0, sizeof brought);
  brought.table = ua_auth_session_table_create(1);
  *state = brought.table;
  return brought.table == NULL ? -1 : 0;
}

static int destroy_table(void **state)
{
  (void)state;
  ua_auth_session_table_destroy(&brought.table);
  return 0;
}

static void a_notice_is_applied_before_the_proof_behind_it_counts(void **state)
{
  static const ua_config config = {.session_listen_url = NULL};
  const ua_watcher_setup setup = {.config = &config, .sessions = *state, .generation = GENERATION};
  watcher self = {.setup = &setup, .board = ua_auth_session_table_board(*state), .trusts = true};
  ua_session_moment moment = ua_auth_session_table_now(*state, &key);
  ua_auth_session_table_fill(*state, GENERATION, &key, moment, SENT_MS);
  assert_true(is_in_table());
  brought.has_notice = true;
  assert_int_equal(turn(&self), UA_WATCH_SOUND);
  assert_true(brought.was_applied_before_the_proof);
  assert_int_equal(atomic_load(&self.board->proved_ms), SENT_MS);
}

static void a_new_watcher_takes_back_the_proof_of_the_one_before(void **state)
{
  static const ua_config config = {.session_staleness_ms = STALENESS_MS, .database_connect_timeout_ms = 1000};
  const ua_watcher_setup setup = {.config = &config, .sessions = *state, .generation = GENERATION};
  atomic_store(&ua_auth_session_table_board(*state)->proved_ms, SENT_MS);
  assert_int_equal(ua_process_watcher_run(&setup), UA_INTERNAL);
  assert_int_equal(atomic_load(&ua_auth_session_table_board(*state)->proved_ms), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_notice_is_applied_before_the_proof_behind_it_counts, make_table,
                                      destroy_table),
      cmocka_unit_test_setup_teardown(a_new_watcher_takes_back_the_proof_of_the_one_before, make_table,
                                      destroy_table),
  };
  return cmocka_run_group_tests_name("watcher", tests, NULL, NULL);
}
