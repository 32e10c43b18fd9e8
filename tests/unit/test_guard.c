#include <string.h>

#include "auth/guard.h"
#include "base/limits.h"
#include "unit.h"

static int open_arena(void **state)
{
  *state = ua_arena_create(4096, 1 << 20);
  return *state == NULL;
}

static int close_arena(void **state)
{
  ua_arena *arena = *state;
  ua_arena_destroy(&arena);
  return 0;
}

static ua_access connected(void)
{
  return (ua_access){.kind = UA_ACCESS_CONNECTED};
}

static void all_roles_of_all_lists_are_required(void **state)
{
  ua_access access = connected();
  ua_auth_guard_require_roles(*state, UA_TEXT("admin, writer"), &access);
  ua_auth_guard_require_roles(*state, UA_TEXT("r\xC3\xB6le x"), &access);
  assert_int_equal(access.kind, UA_ACCESS_ROLES);
  assert_string_equal(access.roles[0], "admin");
  assert_string_equal(access.roles[1], "writer");
  assert_string_equal(access.roles[2], "r\xC3\xB6le x");
  assert_null(access.roles[3]);
}

static void a_list_that_is_empty_or_cannot_be_read_lets_nobody_in(void **state)
{
  static const ua_text wrong[] = {{NULL, 0},     {"", 0},       {" ", 1},     {"\t ", 2},   {",", 1},
                                  {"admin,", 6}, {",admin", 6}, {"a,,b", 4},  {"a, ,b", 5}, {" , ", 3},
                                  {"a\nb", 3},   {"a\0b", 3},   {"a\x7F", 2}, {"a,\x01", 3}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    ua_access access = connected();
    ua_auth_guard_require_roles(*state, wrong[i], &access);
    assert_int_equal(access.kind, UA_ACCESS_UNREADABLE);
    assert_string_equal(access.slip, "roles");
  }
}

static void too_many_roles_let_nobody_in(void **state)
{
  static char list[2 * (UA_MAX_ROLES + 1)];
  for (size_t i = 0; i <= UA_MAX_ROLES; i++) {
    list[2 * i] = 'x';
    list[2 * i + 1] = ',';
  }
  ua_access access = connected();
  ua_auth_guard_require_roles(*state, (ua_text){list, 2 * UA_MAX_ROLES - 1}, &access);
  assert_int_equal(access.kind, UA_ACCESS_ROLES);
  ua_auth_guard_require_roles(*state, UA_TEXT("one"), &access);
  assert_int_equal(access.kind, UA_ACCESS_UNREADABLE);
  access = connected();
  ua_auth_guard_require_roles(*state, (ua_text){list, 2 * UA_MAX_ROLES + 1}, &access);
  assert_int_equal(access.kind, UA_ACCESS_UNREADABLE);
}

static void a_customer_is_required_beside_roles(void **state)
{
  ua_access access = connected();
  ua_auth_guard_require_customer(UA_TEXT(" 2147483647 "), &access);
  assert_int_equal(access.kind, UA_ACCESS_CONNECTED);
  ua_auth_guard_require_roles(*state, UA_TEXT("admin"), &access);
  ua_auth_guard_require_customer(UA_TEXT("2147483647"), &access);
  assert_int_equal(access.kind, UA_ACCESS_ROLES);
  assert_int_equal(access.customer, INT32_MAX);
}

static void two_customers_that_differ_are_nobodys(void **state)
{
  (void)state;
  ua_access access = connected();
  ua_auth_guard_require_customer(UA_TEXT("1"), &access);
  ua_auth_guard_require_customer(UA_TEXT("2"), &access);
  ua_auth_guard_require_customer(UA_TEXT("2"), &access);
  assert_int_equal(access.kind, UA_ACCESS_CONNECTED);
  assert_int_equal(access.customer, -1);
}

