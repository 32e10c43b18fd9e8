#include "service/users.h"
#include "unit.h"

static void a_quota_is_full_once_as_many_users_are_there(void **state)
{
  (void)state;
  static const struct {
    ua_quota quota;
    int64_t users;
    bool full;
  } table[] = {
      {{.limited = true, .users = 3}, 2, false},
      {{.limited = true, .users = 3}, 3, true},
      {{.limited = true, .users = 3}, 4, true}, /* lowered below the number of users */
      {{.limited = true, .users = 0}, 0, true},
      {{.limited = true, .users = -1}, 0, true},
      {{.limited = true, .users = INT32_MAX}, INT32_MAX - 1, false},
      {{.limited = true, .users = INT32_MAX}, (int64_t)INT32_MAX + 1, true},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    assert_int_equal(ua_service_users_quota_is_full(table[i].quota, table[i].users), table[i].full);
  }
}

static void without_a_quota_there_is_always_room(void **state)
{
  (void)state;
  const ua_quota unlimited = {.limited = false, .users = 0};
  assert_false(ua_service_users_quota_is_full(unlimited, 0));
  assert_false(ua_service_users_quota_is_full(unlimited, INT64_MAX));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_quota_is_full_once_as_many_users_are_there),
      cmocka_unit_test(without_a_quota_there_is_always_room),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
