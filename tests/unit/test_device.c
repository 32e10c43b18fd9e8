#include <string.h>

#include "auth/device.h"
#include "auth/digest.h"
#include "unit.h"

enum { NOW = 1700000000, ENTRY_CHARACTERS = 48 };

static const char *const first_secret[] = {"the first secret of thirty-two bytes"};
static const char *const other_secret[] = {"another secret, also of 32 bytes...."};
static const char *const both_secrets[] = {"another secret, also of 32 bytes....",
                                           "the first secret of thirty-two bytes"};
static const ua_token_secrets first = {first_secret, 1};
static const ua_token_secrets other = {other_secret, 1};
static const ua_token_secrets both = {both_secrets, 2};

static int open_arena(void **state)
{
  *state = ua_arena_create(4096, 1 << 20);
  return *state == NULL;
}

static int close_arena(void **state)
{
  ua_arena *arena = *state;
  ua_arena_destroy(&arena);
  return 0;
}

/* A browser in which these users have logged in, one after the other. */
static ua_devices after_logins(const int32_t *users, size_t count)
{
  ua_devices devices = {.count = 0};
  for (size_t i = 0; i < count; i++) {
    assert_true(ua_auth_devices_remember(&devices, users[i]));
  }
  return devices;
}

#define AFTER_LOGINS(...) \
  after_logins((const int32_t[]){__VA_ARGS__}, sizeof((const int32_t[]){__VA_ARGS__}) / sizeof(int32_t))

/* The value within the Set-Cookie line. */
static ua_text value_of(ua_arena *arena, const ua_token_secrets *secrets, const ua_devices *devices)
{
  ua_text line = ua_auth_devices_cookie(secrets, arena, devices, NOW, false);
  ua_text value;
  ua_text name;
  assert_non_null(line.data);
  assert_true(ua_text_split(&line, ';', &value));
  assert_true(ua_text_split(&value, '=', &name));
  assert_true(ua_text_equal(name, UA_TEXT(UA_DEVICE_COOKIE)));
  return value;
}

static void assert_same(const ua_devices *devices, const ua_devices *expected)
{
  assert_int_equal(devices->count, expected->count);
  for (size_t i = 0; i < expected->count; i++) {
    assert_int_equal(devices->list[i].user_id, expected->list[i].user_id);
    assert_memory_equal(devices->list[i].nonce, expected->list[i].nonce, UA_DEVICE_NONCE_BYTES);
  }
}

#define ASSERT_USERS(devices, ...)                                         \
  do {                                                                     \
    static const int32_t expected[] = {__VA_ARGS__};                       \
    assert_int_equal((devices).count, sizeof expected / sizeof *expected); \
    for (size_t user = 0; user < (devices).count; user++) {                \
      assert_int_equal((devices).list[user].user_id, expected[user]);      \
    }                                                                      \
  } while (false)

static void what_was_remembered_is_read_again(void **state)
{
  ua_devices devices = AFTER_LOGINS(7, INT32_MAX, 1, 305419896);
  ua_devices read;
  ua_text value = value_of(*state, &first, &devices);
  assert_int_equal(value.length, 4 * ENTRY_CHARACTERS + 3);
  ua_auth_devices_read(&first, value, &read);
  assert_same(&read, &devices);
  ASSERT_USERS(read, 305419896, 1, INT32_MAX, 7);
}

static void the_latest_login_is_first_and_the_oldest_of_five_goes(void **state)
{
  (void)state;
  ua_devices devices = AFTER_LOGINS(1, 2, 3, 4);
  ua_device kept = *ua_auth_devices_find(&devices, 2);
  assert_true(ua_auth_devices_remember(&devices, 2));
  ASSERT_USERS(devices, 2, 4, 3, 1);
  assert_memory_equal(devices.list[0].nonce, kept.nonce, sizeof kept.nonce);
  assert_true(ua_auth_devices_remember(&devices, 2));
  ASSERT_USERS(devices, 2, 4, 3, 1);
  assert_true(ua_auth_devices_remember(&devices, 5));
  ASSERT_USERS(devices, 5, 2, 4, 3);
  assert_null(ua_auth_devices_find(&devices, 1));
  assert_memory_equal(ua_auth_devices_find(&devices, 2)->nonce, kept.nonce, sizeof kept.nonce);
}

