/* Passwords with accents, which keyboards send as one character or as a letter and its accent. Hashes are
 * counted: this program's crypt_rn replaces libcrypt's. */
#include <crypt.h>
#include <dlfcn.h>
#include <string.h>

#include "auth/hashing.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "unit.h"

enum { COST = 4, LIMIT = 6 };

#define COMPOSED   "p\xC3\xA4ssw\xC3\xB6rd"
#define DECOMPOSED "pa\xCC\x88sswo\xCC\x88rd"

static int hashes;

char *crypt_rn(const char *password, const char *setting, void *data, int size)
{
  char *(*next)(const char *, const char *, void *, int) = NULL;
  *(void **)&next = dlsym(RTLD_NEXT, "crypt_rn");
  hashes++;
  return next(password, setting, data, size);
}

/* Passwords as they were stored before NFC was used. */
static ua_password_record stored_as_typed(const char *password, int cost)
{
  ua_password_record record = {{0}, {0}};
  struct crypt_data data = {0};
  assert_non_null(crypt_gensalt_rn("$2b$", (unsigned long)cost, NULL, 0, record.salt, sizeof record.salt));
  const char *output = crypt_rn(password, record.salt, &data, sizeof data);
  assert_non_null(output);
  memcpy(record.hash, output, strlen(output) + 1);
  return record;
}

static ua_hash_outcome outcome_of(ua_text password, ua_text hash, ua_text salt)
{
  ua_hash_outcome outcome;
  const ua_hash_job job = {.kind = UA_HASH_VERIFY,
                           .cost = COST,
                           .limit = LIMIT,
                           .upgrade = true,
                           .password = password,
                           .hash = hash,
                           .salt = salt};
  hashes = 0;
  ua_auth_hashing_run(&job, &outcome);
  assert_int_equal(outcome.status, UA_OK);
  return outcome;
}

static ua_hash_outcome tried(const char *password, const ua_password_record *stored)
{
  return outcome_of(ua_text_of(password), ua_text_of(stored->hash), ua_text_of(stored->salt));
}

static ua_password_record record_of(const char *password)
{
  ua_hash_outcome outcome;
  const ua_hash_job job = {.kind = UA_HASH_NEW, .cost = COST, .password = ua_text_of(password)};
  ua_auth_hashing_run(&job, &outcome);
  assert_int_equal(outcome.status, UA_OK);
  return outcome.record;
}

static void a_new_password_matches_in_either_form(void **state)
{
  (void)state;
  static const char *const forms[] = {COMPOSED, DECOMPOSED};
  for (int set = 0; set < 2; set++) {
    ua_password_record stored = record_of(forms[set]);
    for (int typed = 0; typed < 2; typed++) {
      ua_hash_outcome outcome = tried(forms[typed], &stored);
      assert_int_equal(outcome.verdict, UA_PASSWORD_MATCH);
      assert_false(outcome.has_record);
      assert_int_equal(hashes, typed + 1);
    }
  }
}

static void a_hash_of_the_decomposed_form_matches_and_is_replaced_by_one_in_nfc(void **state)
{
  (void)state;
  ua_password_record old = stored_as_typed(DECOMPOSED, COST);
  assert_int_equal(tried(COMPOSED, &old).verdict, UA_PASSWORD_MISMATCH);
  ua_hash_outcome outcome = tried(DECOMPOSED, &old);
  assert_int_equal(outcome.verdict, UA_PASSWORD_MATCH_OUTDATED);
  assert_true(outcome.has_record);
  assert_int_equal(tried(COMPOSED, &outcome.record).verdict, UA_PASSWORD_MATCH);
}

static void the_upgrade_of_a_cheap_hash_stores_nfc(void **state)
{
  (void)state;
  ua_password_record old = stored_as_typed(COMPOSED, COST);
  ua_hash_outcome outcome;
  const ua_hash_job job = {.kind = UA_HASH_VERIFY,
                           .cost = COST + 1,
                           .limit = LIMIT,
                           .upgrade = true,
                           .password = UA_TEXT(DECOMPOSED),
                           .hash = ua_text_of(old.hash),
                           .salt = ua_text_of(old.salt)};
  ua_auth_hashing_run(&job, &outcome);
  assert_int_equal(outcome.verdict, UA_PASSWORD_MATCH_OUTDATED);
  assert_true(outcome.has_record);
  assert_int_equal(tried(COMPOSED, &outcome.record).verdict, UA_PASSWORD_MATCH);
}

