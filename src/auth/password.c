#include "auth/password.h"

#include <crypt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/limits.h"
#include "base/normal_form.h"

enum { PBKDF2_ITERATIONS = 1000 /* the original's */, PBKDF2_BYTES = 16 };

/* crypt's 32 KiB scratch area and the NUL-terminated password, wiped together. */
typedef struct scratch {
  struct crypt_data data;
  char password[UA_MAX_PASSWORD_BYTES + 1];
} scratch;

static scratch *scratch_create(ua_text password)
{
  scratch *s = calloc(1, sizeof *s);
  if (s != NULL && password.length <= UA_MAX_PASSWORD_BYTES) {
    memcpy(s->password, password.data, password.length);
  }
  return s;
}

static void scratch_destroy(scratch *s)
{
  if (s != NULL) {
    explicit_bzero(s, sizeof *s);
    free(s);
  }
}

static bool fits_bcrypt(ua_text password)
{
  return password.length <= UA_MAX_PASSWORD_BYTES && !ua_text_has_nul(password);
}

/* Spends the time of one bcrypt hash. */
static void burn(scratch *s, int cost)
{
  static const char no_salt[16];
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  if (crypt_gensalt_rn("$2b$", (unsigned long)cost, no_salt, sizeof no_salt, setting, sizeof setting) !=
      NULL) {
    (void)crypt_rn("", setting, &s->data, sizeof s->data);
  }
}

static bool bcrypt_matches(scratch *s, const ua_password_record *stored)
{
  const char *output = crypt_rn(s->password, stored->salt, &s->data, sizeof s->data);
  return output != NULL && output[0] != '*' && ua_crypto_equal(ua_text_of(output), ua_text_of(stored->hash));
}

/* UTF-8 to Latin-1, as the original encodes passwords. False for a character above U+00FF, which it never
 * accepted. `out` holds as many bytes as the password. */
static bool to_latin1(ua_text password, unsigned char *out, size_t *length_r)
{
  size_t length = 0;
  for (size_t i = 0; i < password.length; i++) {
    unsigned char lead = (unsigned char)password.data[i];
    if (lead < 0x80) {
      out[length++] = lead;
    } else if ((lead == 0xC2 || lead == 0xC3) && i + 1 < password.length) {
      i++;
      out[length++] = (unsigned char)(((lead & 0x03) << 6) | ((unsigned char)password.data[i] & 0x3F));
    } else {
      return false;
    }
  }
  *length_r = length;
  return true;
}

static bool pbkdf2_matches(ua_text password, const ua_password_record *original)
{
  unsigned char stored[PBKDF2_BYTES];
  unsigned char derived[PBKDF2_BYTES];
  size_t length;
  bool matches = false;
  unsigned char *latin1 = malloc(password.length + 1);
  if (latin1 != NULL && to_latin1(password, latin1, &length) &&
      ua_text_unhex(ua_text_of(original->hash), stored, sizeof stored) &&
      ua_crypto_pbkdf2_sha1((ua_text){(const char *)latin1, length}, ua_text_of(original->salt),
                            PBKDF2_ITERATIONS, derived, sizeof derived)) {
    matches = ua_crypto_equal((ua_text){(const char *)stored, sizeof stored},
                              (ua_text){(const char *)derived, sizeof derived});
  }
  explicit_bzero(derived, sizeof derived);
  if (latin1 != NULL) {
    explicit_bzero(latin1, password.length + 1);
    free(latin1);
  }
  return matches;
}

/* Spends the time that is missing to a mismatch at `cost`. A bcrypt hash of cost c has taken 2^c units, and
 * the costs c to cost - 1 together take the missing 2^cost - 2^c. */
static void top_up(scratch *s, int cost, int spent_cost)
{
  if (spent_cost == 0) {
    burn(s, cost);
    return;
  }
  for (; spent_cost < cost; spent_cost++) {
    burn(s, spent_cost);
  }
}

/* Verifies a bcrypt hash within the limit. *spent_cost_r: the cost of the hash that it computed, 0 for none.
 */
