#include "hash_queue.h"
#include "process/hash_failures.h"
#include "unit.h"

enum { NOW = 1000, A = 1, B = 2, C = 3, D = 4, E = 5 };

static int create(void **state)
{
  *state = ua_process_hash_queue_create();
  return *state == NULL;
}

static int destroy(void **state)
{
  ua_process_hash_queue_destroy((ua_hash_queue **)state);
  return *state != NULL;
}

static ua_status push(ua_hash_queue *queue, uint64_t owner, uint64_t request, unsigned source)
{
  ua_hash_entry entry = entry_of(owner, request, source);
  ua_hash_entry pushed_out;
  bool pushes_out = true;
  ua_status status = ua_process_hash_queue_push(queue, &entry, NOW, &pushes_out, &pushed_out);
  assert_false(pushes_out);
  return status;
}

/* Pushes, and returns which request had to make room. */
static uint64_t push_out(ua_hash_queue *queue, uint64_t owner, uint64_t request, unsigned source)
{
  ua_hash_entry entry = entry_of(owner, request, source);
  ua_hash_entry pushed_out;
  bool pushes_out = false;
  assert_int_equal(ua_process_hash_queue_push(queue, &entry, NOW, &pushes_out, &pushed_out), UA_OK);
  assert_true(pushes_out);
  return pushed_out.request;
}

static uint64_t next_at(ua_hash_queue *queue, int64_t now)
{
  ua_hash_entry entry;
  return ua_process_hash_queue_next(queue, now, &entry) ? entry.request : 0;
}

static uint64_t next(ua_hash_queue *queue)
{
  return next_at(queue, NOW);
}

static void finish(ua_hash_queue *queue, uint64_t owner, uint64_t request, bool failed)
{
  assert_int_equal(ua_process_hash_queue_go(queue, owner, request, NULL), UA_OK);
  ua_process_hash_queue_done(queue, owner, request, failed, NOW);
}

static void make_suspect(ua_hash_queue *queue, unsigned source)
{
  assert_int_equal(push(queue, 99, 9999, source), UA_OK);
  assert_int_equal(next(queue), 9999);
  finish(queue, 99, 9999, true);
}

static void sources_take_turns_and_each_of_them_goes_in_order(void **state)
{
  ua_hash_queue *queue = *state;
  assert_int_equal(push(queue, 1, 1, A), UA_OK);
  assert_int_equal(push(queue, 1, 2, A), UA_OK);
  assert_int_equal(push(queue, 1, 3, A), UA_OK);
  assert_int_equal(push(queue, 2, 4, B), UA_OK);
  static const uint64_t order[] = {1, 4, 2, 3};
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(next(queue), order[i]);
    finish(queue, order[i] == 4 ? 2 : 1, order[i], false);
  }
  assert_int_equal(next(queue), 0);
}

static void no_source_has_a_second_turn_while_another_waits(void **state)
{
  ua_hash_queue *queue = *state;
  make_suspect(queue, B);
  assert_int_equal(push(queue, 1, 1, A), UA_OK);
  assert_int_equal(push(queue, 1, 2, A), UA_OK);
  assert_int_equal(push(queue, 1, 3, B), UA_OK);
  assert_int_equal(next(queue), 1);
  assert_int_equal(next(queue), 3); /* although it has failed and the other has not */
  assert_int_equal(next(queue), 2);
}

static void every_fourth_turn_belongs_to_sources_with_failures(void **state)
{
  ua_hash_queue *queue = *state;
  make_suspect(queue, E);
  uint64_t request = 100;
  assert_int_equal(push(queue, 1, 1, E), UA_OK);
  assert_int_equal(push(queue, 1, 2, E), UA_OK);
  for (unsigned turn = 1; turn <= 8; turn++) {
    assert_int_equal(push(queue, 1, request, A + turn % 3), UA_OK);
    assert_int_equal(push(queue, 1, request + 1, A + (turn + 1) % 3), UA_OK);
    request += 2;
    uint64_t given = next(queue);
    assert_int_equal(given < 100, turn % 4 == 0);
    finish(queue, 1, given, false);
  }
}

