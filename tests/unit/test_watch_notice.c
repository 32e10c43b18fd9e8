#include "store/watch_notice.h"
#include "unit.h"

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static ua_watch_notice of(const char *payload)
{
  return ua_store_watch_notice_read(ua_text_of(payload));
}

static void a_user_is_read(void **state)
{
  (void)state;
  assert_int_equal(of("u 17").kind, UA_WATCH_NOTICE_USER);
  assert_int_equal(of("u 17").user_id, 17);
  assert_int_equal(of("u 2147483647").user_id, INT32_MAX);
  assert_int_equal(of("u 0").kind, UA_WATCH_NOTICE_USER);
}

static void a_token_is_read(void **state)
{
  (void)state;
  ua_watch_notice notice = of("t " DIGEST);
  assert_int_equal(notice.kind, UA_WATCH_NOTICE_TOKEN);
  assert_int_equal(notice.digest[0], 0x00);
  assert_int_equal(notice.digest[1], 0x11);
  assert_int_equal(notice.digest[UA_TOKEN_DIGEST_BYTES - 1], 0xFF);
}

static void everything_else_ends_all_sessions(void **state)
{
  (void)state;
  static const char *const others[] = {"*",
                                       "",
                                       "u",
                                       "u ",
                                       "u -1",
                                       "u 2147483648",
                                       "u 99999999999999999999",
                                       "u 1 ",
                                       "u  1",
                                       "u 1x",
                                       "u 1\n",
                                       "U 1",
                                       "uu 1",
                                       " u 1",
                                       "t",
                                       "t ",
                                       "t 00",
                                       "x 1",
                                       "u 01",
                                       "t " DIGEST "0",
                                       "t " DIGEST " ",
                                       ("t  " DIGEST),
                                       "v2 {}",
                                       "\xFF",
                                       "u 1 2"};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    assert_int_equal(of(others[i]).kind, UA_WATCH_NOTICE_ALL);
  }
  assert_int_equal(ua_store_watch_notice_read(UA_TEXT_ABSENT).kind, UA_WATCH_NOTICE_ALL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_user_is_read),
      cmocka_unit_test(a_token_is_read),
      cmocka_unit_test(everything_else_ends_all_sessions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
