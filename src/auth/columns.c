#include "auth/columns.h"

#include <string.h>

enum {
  BCRYPT_COST_AT = 4,
  BCRYPT_SALT_AT = 7,         /* behind "$2b$", two digits and "$" */
  BCRYPT_SETTING_LENGTH = 29, /* with 22 characters of salt */
  BCRYPT_HASH_LENGTH = 60,
  BCRYPT_MIN_COST = 4,
  BCRYPT_MAX_COST = 31,
  SALT_PADDING = 0xF,  /* 22 characters are 132 bits, 16 bytes are 128 */
  DIGEST_PADDING = 0x3 /* 31 characters are 186 bits, 23 bytes are 184 */
};

enum { ORIGINAL_HASH_LENGTH = 32, ORIGINAL_SALT_LENGTH = 64 };

static const char bcrypt_alphabet[] = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

static const char *bcrypt_digit(char character)
{
  return character == '\0' ? NULL : strchr(bcrypt_alphabet, character);
}

/* The character of the same value without the padding bits. */
static char without_padding(char character, size_t padding)
{
  const char *digit = bcrypt_digit(character);
  return digit == NULL ? character : bcrypt_alphabet[(size_t)(digit - bcrypt_alphabet) & ~padding];
}

/* The variant ('b' of "$2b$") and the cost of a bcrypt hash; '\0' when it is not bcrypt. */
static char read_bcrypt(ua_text hash, int *cost_r)
{
  if (hash.length != BCRYPT_HASH_LENGTH || memcmp(hash.data, "$2", 2) != 0 || hash.data[3] != '$' ||
      hash.data[BCRYPT_SALT_AT - 1] != '$' || memchr("abxy", hash.data[2], 4) == NULL) {
    return '\0';
  }
  for (size_t i = BCRYPT_SALT_AT; i < BCRYPT_HASH_LENGTH; i++) {
    if (bcrypt_digit(hash.data[i]) == NULL) {
      return '\0';
    }
  }
  uint64_t cost;
  size_t zero = hash.data[BCRYPT_COST_AT] == '0';
  ua_text digits = {hash.data + BCRYPT_COST_AT + zero, 2 - zero};
  if (!ua_text_to_uint(digits, BCRYPT_MAX_COST, &cost) || cost < BCRYPT_MIN_COST) {
    return '\0';
  }
  *cost_r = (int)cost;
  return hash.data[2];
}

static ua_auth_columns_kind take_bcrypt(ua_text hash, ua_text salt, ua_password_record *record)
{
  size_t last = BCRYPT_SETTING_LENGTH - 1;
  if (salt.data == NULL) {
    salt = hash;
  }
  if (salt.length < BCRYPT_SETTING_LENGTH || memcmp(salt.data, hash.data, last) != 0 ||
      without_padding(salt.data[last], SALT_PADDING) != without_padding(hash.data[last], SALT_PADDING)) {
    return UA_COLUMNS_OTHER_SALT;
  }
  memcpy(record->hash, hash.data, BCRYPT_HASH_LENGTH);
  record->hash[last] = without_padding(hash.data[last], SALT_PADDING);
  record->hash[BCRYPT_HASH_LENGTH - 1] = without_padding(hash.data[BCRYPT_HASH_LENGTH - 1], DIGEST_PADDING);
  memcpy(record->salt, record->hash, BCRYPT_SETTING_LENGTH);
  return UA_COLUMNS_BCRYPT;
}

static bool is_hex(ua_text text, size_t length)
{
  for (size_t i = 0; i < text.length; i++) {
    if (ua_text_hex_digit(text.data[i]) < 0) {
      return false;
    }
  }
  return text.length == length;
}

static bool has_edges(ua_text text)
{
  return text.length > 0 &&
         ((unsigned char)text.data[0] <= ' ' || (unsigned char)text.data[text.length - 1] <= ' ');
}

static ua_auth_columns_kind read_columns(ua_text hash, ua_text salt, ua_auth_columns *columns)
{
  ua_password_record *record = &columns->record;
  if (ua_text_equal(hash, UA_TEXT(UA_PASSWORD_NONE)) &&
      (salt.data == NULL || ua_text_equal(salt, UA_TEXT(UA_PASSWORD_NONE)))) {
    record->hash[0] = record->salt[0] = UA_PASSWORD_NONE[0];
    return UA_COLUMNS_NONE;
  }
  switch (read_bcrypt(hash, &columns->cost)) {
    case '\0':
      break;
    case 'x':
      return UA_COLUMNS_2X;
    default:
      return take_bcrypt(hash, salt, record);
  }
  if (!is_hex(hash, ORIGINAL_HASH_LENGTH)) {
    return has_edges(hash) ? UA_COLUMNS_EDGES : UA_COLUMNS_UNKNOWN;
  }
  if (!is_hex(salt, ORIGINAL_SALT_LENGTH)) {
    return has_edges(salt) ? UA_COLUMNS_EDGES : UA_COLUMNS_MISSING_SALT;
  }
  memcpy(record->hash, hash.data, ORIGINAL_HASH_LENGTH);
  memcpy(record->salt, salt.data, ORIGINAL_SALT_LENGTH);
  return UA_COLUMNS_ORIGINAL;
}

void ua_auth_columns_read(ua_text hash, ua_text salt, ua_auth_columns *columns_r)
{
  *columns_r = (ua_auth_columns){.kind = UA_COLUMNS_UNKNOWN};
  columns_r->kind = read_columns(hash, salt, columns_r);
}
