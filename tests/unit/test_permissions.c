#include <string.h>

#include "service/permissions.h"
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

enum { ADMIN, READER, AUDITOR, OPERATOR, ROLES };

/* The operator role's own column must not count. */
static const ua_role role[ROLES] = {
    [ADMIN] = {.id = 1, .code = {"admin", 5}, .name = {"Admin", 5}, .assignable = true},
    [READER] = {.id = 2, .code = {"reader", 6}, .name = {"Reader", 6}, .assignable = true},
    [AUDITOR] = {.id = 3, .code = {"auditor", 7}, .name = {"Auditor", 7}, .assignable = false},
    [OPERATOR] = {.id = 4, .code = {"operator", 8}, .name = {"Operator", 8}, .assignable = true},
};

static const ua_service with_operators = {.operator_role = "operator"};
static const ua_service without_operators = {.operator_role = NULL};

static ua_claims caller_with(const ua_role *held)
{
  return (ua_claims){.user = {.id = 10, .customer_id = 2, .active = true, .roles = held, .role_count = 1}};
}

static ua_scope scope_of(const ua_service *service, const ua_claims *caller)
{
  ua_scope scope;
  ua_refusal refusal = {0};
  assert_int_equal(ua_service_scope_open(service, caller, UA_RIGHT_NONE, &scope, &refusal), UA_OK);
  return scope;
}

static void only_operators_know_of_roles_that_are_not_assignable(void **state)
{
  (void)state;
  static const bool with[] = {[ADMIN] = true, [READER] = true, [AUDITOR] = false, [OPERATOR] = false};
  static const bool without[] = {[ADMIN] = true, [READER] = true, [AUDITOR] = false, [OPERATOR] = true};
  for (size_t i = 0; i < ROLES; i++) {
    assert_int_equal(ua_service_permissions_is_assignable(&with_operators, &role[i]), with[i]);
    assert_int_equal(ua_service_permissions_is_assignable(&without_operators, &role[i]), without[i]);
  }
}

static void assert_granted(void **state, const ua_service *service, const ua_scope *scope,
                           const char *sentence)
{
  ua_refusal refusal = {0};
  ua_status status = ua_service_permissions_grant(service, *state, scope, role, ROLES, &refusal);
  assert_int_equal(status, sentence == NULL ? UA_OK : UA_FORBIDDEN);
  if (sentence == NULL) {
    assert_null(refusal.message.data);
  } else {
    assert_true(ua_text_equal(refusal.message, ua_text_of(sentence)));
  }
}

static void all_roles_that_a_caller_may_not_grant_are_named(void **state)
{
  const ua_claims admin = caller_with(&role[ADMIN]);
  const ua_claims auditor = caller_with(&role[AUDITOR]);
  const ua_claims operating = caller_with(&role[OPERATOR]);
  const ua_scope nobodys = {.customer_id = 2};
  ua_scope scope = scope_of(&with_operators, &admin);
  assert_granted(state, &with_operators, &scope,
                 "You may not grant or remove the auditor, operator role(s).");
  scope = scope_of(&with_operators, &auditor);
  assert_granted(state, &with_operators, &scope,
                 "You may not grant or remove the auditor, operator role(s).");
  scope = scope_of(&without_operators, &admin);
  assert_granted(state, &without_operators, &scope, "You may not grant or remove the auditor role(s).");
  scope = scope_of(&without_operators, &operating);
  assert_granted(state, &without_operators, &scope, "You may not grant or remove the auditor role(s).");
  scope = scope_of(&with_operators, &operating);
  assert_granted(state, &with_operators, &scope, NULL);
  assert_granted(state, &with_operators, &nobodys, NULL); /* the command line */
}

static ua_status manage(const ua_service *service, const ua_claims *caller, int32_t id, const ua_role *held)
{
  ua_refusal refusal = {0};
  const ua_scope scope = scope_of(service, caller);
  const ua_user user = {.id = id, .customer_id = 2, .active = true, .roles = held, .role_count = 1};
  ua_status status = ua_service_permissions_manage(service, &scope, &user, &refusal);
  assert_true(status == UA_OK ? refusal.message.data == NULL
                              : ua_text_equal(refusal.message, UA_TEXT("You may not manage this user.")));
  return status;
}

static void who_holds_a_role_that_a_caller_may_not_grant_is_managed_by_nobody_but_themselves(void **state)
{
  (void)state;
  const ua_claims admin = caller_with(&role[ADMIN]);
  const ua_claims operating = caller_with(&role[OPERATOR]);
  for (size_t i = 0; i < ROLES; i++) {
    bool locked = i == AUDITOR || i == OPERATOR;
    assert_int_equal(manage(&with_operators, &admin, 11, &role[i]), locked ? UA_FORBIDDEN : UA_OK);
    assert_int_equal(manage(&without_operators, &admin, 11, &role[i]), i == AUDITOR ? UA_FORBIDDEN : UA_OK);
    assert_int_equal(manage(&with_operators, &admin, 10, &role[i]), UA_OK);
    assert_int_equal(manage(&with_operators, &operating, 11, &role[i]), UA_OK);
  }
}

