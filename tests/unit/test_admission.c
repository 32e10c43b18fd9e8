#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/admission.h"
#include "base/clock.h"
#include "process/admission.h"
#include "unit.h"

enum { WORKERS = 5, KILLS = 100, ALICE = 1, BOB = 2, CAROL = 3 };

typedef struct test_pool {
  ua_turns *turns;
  ua_worker_turns worker[WORKERS];
  ua_admission admission[WORKERS];
} test_pool;

static test_pool made;

static int create(void **state)
{
  made.turns = mmap(NULL, sizeof *made.turns, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (made.turns == MAP_FAILED || ua_process_turns_open(made.turns) != UA_OK) {
    return -1;
  }
  ua_process_turns_set_workers(made.turns, 4);
  for (size_t i = 0; i < WORKERS; i++) {
    ua_process_admission_open(&made.worker[i], made.turns, i, &made.admission[i]);
  }
  *state = &made;
  return 0;
}

static int destroy(void **state)
{
  (void)state;
  return munmap(made.turns, sizeof *made.turns);
}

static ua_status enter(test_pool *pool, size_t worker, ua_load load, uint64_t request, int32_t caller)
{
  return pool->admission[worker].enter(pool->admission[worker].context, load, request, caller);
}

static void leave(test_pool *pool, size_t worker, uint64_t request, bool waits)
{
  pool->admission[worker].leave(pool->admission[worker].context, request, waits);
}

/* Tries a search in the same way as the application. A search that begins stays under way. */
static ua_status search(test_pool *pool, size_t worker, uint64_t request, int32_t caller)
{
  ua_status status = enter(pool, worker, UA_LOAD_COMMON, request, 0);
  if (status == UA_OK) {
    status = enter(pool, worker, UA_LOAD_HEAVY, request, caller);
  }
  if (status != UA_OK) {
    leave(pool, worker, request, status == UA_PENDING);
  }
  return status;
}

static ua_status common(test_pool *pool, size_t worker, uint64_t request)
{
  ua_status status = enter(pool, worker, UA_LOAD_COMMON, request, 0);
  if (status != UA_OK) {
    leave(pool, worker, request, status == UA_PENDING);
  }
  return status;
}

static void one_worker_is_kept_for_what_waits_for_nobody(void **state)
{
  test_pool *pool = *state;
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(common(pool, i, 1), UA_OK);
  }
  assert_int_equal(common(pool, 3, 1), UA_PENDING);
  assert_int_equal(enter(pool, 3, UA_LOAD_LIGHT, 2, 0), UA_OK);
  leave(pool, 3, 2, false);
  leave(pool, 1, 1, false);
  assert_int_equal(common(pool, 3, 1), UA_OK);
}

static void a_search_waits_without_a_common_turn(void **state)
{
  test_pool *pool = *state;
  assert_int_equal(search(pool, 0, 1, ALICE), UA_OK);
  assert_int_equal(search(pool, 1, 1, ALICE), UA_PENDING);
  assert_int_equal(search(pool, 1, 1, ALICE), UA_PENDING);
  assert_int_equal(common(pool, 2, 1), UA_OK);
  assert_int_equal(common(pool, 3, 1), UA_OK);
}

static void half_of_the_workers_search_at_a_time(void **state)
{
  test_pool *pool = *state;
  assert_int_equal(search(pool, 0, 1, ALICE), UA_OK);
  assert_int_equal(search(pool, 1, 1, BOB), UA_OK);
  assert_int_equal(search(pool, 2, 1, CAROL), UA_PENDING);
  assert_int_equal(common(pool, 2, 2), UA_OK);
}

static void a_refused_search_holds_nothing(void **state)
{
  test_pool *pool = *state;
  assert_int_equal(search(pool, 0, 1, ALICE), UA_OK);
  for (uint64_t i = 2; i <= UA_MAX_SEARCHES_OF_CALLER; i++) {
    assert_int_equal(search(pool, 1, i, ALICE), UA_PENDING);
  }
  assert_int_equal(search(pool, 2, 9, ALICE), UA_TOO_MANY_REQUESTS);
  leave(pool, 0, 1, false);
  assert_int_equal(search(pool, 1, 2, ALICE), UA_OK);
  assert_int_equal(common(pool, 2, 10), UA_OK);
  assert_int_equal(common(pool, 3, 1), UA_OK);
}

static void one_that_is_answered_while_it_waits_leaves_the_queue(void **state)
{
  test_pool *pool = *state;
  assert_int_equal(search(pool, 0, 1, ALICE), UA_OK);
  assert_int_equal(search(pool, 1, 1, ALICE), UA_PENDING);
  assert_int_equal(search(pool, 2, 1, ALICE), UA_PENDING);
  assert_int_equal(enter(pool, 1, UA_LOAD_COMMON, 1, 0), UA_PENDING);
  leave(pool, 1, 1, false);
  leave(pool, 0, 1, false);
  assert_int_equal(search(pool, 2, 1, ALICE), UA_OK);
}

/* The session ended between the two tries. */
static void one_that_is_refused_by_its_guard_leaves_the_queue(void **state)
{
  test_pool *pool = *state;
  assert_int_equal(search(pool, 0, 1, ALICE), UA_OK);
  assert_int_equal(search(pool, 1, 1, ALICE), UA_PENDING);
  assert_int_equal(search(pool, 2, 1, ALICE), UA_PENDING);
  leave(pool, 0, 1, false);
  assert_int_equal(enter(pool, 1, UA_LOAD_COMMON, 1, 0), UA_OK);
  leave(pool, 1, 1, false);
  assert_int_equal(search(pool, 2, 1, ALICE), UA_OK);
}

