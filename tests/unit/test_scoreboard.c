#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "process/scoreboard.h"
#include "unit.h"

enum { PATIENCE_MS = 10000 };

static int create(void **state)
{
  *state = ua_process_scoreboard_create(8, 2);
  return *state == NULL;
}

static int destroy(void **state)
{
  ua_process_scoreboard_destroy((ua_scoreboard **)state);
  return *state != NULL;
}

static void a_worker_begins_starting_and_ends_as_none(void **state)
{
  ua_scoreboard *scoreboard = *state;
  int64_t busy_ms = -1;
  assert_int_equal(ua_process_scoreboard_get(scoreboard, 3, &busy_ms), UA_WORKER_NONE);
  ua_process_scoreboard_begin(scoreboard, 3);
  assert_int_equal(ua_process_scoreboard_get(scoreboard, 3, &busy_ms), UA_WORKER_STARTING);
  assert_int_equal(busy_ms, 0);
  ua_process_scoreboard_end(scoreboard, 3);
  assert_int_equal(ua_process_scoreboard_get(scoreboard, 3, &busy_ms), UA_WORKER_NONE);
}

static void what_a_worker_writes_the_supervisor_reads(void **state)
{
  ua_scoreboard *scoreboard = *state;
  int64_t busy_ms = 0;
  ua_process_scoreboard_begin(scoreboard, 0);
  pid_t pid = fork();
  if (pid == 0) {
    ua_process_scoreboard_set(scoreboard, 0, UA_WORKER_IDLE, 0);
    ua_process_scoreboard_set(scoreboard, 0, UA_WORKER_BUSY, 0);
    _exit(EXIT_SUCCESS);
  }
  assert_int_equal(waitpid(pid, NULL, 0), pid);
  assert_int_equal(ua_process_scoreboard_get(scoreboard, 0, &busy_ms), UA_WORKER_BUSY);
}

static void time_is_counted_while_busy_and_only_then(void **state)
{
  ua_scoreboard *scoreboard = *state;
  int64_t busy_ms = 0;
  ua_process_scoreboard_begin(scoreboard, 0);
  ua_process_scoreboard_set(scoreboard, 0, UA_WORKER_BUSY, 0);
  for (int64_t deadline = ua_clock_monotonic_ms() + PATIENCE_MS; busy_ms < 2;) {
    assert_true(ua_clock_monotonic_ms() < deadline);
    assert_int_equal(ua_process_scoreboard_get(scoreboard, 0, &busy_ms), UA_WORKER_BUSY);
  }
  ua_process_scoreboard_set(scoreboard, 0, UA_WORKER_IDLE, 0);
  assert_int_equal(ua_process_scoreboard_get(scoreboard, 0, &busy_ms), UA_WORKER_IDLE);
  assert_int_equal(busy_ms, 0);
}

static void what_a_worker_has_answered_is_what_it_says(void **state)
{
  ua_scoreboard *scoreboard = *state;
  ua_process_scoreboard_begin(scoreboard, 0);
  ua_process_scoreboard_set(scoreboard, 0, UA_WORKER_BUSY, 0);
  ua_process_scoreboard_set(scoreboard, 0, UA_WORKER_IDLE, 0);
  assert_int_equal(ua_process_scoreboard_served(scoreboard, 0), 0);
  ua_process_scoreboard_set(scoreboard, 0, UA_WORKER_BUSY, 0);
  ua_process_scoreboard_set(scoreboard, 0, UA_WORKER_IDLE, 1);
  assert_int_equal(ua_process_scoreboard_served(scoreboard, 0), 1);
  ua_process_scoreboard_begin(scoreboard, 0);
  assert_int_equal(ua_process_scoreboard_served(scoreboard, 0), 0);
}

static void no_more_hash_at_a_time_than_there_are_slots(void **state)
{
  ua_scoreboard *scoreboard = *state;
  assert_true(ua_process_scoreboard_hash_begin(scoreboard, 0));
  assert_true(ua_process_scoreboard_hash_begin(scoreboard, 1));
  assert_false(ua_process_scoreboard_hash_begin(scoreboard, 2));
  ua_process_scoreboard_hash_end(scoreboard, 0);
  assert_true(ua_process_scoreboard_hash_begin(scoreboard, 2));
}

static void a_worker_frees_no_slot_but_its_own(void **state)
{
  ua_scoreboard *scoreboard = *state;
  assert_true(ua_process_scoreboard_hash_begin(scoreboard, 0));
  assert_true(ua_process_scoreboard_hash_begin(scoreboard, 1));
  ua_process_scoreboard_hash_end(scoreboard, 5);
  ua_process_scoreboard_end(scoreboard, 6);
  assert_false(ua_process_scoreboard_hash_begin(scoreboard, 2));
}

static void a_worker_killed_while_hashing_loses_its_slot(void **state)
{
  ua_scoreboard *scoreboard = *state;
  ua_process_scoreboard_set_hash_slots(scoreboard, 1);
  ua_process_scoreboard_begin(scoreboard, 4);
  pid_t pid = fork();
  if (pid == 0) {
    (void)ua_process_scoreboard_hash_begin(scoreboard, 4);
    (void)raise(SIGKILL);
  }
  assert_int_equal(waitpid(pid, NULL, 0), pid);
  assert_false(ua_process_scoreboard_hash_begin(scoreboard, 0));
  ua_process_scoreboard_end(scoreboard, 4);
  assert_true(ua_process_scoreboard_hash_begin(scoreboard, 0));
}

static void the_number_of_hashing_slots_can_change(void **state)
{
  ua_scoreboard *scoreboard = *state;
  assert_true(ua_process_scoreboard_hash_begin(scoreboard, 0));
  assert_true(ua_process_scoreboard_hash_begin(scoreboard, 1));
  ua_process_scoreboard_set_hash_slots(scoreboard, 3);
  assert_true(ua_process_scoreboard_hash_begin(scoreboard, 2));
  ua_process_scoreboard_set_hash_slots(scoreboard, 1);
  ua_process_scoreboard_hash_end(scoreboard, 2);
  assert_false(ua_process_scoreboard_hash_begin(scoreboard, 2));
  ua_process_scoreboard_set_hash_slots(scoreboard, SIZE_MAX);
  for (size_t i = 2; i < UA_MAX_WORKERS; i++) {
    assert_true(ua_process_scoreboard_hash_begin(scoreboard, i));
  }
  assert_false(ua_process_scoreboard_hash_begin(scoreboard, UA_MAX_WORKERS));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_worker_begins_starting_and_ends_as_none, create, destroy),
      cmocka_unit_test_setup_teardown(what_a_worker_writes_the_supervisor_reads, create, destroy),
      cmocka_unit_test_setup_teardown(time_is_counted_while_busy_and_only_then, create, destroy),
      cmocka_unit_test_setup_teardown(what_a_worker_has_answered_is_what_it_says, create, destroy),
      cmocka_unit_test_setup_teardown(no_more_hash_at_a_time_than_there_are_slots, create, destroy),
      cmocka_unit_test_setup_teardown(a_worker_frees_no_slot_but_its_own, create, destroy),
      cmocka_unit_test_setup_teardown(a_worker_killed_while_hashing_loses_its_slot, create, destroy),
      cmocka_unit_test_setup_teardown(the_number_of_hashing_slots_can_change, create, destroy),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
