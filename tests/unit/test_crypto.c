#include <string.h>

#include "base/crypto.h"
#include "unit.h"

static void secrets_are_equal_only_when_both_are_there(void **state)
{
  (void)state;
  assert_true(ua_crypto_equal(UA_TEXT("secret"), UA_TEXT("secret")));
  assert_false(ua_crypto_equal(UA_TEXT("secret"), UA_TEXT("secreT")));
  assert_false(ua_crypto_equal(UA_TEXT("secret"), UA_TEXT("secret ")));
  assert_false(ua_crypto_equal((ua_text){"a\0b", 3}, (ua_text){"a\0c", 3}));
  assert_false(ua_crypto_equal(UA_TEXT_ABSENT, UA_TEXT_ABSENT));
}

static void random_bytes_are_never_the_same_twice(void **state)
{
  (void)state;
  unsigned char first[16] = {0};
  unsigned char second[16] = {0};
  assert_true(ua_crypto_random(first, sizeof first));
  assert_true(ua_crypto_random(second, sizeof second));
  assert_memory_not_equal(first, second, sizeof first);
}

static void sha256_is_that_of_the_standard(void **state)
{
  (void)state;
  unsigned char digest[UA_SHA256_BYTES];
  char text[2 * UA_SHA256_BYTES + 1];
  assert_true(ua_crypto_sha256(UA_TEXT("abc"), digest));
  ua_text_hex(digest, sizeof digest, text);
  assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* RFC 6070 section 2. */
static void pbkdf2_is_that_of_the_standard(void **state)
{
  (void)state;
  static const struct {
    ua_text password, salt;
    int iterations;
    const char *expected;
  } vectors[] = {
      {{"password", 8}, {"salt", 4}, 4096, "4b007901b765489abead49d926f721d065a429c1"},
      {{"pass\0word", 9}, {"sa\0lt", 5}, 4096, "56fa6aa75548099dcc37d7f03425e0c3"},
  };
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
    unsigned char bytes[20];
    char text[2 * sizeof bytes + 1];
    size_t length = strlen(vectors[i].expected) / 2;
    assert_true(
        ua_crypto_pbkdf2_sha1(vectors[i].password, vectors[i].salt, vectors[i].iterations, bytes, length));
    ua_text_hex(bytes, length, text);
    assert_string_equal(text, vectors[i].expected);
  }
}

/* RFC 4648 section 10. */
static void base64_goes_there_and_back(void **state)
{
  (void)state;
  static const char *const vectors[][2] = {{"f", "Zg=="},         {"fo", "Zm8="},
                                           {"foo", "Zm9v"},       {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
    ua_text plain = ua_text_of(vectors[i][0]);
    char encoded[UA_BASE64_SIZE(6)];
    char decoded[sizeof encoded];
    assert_true(ua_crypto_base64_encode(plain, encoded));
    assert_string_equal(encoded, vectors[i][1]);
    assert_int_equal(strlen(encoded) + 1, UA_BASE64_SIZE(plain.length));
    size_t length = ua_crypto_base64_decode(ua_text_of(encoded), decoded);
    assert_true(ua_text_equal((ua_text){decoded, length}, plain));
  }
}

static void nothing_is_encoded_as_nothing(void **state)
{
  (void)state;
  char encoded[UA_BASE64_SIZE(0)] = "x";
  assert_true(ua_crypto_base64_encode(UA_TEXT_ABSENT, encoded));
  assert_string_equal(encoded, "");
}

static void what_is_no_base64_has_no_bytes(void **state)
{
  (void)state;
  static const char *const wrong[] = {"", "Zg", "Zg=", "====", "Z*==", "Zm9v.Zm9v", "\xC3\xA4\xC3\xA4"};
  char decoded[16];
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_int_equal(ua_crypto_base64_decode(ua_text_of(wrong[i]), decoded), 0);
  }
}

static void bcrypt_is_bounded_by_the_time_there_is(void **state)
{
  (void)state;
  static const struct {
    int64_t seconds;
    int cost;
  } table[] = {{0, 16}, {1, 13}, {2, 14}, {3, 14}, {4, 15}, {7, 15}, {8, 16}, {30, 16}, {86400, 16}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    assert_int_equal(ua_crypto_bcrypt_limit(table[i].seconds), table[i].cost);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(secrets_are_equal_only_when_both_are_there),
      cmocka_unit_test(random_bytes_are_never_the_same_twice),
      cmocka_unit_test(sha256_is_that_of_the_standard),
      cmocka_unit_test(pbkdf2_is_that_of_the_standard),
      cmocka_unit_test(base64_goes_there_and_back),
      cmocka_unit_test(nothing_is_encoded_as_nothing),
      cmocka_unit_test(what_is_no_base64_has_no_bytes),
      cmocka_unit_test(bcrypt_is_bounded_by_the_time_there_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
