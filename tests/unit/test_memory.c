#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sanitizer.h"
#include "process/memory.h"
#include "unit.h"

enum { MIB = 1024 * 1024, HELD = 64, BOUND = 16 };

static bool can_take(size_t mib)
{
  void *volatile taken = malloc(mib * MIB);
  bool well = taken != NULL;
  free(taken);
  return well;
}

static bool has_limit(int resource, rlim_t most)
{
  struct rlimit limit;
  return getrlimit((__rlimit_resource_t)resource, &limit) == 0 && limit.rlim_cur <= most &&
         limit.rlim_max == limit.rlim_cur;
}

static bool hides(void)
{
  ua_process_memory_hide();
  return prctl(PR_GET_DUMPABLE, 0L, 0L, 0L, 0L) == 0 && has_limit(RLIMIT_CORE, 0);
}

/* Memory that a program has filled before it serves does not count towards the bound. */
static bool is_bounded_beside_what_it_has(void)
{
  void *volatile held = malloc((size_t)HELD * MIB);
  bool free_before = held != NULL && can_take(2 * BOUND);
  ua_process_memory_limit(BOUND);
  bool well = free_before && can_take(BOUND / 2) && !can_take(2 * BOUND);
  free(held);
  return well && has_limit(RLIMIT_DATA, (rlim_t)(2 * HELD) * MIB);
}

static bool keeps_a_lower_bound(void)
{
  const struct rlimit low = {.rlim_cur = (rlim_t)BOUND * MIB, .rlim_max = (rlim_t)BOUND * MIB};
  bool well = setrlimit(RLIMIT_DATA, &low) == 0;
  ua_process_memory_limit(2 * HELD);
  return well && has_limit(RLIMIT_DATA, low.rlim_max);
}

static bool is_free_with_a_bound_of_zero(void)
{
  struct rlimit before, after;
  bool well = getrlimit(RLIMIT_DATA, &before) == 0;
  ua_process_memory_limit(0);
  return well && getrlimit(RLIMIT_DATA, &after) == 0 && before.rlim_cur == after.rlim_cur;
}

/* In a separate process, because none of it can be undone. */
static void assert_in_a_child(bool check(void))
{
#ifdef UA_ADDRESS_SANITIZER
  (void)check;
  skip();
#else
  int status = 0;
  pid_t pid = fork();
  if (pid == 0) {
    _exit(check() ? EXIT_SUCCESS : EXIT_FAILURE);
  }
  assert_true(pid > 0);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
#endif
}

static void a_hidden_process_leaves_no_core_file(void **state)
{
  (void)state;
  assert_in_a_child(hides);
}

static void the_bound_is_for_what_a_process_takes_in_addition(void **state)
{
  (void)state;
  assert_in_a_child(is_bounded_beside_what_it_has);
}

static void a_lower_bound_stays(void **state)
{
  (void)state;
  assert_in_a_child(keeps_a_lower_bound);
}

static void zero_sets_no_bound(void **state)
{
  (void)state;
  assert_in_a_child(is_free_with_a_bound_of_zero);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_hidden_process_leaves_no_core_file),
      cmocka_unit_test(the_bound_is_for_what_a_process_takes_in_addition),
      cmocka_unit_test(a_lower_bound_stays),
      cmocka_unit_test(zero_sets_no_bound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