static void a_failure_is_forgotten_after_fifteen_minutes(void **state)
{
  ua_hash_queue *queue = *state;
  make_suspect(queue, A);
  assert_int_equal(push(queue, 1, 1, A), UA_OK);
  assert_int_equal(push(queue, 1, 2, B), UA_OK);
  assert_int_equal(next_at(queue, NOW + UA_HASH_FAILURE_MS), 1);
}

static void a_source_with_failures_goes_behind_until_then(void **state)
{
  ua_hash_queue *queue = *state;
  make_suspect(queue, A);
  assert_int_equal(push(queue, 1, 1, A), UA_OK);
  assert_int_equal(push(queue, 1, 2, B), UA_OK);
  assert_int_equal(next_at(queue, NOW + UA_HASH_FAILURE_MS - 1), 2);
}

static void no_more_than_sixteen_of_a_source_wait(void **state)
{
  ua_hash_queue *queue = *state;
  for (uint64_t i = 1; i <= UA_MAX_HASHES_OF_SOURCE; i++) {
    assert_int_equal(push(queue, i % 2, i, A), UA_OK);
  }
  assert_int_equal(push(queue, 3, 99, A), UA_TOO_MANY_REQUESTS);
  assert_int_equal(push(queue, 3, 99, B), UA_OK);
  assert_int_equal(next(queue), 1); /* a request with a turn waits no longer */
  assert_int_equal(push(queue, 3, 100, A), UA_OK);
}

static ua_status push_from(ua_hash_queue *queue, uint64_t request, unsigned source, unsigned char address)
{
  ua_hash_entry entry = entry_of(request % 8, request, source);
  ua_hash_entry pushed_out;
  bool pushes_out;
  entry.address[0] = address;
  return ua_process_hash_queue_push(queue, &entry, NOW, &pushes_out, &pushed_out);
}

static void no_more_than_forty_of_an_address_wait_whoever_they_are(void **state)
{
  ua_hash_queue *queue = *state;
  for (unsigned i = 1; i <= UA_MAX_HASHES_OF_ADDRESS; i++) {
    assert_int_equal(push_from(queue, i, i, 1), UA_OK);
  }
  assert_int_equal(push_from(queue, 99, 99, 1), UA_TOO_MANY_REQUESTS);
  assert_int_equal(push_from(queue, 99, 99, 2), UA_OK);
  for (unsigned i = 100; i <= 100 + UA_MAX_HASHES_OF_ADDRESS; i++) {
    assert_int_equal(push_from(queue, i, i, 0), UA_OK); /* without a source */
  }
  assert_int_equal(next(queue), 1); /* a request with a turn waits no longer */
  assert_int_equal(push_from(queue, 200, 200, 1), UA_OK);
}

static void a_worker_that_stands_still_takes_no_place_of_a_source(void **state)
{
  ua_hash_queue *queue = *state;
  for (uint64_t i = 1; i <= UA_MAX_HASHES_OF_SOURCE; i++) {
    assert_int_equal(push(queue, 1, i, A), UA_OK);
  }
  for (uint64_t i = 1; i <= UA_MAX_HASHES_OF_SOURCE; i++) {
    assert_int_equal(next(queue), i);
    assert_int_equal(ua_process_hash_queue_lapse(queue, NOW), 1);
  }
  assert_int_equal(push(queue, 2, 100, A), UA_OK);
  assert_int_equal(next(queue), 100);
}

static void a_request_asks_once(void **state)
{
  ua_hash_queue *queue = *state;
  assert_int_equal(push(queue, 1, 1, A), UA_OK);
  assert_int_equal(push(queue, 1, 1, B), UA_CONFLICT);
  assert_int_equal(push(queue, 2, 1, B), UA_OK);
}

