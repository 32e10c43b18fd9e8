#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "auth/hashing.h"
#include "base/limits.h"
#include "unit.h"

enum { COST = 5, LIMIT = 6 };

static ua_hash_job verifying(ua_text password, const ua_password_record *stored)
{
  return (ua_hash_job){.kind = UA_HASH_VERIFY,
                       .cost = COST,
                       .limit = LIMIT,
                       .upgrade = true,
                       .password = password,
                       .hash = ua_text_of(stored->hash),
                       .salt = ua_text_of(stored->salt)};
}

static ua_password_record stored_at(int cost)
{
  ua_hash_outcome outcome;
  ua_hash_job job = {.kind = UA_HASH_NEW, .cost = cost, .password = UA_TEXT("correct horse")};
  ua_auth_hashing_run(&job, &outcome);
  assert_int_equal(outcome.status, UA_OK);
  assert_true(outcome.has_record);
  return outcome.record;
}

static ua_hash_outcome outcome_of(ua_hash_job job)
{
  ua_hash_outcome outcome;
  ua_auth_hashing_run(&job, &outcome);
  assert_int_equal(outcome.status, UA_OK);
  return outcome;
}

static void a_match_that_is_current_makes_no_record(void **state)
{
  (void)state;
  ua_password_record stored = stored_at(COST);
  ua_hash_outcome outcome = outcome_of(verifying(UA_TEXT("correct horse"), &stored));
  assert_int_equal(outcome.verdict, UA_PASSWORD_MATCH);
  assert_false(outcome.has_record);
}

static void an_outdated_match_is_hashed_again_in_the_same_turn(void **state)
{
  (void)state;
  ua_password_record stored = stored_at(COST - 1);
  ua_hash_outcome outcome = outcome_of(verifying(UA_TEXT("correct horse"), &stored));
  assert_int_equal(outcome.verdict, UA_PASSWORD_MATCH_OUTDATED);
  assert_true(outcome.has_record);
  ua_hash_outcome again = outcome_of(verifying(UA_TEXT("correct horse"), &outcome.record));
  assert_int_equal(again.verdict, UA_PASSWORD_MATCH);
}

static void nothing_is_hashed_again_unless_it_is_asked_for(void **state)
{
  (void)state;
  ua_password_record stored = stored_at(COST - 1);
  ua_hash_job job = verifying(UA_TEXT("correct horse"), &stored);
  job.upgrade = false;
  ua_hash_outcome outcome = outcome_of(job);
  assert_int_equal(outcome.verdict, UA_PASSWORD_MATCH_OUTDATED);
  assert_false(outcome.has_record);
}

static void a_mismatch_makes_no_record(void **state)
{
  (void)state;
  ua_password_record stored = stored_at(COST - 1);
  ua_hash_outcome outcome = outcome_of(verifying(UA_TEXT("wrong"), &stored));
  assert_int_equal(outcome.verdict, UA_PASSWORD_MISMATCH);
  assert_false(outcome.has_record);
  ua_hash_job unknown = verifying(UA_TEXT("correct horse"), &stored);
  unknown.hash = unknown.salt = UA_TEXT_ABSENT;
  assert_int_equal(outcome_of(unknown).verdict, UA_PASSWORD_MISMATCH);
}

static void a_password_that_cannot_be_hashed_has_no_record(void **state)
{
  (void)state;
  static const char password[UA_MAX_PASSWORD_BYTES + 1] = "x";
  ua_hash_outcome outcome;
  ua_hash_job job = {.kind = UA_HASH_NEW, .cost = COST, .password = {password, sizeof password}};
  ua_auth_hashing_run(&job, &outcome);
  assert_int_equal(outcome.status, UA_BAD_REQUEST);
  assert_false(outcome.has_record);
}

static void a_job_run_aside_has_the_same_outcome(void **state)
{
  (void)state;
  ua_password_record stored = stored_at(COST);
  ua_hash_outcome outcome;
  ua_hash_job right = verifying(UA_TEXT("correct horse"), &stored);
  ua_hash_job wrong = verifying(UA_TEXT("wrong"), &stored);
  ua_auth_hashing_run_aside(&right, &outcome);
  assert_int_equal(outcome.status, UA_OK);
  assert_int_equal(outcome.verdict, UA_PASSWORD_MATCH);
  ua_auth_hashing_run_aside(&wrong, &outcome);
  assert_int_equal(outcome.status, UA_OK);
  assert_int_equal(outcome.verdict, UA_PASSWORD_MISMATCH);
}

static void note_priority(void *context)
{
  errno = 0;
  *(int *)context = getpriority(PRIO_PROCESS, 0);
}

static void a_job_under_way_lowers_the_priority_of_its_thread_alone(void **state)
{
  (void)state;
  ua_password_record stored = stored_at(COST);
  ua_hash_job job = verifying(UA_TEXT("correct horse"), &stored);
  ua_hash_outcome outcome;
  int inside = -100;
  int before = getpriority(PRIO_PROCESS, 0);
  ua_hashing hashing = {.job = &job, .outcome = &outcome, .done = note_priority, .context = &inside};
  assert_true(ua_auth_hashing_begin(&hashing));
  ua_auth_hashing_end(&hashing);
  assert_int_equal(outcome.verdict, UA_PASSWORD_MATCH);
  assert_true(inside >= 5);
  assert_int_equal(getpriority(PRIO_PROCESS, 0), before);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_match_that_is_current_makes_no_record),
      cmocka_unit_test(an_outdated_match_is_hashed_again_in_the_same_turn),
      cmocka_unit_test(nothing_is_hashed_again_unless_it_is_asked_for),
      cmocka_unit_test(a_mismatch_makes_no_record),
      cmocka_unit_test(a_password_that_cannot_be_hashed_has_no_record),
      cmocka_unit_test(a_job_run_aside_has_the_same_outcome),
      cmocka_unit_test(a_job_under_way_lowers_the_priority_of_its_thread_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