static ua_password_verdict verify_bcrypt(scratch *s, int cost, ua_text password,
                                         const ua_auth_columns *columns, int *spent_cost_r)
{
  *spent_cost_r = 0;
  if (!fits_bcrypt(password)) {
    return UA_PASSWORD_MISMATCH;
  }
  *spent_cost_r = columns->cost;
  if (!bcrypt_matches(s, &columns->record)) {
    return UA_PASSWORD_MISMATCH;
  }
  bool outdated = columns->cost < cost || strncmp(columns->record.hash, "$2b$", 4) != 0;
  return outdated ? UA_PASSWORD_MATCH_OUTDATED : UA_PASSWORD_MATCH;
}

static ua_password_verdict verify_original(ua_text password, const ua_password_record *original)
{
  bool matches = password.length <= UA_MAX_TRIED_PASSWORD_BYTES && pbkdf2_matches(password, original);
  return matches ? UA_PASSWORD_MATCH_OUTDATED : UA_PASSWORD_MISMATCH;
}

ua_status ua_auth_password_verify(int cost, int limit, ua_text password, ua_text hash, ua_text salt,
                                  ua_password_verdict *verdict_r)
{
  int spent_cost = 0;
  ua_auth_columns columns;
  ua_password_verdict verdict = UA_PASSWORD_UNVERIFIABLE;
  scratch *s = scratch_create(password);
  if (s == NULL) {
    return UA_INTERNAL;
  }
  ua_auth_columns_read(hash, salt, &columns);
  if (hash.data == NULL || salt.data == NULL || columns.kind == UA_COLUMNS_NONE) {
    verdict = UA_PASSWORD_MISMATCH;
  } else if (columns.kind == UA_COLUMNS_BCRYPT && columns.cost <= limit) {
    verdict = verify_bcrypt(s, cost, password, &columns, &spent_cost);
  } else if (columns.kind == UA_COLUMNS_ORIGINAL) {
    verdict = verify_original(password, &columns.record);
  }
  if (!ua_auth_password_is_match(verdict)) {
    top_up(s, cost, spent_cost);
  }
  scratch_destroy(s);
  *verdict_r = verdict;
  return UA_OK;
}

static ua_status hash(int cost, ua_text password, ua_password_record *record_r)
{
  ua_password_record record = {{0}, {0}};
  ua_status status = UA_INTERNAL;
  scratch *s = scratch_create(password);
  if (s != NULL &&
      crypt_gensalt_rn("$2b$", (unsigned long)cost, NULL, 0, record.salt, sizeof record.salt) != NULL) {
    const char *output = crypt_rn(s->password, record.salt, &s->data, sizeof s->data);
    size_t length = output == NULL ? 0 : strlen(output);
    if (length > strlen(record.salt) && length < sizeof record.hash) {
      memcpy(record.hash, output, length + 1);
      *record_r = record;
      status = UA_OK;
    }
  }
  scratch_destroy(s);
  explicit_bzero(&record, sizeof record);
  return status;
}

ua_status ua_auth_password_hash(int cost, ua_text password, ua_password_record *record_r)
{
  ua_normal_form form;
  if (password.length > UA_MAX_TRIED_PASSWORD_BYTES) {
    return UA_BAD_REQUEST;
  }
  ua_status status = ua_normal_form_nfc(password, &form);
  if (status != UA_OK) {
    return status;
  }
  ua_text composed = ua_normal_form_text(&form);
  status = fits_bcrypt(composed) ? hash(cost, composed, record_r) : UA_BAD_REQUEST;
  ua_normal_form_clear(&form);
  return status;
}

bool ua_auth_password_is_match(ua_password_verdict verdict)
{
  return verdict == UA_PASSWORD_MATCH || verdict == UA_PASSWORD_MATCH_OUTDATED;
}

bool ua_auth_password_legacy_is_empty(ua_text hash, ua_text salt)
{
  ua_auth_columns columns;
  ua_auth_columns_read(hash, salt, &columns);
  return columns.kind == UA_COLUMNS_ORIGINAL && pbkdf2_matches(UA_TEXT(""), &columns.record);
}