static void two_browsers_of_a_user_have_two_nonces(void **state)
{
  (void)state;
  ua_devices one = AFTER_LOGINS(1);
  ua_devices two = AFTER_LOGINS(1);
  assert_memory_not_equal(one.list[0].nonce, two.list[0].nonce, UA_DEVICE_NONCE_BYTES);
}

static void any_listed_secret_counts_and_the_first_signs(void **state)
{
  ua_devices devices = AFTER_LOGINS(1, 2);
  ua_devices read;
  ua_text old = value_of(*state, &first, &devices);
  ua_auth_devices_read(&both, old, &read);
  assert_same(&read, &devices);
  ua_auth_devices_read(&other, old, &read);
  assert_int_equal(read.count, 0);
  ua_auth_devices_read(&other, value_of(*state, &both, &devices), &read);
  assert_same(&read, &devices);
}

static void entries_of_two_secrets_keep_their_order(void **state)
{
  ua_devices one = AFTER_LOGINS(1);
  ua_devices two = AFTER_LOGINS(2);
  ua_devices read;
  ua_text mixed = ua_arena_printf(*state, "%.*s.%.*s", UA_TEXT_ARGS(value_of(*state, &first, &one)),
                                  UA_TEXT_ARGS(value_of(*state, &other, &two)));
  ua_auth_devices_read(&both, mixed, &read);
  ASSERT_USERS(read, 1, 2);
  ua_auth_devices_read(&first, mixed, &read);
  ASSERT_USERS(read, 1);
}

static void a_changed_bit_takes_the_entry_away_and_leaves_the_others(void **state)
{
  ua_devices devices = AFTER_LOGINS(1, 2);
  ua_text value = value_of(*state, &first, &devices);
  for (size_t i = 0; i < ENTRY_CHARACTERS; i++) {
    ua_devices read;
    ua_text changed = ua_arena_copy(*state, value);
    char *at = (char *)(uintptr_t)&changed.data[i];
    *at = *at == 'A' ? 'B' : 'A';
    ua_auth_devices_read(&first, changed, &read);
    ASSERT_USERS(read, 1);
  }
}

static void what_is_no_entry_does_not_count(void **state)
{
  ua_devices devices = AFTER_LOGINS(1);
  ua_text value = value_of(*state, &first, &devices);
  static const char *const around[][2] = {{"", "="}, {"", "A"}, {" ", ""},
                                          {"", " "}, {"A", ""}, {"\"", "\""}};
  ua_devices read;
  for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
    ua_auth_devices_read(
        &first, ua_arena_printf(*state, "%s%.*s%s", around[i][0], UA_TEXT_ARGS(value), around[i][1]), &read);
    assert_int_equal(read.count, 0);
  }
  ua_auth_devices_read(&first, (ua_text){value.data, value.length - 1}, &read);
  assert_int_equal(read.count, 0);
  ua_auth_devices_read(&first, UA_TEXT_ABSENT, &read);
  assert_int_equal(read.count, 0);
  ua_auth_devices_read(&first, ua_arena_printf(*state, "..%.*s", UA_TEXT_ARGS(value)), &read);
  assert_same(&read, &devices);
}

static void of_two_entries_for_a_user_the_first_counts(void **state)
{
  ua_devices one = AFTER_LOGINS(1);
  ua_devices two = AFTER_LOGINS(1, 2);
  ua_devices read;
  ua_auth_devices_read(&first,
                       ua_arena_printf(*state, "%.*s.%.*s", UA_TEXT_ARGS(value_of(*state, &first, &one)),
                                       UA_TEXT_ARGS(value_of(*state, &first, &two))),
                       &read);
  ASSERT_USERS(read, 1, 2);
  assert_memory_equal(read.list[0].nonce, one.list[0].nonce, UA_DEVICE_NONCE_BYTES);
}