/* The original hashed the composed form, and accepted no other form. */
static void a_hash_of_the_original_matches_in_either_form(void **state)
{
  (void)state;
  static const char salt[] = "dfcc7e5e3a5a1d7e40d3b3a9b5a0e0b1a9e0b4f9c5d1a2b3c4d5e6f708192a3b";
  unsigned char derived[16];
  char hash[2 * sizeof derived + 1];
  assert_true(ua_crypto_pbkdf2_sha1(UA_TEXT("p\xE4ssw\xF6rd"), UA_TEXT(salt), 1000, derived, sizeof derived));
  ua_text_hex(derived, sizeof derived, hash);
  assert_int_equal(outcome_of(UA_TEXT(COMPOSED), ua_text_of(hash), UA_TEXT(salt)).verdict,
                   UA_PASSWORD_MATCH_OUTDATED);
  assert_int_equal(outcome_of(UA_TEXT(DECOMPOSED), ua_text_of(hash), UA_TEXT(salt)).verdict,
                   UA_PASSWORD_MATCH_OUTDATED);
}

static void what_is_typed_decides_how_many_hashes_a_mismatch_takes_whatever_is_stored(void **state)
{
  (void)state;
  const ua_password_record current = record_of("another one");
  const struct {
    ua_text hash, salt;
  } stored[] = {
      {UA_TEXT_ABSENT, UA_TEXT_ABSENT},
      {ua_text_of(current.hash), ua_text_of(current.salt)},
      {UA_TEXT("*"), UA_TEXT("*")},
      {UA_TEXT("no hash"), UA_TEXT("")},
      {UA_TEXT("$2b$20$abcdefghijklmnopqrstuu5ObO7E384F64OedAx1qRVLNUixTnOrS"),
       UA_TEXT("$2b$20$abcdefghijklmnopqrstuu")},
      {UA_TEXT("0123456789abcdef0123456789abcdef"),
       UA_TEXT("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")},
  };
  for (size_t i = 0; i < sizeof stored / sizeof stored[0]; i++) {
    (void)outcome_of(UA_TEXT("plain"), stored[i].hash, stored[i].salt);
    assert_int_equal(hashes, 1);
    (void)outcome_of(UA_TEXT(COMPOSED), stored[i].hash, stored[i].salt);
    assert_int_equal(hashes, 1);
    (void)outcome_of(UA_TEXT(DECOMPOSED), stored[i].hash, stored[i].salt);
    assert_int_equal(hashes, 2);
  }
}

static void a_password_beyond_what_is_tried_takes_one_hash(void **state)
{
  (void)state;
  static char longer[UA_MAX_TRIED_PASSWORD_BYTES + 3];
  for (size_t i = 0; i < sizeof longer; i += 3) {
    memcpy(longer + i, "a\xCC\x88", sizeof longer - i < 3 ? sizeof longer - i : 3);
  }
  (void)outcome_of((ua_text){longer, sizeof longer}, UA_TEXT_ABSENT, UA_TEXT_ABSENT);
  assert_int_equal(hashes, 1);
  (void)outcome_of(UA_TEXT("\xFF\xFE"), UA_TEXT_ABSENT, UA_TEXT_ABSENT);
  assert_int_equal(hashes, 1);
}

static void the_bounds_of_a_new_password_count_on_nfc(void **state)
{
  (void)state;
  char composed[UA_MAX_PASSWORD_BYTES + 3] = "";
  char decomposed[2 * UA_MAX_PASSWORD_BYTES] = "";
  for (int i = 0; i < UA_MAX_PASSWORD_BYTES / 2; i++) {
    memcpy(composed + 2 * (size_t)i, "\xC3\xA4", 3);
    memcpy(decomposed + 3 * (size_t)i, "a\xCC\x88", 4);
  }
  ua_password_record stored = record_of(decomposed);
  assert_int_equal(tried(composed, &stored).verdict, UA_PASSWORD_MATCH);
  ua_password_record untouched;
  memcpy(composed + UA_MAX_PASSWORD_BYTES, "x", 2);
  assert_int_equal(ua_auth_password_hash(COST, ua_text_of(composed), &untouched), UA_BAD_REQUEST);
  assert_int_equal(ua_auth_password_hash(COST, UA_TEXT("\xFF"), &untouched), UA_BAD_REQUEST);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_password_matches_in_either_form),
      cmocka_unit_test(a_hash_of_the_decomposed_form_matches_and_is_replaced_by_one_in_nfc),
      cmocka_unit_test(the_upgrade_of_a_cheap_hash_stores_nfc),
      cmocka_unit_test(a_hash_of_the_original_matches_in_either_form),
      cmocka_unit_test(what_is_typed_decides_how_many_hashes_a_mismatch_takes_whatever_is_stored),
      cmocka_unit_test(a_password_beyond_what_is_tried_takes_one_hash),
      cmocka_unit_test(the_bounds_of_a_new_password_count_on_nfc),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
