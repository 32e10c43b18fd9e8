#include <pthread.h>
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

static void *take_digest(void *digest)
{
  return ua_crypto_sha256(UA_TEXT("abc"), digest) ? digest : NULL;
}

/* This test is the first to compute a digest, so no thread finds the algorithm already looked up. */
static void several_threads_may_take_the_first_digests_of_a_process(void **state)
{
  (void)state;
  enum { THREADS = 8 };
  pthread_t thread[THREADS];
  unsigned char digest[THREADS][UA_SHA256_BYTES];
  unsigned char expected[UA_SHA256_BYTES];
  for (size_t i = 0; i < THREADS; i++) {
    assert_int_equal(pthread_create(&thread[i], NULL, take_digest, digest[i]), 0);
  }
  assert_true(ua_text_unhex(UA_TEXT("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
                            expected, sizeof expected));
  for (size_t i = 0; i < THREADS; i++) {
    void *taken;
    assert_int_equal(pthread_join(thread[i], &taken), 0);
    assert_ptr_equal(taken, digest[i]);
    assert_memory_equal(digest[i], expected, sizeof expected);
  }
}

static void nothing_has_a_digest_too(void **state)
{
  (void)state;
  unsigned char absent[UA_SHA256_BYTES];
  unsigned char expected[UA_SHA256_BYTES];
  assert_true(ua_text_unhex(UA_TEXT("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
                            expected, sizeof expected));
  assert_true(ua_crypto_sha256(UA_TEXT_ABSENT, absent));
  assert_memory_equal(absent, expected, sizeof expected);
  assert_true(ua_crypto_sha256(UA_TEXT(""), absent));
  assert_memory_equal(absent, expected, sizeof expected);
}

#define ASSERT_HEX(bytes, length, expected)  \
  do {                                       \
    char text[256];                          \
    assert_true(2 * (length) < sizeof text); \
    ua_text_hex((bytes), (length), text);    \
    assert_string_equal(text, (expected));   \
  } while (false)

/* RFC 4231 sections 4.2, 4.3 and 4.7: a short key, one of letters, one longer than a block. */
static void hmac_is_that_of_the_standard(void **state)
{
  (void)state;
  char first[20];
  char long_one[131];
  unsigned char mac[UA_SHA256_BYTES];
  memset(first, 0x0b, sizeof first);
  memset(long_one, 0xaa, sizeof long_one);
  assert_true(ua_crypto_hmac_sha256((ua_text){first, sizeof first}, UA_TEXT("Hi There"), mac));
  ASSERT_HEX(mac, sizeof mac, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  assert_true(ua_crypto_hmac_sha256(UA_TEXT("Jefe"), UA_TEXT("what do ya want for nothing?"), mac));
  ASSERT_HEX(mac, sizeof mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  assert_true(ua_crypto_hmac_sha256((ua_text){long_one, sizeof long_one},
                                    UA_TEXT("Test Using Larger Than Block-Size Key - Hash Key First"), mac));
  ASSERT_HEX(mac, sizeof mac, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void hmac_takes_an_absent_text_for_an_empty_one(void **state)
{
  (void)state;
  unsigned char absent[UA_SHA256_BYTES];
  unsigned char empty[UA_SHA256_BYTES];
  assert_true(ua_crypto_hmac_sha256(UA_TEXT("key"), UA_TEXT_ABSENT, absent));
  assert_true(ua_crypto_hmac_sha256(UA_TEXT("key"), UA_TEXT(""), empty));
  assert_memory_equal(absent, empty, sizeof empty);
}

/* `length` bytes that count up from `first`. */
static ua_text counting(char *bytes, unsigned char first, size_t length)
{
  for (size_t i = 0; i < length; i++) {
    bytes[i] = (char)(first + i);
  }
  return (ua_text){bytes, length};
}

/* RFC 5869 appendix A.1 to A.3: ordinary inputs, long ones, and neither salt nor info. */
static void hkdf_is_that_of_the_standard(void **state)
{
  (void)state;
  char secret[80];
  char salt[80];
  char info[80];
  unsigned char key[82];
  memset(secret, 0x0b, 22);
  assert_true(
      ua_crypto_hkdf_sha256((ua_text){secret, 22}, counting(salt, 0, 13), counting(info, 0xf0, 10), key, 42));
  ASSERT_HEX(key, 42, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  assert_true(ua_crypto_hkdf_sha256((ua_text){secret, 22}, UA_TEXT_ABSENT, UA_TEXT_ABSENT, key, 42));
  ASSERT_HEX(key, 42, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
  assert_true(ua_crypto_hkdf_sha256(counting(secret, 0, 80), counting(salt, 0x60, 80),
                                    counting(info, 0xb0, 80), key, 82));
  ASSERT_HEX(key, 82,
             "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
             "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
             "cc30c58179ec3e87c14c01d5c1f3434f1d87");
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

/* RFC 4648 section 10, and the two characters that are not those of section 4. */
static void base64url_goes_there_and_back_without_padding(void **state)
{
  (void)state;
  static const char *const vectors[][2] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xbe", "-_--"}};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
    ua_text plain = ua_text_of(vectors[i][0]);
    ua_text expected = ua_text_of(vectors[i][1]);
    char encoded[16];
    unsigned char decoded[16];
    assert_int_equal(UA_BASE64URL_LENGTH(plain.length), expected.length);
    ua_crypto_base64url_encode((const unsigned char *)plain.data, plain.length, encoded);
    assert_memory_equal(encoded, expected.data, expected.length);
    assert_true(ua_crypto_base64url_decode(expected, decoded, plain.length));
    assert_memory_equal(decoded, plain.data, plain.length);
  }
}

static void base64url_has_one_spelling(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    size_t length;
  } wrong[] = {{"Zh", 1},   {"Zg==", 1}, {"Zm9", 2},  {"Zm9v", 2},  {"Zm9v", 4}, {"Zm9vYg", 3},
               {"Zm9 ", 3}, {"-_+-", 3}, {"-_/-", 3}, {"Zm\n9", 3}, {"", 1},     {"\xC3\xA4\xC3\xA4", 3}};
  unsigned char decoded[16];
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_false(ua_crypto_base64url_decode(ua_text_of(wrong[i].text), decoded, wrong[i].length));
  }
  assert_false(ua_crypto_base64url_decode((ua_text){"Zm9\0", 4}, decoded, 3));
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
      cmocka_unit_test(several_threads_may_take_the_first_digests_of_a_process),
      cmocka_unit_test(nothing_has_a_digest_too),
      cmocka_unit_test(sha256_is_that_of_the_standard),
      cmocka_unit_test(hmac_is_that_of_the_standard),
      cmocka_unit_test(hmac_takes_an_absent_text_for_an_empty_one),
      cmocka_unit_test(hkdf_is_that_of_the_standard),
      cmocka_unit_test(pbkdf2_is_that_of_the_standard),
      cmocka_unit_test(base64_goes_there_and_back),
      cmocka_unit_test(nothing_is_encoded_as_nothing),
      cmocka_unit_test(what_is_no_base64_has_no_bytes),
      cmocka_unit_test(base64url_goes_there_and_back_without_padding),
      cmocka_unit_test(base64url_has_one_spelling),
      cmocka_unit_test(bcrypt_is_bounded_by_the_time_there_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