static void an_owner_has_a_bound_of_its_own(void **state)
{
  ua_hash_queue *queue = *state;
  for (uint64_t i = 1; i <= UA_MAX_HASHES_OF_WORKER; i++) {
    assert_int_equal(push(queue, 1, i, (unsigned)i), UA_OK);
  }
  assert_int_equal(push(queue, 1, 99, 99), UA_BUSY);
  assert_int_equal(push(queue, 2, 99, 99), UA_OK);
}

/* Three sources have sixteen requests each. */
static void fill_with_three(ua_hash_queue *queue)
{
  for (uint64_t i = 1; i <= UA_MAX_HASHES_OF_WORKER; i++) {
    assert_int_equal(push(queue, 1, i, A + (unsigned)i % 3), UA_OK);
  }
}

static void who_waits_with_many_makes_room_for_who_waits_with_few(void **state)
{
  ua_hash_queue *queue = *state;
  fill_with_three(queue);
  for (uint64_t i = 1; i <= 12; i++) {
    assert_true(push_out(queue, 1, 100 + i, D) <= UA_MAX_HASHES_OF_WORKER);
  }
  assert_int_equal(push(queue, 1, 200, D), UA_BUSY); /* every source has as many */
  assert_true(push_out(queue, 1, 200, E) > 0);
}

static void of_those_who_have_failed_who_waits_with_many_makes_room_likewise(void **state)
{
  ua_hash_queue *queue = *state;
  for (unsigned of = A; of <= E; of++) {
    make_suspect(queue, of);
  }
  fill_with_three(queue);
  for (uint64_t i = 1; i <= 12; i++) {
    assert_true(push_out(queue, 1, 100 + i, D) <= UA_MAX_HASHES_OF_WORKER);
  }
  assert_int_equal(push(queue, 1, 200, D), UA_BUSY);
  assert_true(push_out(queue, 1, 200, E) > 0);
}

static void at_an_owners_bound_its_youngest_of_the_worst_source_makes_room(void **state)
{
  ua_hash_queue *queue = *state;
  make_suspect(queue, A);
  make_suspect(queue, B);
  uint64_t request = 1;
  for (; request <= 3; request++) {
    assert_int_equal(push(queue, 1, request, A), UA_OK);
  }
  for (; request <= 5; request++) {
    assert_int_equal(push(queue, 1, request, B), UA_OK);
  }
  for (uint64_t i = 0; i < 8; i++) { /* those of the other owner do not count */
    assert_int_equal(push(queue, 2, 1000 + i, B), UA_OK);
  }
  for (; request <= UA_MAX_HASHES_OF_WORKER; request++) {
    assert_int_equal(push(queue, 1, request, (unsigned)request + 100), UA_OK);
  }
  assert_int_equal(push(queue, 1, 500, A), UA_BUSY); /* it has failed itself */
  assert_int_equal(push_out(queue, 1, 501, 501), 3);
  assert_int_equal(push_out(queue, 1, 502, 502), 2);
  assert_int_equal(push_out(queue, 1, 503, 503), 5);
  assert_int_equal(push_out(queue, 1, 504, 504), 1); /* both have the same number: either may be dropped */
  assert_int_equal(push_out(queue, 1, 505, 505), 4);
  assert_int_equal(push(queue, 1, 506, 506), UA_BUSY);
}

static void at_the_bound_of_all_those_with_failures_make_room(void **state)
{
  ua_hash_queue *queue = *state;
  make_suspect(queue, 5000);
  assert_int_equal(push(queue, 0, 1, 5000), UA_OK);
  for (uint64_t i = 2; i <= UA_MAX_HASHES; i++) {
    assert_int_equal(push(queue, i % 100, i, (unsigned)i), UA_OK);
  }
  assert_int_equal(push(queue, 200, 5001, 5000), UA_BUSY);
  assert_int_equal(push_out(queue, 200, 5002, 5002), 1);
  assert_int_equal(push(queue, 200, 5003, 5003), UA_BUSY);
}

