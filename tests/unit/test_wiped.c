/* Freed memory contains no secret, and the stack contains no key. Functions of this file replace free() and
 * explicit_bzero(), and check that. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static void look_and_free(void *memory);
static void look_and_wipe(void *memory, size_t size);

#define free(memory) look_and_free(memory)
#include "auth/password.c"
#include "base/normal_form.c"
#include "fastcgi/buffer.c"
#undef free

#define explicit_bzero(memory, size) look_and_wipe(memory, size)
#include "auth/device.c"
#include "auth/digest.c"
#undef explicit_bzero

#include "unit.h"

#define SECRET "correct horse battery staple"

static size_t looked_at;
static size_t left_behind;
static unsigned char key[UA_SHA256_BYTES]; /* must be wiped */
static size_t keys_wiped;

static void look_and_free(void *memory)
{
  if (memory != NULL) {
    looked_at++;
    left_behind += memmem(memory, malloc_usable_size(memory), SECRET, strlen(SECRET)) != NULL;
  }
  free(memory);
}

static void look_and_wipe(void *memory, size_t size)
{
  keys_wiped += size >= sizeof key && memcmp(memory, key, sizeof key) == 0;
  explicit_bzero(memory, size);
}

static int forget(void **state)
{
  (void)state;
  looked_at = 0;
  left_behind = 0;
  keys_wiped = 0;
  return 0;
}

static void assert_wiped(size_t blocks)
{
  assert_int_equal(looked_at, blocks);
  assert_int_equal(left_behind, 0);
}

static void the_search_finds_a_secret(void **state)
{
  (void)state;
  look_and_free(strdup("behind " SECRET));
  assert_int_equal(looked_at, 1);
  assert_int_equal(left_behind, 1);
}

static void a_password_that_is_hashed_is_wiped(void **state)
{
  (void)state;
  ua_password_record record;
  assert_int_equal(ua_auth_password_hash(4, UA_TEXT(SECRET), &record), UA_OK);
  assert_wiped(2); /* the password in its normal form, and the memory of crypt() */
}

static void a_password_that_is_compared_with_bcrypt_is_wiped(void **state)
{
  (void)state;
  ua_password_record record;
  ua_password_verdict verdict;
  assert_int_equal(ua_auth_password_hash(4, UA_TEXT("another"), &record), UA_OK);
  (void)forget(state);
  assert_int_equal(ua_auth_password_verify(4, 6, UA_TEXT(SECRET), ua_text_of(record.hash),
                                           ua_text_of(record.salt), &verdict),
                   UA_OK);
  assert_int_equal(verdict, UA_PASSWORD_MISMATCH);
  assert_wiped(1);
}

static void a_password_that_is_compared_with_the_originals_hash_is_wiped(void **state)
{
  (void)state;
  static const char hash[] = "00000000000000000000000000000000";
  static const char salt[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  ua_password_verdict verdict;
  assert_int_equal(
      ua_auth_password_verify(4, 6, UA_TEXT(SECRET), ua_text_of(hash), ua_text_of(salt), &verdict), UA_OK);
  assert_int_equal(verdict, UA_PASSWORD_MISMATCH);
  assert_wiped(2);
}

static void a_buffer_that_grows_leaves_nothing_behind(void **state)
{
  (void)state;
  static const char more[2 * SMALLEST];
  ua_buffer buffer = {.data = NULL};
  assert_true(ua_fastcgi_buffer_append(&buffer, SECRET, strlen(SECRET)));
  assert_true(ua_fastcgi_buffer_append(&buffer, more, sizeof more));
  assert_memory_equal(buffer.data, SECRET, strlen(SECRET));
  assert_wiped(1);
  ua_fastcgi_buffer_free(&buffer);
  assert_wiped(2);
}

static void a_large_buffer_is_given_back_without_its_bytes(void **state)
{
  (void)state;
  static const char more[MOST_KEPT + 1];
  ua_buffer buffer = {.data = NULL};
  assert_true(ua_fastcgi_buffer_append(&buffer, more, sizeof more));
  assert_true(ua_fastcgi_buffer_append(&buffer, SECRET, strlen(SECRET)));
  ua_fastcgi_buffer_reset(&buffer);
  assert_null(buffer.data);
  assert_wiped(1);
}

static void a_password_in_its_normal_form_is_wiped(void **state)
{
  (void)state;
  ua_normal_form form;
  assert_int_equal(ua_normal_form_nfc(UA_TEXT(SECRET), &form), UA_OK);
  ua_normal_form_clear(&form);
  assert_wiped(1);
  assert_int_equal(ua_normal_form_folded(UA_TEXT(SECRET " pa\xCC\x88ss"), &form), UA_OK);
  ua_normal_form_clear(&form);
  assert_wiped(4);
}

static void the_key_of_a_digest_is_wiped(void **state)
{
  (void)state;
  static const char *const list[] = {SECRET};
  static const ua_token_secrets secrets = {list, 1};
  unsigned char digest[UA_SHA256_BYTES];
  assert_true(ua_auth_digest_key(SECRET, UA_TEXT("user-api digest: address"), key));
  assert_true(ua_auth_digest(&secrets, "address", UA_TEXT("192.0.2.1"), digest));
  assert_int_equal(keys_wiped, 1);
}

static void the_key_of_known_browsers_is_wiped(void **state)
{
  (void)state;
  static const char *const list[] = {SECRET};
  static const ua_token_secrets secrets = {list, 1};
  ua_arena *arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  ua_devices devices = {.count = 0};
  assert_non_null(arena);
  assert_true(ua_auth_digest_key(SECRET, UA_TEXT(UA_DEVICE_COOKIE), key));
  assert_true(ua_auth_devices_remember(&devices, 7));
  ua_text cookie = ua_auth_devices_cookie(&secrets, arena, &devices, 0, true);
  assert_int_equal(keys_wiped, 1);
  ua_text value = {cookie.data + sizeof UA_DEVICE_COOKIE, ENTRY_CHARACTERS}; /* after "NAME=" */
  ua_auth_devices_read(&secrets, value, &devices);
  assert_int_equal(devices.count, 1);
  assert_int_equal(keys_wiped, 2);
  ua_arena_destroy(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(the_search_finds_a_secret, forget),
      cmocka_unit_test_setup(a_password_that_is_hashed_is_wiped, forget),
      cmocka_unit_test_setup(a_password_that_is_compared_with_bcrypt_is_wiped, forget),
      cmocka_unit_test_setup(a_password_that_is_compared_with_the_originals_hash_is_wiped, forget),
      cmocka_unit_test_setup(a_password_in_its_normal_form_is_wiped, forget),
      cmocka_unit_test_setup(the_key_of_a_digest_is_wiped, forget),
      cmocka_unit_test_setup(the_key_of_known_browsers_is_wiped, forget),
      cmocka_unit_test_setup(a_buffer_that_grows_leaves_nothing_behind, forget),
      cmocka_unit_test_setup(a_large_buffer_is_given_back_without_its_bytes, forget),
  };
  return cmocka_run_group_tests_name("wiped", tests, NULL, NULL);
}
