#include <string.h>

#include "store/url.h"
#include "unit.h"

static void what_libpq_reads_is_accepted(void **state)
{
  static const char *const urls[] = {
      "postgresql://user_api_sa:Hunter2@db/user_api",
      "postgres://user:Hunter2%2Fx%40y@db:5432/user_api?sslmode=require",
      "postgresql://user:Hun?ter2@[::1]:5432/user_api",
      "postgresql://user@a,b:5433,c/user_api?target_session_attrs=read-write",
      "postgresql:///user_api?host=/var/run/postgresql",
      "host=/tmp dbname=user_api password='a b'",
      "service=user_api",
      "",
  };
  (void)state;
  for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
    ua_error_line error = {""};
    if (ua_store_url_check(urls[i], &error) != UA_OK) {
      fail_msg("%s: %s", urls[i], error.text);
    }
  }
}

static void what_it_would_read_differently_is_refused_and_never_repeated(void **state)
{
  static const char *const urls[] = {
      "postgresql://usr:Hunter2/x@db/user_api",
      "postgresql://usr:Hunter2/x@db",
      "postgresql://usr:1234/Hunter2@db/user_api",
      "postgresql://usr:/Hunter2@db/user_api",
      "postgresql://usr:Hunter2@x@db/user_api",
      "postgresql://usr:Hunter2/x?y@db/user_api",
      "postgresql://usr:Hunter2%zz@db/user_api",
      "postgresql://usr:Hunter2@db:0/user_api",
      "postgresql://usr:Hunter2@db:65536/user_api",
      "postgresql://usr:Hunter2@db:5432x/user_api",
      "postgresql://usr:Hunter2@db/user_api\r",
      "postgresql://usr@db/user_api?Hunter2=x",
      "postgresql://usr@db/user_api?Hunter2",
      "host=db password=a Hunter2",
      "host=db password='Hunter2",
      "dbname=postgresql://usr:Hunter2@db/user_api",
      "Hunter2",
  };
  (void)state;
  for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
    ua_error_line error = {""};
    assert_int_equal(ua_store_url_check(urls[i], &error), UA_BAD_REQUEST);
    if (strstr(error.text, "malformed") == NULL || strstr(error.text, "unter2") != NULL) {
      fail_msg("%s: %s", urls[i], error.text);
    }
  }
}

static void another_scheme_is_named_as_the_fault(void **state)
{
  static const char *const urls[] = {"mysql://usr:Hunter2@db/user_api",
                                     "postgresql+psycopg2://usr:Hunter2@db/u",
                                     "Postgres://usr:Hunter2@db/user_api", "://usr:Hunter2@db/user_api"};
  (void)state;
  for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
    ua_error_line error = {""};
    assert_int_equal(ua_store_url_check(urls[i], &error), UA_BAD_REQUEST);
    assert_string_equal(error.text, "the database URL has to begin with postgresql:// or postgres://");
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_libpq_reads_is_accepted),
      cmocka_unit_test(what_it_would_read_differently_is_refused_and_never_repeated),
      cmocka_unit_test(another_scheme_is_named_as_the_fault),
  };
  return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