static void a_turn_that_is_not_used_goes_to_others(void **state)
{
  ua_hash_queue *queue = *state;
  int job = 0;
  ua_hash_entry late;
  assert_int_equal(push(queue, 1, 1, A), UA_OK);
  assert_int_equal(push(queue, 1, 2, A), UA_OK);
  assert_int_equal(ua_process_hash_queue_oldest_turn(queue), -1);
  assert_int_equal(next_at(queue, NOW), 1);
  assert_int_equal(ua_process_hash_queue_oldest_turn(queue), NOW);
  assert_int_equal(ua_process_hash_queue_lapse(queue, NOW - 1), 0);
  assert_int_equal(ua_process_hash_queue_lapse(queue, NOW), 1);
  assert_int_equal(ua_process_hash_queue_turns(queue), 0);
  assert_int_equal(push(queue, 1, 3, A), UA_OK);
  assert_int_equal(ua_process_hash_queue_go(queue, 1, 1, &job), UA_PENDING);
  assert_int_equal(ua_process_hash_queue_go(queue, 1, 1, &job), UA_NOT_FOUND);
  assert_true(ua_process_hash_queue_next(queue, NOW, &late));
  assert_int_equal(late.request, 1);
  assert_ptr_equal(late.job, &job);
  ua_process_hash_queue_done(queue, 1, 1, false, NOW);
  assert_int_equal(next(queue), 2);
}

static void who_lets_a_turn_lapse_gets_none_until_its_job_comes(void **state)
{
  ua_hash_queue *queue = *state;
  assert_int_equal(push(queue, 1, 1, A), UA_OK);
  assert_int_equal(next(queue), 1);
  assert_int_equal(ua_process_hash_queue_lapse(queue, NOW), 1);
  assert_int_equal(next(queue), 0);
}

static void only_a_turn_takes_a_job(void **state)
{
  ua_hash_queue *queue = *state;
  assert_int_equal(push(queue, 1, 1, A), UA_OK);
  assert_int_equal(ua_process_hash_queue_go(queue, 1, 1, NULL), UA_NOT_FOUND);
  assert_int_equal(next(queue), 1);
  assert_int_equal(ua_process_hash_queue_go(queue, 2, 1, NULL), UA_NOT_FOUND);
  assert_int_equal(ua_process_hash_queue_go(queue, 1, 1, NULL), UA_OK);
  assert_int_equal(ua_process_hash_queue_go(queue, 1, 1, NULL), UA_NOT_FOUND);
}

static void what_runs_is_not_dropped(void **state)
{
  ua_hash_queue *queue = *state;
  ua_hash_entry dropped;
  assert_int_equal(push(queue, 1, 1, A), UA_OK);
  assert_int_equal(push(queue, 1, 2, B), UA_OK);
  assert_int_equal(push(queue, 1, 3, C), UA_OK);
  assert_int_equal(push(queue, 2, 4, D), UA_OK);
  assert_int_equal(next(queue), 1);
  assert_int_equal(ua_process_hash_queue_go(queue, 1, 1, NULL), UA_OK);
  assert_int_equal(next(queue), 2);
  assert_false(ua_process_hash_queue_drop(queue, 1, 1, &dropped));
  assert_true(ua_process_hash_queue_drop(queue, 1, 2, &dropped));
  assert_int_equal(ua_process_hash_queue_turns(queue), 1);
  assert_true(ua_process_hash_queue_drop_any(queue, 1, &dropped));
  assert_int_equal(dropped.request, 3);
  assert_false(ua_process_hash_queue_drop_any(queue, 1, &dropped));
  assert_int_equal(next(queue), 4);
  ua_process_hash_queue_done(queue, 1, 1, false, NOW);
  assert_int_equal(ua_process_hash_queue_turns(queue), 1);
}

