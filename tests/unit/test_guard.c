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

static void an_absent_or_blank_list_asks_for_nothing_more(void **state)
{
  static const char *const blank[] = {NULL, "", " ", "\t "};
  for (size_t i = 0; i < sizeof blank / sizeof *blank; i++) {
    ua_access access = connected();
    assert_int_equal(ua_auth_guard_require(*state, ua_text_of(blank[i]), &access), UA_OK);
    assert_int_equal(access.kind, UA_ACCESS_CONNECTED);
  }
}

static void all_roles_of_all_lists_are_required(void **state)
{
  ua_access access = connected();
  assert_int_equal(ua_auth_guard_require(*state, UA_TEXT("admin, writer"), &access), UA_OK);
  assert_int_equal(ua_auth_guard_require(*state, UA_TEXT("r\xC3\xB6le x"), &access), UA_OK);
  assert_int_equal(ua_auth_guard_require(*state, UA_TEXT(""), &access), UA_OK);
  assert_int_equal(access.kind, UA_ACCESS_ROLES);
  assert_string_equal(access.roles[0], "admin");
  assert_string_equal(access.roles[1], "writer");
  assert_string_equal(access.roles[2], "r\xC3\xB6le x");
  assert_null(access.roles[3]);
}

static void a_list_that_cannot_be_read_lets_nobody_in(void **state)
{
  static const ua_text wrong[] = {{",", 1},    {"admin,", 6}, {",admin", 6}, {"a,,b", 4},   {"a, ,b", 5},
                                  {"a\nb", 3}, {"a\0b", 3},   {"a\x7F", 2},  {"a,\x01", 3}, {" , ", 3}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    ua_access access = connected();
    assert_int_equal(ua_auth_guard_require(*state, wrong[i], &access), UA_INTERNAL);
    assert_int_equal(access.kind, UA_ACCESS_NOBODY);
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
  assert_int_equal(ua_auth_guard_require(*state, (ua_text){list, 2 * UA_MAX_ROLES - 1}, &access), UA_OK);
  access = connected();
  assert_int_equal(ua_auth_guard_require(*state, (ua_text){list, 2 * UA_MAX_ROLES + 1}, &access),
                   UA_INTERNAL);
  assert_int_equal(access.kind, UA_ACCESS_NOBODY);
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
  static const ua_role held[] = {{1, {"reader", 6}, {"Reader", 6}}};
  static const char *const wanted[] = {"admin", "reader", "Reader", NULL};
  ua_claims caller = {.user = {.roles = held, .role_count = 1}};
  ua_text missing;
  assert_int_equal(ua_auth_guard_check_roles(*state, &caller, wanted, &missing), UA_FORBIDDEN);
  assert_true(ua_text_equal(missing, UA_TEXT("admin, Reader")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(an_absent_or_blank_list_asks_for_nothing_more, open_arena, close_arena),
      cmocka_unit_test_setup_teardown(all_roles_of_all_lists_are_required, open_arena, close_arena),
      cmocka_unit_test_setup_teardown(a_list_that_cannot_be_read_lets_nobody_in, open_arena, close_arena),
      cmocka_unit_test_setup_teardown(too_many_roles_let_nobody_in, open_arena, close_arena),
      cmocka_unit_test_setup_teardown(a_rule_that_somebody_forgot_denies, open_arena, close_arena),
      cmocka_unit_test_setup_teardown(the_missing_roles_are_told, open_arena, close_arena),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
