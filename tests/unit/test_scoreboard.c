#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "process/scoreboard.h"
#include "unit.h"

enum { PATIENCE_MS = 10000 };

static int create(void **state)
{
  *state = ua_process_scoreboard_create(8);
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

static uint64_t answered(const ua_scoreboard *scoreboard)
{
  static ua_metrics sum;
  ua_process_scoreboard_sum(scoreboard, &sum);
  return ua_tally_read(&sum.route[UA_METRICS_OURS].requests[1][1]);
}

static void count(ua_scoreboard *scoreboard, size_t slot, int times)
{
  ua_metrics *metrics = ua_process_scoreboard_metrics(scoreboard, slot);
  for (int i = 0; i < times; i++) {
    ua_metrics_count_request(metrics, UA_METRICS_OURS, 1, 200, i);
  }
}

/* Each writes to its own slot, with no lock, and is killed. */
static void what_several_workers_count_at_a_time_is_exact_and_outlives_them(void **state)
{
  enum { WORKERS = 4, TIMES = 20000 };
  ua_scoreboard *scoreboard = *state;
  pid_t pid[WORKERS];
  int status = 0;
  for (size_t i = 0; i < WORKERS; i++) {
    ua_process_scoreboard_begin(scoreboard, i);
    pid[i] = fork();
    if (pid[i] == 0) {
      count(scoreboard, i, TIMES);
      (void)raise(SIGKILL);
    }
  }
  uint64_t before = 0;
  for (size_t i = 0; i < WORKERS; i++) {
    uint64_t now = answered(scoreboard);
    assert_true(now >= before && now <= (uint64_t)WORKERS * TIMES);
    before = now;
    assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    ua_process_scoreboard_end(scoreboard, i);
  }
  assert_int_equal(answered(scoreboard), WORKERS * TIMES);
}

static void the_next_worker_of_a_slot_goes_on_with_its_counters(void **state)
{
  ua_scoreboard *scoreboard = *state;
  for (uint64_t turn = 1; turn <= 3; turn++) {
    ua_process_scoreboard_begin(scoreboard, 5);
    assert_int_equal(answered(scoreboard), (turn - 1) * 10);
    count(scoreboard, 5, 10);
    ua_process_scoreboard_end(scoreboard, 5);
    assert_int_equal(answered(scoreboard), turn * 10);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_worker_begins_starting_and_ends_as_none, create, destroy),
      cmocka_unit_test_setup_teardown(what_a_worker_writes_the_supervisor_reads, create, destroy),
      cmocka_unit_test_setup_teardown(time_is_counted_while_busy_and_only_then, create, destroy),
      cmocka_unit_test_setup_teardown(what_a_worker_has_answered_is_what_it_says, create, destroy),
      cmocka_unit_test_setup_teardown(what_several_workers_count_at_a_time_is_exact_and_outlives_them, create,
                                      destroy),
      cmocka_unit_test_setup_teardown(the_next_worker_of_a_slot_goes_on_with_its_counters, create, destroy),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
