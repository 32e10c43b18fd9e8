#include <stdalign.h>
#include <string.h>

#include "base/arena.h"
#include "unit.h"

enum { BLOCK = 1024, LIMIT = 8192 };

static int open_arena(void **state)
{
  *state = ua_arena_create(BLOCK, LIMIT);
  return *state == NULL;
}

static int close_arena(void **state)
{
  ua_arena *arena = *state;
  ua_arena_destroy(&arena);
  return arena != NULL;
}

static void allocations_are_zeroed_and_aligned_for_any_type(void **state)
{
  for (size_t size = 0; size < 100; size++) {
    unsigned char *bytes = ua_arena_alloc(*state, size);
    assert_non_null(bytes);
    assert_int_equal((uintptr_t)bytes % alignof(max_align_t), 0);
    for (size_t i = 0; i < size; i++) {
      assert_int_equal(bytes[i], 0);
    }
    memset(bytes, 0xAA, size);
  }
}

static void an_allocation_larger_than_a_block_succeeds_within_the_limit(void **state)
{
  char *bytes = ua_arena_alloc(*state, 3 * BLOCK);
  assert_non_null(bytes);
  memset(bytes, 1, 3 * BLOCK);
  assert_non_null(ua_arena_alloc(*state, 16));
}

static void nothing_is_given_beyond_the_limit(void **state)
{
  size_t given = 0;
  assert_null(ua_arena_alloc(*state, LIMIT));
  while (ua_arena_alloc(*state, 100) != NULL) {
    given += 100;
  }
  assert_in_range(given, LIMIT / 2, LIMIT);
  ua_arena_reset(*state);
  assert_non_null(ua_arena_alloc(*state, 3 * BLOCK));
}

static void sizes_that_would_overflow_are_refused(void **state)
{
  assert_null(ua_arena_alloc(*state, SIZE_MAX));
  assert_null(ua_arena_alloc(*state, SIZE_MAX - 20));
  assert_null(ua_arena_calloc(*state, SIZE_MAX / 2, 4));
  assert_null(ua_arena_copy(*state, (ua_text){"", SIZE_MAX}).data);
  assert_non_null(ua_arena_calloc(*state, 0, 4));
}

static void an_arena_whose_first_block_is_beyond_the_limit_is_not_made(void **state)
{
  (void)state;
  assert_null(ua_arena_create(1024, 1024));
  assert_null(ua_arena_create(SIZE_MAX, SIZE_MAX));
}

static void a_reset_wipes_the_secrets_of_the_last_request(void **state)
{
  char *password = ua_arena_alloc(*state, 512);
  assert_non_null(password);
  memset(password, 'p', 512);
  ua_arena_reset(*state);
  assert_non_null(ua_arena_copy(*state, UA_TEXT("x")).data);
  for (int i = 0; i < 10; i++) {
    unsigned char *bytes = ua_arena_alloc(*state, 48);
    for (size_t k = 0; k < 48; k++) {
      assert_int_equal(bytes[k], 0);
    }
  }
}

static void a_copy_is_nul_terminated_and_keeps_inner_nuls(void **state)
{
  ua_text copy = ua_arena_copy(*state, (ua_text){"a\0b", 3});
  assert_int_equal(copy.length, 3);
  assert_memory_equal(copy.data, "a\0b", 4);
  ua_text empty = ua_arena_copy(*state, UA_TEXT_ABSENT);
  assert_non_null(empty.data);
  assert_int_equal(empty.length, 0);
}

static void printf_takes_the_length_that_was_wanted(void **state)
{
  char filler[600];
  memset(filler, 'f', sizeof filler - 1);
  filler[sizeof filler - 1] = '\0';
  ua_text text = ua_arena_printf(*state, "%s-%d", filler, 42);
  assert_int_equal(text.length, 602);
  assert_string_equal(text.data + 599, "-42");
  assert_null(ua_arena_printf(*state, "%9000d", 1).data);
}

static void destroying_nothing_is_allowed(void **state)
{
  (void)state;
  ua_arena *none = NULL;
  ua_arena_destroy(&none);
  assert_null(none);
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

int main(void)
{
  const struct CMUnitTest tests[] = {
      WITH_ARENA(allocations_are_zeroed_and_aligned_for_any_type),
      WITH_ARENA(an_allocation_larger_than_a_block_succeeds_within_the_limit),
      WITH_ARENA(nothing_is_given_beyond_the_limit),
      WITH_ARENA(sizes_that_would_overflow_are_refused),
      cmocka_unit_test(an_arena_whose_first_block_is_beyond_the_limit_is_not_made),
      WITH_ARENA(a_reset_wipes_the_secrets_of_the_last_request),
      WITH_ARENA(a_copy_is_nul_terminated_and_keeps_inner_nuls),
      WITH_ARENA(printf_takes_the_length_that_was_wanted),
      cmocka_unit_test(destroying_nothing_is_allowed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
