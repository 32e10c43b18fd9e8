#include "hasher.h"

enum { A = 1, B = 2, C = 3, SHORT_MS = 60 };

static void a_request_has_its_turn_then_its_outcome(void **state)
{
  peer worker;
  ua_password_record stored;
  ua_hash_outcome outcome;
  bool began;
  assert_int_equal(ua_auth_password_hash(COST, UA_TEXT("secret"), &stored), UA_OK);
  ua_hash_job job = verifying("secret", &stored);
  open_peer(*state, &worker);
  assert_int_equal(ua_process_hash_client_due(worker.client, ua_clock_monotonic_ms()), -1);
  assert_false(ua_process_hash_client_sleeps(worker.client, 1));
  assert_waits(&worker, 1, A);
  assert_true(ua_process_hash_client_sleeps(worker.client, 1));
  pump_until_woken(&worker, 1);
  assert_false(ua_process_hash_client_sleeps(worker.client, 1));
  assert_has_turn(&worker, 1);
  assert_int_equal(run(&worker, 1, &job, &outcome), UA_PENDING);
  assert_true(ua_process_hash_client_sleeps(worker.client, 1));
  assert_int_equal(enter(&worker, 1, A, &began), UA_OK);
  assert_true(began);
  pump_until_woken(&worker, 1);
  for (int i = 0; i < 2; i++) { /* it stays until the request leaves */
    assert_int_equal(enter(&worker, 1, A, &began), UA_OK);
    assert_true(began);
    assert_int_equal(run(&worker, 1, &job, &outcome), UA_OK);
    assert_int_equal(outcome.status, UA_OK);
    assert_int_equal(outcome.verdict, UA_PASSWORD_MATCH);
    assert_false(outcome.has_record);
  }
  assert_int_equal(ua_process_hash_client_due(worker.client, ua_clock_monotonic_ms()), -1);
  leave(&worker, 1);
  leave(&worker, 1);
  assert_waits(&worker, 1, A);
  close_peer(&worker);
}

static void a_request_that_cannot_wait_blocks(void **state)
{
  peer worker;
  ua_hash_outcome made;
  ua_hash_outcome outcome;
  bool began;
  ua_hash_job job = making("secret", COST);
  open_peer(*state, &worker);
  assert_waits(&worker, 5, B); /* messages for others that arrive meanwhile are not lost */
  assert_int_equal(enter(&worker, 0, A, &began), UA_OK);
  assert_false(began);
  assert_int_equal(run(&worker, 0, &job, &made), UA_OK);
  assert_true(made.has_record);
  const char *const passwords[] = {"secret", "wrong"};
  for (size_t i = 0; i < 2; i++) {
    job = verifying(passwords[i], &made.record);
    assert_int_equal(enter(&worker, 0, A, &began), UA_OK);
    assert_false(began); /* nothing is left of the previous request, although it has not called leave */
    assert_int_equal(run(&worker, 0, &job, &outcome), UA_OK);
    assert_int_equal(outcome.verdict, i == 0 ? UA_PASSWORD_MATCH : UA_PASSWORD_MISMATCH);
  }
  assert_true(was_woken(&worker, 5));
  assert_false(was_woken(&worker, 0));
  close_peer(&worker);
}

static void a_password_that_cannot_be_hashed_is_an_outcome(void **state)
{
  peer worker;
  ua_hash_outcome outcome;
  bool began;
  static char password[2 * UA_MAX_TRIED_PASSWORD_BYTES];
  memset(password, 'x', sizeof password - 1);
  ua_hash_job job = making(password, COST);
  open_peer(*state, &worker);
  assert_int_equal(enter(&worker, 0, A, &began), UA_OK);
  assert_int_equal(run(&worker, 0, &job, &outcome), UA_OK);
  assert_int_equal(outcome.status, UA_BAD_REQUEST);
  leave(&worker, 0);
  close_peer(&worker);
}

static void an_outcome_is_for_the_job_that_was_handed_over(void **state)
{
  peer worker;
  ua_hash_outcome outcome;
  ua_hash_job job = making("secret", COST);
  ua_hash_job other = making("another", COST);
  open_peer(*state, &worker);
  assert_waits(&worker, 1, A);
  pump_until_woken(&worker, 1);
  assert_int_equal(run(&worker, 1, &job, &outcome), UA_PENDING);
  pump_until_woken(&worker, 1);
  assert_int_equal(run(&worker, 1, &other, &outcome), UA_CONFLICT);
  assert_int_equal(run(&worker, 1, &job, &outcome), UA_BUSY);
  close_peer(&worker);
}

