#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/slots.h"
#include "unit.h"

enum { WORKERS = 2 * UA_MAX_WORKERS };

static int create(void **state)
{
  ua_slots *slots = mmap(NULL, sizeof *slots, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  *state = slots == MAP_FAILED ? NULL : slots;
  return *state == NULL;
}

static int destroy(void **state)
{
  return munmap(*state, sizeof(ua_slots));
}

static void without_a_limit_nobody_gets_one(void **state)
{
  assert_false(ua_process_slots_take(*state, 0));
}

static void no_more_are_taken_than_there_are(void **state)
{
  ua_slots *slots = *state;
  for (size_t limit = 1; limit <= UA_MAX_WORKERS; limit *= 2) {
    ua_process_slots_set_limit(slots, limit);
    for (size_t worker = 0; worker < limit; worker++) {
      assert_true(ua_process_slots_take(slots, worker * 7 % WORKERS));
    }
    assert_false(ua_process_slots_take(slots, WORKERS - 1));
    for (size_t worker = 0; worker < limit; worker++) {
      assert_true(ua_process_slots_give(slots, worker * 7 % WORKERS));
    }
  }
}

static void workers_of_the_same_place_each_get_one(void **state)
{
  ua_slots *slots = *state;
  ua_process_slots_set_limit(slots, 3);
  assert_true(ua_process_slots_take(slots, 2));
  assert_true(ua_process_slots_take(slots, 5));
  assert_true(ua_process_slots_take(slots, 8));
  assert_false(ua_process_slots_take(slots, 11));
  assert_true(ua_process_slots_give(slots, 5));
  assert_true(ua_process_slots_take(slots, 11));
}

static void a_worker_gives_back_its_own_and_only_once(void **state)
{
  ua_slots *slots = *state;
  ua_process_slots_set_limit(slots, 1);
  assert_true(ua_process_slots_take(slots, 4));
  assert_false(ua_process_slots_give(slots, 5));
  assert_false(ua_process_slots_take(slots, 5));
  assert_true(ua_process_slots_give(slots, 4));
  assert_false(ua_process_slots_give(slots, 4));
}

static void a_lower_limit_takes_nothing_away(void **state)
{
  ua_slots *slots = *state;
  ua_process_slots_set_limit(slots, 3);
  for (size_t worker = 0; worker < 3; worker++) {
    assert_true(ua_process_slots_take(slots, worker));
  }
  ua_process_slots_set_limit(slots, 1);
  for (size_t worker = 0; worker < 3; worker++) {
    assert_true(ua_process_slots_give(slots, worker));
  }
  assert_true(ua_process_slots_take(slots, 2));
  assert_false(ua_process_slots_take(slots, 1));
}

static void one_that_was_held_by_a_killed_process_can_be_given_back(void **state)
{
  ua_slots *slots = *state;
  ua_process_slots_set_limit(slots, 1);
  pid_t pid = fork();
  if (pid == 0) {
    (void)ua_process_slots_take(slots, 9);
    (void)raise(SIGKILL);
  }
  assert_int_equal(waitpid(pid, NULL, 0), pid);
  assert_false(ua_process_slots_take(slots, 0));
  assert_true(ua_process_slots_give(slots, 9));
  assert_true(ua_process_slots_take(slots, 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(without_a_limit_nobody_gets_one),
      TEST(no_more_are_taken_than_there_are),
      TEST(workers_of_the_same_place_each_get_one),
      TEST(a_worker_gives_back_its_own_and_only_once),
      TEST(a_lower_limit_takes_nothing_away),
      TEST(one_that_was_held_by_a_killed_process_can_be_given_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
