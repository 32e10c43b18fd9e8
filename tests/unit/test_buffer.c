#include <string.h>

#include "fastcgi/buffer.h"
#include "unit.h"

enum { KEPT = 16 * 1024 };

static ua_buffer buffer;

static int free_buffer(void **state)
{
  (void)state;
  ua_fastcgi_buffer_free(&buffer);
  return 0;
}

static void what_is_added_stays_in_order(void **state)
{
  (void)state;
  static char copy[200000];
  size_t length = 0;
  for (size_t i = 0; length + i < sizeof copy; i++) {
    memset(copy + length, (int)('a' + i % 26), i);
    assert_true(ua_fastcgi_buffer_append(&buffer, copy + length, i));
    length += i;
  }
  assert_int_equal(buffer.length, length);
  assert_memory_equal(buffer.data, copy, length);
}

static void memory_is_at_most_twice_what_came(void **state)
{
  (void)state;
  assert_true(ua_fastcgi_buffer_append(&buffer, "", 0));
  assert_int_equal(buffer.length, 0);
  for (size_t length = 1; length < 100000; length++) {
    assert_true(ua_fastcgi_buffer_append(&buffer, "x", 1));
    assert_in_range(buffer.size, length, length < 1024 ? 2048 : 2 * length);
  }
}

static void a_little_memory_is_kept_for_the_next_and_wiped(void **state)
{
  (void)state;
  char secret[KEPT];
  memset(secret, 's', sizeof secret);
  assert_true(ua_fastcgi_buffer_append(&buffer, secret, sizeof secret));
  char *data = buffer.data;
  ua_fastcgi_buffer_reset(&buffer);
  assert_ptr_equal(buffer.data, data);
  assert_int_equal(buffer.length, 0);
  assert_int_equal(buffer.size, KEPT);
  assert_null(memchr(data, 's', KEPT));
}

static void much_memory_is_given_back(void **state)
{
  (void)state;
  static char large[KEPT + 1];
  assert_true(ua_fastcgi_buffer_append(&buffer, large, sizeof large));
  ua_fastcgi_buffer_reset(&buffer);
  assert_null(buffer.data);
  assert_int_equal(buffer.length, 0);
  assert_int_equal(buffer.size, 0);
}

static void without_memory_nothing_changes(void **state)
{
  (void)state;
  assert_true(ua_fastcgi_buffer_append(&buffer, "before", 6));
  assert_false(ua_fastcgi_buffer_append(&buffer, "", PTRDIFF_MAX / 2 + 1));
  assert_int_equal(buffer.length, 6);
  assert_memory_equal(buffer.data, "before", 6);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(what_is_added_stays_in_order, free_buffer),
      cmocka_unit_test_teardown(memory_is_at_most_twice_what_came, free_buffer),
      cmocka_unit_test_teardown(a_little_memory_is_kept_for_the_next_and_wiped, free_buffer),
      cmocka_unit_test_teardown(much_memory_is_given_back, free_buffer),
      cmocka_unit_test_teardown(without_memory_nothing_changes, free_buffer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
