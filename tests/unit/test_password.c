#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "auth/password.h"
#include "base/limits.h"
#include "unit.h"

enum { COST = 4, LIMIT = 6 };

static ua_password_verdict verdict_of(int cost, ua_text password, const char *hash, const char *salt)
{
  ua_password_verdict verdict = UA_PASSWORD_MISMATCH;
  assert_int_equal(
      ua_auth_password_verify(cost, LIMIT, password, ua_text_of(hash), ua_text_of(salt), &verdict), UA_OK);
  return verdict;
}

/* Hashes a password as the original did. `latin1` has its Latin-1 bytes. */
static void make_original(const char *latin1, char *hash, const char *salt)
{
  unsigned char key[16];
  assert_int_equal(PKCS5_PBKDF2_HMAC_SHA1(latin1, (int)strlen(latin1), (const unsigned char *)salt,
                                          (int)strlen(salt), 1000, sizeof key, key),
                   1);
  ua_text_hex(key, sizeof key, hash);
}

#define ORIGINAL_SALT "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void a_hash_is_bcrypt_2b_of_the_cost_and_its_salt_is_the_setting(void **state)
{
  (void)state;
  ua_password_record record;
  assert_int_equal(ua_auth_password_hash(5, UA_TEXT("correct horse"), &record), UA_OK);
  assert_memory_equal(record.hash, "$2b$05$", 7);
  assert_int_equal(strlen(record.hash), 60);
  assert_int_equal(strlen(record.salt), 29);
  assert_memory_equal(record.hash, record.salt, 28);
  assert_int_equal(verdict_of(5, UA_TEXT("correct horse"), record.hash, record.salt), UA_PASSWORD_MATCH);
  assert_int_equal(verdict_of(5, UA_TEXT("correct hors"), record.hash, record.salt), UA_PASSWORD_MISMATCH);
}

static void two_hashes_of_one_password_differ(void **state)
{
  (void)state;
  ua_password_record one;
  ua_password_record other;
  assert_int_equal(ua_auth_password_hash(COST, UA_TEXT("correct horse"), &one), UA_OK);
  assert_int_equal(ua_auth_password_hash(COST, UA_TEXT("correct horse"), &other), UA_OK);
  assert_string_not_equal(one.hash, other.hash);
}

static void a_password_that_bcrypt_would_cut_is_refused(void **state)
{
  (void)state;
  char password[UA_MAX_PASSWORD_BYTES + 1];
  ua_password_record record;
  memset(password, 'x', sizeof password);
  assert_int_equal(ua_auth_password_hash(COST, (ua_text){password, sizeof password}, &record),
                   UA_BAD_REQUEST);
  assert_int_equal(ua_auth_password_hash(COST, (ua_text){"a\0b", 3}, &record), UA_BAD_REQUEST);
  assert_int_equal(ua_auth_password_hash(COST, (ua_text){password, sizeof password - 1}, &record), UA_OK);
}

static void a_password_longer_than_bcrypt_reads_never_matches(void **state)
{
  (void)state;
  char password[UA_MAX_PASSWORD_BYTES + 1];
  ua_password_record record;
  memset(password, 'x', sizeof password);
  assert_int_equal(ua_auth_password_hash(COST, (ua_text){password, UA_MAX_PASSWORD_BYTES}, &record), UA_OK);
  assert_int_equal(verdict_of(COST, (ua_text){password, UA_MAX_PASSWORD_BYTES}, record.hash, record.salt),
                   UA_PASSWORD_MATCH);
  assert_int_equal(verdict_of(COST, (ua_text){password, sizeof password}, record.hash, record.salt),
                   UA_PASSWORD_MISMATCH);
}

static void a_password_is_not_cut_at_a_nul(void **state)
{
  (void)state;
  ua_password_record record;
  assert_int_equal(ua_auth_password_hash(COST, UA_TEXT("secret"), &record), UA_OK);
  assert_int_equal(verdict_of(COST, (ua_text){"secret\0more", 11}, record.hash, record.salt),
                   UA_PASSWORD_MISMATCH);
}

static void a_cheaper_hash_matches_and_is_outdated(void **state)
{
  (void)state;
  ua_password_record record;
  assert_int_equal(ua_auth_password_hash(4, UA_TEXT("correct horse"), &record), UA_OK);
  assert_int_equal(verdict_of(6, UA_TEXT("correct horse"), record.hash, record.salt),
                   UA_PASSWORD_MATCH_OUTDATED);
}

