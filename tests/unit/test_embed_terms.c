/* Terms and queries: structures that begin with their size. */
#include <stdlib.h>
#include <string.h>

#include "embed.h"

/* Fails unless every function that takes terms answers USER_API_MISUSED to these. */
static void assert_terms_are_misuse(user_api *api, const user_api_terms *terms)
{
  user_api_memory *memory = user_api_memory_create();
  const user_api_user_change change = {.email = "e", .name = "n", .password = "long enough"};
  user_api_user user;
  const user_api_status statuses[] = {
      user_api_register_as(api, memory, terms, 1, &change, &user),
      user_api_update_as(api, memory, terms, 1, 1, &change, &user),
      user_api_reset_password_as(api, memory, terms, 1, "e", "long enough", &user),
      user_api_delete(api, terms, 1, 1),
      user_api_end_sessions(api, terms, 1, 1),
  };
  ASSERT_ALL_MISUSED(statuses);
  user_api_memory_destroy(&memory);
}

static void terms_say_who_asks(void **state)
{
  (void)state;
  user_api *api = instance();
  const user_api_identity caller = {.user = {.id = 1, .customer_id = 1, .active = true}};
  user_api_terms terms = {.size = sizeof terms};
  assert_terms_are_misuse(api, &terms);
  terms.caller = user_api_request_identity(NULL);
  terms.if_match = "*";
  assert_terms_are_misuse(api, &terms);
  terms = (user_api_terms){.size = sizeof terms, .caller = &caller, .by_program = true};
  assert_terms_are_misuse(api, &terms);
  terms.caller = NULL;
  assert_int_equal(user_api_delete(api, &terms, 1, 1), USER_API_UNAVAILABLE);
  user_api_destroy(&api);
}

static void a_condition_is_misuse_where_none_is_kept(void **state)
{
  (void)state;
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  const user_api_terms terms = {.size = sizeof terms, .if_match = "*", .by_program = true};
  const user_api_user_change change = {.email = "e", .name = "n", .password = "long enough"};
  user_api_user user;
  const user_api_status statuses[] = {
      user_api_register_as(api, memory, &terms, 1, &change, &user),
      user_api_reset_password_as(api, memory, &terms, 1, "e", "long enough", &user),
      user_api_end_sessions(api, &terms, 1, 1),
  };
  ASSERT_ALL_MISUSED(statuses);
  assert_int_equal(user_api_delete(api, &terms, 1, 1), USER_API_UNAVAILABLE);
  assert_int_equal(user_api_update_as(api, memory, &terms, 1, 1, &change, &user), USER_API_UNAVAILABLE);
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

static void terms_of_a_newer_header_are_understood_unless_they_use_it(void **state)
{
  (void)state;
  struct {
    user_api_terms known;
    const char *newer;
  } terms = {.known = {.size = sizeof terms, .by_program = true}};
  user_api *api = instance();
  assert_int_equal(user_api_delete(api, &terms.known, 1, 1), USER_API_UNAVAILABLE);
  terms.newer = "a condition that this version does not know";
  assert_terms_are_misuse(api, &terms.known);
  terms.newer = NULL;
  terms.known.reserved[6] = true;
  assert_terms_are_misuse(api, &terms.known);
  const size_t wrong[] = {sizeof terms.known - 1, offsetof(user_api_terms, request_id),
                          offsetof(user_api_terms, address) - 1};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    terms.known = (user_api_terms){.size = wrong[i], .by_program = true};
    assert_terms_are_misuse(api, &terms.known);
  }
  terms.known.size = SIZE_MAX;
  assert_terms_are_misuse(api, &terms.known);
  user_api_destroy(&api);
}

/* In a program built before `address` existed, other data follows the structure, or memory that must not be
 * read. */
static void terms_of_the_older_header_are_read_no_further(void **state)
{
  (void)state;
  char *bytes = malloc(offsetof(user_api_terms, address));
  const user_api_terms older = {.size = offsetof(user_api_terms, address), .by_program = true};
  user_api *api = instance();
  assert_non_null(bytes);
  memcpy(bytes, &older, offsetof(user_api_terms, address));
  assert_int_equal(user_api_delete(api, (const user_api_terms *)(const void *)bytes, 1, 1),
                   USER_API_UNAVAILABLE);
  free(bytes);
  user_api_destroy(&api);
}

static void a_query_of_a_newer_header_is_understood_unless_it_uses_it(void **state)
{
  (void)state;
  struct {
    user_api_user_query known;
    bool newer[8];
  } query = {.known = {.size = sizeof query}};
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  user_api_user_page page;
  assert_int_equal(user_api_find_users(api, memory, 1, &query.known, &page), USER_API_UNAVAILABLE);
  query.newer[7] = true;
  assert_int_equal(user_api_find_users(api, memory, 1, &query.known, &page), USER_API_MISUSED);
  query.newer[7] = false;
  query.known.reserved[2] = true;
  assert_int_equal(user_api_find_users(api, memory, 1, &query.known, &page), USER_API_MISUSED);
  query.known.reserved[2] = false;
  query.known.activity = (user_api_activity)(USER_API_INACTIVE + 1);
  assert_int_equal(user_api_find_users(api, memory, 1, &query.known, &page), USER_API_MISUSED);
  query.known = (user_api_user_query){.size = sizeof query.known - 1};
  assert_int_equal(user_api_find_users(api, memory, 1, &query.known, &page), USER_API_MISUSED);
  query.known.size = 0;
  assert_int_equal(user_api_find_users(api, memory, 1, &query.known, &page), USER_API_MISUSED);
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

/* A program may ask why any call failed: the reason of an earlier call would be a wrong answer. */
static void misuse_does_not_repeat_an_older_problem(void **state)
{
  (void)state;
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  const user_api_terms nobody = {.size = sizeof nobody};
  user_api_user user;
  assert_int_equal(user_api_delete(api, NULL, 1, 1), USER_API_UNAVAILABLE);
  assert_non_null(user_api_problem(api));
  assert_int_equal(user_api_delete(api, &nobody, 1, 1), USER_API_MISUSED);
  assert_null(user_api_problem(api));
  assert_int_equal(user_api_get(api, memory, 1, 1, &user), USER_API_UNAVAILABLE);
  assert_non_null(user_api_problem(api));
  assert_int_equal(user_api_get(api, NULL, 1, 1, &user), USER_API_MISUSED);
  assert_null(user_api_problem(api));
  assert_int_equal(user_api_get(api, memory, 1, 1, &user), USER_API_UNAVAILABLE);
  assert_int_equal(user_api_list_users(api, memory, 1, NULL, NULL, NULL, NULL), USER_API_MISUSED);
  assert_null(user_api_problem(api));
  assert_int_equal(user_api_get(api, memory, 1, 1, &user), USER_API_UNAVAILABLE);
  assert_int_equal(user_api_token_has_roles(api, "t", NULL), USER_API_MISUSED);
  assert_null(user_api_problem(api));
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(terms_say_who_asks),
      cmocka_unit_test(a_condition_is_misuse_where_none_is_kept),
      cmocka_unit_test(terms_of_a_newer_header_are_understood_unless_they_use_it),
      cmocka_unit_test(terms_of_the_older_header_are_read_no_further),
      cmocka_unit_test(misuse_does_not_repeat_an_older_problem),
      cmocka_unit_test(a_query_of_a_newer_header_is_understood_unless_it_uses_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
