#include <string.h>

#include "auth/columns.h"
#include "unit.h"

#define SETTING       "$2y$10$abcdefghijklmnopqrstuu"
#define DIGEST        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdu"
#define HASH          SETTING DIGEST
#define ORIGINAL_HASH "0123456789abcdef0123456789ABCDEF"
#define ORIGINAL_SALT "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static ua_auth_columns columns;

static ua_auth_columns_kind kind_of(const char *hash, const char *salt)
{
  memset(&columns, 0xFF, sizeof columns);
  ua_auth_columns_read(ua_text_of(hash), ua_text_of(salt), &columns);
  return columns.kind;
}

static void columns_that_a_password_can_match_are_taken_over(void **state)
{
  (void)state;
  static const struct {
    const char *hash;
    const char *salt; /* NULL: absent */
    ua_auth_columns_kind kind;
    const char *taken;
  } table[] = {{HASH, SETTING, UA_COLUMNS_BCRYPT, SETTING},
               {HASH, NULL, UA_COLUMNS_BCRYPT, SETTING},
               {HASH, HASH, UA_COLUMNS_BCRYPT, SETTING},
               {ORIGINAL_HASH, ORIGINAL_SALT, UA_COLUMNS_ORIGINAL, ORIGINAL_SALT},
               {UA_PASSWORD_NONE, NULL, UA_COLUMNS_NONE, UA_PASSWORD_NONE},
               {UA_PASSWORD_NONE, UA_PASSWORD_NONE, UA_COLUMNS_NONE, UA_PASSWORD_NONE}};
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    assert_int_equal(kind_of(table[i].hash, table[i].salt), table[i].kind);
    assert_string_equal(columns.record.hash, table[i].hash);
    assert_string_equal(columns.record.salt, table[i].taken);
    assert_int_equal(columns.cost, table[i].kind == UA_COLUMNS_BCRYPT ? 10 : 0);
  }
}

static void bits_without_a_meaning_become_zeros(void **state)
{
  (void)state;
  static const char *const salts = "uvwxyz0123456789";
  static const char *const digests = "uvwx";
  for (size_t i = 0; salts[i] != '\0'; i++) {
    for (size_t j = 0; digests[j] != '\0'; j++) {
      char hash[] = HASH;
      char salt[] = SETTING;
      hash[28] = salts[i];
      hash[59] = digests[j];
      assert_int_equal(kind_of(hash, salt), UA_COLUMNS_BCRYPT);
      assert_string_equal(columns.record.hash, HASH);
      assert_string_equal(columns.record.salt, SETTING);
      salt[28] = salts[15 - i];
      assert_int_equal(kind_of(hash, salt), UA_COLUMNS_BCRYPT);
      assert_string_equal(columns.record.salt, SETTING);
    }
  }
}

static void bits_with_a_meaning_stay(void **state)
{
  (void)state;
  char hash[] = HASH;
  hash[28] = 't';
  hash[59] = 'y';
  assert_int_equal(kind_of(hash, NULL), UA_COLUMNS_BCRYPT);
  assert_int_equal(columns.record.hash[28], 'e');
  assert_int_equal(columns.record.hash[59], 'y');
  assert_int_equal(kind_of(hash, SETTING), UA_COLUMNS_OTHER_SALT);
}

static void a_cost_is_two_digits_from_4_to_31(void **state)
{
  (void)state;
  char hash[] = HASH;
  for (int cost = 0; cost < 100; cost++) {
    hash[4] = (char)('0' + cost / 10);
    hash[5] = (char)('0' + cost % 10);
    bool good = cost >= 4 && cost <= 31;
    assert_int_equal(kind_of(hash, NULL), good ? UA_COLUMNS_BCRYPT : UA_COLUMNS_UNKNOWN);
    assert_int_equal(columns.cost, good ? cost : 0);
  }
}

static void columns_that_no_password_can_match_are_told_apart(void **state)
{
  (void)state;
  static const struct {
    const char *hash;
    const char *salt;
    ua_auth_columns_kind kind;
  } table[] = {{NULL, NULL, UA_COLUMNS_UNKNOWN},
               {"", NULL, UA_COLUMNS_UNKNOWN},
               {"x", NULL, UA_COLUMNS_UNKNOWN},
               {"*0", "*0", UA_COLUMNS_UNKNOWN},
               {UA_PASSWORD_NONE, "x", UA_COLUMNS_UNKNOWN},
               {HASH "x", NULL, UA_COLUMNS_UNKNOWN},
               {SETTING, SETTING, UA_COLUMNS_UNKNOWN},
               {"$2b$10$abcdefghijklmnopqrst!u" DIGEST, NULL, UA_COLUMNS_UNKNOWN},
               {"$2b$+9$abcdefghijklmnopqrstuu" DIGEST, NULL, UA_COLUMNS_UNKNOWN},
               {"$2b$10.abcdefghijklmnopqrstuu" DIGEST, NULL, UA_COLUMNS_UNKNOWN},
               {"$2c$10$abcdefghijklmnopqrstuu" DIGEST, NULL, UA_COLUMNS_UNKNOWN},
               {"$1$abcdefgh$x", "$1$abcdefgh", UA_COLUMNS_UNKNOWN},
               {"$2x$10$abcdefghijklmnopqrstuu" DIGEST, NULL, UA_COLUMNS_2X},
               {HASH, "", UA_COLUMNS_OTHER_SALT},
               {HASH, ORIGINAL_SALT, UA_COLUMNS_OTHER_SALT},
               {HASH, "$2b$10$abcdefghijklmnopqrstuu", UA_COLUMNS_OTHER_SALT},
               {HASH, "$2y$11$abcdefghijklmnopqrstuu", UA_COLUMNS_OTHER_SALT},
               {HASH, "$2y$10$abcdefghijklmnopqrst!u", UA_COLUMNS_OTHER_SALT},
               {HASH, "$2y$10$abcdefghijklmnopqrstu!", UA_COLUMNS_OTHER_SALT},
               {HASH, "$2y$10$abcdefghijklmnopqrstu", UA_COLUMNS_OTHER_SALT},
               {" " HASH, NULL, UA_COLUMNS_EDGES},
               {HASH "\r", NULL, UA_COLUMNS_EDGES},
               {HASH "\n", SETTING, UA_COLUMNS_EDGES},
               {ORIGINAL_HASH " ", ORIGINAL_SALT, UA_COLUMNS_EDGES},
               {ORIGINAL_HASH, ORIGINAL_SALT "\t", UA_COLUMNS_EDGES},
               {ORIGINAL_HASH, NULL, UA_COLUMNS_MISSING_SALT},
               {ORIGINAL_HASH, "", UA_COLUMNS_MISSING_SALT},
               {ORIGINAL_HASH, "0123", UA_COLUMNS_MISSING_SALT},
               {ORIGINAL_HASH, ORIGINAL_SALT "0", UA_COLUMNS_MISSING_SALT}};
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    assert_int_equal(kind_of(table[i].hash, table[i].salt), table[i].kind);
    assert_string_equal(columns.record.hash, "");
    assert_string_equal(columns.record.salt, "");
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(columns_that_a_password_can_match_are_taken_over),
      cmocka_unit_test(bits_without_a_meaning_become_zeros),
      cmocka_unit_test(bits_with_a_meaning_stay),
      cmocka_unit_test(a_cost_is_two_digits_from_4_to_31),
      cmocka_unit_test(columns_that_no_password_can_match_are_told_apart),
  };
  return cmocka_run_group_tests_name("columns", tests, NULL, NULL);
}