static void the_originals_hashes_match_and_are_outdated(void **state)
{
  (void)state;
  char hash[33];
  make_original("geheim", hash, ORIGINAL_SALT);
  assert_int_equal(verdict_of(COST, UA_TEXT("geheim"), hash, ORIGINAL_SALT), UA_PASSWORD_MATCH_OUTDATED);
  assert_int_equal(verdict_of(COST, UA_TEXT("geheim!"), hash, ORIGINAL_SALT), UA_PASSWORD_MISMATCH);
}

static void the_originals_passwords_are_latin1(void **state)
{
  (void)state;
  char hash[33];
  make_original(
      "gr\xFC\xDF"
      "e",
      hash, ORIGINAL_SALT);
  assert_int_equal(verdict_of(COST,
                              UA_TEXT("gr\xC3\xBC\xC3\x9F"
                                      "e"),
                              hash, ORIGINAL_SALT),
                   UA_PASSWORD_MATCH_OUTDATED);
  make_original("\x80", hash, ORIGINAL_SALT); /* a euro sign must not become this byte */
  assert_int_equal(verdict_of(COST, UA_TEXT("\xE2\x82\xAC"), hash, ORIGINAL_SALT), UA_PASSWORD_MISMATCH);
}

static void the_originals_passwords_may_be_longer_than_bcrypts(void **state)
{
  (void)state;
  char hash[33];
  char password[301];
  memset(password, 'x', sizeof password - 1);
  password[300] = '\0';
  make_original(password, hash, ORIGINAL_SALT);
  assert_int_equal(verdict_of(COST, ua_text_of(password), hash, ORIGINAL_SALT), UA_PASSWORD_MATCH_OUTDATED);
}

static void a_password_longer_than_any_that_is_tried_never_matches(void **state)
{
  (void)state;
  static char password[UA_MAX_TRIED_PASSWORD_BYTES + 2];
  char hash[33];
  memset(password, 'x', UA_MAX_TRIED_PASSWORD_BYTES);
  make_original(password, hash, ORIGINAL_SALT);
  assert_int_equal(verdict_of(COST, ua_text_of(password), hash, ORIGINAL_SALT), UA_PASSWORD_MATCH_OUTDATED);
  password[UA_MAX_TRIED_PASSWORD_BYTES] = 'x';
  make_original(password, hash, ORIGINAL_SALT);
  assert_int_equal(verdict_of(COST, ua_text_of(password), hash, ORIGINAL_SALT), UA_PASSWORD_MISMATCH);
}

static void an_unknown_user_is_a_mismatch(void **state)
{
  (void)state;
  assert_int_equal(verdict_of(COST, UA_TEXT("secret"), NULL, NULL), UA_PASSWORD_MISMATCH);
  assert_int_equal(verdict_of(COST, UA_TEXT(""), NULL, NULL), UA_PASSWORD_MISMATCH);
}

static void stored_nonsense_never_matches_and_is_told_apart(void **state)
{
  (void)state;
  static const struct {
    const char *hash, *salt;
  } table[] = {{"", ""},
               {"*0", "*0"},
               {"*0", ""},
               {"", "$2b$"},
               {"x", "$2b$04$"},
               {"secret", "secret"},
               {"*1", "$2b$04$abcdefghijklmnopqrstuu"},
               {"$1$x$y", "$1$x"}};
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    assert_int_equal(verdict_of(COST, UA_TEXT("secret"), table[i].hash, table[i].salt),
                     UA_PASSWORD_UNVERIFIABLE);
    assert_int_equal(verdict_of(COST, UA_TEXT(""), table[i].hash, table[i].salt), UA_PASSWORD_UNVERIFIABLE);
  }
}

/* Hashes of "secret-pass-1", made by libxcrypt. */
#define SETTING_04 "$2y$04$abcdefghijklmnopqrstu"
#define DIGEST_04  "7mT1mTVm3JlJNWVXXeK6kMjBoB7doNS"

static void bits_that_mean_nothing_in_bcrypts_base64_do_not_count(void **state)
{
  (void)state;
  char other_digest[] = DIGEST_04;
  other_digest[30]++; /* the same 23 bytes */
  static const char *const salts[] = {SETTING_04 "u", SETTING_04 "v", SETTING_04 "9"};
  for (size_t i = 0; i < 3; i++) {
    char hash[2][61];
    (void)snprintf(hash[0], sizeof hash[0], "%s%s", salts[i], DIGEST_04);
    (void)snprintf(hash[1], sizeof hash[1], "%s%s", salts[i], other_digest);
    for (size_t j = 0; j < 6; j++) {
      assert_int_equal(verdict_of(COST, UA_TEXT("secret-pass-1"), hash[j % 2], salts[j / 2]),
                       UA_PASSWORD_MATCH_OUTDATED);
      assert_int_equal(verdict_of(COST, UA_TEXT("secret-pass-2"), hash[j % 2], salts[j / 2]),
                       UA_PASSWORD_MISMATCH);
    }
  }
}

