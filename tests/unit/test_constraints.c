#include <string.h>

#include "store/constraints.h"
#include "unit.h"

static ua_violated violated_by(const char *sqlstate, const char *constraint)
{
  return ua_store_constraints_meaning(sqlstate, constraint).violated;
}

static ua_status status_of(const char *sqlstate, const char *constraint)
{
  return ua_store_constraints_meaning(sqlstate, constraint).status;
}

static void a_taken_email_is_a_conflict_by_the_index_of_ours_and_of_the_original(void **state)
{
  static const char *const names[] = {"_user_lower_email_key", "_user_email_key"};
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    assert_int_equal(violated_by("23505", names[i]), UA_VIOLATED_EMAIL);
    assert_int_equal(status_of("23505", names[i]), UA_CONFLICT);
  }
}

static void a_taken_id_is_a_fault_of_the_database_and_says_what_to_do(void **state)
{
  static const char *const names[] = {"_user_pkey", "customer_pkey", "role_pkey", "schema_spec_pkey"};
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    ua_violation_meaning meaning = ua_store_constraints_meaning("23505", names[i]);
    assert_int_equal(meaning.violated, UA_VIOLATED_ID);
    assert_int_equal(meaning.status, UA_UNAVAILABLE);
    assert_non_null(strstr(meaning.reason, "user-api-admin doctor"));
  }
}

static void the_twin_of_an_index_that_is_being_rebuilt_counts_as_the_index(void **state)
{
  static const char *const twins[] = {"_user_lower_email_key_ccnew", "_user_lower_email_key_ccold",
                                      "_user_lower_email_key_ccnew12"};
  static const char *const others[] = {"_user_lower_email_key_cc", "_user_lower_email_key1", "_ccnew", "",
                                       "7"};
  (void)state;
  for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++) {
    assert_int_equal(violated_by("23505", twins[i]), UA_VIOLATED_EMAIL);
  }
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    assert_int_equal(violated_by("23505", others[i]), UA_VIOLATED_OTHER);
  }
}

static void what_is_not_there_is_the_callers_fault_only_where_a_caller_names_it(void **state)
{
  (void)state;
  assert_int_equal(status_of("23503", "_user_customer_id_fkey"), UA_UNPROCESSABLE);
  assert_int_equal(status_of("23503", "user_has_role_role_id_fkey"), UA_UNPROCESSABLE);
  assert_int_equal(status_of("23503", "of_somebody_else"), UA_INTERNAL);
}

static void what_keeps_a_customer_or_a_role_is_told_from_what_else_refers_to_them(void **state)
{
  (void)state;
  assert_int_equal(violated_by("23503", "_user_customer_id_fkey"), UA_VIOLATED_CUSTOMER);
  assert_int_equal(violated_by("23503", "user_has_role_role_id_fkey"), UA_VIOLATED_ROLE);
  assert_int_equal(violated_by("23503", "of_somebody_else"), UA_VIOLATED_OTHER);
  assert_int_equal(violated_by("23505", "role_code_key"), UA_VIOLATED_ROLE_CODE);
}

static void rules_that_no_migration_makes_are_answered_by_their_kind(void **state)
{
  (void)state;
  assert_int_equal(status_of("23505", "of_somebody_else"), UA_CONFLICT);
  assert_int_equal(status_of("23P01", "of_somebody_else"), UA_CONFLICT);
  assert_int_equal(status_of("23502", NULL), UA_INTERNAL);
  assert_int_equal(status_of("23514", "of_somebody_else"), UA_INTERNAL);
  assert_int_equal(status_of("23000", NULL), UA_INTERNAL);
  assert_int_equal(violated_by("23505", "of_somebody_else"), UA_VIOLATED_OTHER);
}

static void what_violates_no_constraint_has_the_meaning_of_its_sqlstate(void **state)
{
  (void)state;
  assert_int_equal(violated_by("57014", ""), UA_VIOLATED_NOTHING);
  assert_int_equal(status_of("57014", "_user_lower_email_key"), UA_UNAVAILABLE);
  assert_int_equal(status_of("", ""), UA_INTERNAL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_taken_email_is_a_conflict_by_the_index_of_ours_and_of_the_original),
      cmocka_unit_test(a_taken_id_is_a_fault_of_the_database_and_says_what_to_do),
      cmocka_unit_test(the_twin_of_an_index_that_is_being_rebuilt_counts_as_the_index),
      cmocka_unit_test(what_is_not_there_is_the_callers_fault_only_where_a_caller_names_it),
      cmocka_unit_test(what_keeps_a_customer_or_a_role_is_told_from_what_else_refers_to_them),
      cmocka_unit_test(rules_that_no_migration_makes_are_answered_by_their_kind),
      cmocka_unit_test(what_violates_no_constraint_has_the_meaning_of_its_sqlstate),
  };
  return cmocka_run_group_tests_name("constraints", tests, NULL, NULL);
}
