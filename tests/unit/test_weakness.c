#include "config/weakness.h"
#include "unit.h"

static void assert_weakness(const char *secret, ua_config_weakness expected)
{
  if (ua_config_secret_weakness(ua_text_of(secret)) != expected) {
    fail_msg("%s", secret);
  }
}

static void samples_stay_samples_whatever_pads_them(void **state)
{
  static const char *const secrets[] = {
      "secret",
      "changeme",
      "DUMMY",
      "your-256-bit-secret",
      "your-super-secret-key-change-me-in-production",
      "ChangeMeChangeMeChangeMeChangeMe",
      "changeme________________________________",
      "changeme1234567890123456789012345678",
      "secret0000000000000000000000000000000000",
      "Please replace this example with a random string!!!",
      "this-is-a-very-long-secret-key-please-change-it",
  };
  (void)state;
  for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
    assert_weakness(secrets[i], UA_SECRET_KNOWN);
  }
}

static void a_repeated_piece_is_no_longer_than_the_piece(void **state)
{
  (void)state;
  assert_weakness("ssssssssssssssssssssssssssssssssssssssss", UA_SECRET_KNOWN);
  assert_weakness("0123456789abcdef0123456789abcdef", UA_SECRET_KNOWN);
  assert_weakness("kR7vKq2nB9kR7vKq2nB9kR7vKq2nB9kR7vKq2nB9", UA_SECRET_KNOWN);
  assert_weakness("abcdefghijklmnopqrstuvwxyz0123456789", UA_SECRET_KNOWN);
}

static void less_than_32_bytes_can_be_tried(void **state)
{
  (void)state;
  assert_weakness("b7Kq9XvZ2mLw4Rt8Yp1Nc6Hd3Jf5Gs0", UA_SECRET_SHORT);
  assert_weakness("", UA_SECRET_SHORT);
  assert_weakness("b7Kq9XvZ2mLw4Rt8Yp1Nc6Hd3Jf5Gs0A", UA_SECRET_STRONG);
}

static void random_secrets_are_strong_in_every_usual_form(void **state)
{
  (void)state;
  assert_weakness("1f8b2c0d9e7a46538f1e0c2b7d9a4e6f5c3b1a0d", UA_SECRET_STRONG);
  assert_weakness("6nN0c9cO3m1Wz7v0y6E1mDq4T2o7fI5s8uKxJr3LhGk=", UA_SECRET_STRONG);
  assert_weakness(
      "\x9b\xfe\x01\xc4\x7a\x33\xe8\x90\x5d\x12\xaf\x66\xd3\x08\x81\xbb"
      "\x24\xf7\x59\x9e\x4c\xd0\x1b\x73\xa6\x3f\xe2\x85\x17\x6a\xc9\x52",
      UA_SECRET_STRONG);
  assert_weakness("9d1b3f72-8c4e-4a06-b5d7-e02f6c918a43", UA_SECRET_STRONG);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(samples_stay_samples_whatever_pads_them),
      cmocka_unit_test(a_repeated_piece_is_no_longer_than_the_piece),
      cmocka_unit_test(less_than_32_bytes_can_be_tried),
      cmocka_unit_test(random_secrets_are_strong_in_every_usual_form),
  };
  return cmocka_run_group_tests_name("weakness", tests, NULL, NULL);
}
