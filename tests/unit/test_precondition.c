#include <string.h>

#include "service/precondition.h"
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

static const ua_role two_roles[] = {
    {.id = 1, .code = {"admin", 5}, .name = {"Admin", 5}, .assignable = true},
    {.id = 2, .code = {"reader", 6}, .name = {"Reader", 6}, .assignable = true},
};

static ua_user somebody(void)
{
  return (ua_user){.id = 7,
                   .customer_id = 2,
                   .email = UA_TEXT("ann@example.org"),
                   .name = UA_TEXT("Ann"),
                   .active = true,
                   .epoch = 3,
                   .roles = two_roles,
                   .role_count = 2};
}

static const char *tag_of(ua_arena *arena, ua_user user)
{
  char *tag = ua_arena_alloc(arena, UA_USER_TAG_BYTES);
  assert_non_null(tag);
  assert_int_equal(ua_service_precondition_tag(arena, &user, tag), UA_OK);
  return tag;
}

static void a_tag_is_strong_and_has_one_length(void **state)
{
  const char *tag = tag_of(*state, somebody());
  assert_int_equal(strlen(tag), UA_USER_TAG_BYTES - 1);
  assert_int_equal(tag[0], '"');
  assert_int_equal(strspn(tag + 1, "0123456789abcdef"), UA_USER_TAG_BYTES - 3);
  assert_int_equal(tag[UA_USER_TAG_BYTES - 2], '"');
  assert_string_equal(tag, tag_of(*state, somebody()));
}

/* Two users have different tags if their answers differ in anything. */
static void everything_that_is_shown_is_in_it_and_where_it_stands(void **state)
{
  static const ua_role shapes[][2] = {
      {{.id = 1, .code = {"admin", 5}, .name = {"Admin", 5}},
       {.id = 3, .code = {"reader", 6}, .name = {"Reader", 6}}},
      {{.id = 1, .code = {"admin", 5}, .name = {"Admin", 5}},
       {.id = 2, .code = {"reade", 5}, .name = {"Reader", 6}}},
      {{.id = 1, .code = {"admin", 5}, .name = {"Admin", 5}},
       {.id = 2, .code = {"reader", 6}, .name = {"Chiefs", 6}}},
      {{.id = 1, .code = {"admin", 5}, .name = {"", 0}},
       {.id = 2, .code = {"reader", 6}, .name = {"Reader", 6}}},
      {{.id = 1, .code = {"adminA", 6}, .name = {"dmin", 4}},
       {.id = 2, .code = {"reader", 6}, .name = {"Reader", 6}}},
  };
  enum { PLAIN = 12, COUNT = PLAIN + sizeof shapes / sizeof shapes[0] };
  ua_user users[COUNT];
  for (size_t i = 0; i < COUNT; i++) {
    users[i] = somebody();
    if (i >= PLAIN) {
      users[i].roles = shapes[i - PLAIN];
    }
  }
  users[1].id = 72;
  users[1].customer_id = 0;
  users[2].customer_id = 3;
  users[3].active = false;
  users[4].email = UA_TEXT("Ann@example.org");
  users[5].name = UA_TEXT("Bob");
  users[6].email = UA_TEXT("ann@example.or");
  users[6].name = UA_TEXT("gAnn");
  users[7].role_count = 1;
  users[8].role_count = 0;
  users[9].name = UA_TEXT("Ann 5:admin 5:Admin");
  users[10].name = UA_TEXT("");
  users[11].email = UA_TEXT("");
  for (size_t i = 0; i < COUNT; i++) {
    for (size_t j = 0; j < i; j++) {
      assert_string_not_equal(tag_of(*state, users[i]), tag_of(*state, users[j]));
    }
  }
}

static void what_is_not_shown_is_not_in_it(void **state)
{
  static const ua_role locked[] = {
      {.id = 1, .code = {"admin", 5}, .name = {"Admin", 5}, .assignable = false},
      {.id = 2, .code = {"reader", 6}, .name = {"Reader", 6}, .assignable = false},
  };
  ua_user user = somebody();
  user.epoch = 4;
  user.roles = locked;
  assert_string_equal(tag_of(*state, user), tag_of(*state, somebody()));
}

static bool names(const void *context, ua_text tag)
{
  return ua_text_equal(ua_text_of(context), tag);
}

static void a_condition_holds_for_the_state_that_it_names(void **state)
{
  const ua_user user = somebody();
  const ua_precondition right = {names, tag_of(*state, user)};
  const ua_precondition wrong = {names, "\"x\""};
  const ua_precondition none = {.names = NULL};
  assert_int_equal(ua_service_precondition_check(*state, &right, &user), UA_OK);
  assert_int_equal(ua_service_precondition_check(*state, &wrong, &user), UA_PRECONDITION_FAILED);
  assert_int_equal(ua_service_precondition_check(*state, &none, &user), UA_OK);
  assert_int_equal(ua_service_precondition_check(*state, NULL, &user), UA_OK);
}

static void without_memory_there_is_no_tag_and_no_condition_holds(void **state)
{
  (void)state;
  static char long_name[4096];
  ua_arena *arena = ua_arena_create(128, 512);
  ua_user user = somebody();
  char tag[UA_USER_TAG_BYTES];
  memset(long_name, 'n', sizeof long_name);
  user.name = (ua_text){long_name, sizeof long_name};
  const ua_precondition any = {names, "\"x\""};
  assert_int_equal(ua_service_precondition_tag(arena, &user, tag), UA_INTERNAL);
  assert_int_equal(ua_service_precondition_check(arena, &any, &user), UA_INTERNAL);
  ua_arena_destroy(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_tag_is_strong_and_has_one_length),
      cmocka_unit_test(everything_that_is_shown_is_in_it_and_where_it_stands),
      cmocka_unit_test(what_is_not_shown_is_not_in_it),
      cmocka_unit_test(a_condition_holds_for_the_state_that_it_names),
      cmocka_unit_test(without_memory_there_is_no_tag_and_no_condition_holds),
  };
  return cmocka_run_group_tests_name("precondition", tests, open_arena, close_arena);
}
