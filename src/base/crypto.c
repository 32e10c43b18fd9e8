#include "base/crypto.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdatomic.h>
#include <string.h>

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

/* OpenSSL 3 looks up the algorithm by name at each SHA256(), which takes longer than a short digest. This one
 * is kept until the process ends, for all threads; NULL when OpenSSL has none. */
static const EVP_MD *sha256(void)
{
  static _Atomic(EVP_MD *) shared;
  EVP_MD *known = atomic_load(&shared);
  if (known != NULL) {
    return known;
  }
  EVP_MD *fetched = EVP_MD_fetch(NULL, OSSL_DIGEST_NAME_SHA2_256, NULL);
  if (!atomic_compare_exchange_strong(&shared, &known, fetched)) {
    EVP_MD_free(fetched);
    return known;
  }
  return fetched;
}

bool ua_crypto_sha256(ua_text text, unsigned char digest_r[UA_SHA256_BYTES])
{
  const EVP_MD *algorithm = sha256();
  return algorithm != NULL && EVP_Digest(text.data, text.length, digest_r, NULL, algorithm, NULL) == 1;
}

bool ua_crypto_hmac_sha256(ua_text key, ua_text text, unsigned char mac_r[UA_SHA256_BYTES])
{
  return key.length <= INT_MAX && HMAC(EVP_sha256(), key.data, (int)key.length,
                                       (const unsigned char *)text.data, text.length, mac_r, NULL) != NULL;
}

/* OpenSSL asks for a pointer that is neither NULL nor constant, and changes nothing behind it. */
static OSSL_PARAM octets(const char *name, ua_text text)
{
  const char *data = text.data == NULL ? "" : text.data;
  return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)data, text.length);
}

bool ua_crypto_hkdf_sha256(ua_text secret, ua_text salt, ua_text info, unsigned char *key_r, size_t length)
{
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                               octets(OSSL_KDF_PARAM_KEY, secret), octets(OSSL_KDF_PARAM_SALT, salt),
                               octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  EVP_KDF *kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_HKDF, NULL);
  EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
  bool derived = EVP_KDF_derive(context, key_r, length, params) == 1;
  EVP_KDF_CTX_free(context);
  EVP_KDF_free(kdf);
  return derived;
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

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void ua_crypto_base64url_encode(const unsigned char *bytes, size_t length, char *out)
{
  unsigned bits = 0;
  unsigned count = 0;
  for (size_t i = 0; i < length; i++) {
    bits = bits << 8 | bytes[i];
    for (count += 8; count >= 6; count -= 6) {
      *out++ = base64url[bits >> (count - 6) & 63];
    }
  }
  if (count > 0) {
    *out = base64url[bits << (6 - count) & 63];
  }
}

bool ua_crypto_base64url_decode(ua_text text, unsigned char *bytes_r, size_t length)
{
  unsigned bits = 0;
  unsigned count = 0;
  if (text.length != UA_BASE64URL_LENGTH(length)) {
    return false;
  }
  for (size_t i = 0; i < text.length; i++) {
    const char *digit = memchr(base64url, text.data[i], sizeof base64url - 1);
    if (digit == NULL) {
      return false;
    }
    bits = bits << 6 | (unsigned)(digit - base64url);
    count += 6;
    if (count >= 8) {
      count -= 8;
      *bytes_r++ = (unsigned char)(bits >> count & 255);
    }
  }
  return (bits & ((1U << count) - 1)) == 0;
}