/* Another host of the domain can set its own cookie, which comes before ours and may have valid entries. */
static void what_others_put_before_an_entry_does_not_hide_it(void **state)
{
  ua_devices others = AFTER_LOGINS(4, 3, 2, 1);
  ua_devices own = AFTER_LOGINS(5);
  ua_devices read;
  ua_text own_value = value_of(*state, &first, &own);
  ua_text both_values = ua_arena_printf(
      *state, "%.*s.a.b.c.d..%.*s", UA_TEXT_ARGS(value_of(*state, &first, &others)), UA_TEXT_ARGS(own_value));
  ua_auth_devices_read(&first, both_values, &read);
  ASSERT_USERS(read, 1, 2, 3, 4, 5);
  assert_memory_equal(read.list[4].nonce, own.list[0].nonce, UA_DEVICE_NONCE_BYTES);
  ua_text written = value_of(*state, &first, &read);
  assert_true(ua_auth_devices_remember(&read, 5));
  ASSERT_USERS(read, 5, 1, 2, 3);
  ua_auth_devices_read(&first, written, &read);
  ASSERT_USERS(read, 1, 2, 3, 4);
}

/* The bounds are sixty-four parts and sixteen valid entries. */
static void what_is_looked_at_is_bounded(void **state)
{
  ua_devices own = AFTER_LOGINS(1);
  ua_devices read;
  ua_text many = value_of(*state, &first, &own);
  ua_text forged = ua_arena_copy(*state, many);
  /* It still has the form of an entry. */
  *(char *)(uintptr_t)&forged.data[20] = forged.data[20] == 'A' ? 'B' : 'A';
  ua_text before = forged;
  for (int i = 1; i < 64; i++) {
    before = ua_arena_printf(*state, "%.*s.%.*s", UA_TEXT_ARGS(before), UA_TEXT_ARGS(forged));
  }
  ua_auth_devices_read(&first, ua_arena_printf(*state, "%.*s.%.*s", UA_TEXT_ARGS(before), UA_TEXT_ARGS(many)),
                       &read);
  assert_int_equal(read.count, 0);
  for (int32_t user = 2; user <= 17; user++) {
    ua_devices next = AFTER_LOGINS(1);
    next.list[0].user_id = user;
    many = ua_arena_printf(*state, "%.*s.%.*s", UA_TEXT_ARGS(many),
                           UA_TEXT_ARGS(value_of(*state, &first, &next)));
  }
  ua_auth_devices_read(&first, many, &read);
  assert_int_equal(read.count, UA_MAX_DEVICES_READ);
  assert_non_null(ua_auth_devices_find(&read, 16));
  assert_null(ua_auth_devices_find(&read, 17));
}

static void ids_that_no_user_has_do_not_count(void **state)
{
  static const int32_t ids[] = {0, -1, INT32_MIN};
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    ua_devices devices = {.list = {{.user_id = ids[i]}}, .count = 1};
    ua_devices read;
    ua_auth_devices_read(&first, value_of(*state, &first, &devices), &read);
    assert_int_equal(read.count, 0);
  }
}

static void the_cookie_is_made_for_a_year(void **state)
{
  ua_devices devices = AFTER_LOGINS(1);
  static const char attributes[] = "; Expires=Wed, 13 Nov 2024 22:13:20 GMT; HttpOnly; Path=/; SameSite=Lax";
  size_t named = strlen(UA_DEVICE_COOKIE "=") + ENTRY_CHARACTERS;
  ua_text plain = ua_auth_devices_cookie(&first, *state, &devices, NOW, false);
  assert_true(plain.length > named);
  assert_string_equal(plain.data + named, attributes);
  ua_text secure = ua_auth_devices_cookie(&first, *state, &devices, NOW, true);
  assert_true(secure.length > named);
  assert_string_equal(secure.data + named, ua_arena_printf(*state, "%s; Secure", attributes).data);
}

static void a_cookie_of_nobody_is_empty(void **state)
{
  ua_devices devices = {.count = 0};
  assert_int_equal(value_of(*state, &first, &devices).length, 0);
}