static void a_customer_that_cannot_be_read_lets_nobody_in(void **state)
{
  static const ua_text wrong[] = {
      {NULL, 0},  {"", 0},    {" ", 1},   {"0", 1},   {"-1", 2},  {"+1", 2},  {"01", 2}, {"1,2", 3},
      {"1 2", 3}, {"abc", 3}, {"1\0", 2}, {"1\n", 2}, {"1.0", 3}, {"0x1", 3}, {"*", 1},  {"2147483648", 10}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    ua_access access = connected();
    ua_auth_guard_require_customer(wrong[i], &access);
    assert_int_equal(access.kind, UA_ACCESS_UNREADABLE);
    assert_string_equal(access.slip, "customer");
    ua_auth_guard_require_customer(UA_TEXT("1"), &access);
    ua_auth_guard_require_roles(*state, UA_TEXT("admin"), &access);
    assert_int_equal(access.kind, UA_ACCESS_UNREADABLE);
  }
}

static void nothing_that_is_required_opens_a_closed_door(void **state)
{
  ua_access access = {0};
  ua_auth_guard_require_customer(UA_TEXT("1"), &access);
  ua_auth_guard_require_roles(*state, UA_TEXT("admin"), &access);
  assert_int_equal(access.kind, UA_ACCESS_NOBODY);
}

static void who_asks_is_looked_at_before_what_cannot_be_read(void **state)
{
  ua_input input = {.role = UA_ROLE_AUTHORIZER};
  ua_request request = {.arena = *state, .input = &input};
  ua_guard guard = {0};
  ua_access access = connected();
  ua_claims caller;
  ua_text missing;
  ua_auth_guard_close(&access, "query");
  assert_int_equal(ua_auth_guard_check(&guard, &request, &access, &caller, &missing), UA_NO_CREDENTIALS);
}

static void a_rule_that_somebody_forgot_denies(void **state)
{
  ua_input input = {.role = UA_ROLE_AUTHORIZER};
  ua_request request = {.arena = *state, .input = &input};
  ua_guard guard = {0};
  ua_access access = {0};
  ua_claims caller;
  ua_text missing;
  assert_int_equal(ua_auth_guard_check(&guard, &request, &access, &caller, &missing), UA_INTERNAL);
}

static void the_missing_roles_are_told(void **state)
{
  static const ua_role held[] = {{.id = 1, .code = {"reader", 6}, .name = {"Reader", 6}}};
  static const char *const wanted[] = {"admin", "reader", "Reader", NULL};
  ua_claims caller = {.user = {.roles = held, .role_count = 1}};
  ua_text missing;
  assert_int_equal(ua_auth_guard_check_roles(*state, &caller, wanted, &missing), UA_FORBIDDEN);
  assert_true(ua_text_equal(missing, UA_TEXT("admin, Reader")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(all_roles_of_all_lists_are_required, open_arena, close_arena),
      cmocka_unit_test_setup_teardown(a_list_that_is_empty_or_cannot_be_read_lets_nobody_in, open_arena,
                                      close_arena),
      cmocka_unit_test_setup_teardown(too_many_roles_let_nobody_in, open_arena, close_arena),
      cmocka_unit_test_setup_teardown(a_customer_is_required_beside_roles, open_arena, close_arena),
      cmocka_unit_test_setup_teardown(two_customers_that_differ_are_nobodys, open_arena, close_arena),
      cmocka_unit_test_setup_teardown(a_customer_that_cannot_be_read_lets_nobody_in, open_arena, close_arena),
      cmocka_unit_test_setup_teardown(nothing_that_is_required_opens_a_closed_door, open_arena, close_arena),
      cmocka_unit_test_setup_teardown(who_asks_is_looked_at_before_what_cannot_be_read, open_arena,
                                      close_arena),
      cmocka_unit_test_setup_teardown(a_rule_that_somebody_forgot_denies, open_arena, close_arena),
      cmocka_unit_test_setup_teardown(the_missing_roles_are_told, open_arena, close_arena),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