static void a_turn_that_is_not_used_goes_to_others_and_a_late_job_is_hashed(void **state)
{
  peer slow;
  peer quick;
  ua_hash_outcome outcome;
  ua_hash_job job = making("secret", COST);
  open_peer(*state, &slow);
  open_peer(*state, &quick);
  assert_waits(&slow, 1, A);
  pump_until_woken(&slow, 1);
  assert_waits(&quick, 1, B);
  pump_until_woken(&quick, 1);
  assert_int_equal(run(&slow, 1, &job, &outcome), UA_PENDING);
  assert_int_equal(run(&quick, 1, &job, &outcome), UA_PENDING);
  pump_until_woken(&quick, 1);
  assert_int_equal(run(&quick, 1, &job, &outcome), UA_OK);
  pump_until_woken(&slow, 1);
  assert_int_equal(run(&slow, 1, &job, &outcome), UA_OK);
  assert_true(outcome.has_record);
  close_peer(&slow);
  close_peer(&quick);
}

static void who_has_failed_goes_behind(void **state)
{
  peer worker;
  ua_hash_outcome outcome;
  bool began;
  ua_hash_job wrong = verifying("wrong", NULL);
  ua_hash_job slow = making("secret", LONG_COST - 1);
  open_peer(*state, &worker);
  assert_int_equal(enter(&worker, 0, A, &began), UA_OK);
  assert_int_equal(run(&worker, 0, &wrong, &outcome), UA_OK);
  leave(&worker, 0);
  assert_waits(&worker, 1, C);
  pump_until_woken(&worker, 1);
  assert_int_equal(run(&worker, 1, &slow, &outcome), UA_PENDING);
  assert_waits(&worker, 2, A);
  assert_waits(&worker, 3, B);
  int64_t deadline = ua_clock_monotonic_ms() + PATIENCE_MS;
  while (!was_woken(&worker, 2)) { /* when the turn of the other request expires */
    assert_true(ua_clock_monotonic_ms() < deadline);
    pump(&worker);
  }
  assert_int_equal(worker.woken[0], 1);
  assert_int_equal(worker.woken[1], 3);
  assert_int_equal(worker.woken[2], 2);
  close_peer(&worker);
  kill_hasher(*state); /* it need not finish */
}

/* 16 waiting requests of one source, behind one of another source that has the only slot. */
static void fill_source(peer *worker)
{
  ua_hash_outcome outcome;
  ua_hash_job slow = making("secret", LONG_COST);
  assert_waits(worker, 100, C);
  pump_until_woken(worker, 100);
  assert_int_equal(run(worker, 100, &slow, &outcome), UA_PENDING);
  for (uint64_t i = 1; i <= UA_MAX_HASHES_OF_SOURCE; i++) {
    assert_waits(worker, i, A);
  }
}

static void the_seventeenth_of_a_source_is_too_many(void **state)
{
  peer worker;
  bool began;
  open_peer(*state, &worker);
  fill_source(&worker);
  assert_waits(&worker, 50, A);
  pump_until_woken(&worker, 50);
  assert_int_equal(enter(&worker, 50, A, &began), UA_TOO_MANY_REQUESTS);
  leave(&worker, 3);
  assert_waits(&worker, 51, A);
  assert_waits(&worker, 52, A);
  pump_until_woken(&worker, 52);
  assert_false(was_woken(&worker, 51));
  assert_int_equal(enter(&worker, 52, A, &began), UA_TOO_MANY_REQUESTS);
  close_peer(&worker);
  kill_hasher(*state); /* it need not finish */
}

static void a_peer_that_has_gone_gives_its_place_up(void **state)
{
  peer worker;
  bool began;
  open_peer(*state, &worker);
  fill_source(&worker);
  ua_process_hash_client_forget(worker.client, 2);
  assert_false(ua_process_hash_client_sleeps(worker.client, 2));
  assert_waits(&worker, 60, A);
  assert_waits(&worker, 61, A);
  pump_until_woken(&worker, 61);
  assert_int_equal(enter(&worker, 61, A, &began), UA_TOO_MANY_REQUESTS);
  close_peer(&worker);
  kill_hasher(*state); /* it need not finish */
}