static void one_whose_peer_has_gone_is_forgotten(void **state)
{
  test_pool *pool = *state;
  assert_int_equal(search(pool, 0, 1, ALICE), UA_OK);
  assert_int_equal(search(pool, 1, 1, ALICE), UA_PENDING);
  assert_int_equal(search(pool, 2, 1, ALICE), UA_PENDING);
  leave(pool, 0, 1, false);
  ua_process_admission_forget(&pool->worker[1], 1);
  assert_int_equal(search(pool, 2, 1, ALICE), UA_OK);
  leave(pool, 2, 1, false);
}

static void a_turn_that_is_free_is_for_the_request_that_waits(void **state)
{
  test_pool *pool = *state;
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(common(pool, i, 1), UA_OK);
  }
  assert_int_equal(common(pool, 3, 1), UA_PENDING);
  assert_true(ua_process_admission_leaves_queue(&pool->worker[3], false));
  leave(pool, 1, 1, false);
  assert_true(ua_process_admission_leaves_queue(&pool->worker[3], false));
  assert_false(ua_process_admission_leaves_queue(&pool->worker[1], false));
}

static void another_number_of_workers_changes_the_limits(void **state)
{
  test_pool *pool = *state;
  ua_process_turns_set_workers(pool->turns, 2);
  assert_int_equal(search(pool, 0, 1, ALICE), UA_OK);
  assert_int_equal(common(pool, 1, 1), UA_PENDING);
  ua_process_turns_set_workers(pool->turns, 3);
  assert_int_equal(common(pool, 1, 1), UA_OK);
  leave(pool, 1, 1, false);
  assert_int_equal(search(pool, 1, 2, BOB), UA_PENDING);
  ua_process_turns_set_workers(pool->turns, 4);
  assert_int_equal(search(pool, 1, 2, BOB), UA_OK);
  leave(pool, 0, 1, false);
  leave(pool, 1, 2, false);
  ua_process_turns_set_workers(pool->turns, 1);
  assert_int_equal(search(pool, 0, 3, ALICE), UA_OK);
  assert_int_equal(search(pool, 1, 3, BOB), UA_PENDING);
}

static void what_a_killed_worker_held_is_given_back(void **state)
{
  test_pool *pool = *state;
  pid_t pid = fork();
  if (pid == 0) {
    (void)search(pool, 0, 1, ALICE);
    (void)raise(SIGKILL);
  }
  assert_int_equal(waitpid(pid, NULL, 0), pid);
  assert_int_equal(common(pool, 1, 1), UA_OK);
  assert_int_equal(common(pool, 2, 1), UA_OK);
  assert_int_equal(common(pool, 3, 1), UA_PENDING);
  leave(pool, 2, 1, false);
  assert_int_equal(common(pool, 3, 1), UA_OK);
  leave(pool, 3, 1, false);
  assert_int_equal(search(pool, 2, 2, ALICE), UA_PENDING);
  ua_process_turns_end(pool->turns, 0);
  assert_int_equal(search(pool, 2, 2, ALICE), UA_OK);
  assert_int_equal(common(pool, 3, 2), UA_OK);
}

/* A process that ends when its test fails. */
static pid_t fork_child(void)
{
  pid_t pid = fork();
  if (pid == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  }
  return pid;
}

static _Noreturn void search_for_ever(test_pool *pool, size_t worker)
{
  for (uint64_t request = 1;; request++) {
    if (search(pool, worker, request, ALICE) == UA_OK) {
      leave(pool, worker, request, false);
    } else {
      ua_process_admission_forget(&pool->worker[worker], request);
    }
  }
}

static void workers_killed_at_any_moment_leave_the_turns_whole(void **state)
{
  test_pool *pool = *state;
  uint64_t searched = 0;
  for (int i = 0; i < KILLS; i++) {
    pid_t pids[2];
    for (size_t worker = 0; worker < 2; worker++) {
      pids[worker] = fork_child();
      if (pids[worker] == 0) {
        search_for_ever(pool, worker);
      }
    }
    int64_t until = ua_clock_monotonic_ms() + 1 + i % 3;
    while (ua_clock_monotonic_ms() < until) {
      if (search(pool, 2, ++searched, BOB) == UA_OK) {
        leave(pool, 2, searched, false);
      } else {
        ua_process_admission_forget(&pool->worker[2], searched);
      }
    }
    for (size_t worker = 0; worker < 2; worker++) {
      assert_int_equal(kill(pids[worker], SIGKILL), 0);
      assert_int_equal(waitpid(pids[worker], NULL, 0), pids[worker]);
      ua_process_turns_end(pool->turns, worker);
    }
    assert_int_equal(search(pool, 0, 1, ALICE), UA_OK);
    assert_int_equal(search(pool, 1, 1, BOB), UA_OK);
    assert_int_equal(search(pool, 2, 0, CAROL), UA_PENDING);
    ua_process_admission_forget(&pool->worker[2], 0);
    assert_int_equal(common(pool, 2, 0), UA_OK);
    for (size_t worker = 0; worker < 3; worker++) {
      leave(pool, worker, worker < 2, false);
    }
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(one_worker_is_kept_for_what_waits_for_nobody),
      TEST(a_search_waits_without_a_common_turn),
      TEST(half_of_the_workers_search_at_a_time),
      TEST(a_refused_search_holds_nothing),
      TEST(one_that_is_answered_while_it_waits_leaves_the_queue),
      TEST(one_that_is_refused_by_its_guard_leaves_the_queue),
      TEST(one_whose_peer_has_gone_is_forgotten),
      TEST(a_turn_that_is_free_is_for_the_request_that_waits),
      TEST(another_number_of_workers_changes_the_limits),
      TEST(what_a_killed_worker_held_is_given_back),
      TEST(workers_killed_at_any_moment_leave_the_turns_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
