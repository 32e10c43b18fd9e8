#include "auth/digest.h"

#include <stdio.h>
#include <string.h>

bool ua_auth_digest_key(const char *secret, ua_text purpose, unsigned char key_r[UA_SHA256_BYTES])
{
  ua_text material = ua_text_of(secret);
  return material.length > 0 &&
         ua_crypto_hkdf_sha256(material, UA_TEXT_ABSENT, purpose, key_r, UA_SHA256_BYTES);
}

bool ua_auth_digest(const ua_token_secrets *secrets, const char *purpose, ua_text subject,
                    unsigned char digest_r[UA_SHA256_BYTES])
{
  char info[64];
  unsigned char key[UA_SHA256_BYTES];
  int length = snprintf(info, sizeof info, "user-api digest: %s", purpose);
  if (secrets->count == 0 || length < 0 || (size_t)length >= sizeof info ||
      !ua_auth_digest_key(secrets->secret[0], (ua_text){info, (size_t)length}, key)) {
    return false;
  }
  bool made = ua_crypto_hmac_sha256((ua_text){(const char *)key, sizeof key}, subject, digest_r);
  explicit_bzero(key, sizeof key);
  return made;
}