static void the_death_of_a_worker_frees_what_it_held(void **state)
{
  peer dies;
  peer lives;
  bool began;
  ua_status status = UA_TOO_MANY_REQUESTS;
  int64_t deadline = ua_clock_monotonic_ms() + PATIENCE_MS;
  open_peer(*state, &dies);
  open_peer(*state, &lives);
  for (uint64_t i = 1; i <= UA_MAX_HASHES_OF_SOURCE; i++) {
    assert_waits(&dies, i, A);
  }
  pump_until_woken(&dies, 1); /* it has the only turn */
  close_peer(&dies);
  for (uint64_t request = 1; status == UA_TOO_MANY_REQUESTS; request++) {
    assert_true(ua_clock_monotonic_ms() < deadline);
    assert_waits(&lives, request, A);
    pump_until_woken(&lives, request);
    status = enter(&lives, request, A, &began);
  }
  assert_int_equal(status, UA_OK);
  close_peer(&lives);
}

static void another_number_of_slots_counts_at_once(void **state)
{
  fixture *pool = *state;
  peer worker;
  ua_hash_outcome outcome;
  ua_hash_job slow = making("secret", LONG_COST);
  open_peer(pool, &worker);
  assert_waits(&worker, 1, A);
  pump_until_woken(&worker, 1);
  assert_int_equal(run(&worker, 1, &slow, &outcome), UA_PENDING);
  atomic_store(&pool->board->slots, 2);
  assert_waits(&worker, 2, B);
  pump_until_woken(&worker, 2);
  assert_true(ua_process_hash_client_sleeps(worker.client, 1)); /* it is still under way */
  close_peer(&worker);
  kill_hasher(pool); /* it need not finish */
}

static void when_the_hasher_dies_those_that_wait_go_on_waiting(void **state)
{
  fixture *pool = *state;
  peer worker;
  ua_hash_outcome outcome;
  bool began;
  ua_hash_job slow = making("secret", LONG_COST);
  ua_hash_job job = making("secret", COST);
  open_peer(pool, &worker);
  assert_waits(&worker, 1, A);
  pump_until_woken(&worker, 1);
  assert_int_equal(run(&worker, 1, &slow, &outcome), UA_PENDING);
  assert_waits(&worker, 2, B);
  kill_hasher(pool);
  pump_until_woken(&worker, 1);
  assert_int_equal(enter(&worker, 1, A, &began), UA_OK);
  assert_true(began);
  assert_int_equal(run(&worker, 1, &slow, &outcome), UA_BUSY);
  assert_waits(&worker, 2, B);
  assert_waits(&worker, 3, C);
  start_hasher(pool);
  pump_until_woken(&worker, 2);
  assert_int_equal(run(&worker, 2, &job, &outcome), UA_PENDING);
  pump_until_woken(&worker, 2);
  assert_int_equal(run(&worker, 2, &job, &outcome), UA_OK);
  close_peer(&worker);
}

static void a_turn_is_lost_with_the_hasher_and_comes_again(void **state)
{
  fixture *pool = *state;
  peer worker;
  open_peer(pool, &worker);
  assert_waits(&worker, 1, A);
  pump_until_woken(&worker, 1);
  kill_hasher(pool);
  int64_t deadline = ua_clock_monotonic_ms() + PATIENCE_MS;
  while (!ua_process_hash_client_sleeps(worker.client, 1)) {
    assert_true(ua_clock_monotonic_ms() < deadline);
    pump(&worker);
  }
  start_hasher(pool);
  pump_until_woken(&worker, 1);
  assert_has_turn(&worker, 1);
  close_peer(&worker);
}

static void a_job_for_a_dead_hasher_is_refused_at_once(void **state)
{
  fixture *pool = *state;
  peer worker;
  ua_hash_outcome outcome;
  ua_hash_job job = making("secret", COST);
  open_peer(pool, &worker);
  assert_waits(&worker, 1, A);
  pump_until_woken(&worker, 1);
  assert_has_turn(&worker, 1);
  kill_hasher(pool);
  assert_int_equal(run(&worker, 1, &job, &outcome), UA_BUSY);
  close_peer(&worker);
}