static void an_admin_is_active_and_holds_the_role_of_just_that_code(void **state)
{
  (void)state;
  static const ua_role others[] = {
      {.id = 5, .code = {"Admin", 5}}, {.id = 6, .code = {"admin2", 6}}, {.id = 7, .code = {"adm", 3}}};
  ua_user user = {.active = true, .roles = role, .role_count = ROLES};
  assert_true(ua_service_permissions_is_admin(&user));
  user.active = false;
  assert_false(ua_service_permissions_is_admin(&user));
  user = (ua_user){.active = true, .roles = &role[OPERATOR], .role_count = 1};
  assert_false(ua_service_permissions_is_admin(&user));
  user = (ua_user){.active = true, .roles = others, .role_count = 3};
  assert_false(ua_service_permissions_is_admin(&user));
  user.role_count = 0;
  assert_false(ua_service_permissions_is_admin(&user));
}

static ua_status open_scope(const ua_service *service, const ua_role *held, ua_right right,
                            const char **missing_r)
{
  ua_scope scope;
  ua_refusal refusal = {0};
  const ua_claims caller = caller_with(held);
  ua_status status = ua_service_scope_open(service, &caller, right, &scope, &refusal);
  *missing_r = refusal.message.data != NULL ? refusal.message.data : refusal.missing_roles.data;
  if (status == UA_OK) {
    assert_int_equal(scope.customer_id, 2);
    assert_int_equal(scope.is_operator, service->operator_role != NULL && held == &role[OPERATOR]);
    assert_false(scope.force);
  }
  return status;
}

static void a_right_is_had_or_what_is_missing_is_said(void **state)
{
  (void)state;
  static const struct {
    const ua_service *service;
    int held;
    ua_right right;
    const char *missing; /* NULL: the caller has the right */
  } table[] = {
      {&with_operators, READER, UA_RIGHT_NONE, NULL},
      {&with_operators, READER, UA_RIGHT_ADMIN, "admin"},
      {&with_operators, READER, UA_RIGHT_OPERATOR, "operator"},
      {&with_operators, ADMIN, UA_RIGHT_ADMIN, NULL},
      {&with_operators, ADMIN, UA_RIGHT_OPERATOR, "operator"},
      {&with_operators, OPERATOR, UA_RIGHT_ADMIN, NULL},
      {&with_operators, OPERATOR, UA_RIGHT_OPERATOR, NULL},
      {&without_operators, OPERATOR, UA_RIGHT_ADMIN, "admin"},
      {&without_operators, OPERATOR, UA_RIGHT_OPERATOR, "Operators are not configured."},
      {&without_operators, ADMIN, UA_RIGHT_OPERATOR, "Operators are not configured."},
      {&without_operators, ADMIN, UA_RIGHT_ADMIN, NULL},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    const char *missing;
    ua_status status = open_scope(table[i].service, &role[table[i].held], table[i].right, &missing);
    assert_int_equal(status, table[i].missing == NULL ? UA_OK : UA_FORBIDDEN);
    if (table[i].missing == NULL) {
      assert_null(missing);
    } else {
      assert_string_equal(missing, table[i].missing);
    }
  }
}

/* A user with a name of `length`, which determines the length of the token. */
static ua_user named(ua_arena *arena, size_t length)
{
  char *name = ua_arena_alloc(arena, length);
  assert_non_null(name);
  memset(name, 'n', length);
  return (ua_user){
      .id = 7, .customer_id = 2, .active = true, .name = {name, length}, .email = UA_TEXT("a@b")};
}

static void a_token_may_be_too_long_only_when_it_was_before(void **state)
{
  enum { FITS = 100, LONG = 9000 };
  const ua_user fits = named(*state, FITS);
  const ua_user too_long = named(*state, LONG);
  const ua_user longer = named(*state, LONG + 100);
  ua_user inactive = too_long;
  ua_refusal refusal = {0};
  inactive.active = false;
  assert_int_equal(ua_service_permissions_token(*state, NULL, &fits, &refusal), UA_OK);
  assert_int_equal(ua_service_permissions_token(*state, &too_long, &fits, &refusal), UA_OK);
  assert_int_equal(ua_service_permissions_token(*state, &too_long, &too_long, &refusal), UA_OK);
  assert_int_equal(ua_service_permissions_token(*state, &longer, &too_long, &refusal), UA_OK);
  assert_int_equal(ua_service_permissions_token(*state, &too_long, &inactive, &refusal), UA_OK);
  assert_int_equal(ua_service_permissions_token(*state, &inactive, &too_long, &refusal), UA_OK);
  assert_null(refusal.message.data);
  assert_int_equal(ua_service_permissions_token(*state, NULL, &too_long, &refusal), UA_CONFLICT);
  assert_true(ua_text_equal(refusal.message, UA_TEXT("This would make the user's token too long.")));
  assert_int_equal(ua_service_permissions_token(*state, &fits, &too_long, &refusal), UA_CONFLICT);
  assert_int_equal(ua_service_permissions_token(*state, &too_long, &longer, &refusal), UA_CONFLICT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_operators_know_of_roles_that_are_not_assignable),
      cmocka_unit_test(all_roles_that_a_caller_may_not_grant_are_named),
      cmocka_unit_test(who_holds_a_role_that_a_caller_may_not_grant_is_managed_by_nobody_but_themselves),
      cmocka_unit_test(an_admin_is_active_and_holds_the_role_of_just_that_code),
      cmocka_unit_test(a_right_is_had_or_what_is_missing_is_said),
      cmocka_unit_test(a_token_may_be_too_long_only_when_it_was_before),
  };
  return cmocka_run_group_tests_name("permissions", tests, open_arena, close_arena);
}
