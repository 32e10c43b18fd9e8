#include <stdlib.h>

#include "process/hash_failures.h"
#include "unit.h"

enum { NOW = 1000 };

static void the_oldest_failure_of_a_full_set_is_forgotten(void **state)
{
  (void)state;
  ua_hash_failures *failures = calloc(1, sizeof *failures);
  unsigned char source[UA_SHA256_BYTES] = {0};
  assert_non_null(failures);
  for (unsigned char i = 0; i <= UA_HASH_FAILURE_WAYS; i++) {
    source[0] = i;
    ua_process_hash_failures_note(failures, source, NOW + i);
  }
  assert_true(ua_process_hash_failures_has(failures, source, NOW));
  source[0] = 0;
  assert_false(ua_process_hash_failures_has(failures, source, NOW));
  source[0] = 1;
  assert_true(ua_process_hash_failures_has(failures, source, NOW));
  free(failures);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_oldest_failure_of_a_full_set_is_forgotten),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