static void who_waits_too_long_for_a_turn_is_refused(void **state)
{
  fixture *pool = *state;
  peer worker;
  bool began;
  open_peer_with(pool, &worker, SHORT_MS, 0);
  kill_hasher(pool);
  int64_t asked = ua_clock_monotonic_ms();
  assert_waits(&worker, 1, A);
  assert_in_range(ua_process_hash_client_due(worker.client, asked), 0, SHORT_MS + 10);
  pump_until_woken(&worker, 1);
  assert_true(ua_clock_monotonic_ms() - asked >= SHORT_MS);
  assert_int_equal(enter(&worker, 1, A, &began), UA_BUSY);
  assert_int_equal(enter(&worker, 0, A, &began), UA_BUSY); /* blocks for as long */
  assert_int_equal(ua_process_hash_client_due(worker.client, ua_clock_monotonic_ms()), -1);
  close_peer(&worker);
}

static void who_waits_too_long_for_an_outcome_is_refused(void **state)
{
  peer worker;
  ua_hash_outcome outcome;
  bool began;
  ua_hash_job slow = making("secret", LONG_COST);
  open_peer_with(*state, &worker, PATIENCE_MS, 4 * SHORT_MS);
  assert_int_equal(enter(&worker, 0, A, &began), UA_OK);
  assert_int_equal(run(&worker, 0, &slow, &outcome), UA_BUSY); /* half of the watchdog's time */
  close_peer(&worker);
  kill_hasher(*state); /* it need not finish */
}

static void who_has_no_place_to_wait_does_not_ask(void **state)
{
  peer worker;
  bool began;
  ua_hash_ticket ticket = ticket_of(1, A);
  ticket.last_try = true;
  open_peer(*state, &worker);
  assert_int_equal(worker.hasher.enter(worker.hasher.context, &ticket, &began), UA_BUSY);
  assert_waits(&worker, 1, A);
  assert_int_equal(worker.hasher.enter(worker.hasher.context, &ticket, &began), UA_PENDING);
  close_peer(&worker);
}

static void a_hasher_that_does_not_read_stops_nobody(void **state)
{
  fixture *pool = *state;
  peer worker;
  bool began;
  open_peer(pool, &worker);
  assert_int_equal(kill(pool->pid, SIGSTOP), 0);
  for (uint64_t i = 1; i <= 3000; i++) {
    (void)enter(&worker, i, A, &began);
    leave(&worker, i);
  }
  assert_waits(&worker, 5000, A);
  assert_int_equal(kill(pool->pid, SIGCONT), 0);
  pump_until_woken(&worker, 5000);
  assert_has_turn(&worker, 5000);
  close_peer(&worker);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_request_has_its_turn_then_its_outcome, create, destroy),
      cmocka_unit_test_setup_teardown(a_request_that_cannot_wait_blocks, create, destroy),
      cmocka_unit_test_setup_teardown(a_password_that_cannot_be_hashed_is_an_outcome, create, destroy),
      cmocka_unit_test_setup_teardown(an_outcome_is_for_the_job_that_was_handed_over, create, destroy),
      cmocka_unit_test_setup_teardown(a_turn_that_is_not_used_goes_to_others_and_a_late_job_is_hashed, create,
                                      destroy),
      cmocka_unit_test_setup_teardown(who_has_failed_goes_behind, create, destroy),
      cmocka_unit_test_setup_teardown(the_seventeenth_of_a_source_is_too_many, create, destroy),
      cmocka_unit_test_setup_teardown(a_peer_that_has_gone_gives_its_place_up, create, destroy),
      cmocka_unit_test_setup_teardown(the_death_of_a_worker_frees_what_it_held, create, destroy),
      cmocka_unit_test_setup_teardown(another_number_of_slots_counts_at_once, create, destroy),
      cmocka_unit_test_setup_teardown(when_the_hasher_dies_those_that_wait_go_on_waiting, create, destroy),
      cmocka_unit_test_setup_teardown(a_turn_is_lost_with_the_hasher_and_comes_again, create, destroy),
      cmocka_unit_test_setup_teardown(a_job_for_a_dead_hasher_is_refused_at_once, create, destroy),
      cmocka_unit_test_setup_teardown(who_waits_too_long_for_a_turn_is_refused, create, destroy),
      cmocka_unit_test_setup_teardown(who_waits_too_long_for_an_outcome_is_refused, create, destroy),
      cmocka_unit_test_setup_teardown(who_has_no_place_to_wait_does_not_ask, create, destroy),
      cmocka_unit_test_setup_teardown(a_hasher_that_does_not_read_stops_nobody, create, destroy),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
