#include "base/crypto.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "base/limits.h"

bool ua_crypto_equal(ua_text a, ua_text b)
{
  if (a.data == NULL || b.data == NULL || a.length != b.length) {
    return false;
  }
  return CRYPTO_memcmp(a.data, b.data, a.length) == 0;
}

bool ua_crypto_random(unsigned char *bytes, size_t length)
{
  return length <= INT_MAX && RAND_bytes(bytes, (int)length) == 1;
}

bool ua_crypto_sha256(ua_text text, unsigned char digest_r[UA_SHA256_BYTES])
{
  return SHA256((const unsigned char *)text.data, text.length, digest_r) != NULL;
}

bool ua_crypto_pbkdf2_sha1(ua_text password, ua_text salt, int iterations, unsigned char *bytes_r,
                           size_t length)
{
  if (password.length > INT_MAX || salt.length > INT_MAX || length > INT_MAX) {
    return false;
  }
  return PKCS5_PBKDF2_HMAC_SHA1(password.data, (int)password.length, (const unsigned char *)salt.data,
                                (int)salt.length, iterations, (int)length, bytes_r) == 1;
}

int ua_crypto_bcrypt_limit(int64_t seconds)
{
  enum { ROUNDS_PER_SECOND = 8192 };
  int cost = UA_MAX_BCRYPT_COST;
  while (seconds > 0 && INT64_C(1) << cost > seconds * ROUNDS_PER_SECOND) {
    cost--;
  }
  return cost;
}

bool ua_crypto_base64_encode(ua_text bytes, char *out)
{
  out[0] = '\0';
  if (bytes.length > INT_MAX / 2) {
    return false;
  }
  if (bytes.length > 0) {
    (void)EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)bytes.data, (int)bytes.length);
  }
  return true;
}

size_t ua_crypto_base64_decode(ua_text text, char *out)
{
  if (text.length == 0 || text.length > INT_MAX) {
    return 0;
  }
  int length = EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)text.data, (int)text.length);
  /* EVP_DecodeBlock turns the padding into zero bytes. */
  for (size_t i = text.length; i > 0 && text.data[i - 1] == '='; i--) {
    length--;
  }
  return length > 0 ? (size_t)length : 0;
}