static void bits_that_count_in_bcrypts_base64_are_compared(void **state)
{
  (void)state;
  char digest[] = DIGEST_04;
  digest[30] += 4;
  char hash[61];
  (void)snprintf(hash, sizeof hash, "%s%s", SETTING_04 "u", digest);
  assert_int_equal(verdict_of(COST, UA_TEXT("secret-pass-1"), hash, SETTING_04 "u"), UA_PASSWORD_MISMATCH);
}

static void a_hash_of_each_accepted_prefix_matches(void **state)
{
  (void)state;
  static const char password[] = "p\xC3\xA4sswort \xF0\x9F\x98\x80";
  static const char *const prefixes[] = {"$2a$", "$2b$", "$2y$"};
  for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
    ua_password_record record;
    assert_int_equal(ua_auth_password_hash(COST, UA_TEXT(password), &record), UA_OK);
    memcpy(record.hash, prefixes[i], 4);
    memcpy(record.salt, prefixes[i], 4);
    bool current = strcmp(prefixes[i], "$2b$") == 0;
    assert_int_equal(verdict_of(COST, UA_TEXT(password), record.hash, record.salt),
                     current ? UA_PASSWORD_MATCH : UA_PASSWORD_MATCH_OUTDATED);
  }
}

static void a_hash_above_the_limit_is_not_tried(void **state)
{
  (void)state;
  ua_password_record record;
  assert_int_equal(ua_auth_password_hash(LIMIT, UA_TEXT("secret"), &record), UA_OK);
  assert_int_equal(verdict_of(COST, UA_TEXT("secret"), record.hash, record.salt), UA_PASSWORD_MATCH);
  assert_int_equal(ua_auth_password_hash(LIMIT + 1, UA_TEXT("secret"), &record), UA_OK);
  assert_int_equal(verdict_of(COST, UA_TEXT("secret"), record.hash, record.salt), UA_PASSWORD_UNVERIFIABLE);
  /* Cost 31 would take days. crypt() reads the cost only from the salt. */
  memcpy(record.salt, "$2b$31$", 7);
  assert_int_equal(verdict_of(COST, UA_TEXT("secret"), record.hash, record.salt), UA_PASSWORD_UNVERIFIABLE);
  memcpy(record.hash, "$2b$31$", 7);
  assert_int_equal(verdict_of(COST, UA_TEXT("secret"), record.hash, record.salt), UA_PASSWORD_UNVERIFIABLE);
}

static void no_password_matches_a_user_without_one(void **state)
{
  (void)state;
  static const char *const passwords[] = {"", "*", "*0", "secret"};
  for (size_t i = 0; i < sizeof passwords / sizeof passwords[0]; i++) {
    assert_int_equal(verdict_of(COST, ua_text_of(passwords[i]), UA_PASSWORD_NONE, UA_PASSWORD_NONE),
                     UA_PASSWORD_MISMATCH);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_hash_is_bcrypt_2b_of_the_cost_and_its_salt_is_the_setting),
      cmocka_unit_test(two_hashes_of_one_password_differ),
      cmocka_unit_test(a_password_that_bcrypt_would_cut_is_refused),
      cmocka_unit_test(a_password_longer_than_bcrypt_reads_never_matches),
      cmocka_unit_test(a_password_is_not_cut_at_a_nul),
      cmocka_unit_test(a_cheaper_hash_matches_and_is_outdated),
      cmocka_unit_test(the_originals_hashes_match_and_are_outdated),
      cmocka_unit_test(the_originals_passwords_are_latin1),
      cmocka_unit_test(the_originals_passwords_may_be_longer_than_bcrypts),
      cmocka_unit_test(a_password_longer_than_any_that_is_tried_never_matches),
      cmocka_unit_test(an_unknown_user_is_a_mismatch),
      cmocka_unit_test(stored_nonsense_never_matches_and_is_told_apart),
      cmocka_unit_test(bits_that_mean_nothing_in_bcrypts_base64_do_not_count),
      cmocka_unit_test(bits_that_count_in_bcrypts_base64_are_compared),
      cmocka_unit_test(a_hash_of_each_accepted_prefix_matches),
      cmocka_unit_test(a_hash_above_the_limit_is_not_tried),
      cmocka_unit_test(no_password_matches_a_user_without_one),
  };
  return cmocka_run_group_tests_name("password", tests, NULL, NULL);
}