static void without_a_secret_nothing_is_signed_or_counted(void **state)
{
  const char *const empty[] = {""};
  const ua_token_secrets none = {NULL, 0};
  const ua_token_secrets blank = {empty, 1};
  unsigned char digest[UA_SHA256_BYTES];
  ua_devices devices = AFTER_LOGINS(1);
  ua_devices read;
  assert_null(ua_auth_devices_cookie(&none, *state, &devices, NOW, false).data);
  assert_null(ua_auth_devices_cookie(&blank, *state, &devices, NOW, false).data);
  assert_false(ua_auth_digest(&none, "account", UA_TEXT("ann@example.com"), digest));
  assert_false(ua_auth_digest(&blank, "account", UA_TEXT("ann@example.com"), digest));
  ua_auth_devices_read(&none, value_of(*state, &first, &devices), &read);
  assert_int_equal(read.count, 0);
}

/* Other releases and other pools read this form. */
static void the_cookies_form_stays(void **state)
{
  ua_devices devices = {.list = {{.user_id = 258, .nonce = "0123456789abcde"}}, .count = 1};
  assert_string_equal(ua_arena_copy(*state, value_of(*state, &first, &devices)).data,
                      "AAABAjAxMjM0NTY3ODlhYmNkZQCiWWtl7hlI9QfIgAmyEBcT");
}

static void a_digest_depends_on_secret_purpose_and_subject(void **state)
{
  (void)state;
  static const struct {
    const ua_token_secrets *secrets;
    const char *purpose;
    ua_text subject;
  } inputs[] = {{&first, "account", {"ann", 3}}, {&first, "account", {"anna", 4}},
                {&first, "accounta", {"nn", 2}}, {&first, "address", {"ann", 3}},
                {&other, "account", {"ann", 3}}, {&first, "account", {"", 0}}};
  enum { COUNT = sizeof inputs / sizeof *inputs };
  unsigned char digests[COUNT][UA_SHA256_BYTES];
  unsigned char again[UA_SHA256_BYTES];
  for (size_t i = 0; i < COUNT; i++) {
    assert_true(ua_auth_digest(inputs[i].secrets, inputs[i].purpose, inputs[i].subject, digests[i]));
    assert_true(ua_auth_digest(inputs[i].secrets, inputs[i].purpose, inputs[i].subject, again));
    assert_memory_equal(digests[i], again, sizeof again);
    for (size_t j = 0; j < i; j++) {
      assert_memory_not_equal(digests[i], digests[j], sizeof again);
    }
  }
  assert_true(ua_auth_digest(&both, "account", UA_TEXT("ann"), again)); /* uses the first of two secrets */
  assert_memory_equal(again, digests[4], sizeof again);
}

static void a_purpose_is_never_cut(void **state)
{
  (void)state;
  unsigned char digest[UA_SHA256_BYTES];
  assert_true(ua_auth_digest(&first, "a purpose of 32 characters, all.", UA_TEXT("ann"), digest));
  assert_false(ua_auth_digest(&first, "a purpose of sixty-four characters, which is longer than needed",
                              UA_TEXT("ann"), digest));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_remembered_is_read_again),
      cmocka_unit_test(the_latest_login_is_first_and_the_oldest_of_five_goes),
      cmocka_unit_test(two_browsers_of_a_user_have_two_nonces),
      cmocka_unit_test(any_listed_secret_counts_and_the_first_signs),
      cmocka_unit_test(entries_of_two_secrets_keep_their_order),
      cmocka_unit_test(a_changed_bit_takes_the_entry_away_and_leaves_the_others),
      cmocka_unit_test(what_is_no_entry_does_not_count),
      cmocka_unit_test(of_two_entries_for_a_user_the_first_counts),
      cmocka_unit_test(what_others_put_before_an_entry_does_not_hide_it),
      cmocka_unit_test(what_is_looked_at_is_bounded),
      cmocka_unit_test(ids_that_no_user_has_do_not_count),
      cmocka_unit_test(the_cookie_is_made_for_a_year),
      cmocka_unit_test(a_cookie_of_nobody_is_empty),
      cmocka_unit_test(without_a_secret_nothing_is_signed_or_counted),
      cmocka_unit_test(the_cookies_form_stays),
      cmocka_unit_test(a_digest_depends_on_secret_purpose_and_subject),
      cmocka_unit_test(a_purpose_is_never_cut),
  };
  return cmocka_run_group_tests(tests, open_arena, close_arena);
}