static void no_more_turns_than_the_most_are_given(void **state)
{
  ua_hash_queue *queue = *state;
  for (uint64_t i = 1; i <= UA_HASH_TURNS; i++) {
    assert_int_equal(push(queue, i, i, (unsigned)i), UA_OK);
    assert_int_equal(next(queue), i);
  }
  assert_int_equal(push(queue, 1, 9999, 9999), UA_OK);
  assert_int_equal(next(queue), 0);
}

/* Counts the turns until the request has its own, while new sources arrive at each turn. */
static size_t turns_until(ua_hash_queue *queue, uint64_t request)
{
  size_t turns = 1;
  for (uint64_t given = next(queue); given != request; given = next(queue)) {
    finish(queue, 1, given, false);
    assert_int_equal(push(queue, 1, 10000 + turns, 10000 + (unsigned)turns), UA_OK);
    assert_int_equal(push(queue, 1, 20000 + turns, 20000 + (unsigned)turns), UA_OK);
    assert_true(++turns < 20);
  }
  return turns;
}

static void nobody_starves_however_many_new_sources_come(void **state)
{
  ua_hash_queue *queue = *state;
  make_suspect(queue, B);
  make_suspect(queue, C);
  assert_int_equal(push(queue, 1, 1, D), UA_OK);
  assert_int_equal(push(queue, 1, 2, A), UA_OK);
  assert_int_equal(push(queue, 1, 3, B), UA_OK);
  assert_int_equal(push(queue, 1, 4, C), UA_OK);
  assert_true(turns_until(queue, 4) <= 8);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(sources_take_turns_and_each_of_them_goes_in_order, create, destroy),
      cmocka_unit_test_setup_teardown(no_source_has_a_second_turn_while_another_waits, create, destroy),
      cmocka_unit_test_setup_teardown(every_fourth_turn_belongs_to_sources_with_failures, create, destroy),
      cmocka_unit_test_setup_teardown(a_failure_is_forgotten_after_fifteen_minutes, create, destroy),
      cmocka_unit_test_setup_teardown(a_source_with_failures_goes_behind_until_then, create, destroy),
      cmocka_unit_test_setup_teardown(no_more_than_forty_of_an_address_wait_whoever_they_are, create,
                                      destroy),
      cmocka_unit_test_setup_teardown(no_more_than_sixteen_of_a_source_wait, create, destroy),
      cmocka_unit_test_setup_teardown(a_worker_that_stands_still_takes_no_place_of_a_source, create, destroy),
      cmocka_unit_test_setup_teardown(a_request_asks_once, create, destroy),
      cmocka_unit_test_setup_teardown(an_owner_has_a_bound_of_its_own, create, destroy),
      cmocka_unit_test_setup_teardown(who_waits_with_many_makes_room_for_who_waits_with_few, create, destroy),
      cmocka_unit_test_setup_teardown(of_those_who_have_failed_who_waits_with_many_makes_room_likewise,
                                      create, destroy),
      cmocka_unit_test_setup_teardown(at_an_owners_bound_its_youngest_of_the_worst_source_makes_room, create,
                                      destroy),
      cmocka_unit_test_setup_teardown(at_the_bound_of_all_those_with_failures_make_room, create, destroy),
      cmocka_unit_test_setup_teardown(a_turn_that_is_not_used_goes_to_others, create, destroy),
      cmocka_unit_test_setup_teardown(who_lets_a_turn_lapse_gets_none_until_its_job_comes, create, destroy),
      cmocka_unit_test_setup_teardown(only_a_turn_takes_a_job, create, destroy),
      cmocka_unit_test_setup_teardown(what_runs_is_not_dropped, create, destroy),
      cmocka_unit_test_setup_teardown(no_more_turns_than_the_most_are_given, create, destroy),
      cmocka_unit_test_setup_teardown(nobody_starves_however_many_new_sources_come, create, destroy),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
