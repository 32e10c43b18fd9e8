/* What this project needs of OpenSSL, which crypto.c alone includes. Pure, except for the random bytes. In
 * functions with UA_CHECK, false means that OpenSSL failed, or that a text is too long for it. */
#ifndef UA_BASE_CRYPTO_H
#define UA_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum { UA_SHA256_BYTES = 32 };

/* Bytes that base64 of `length` bytes takes, with its NUL. */
#define UA_BASE64_SIZE(length) (4 * (((length) + 2) / 3) + 1)

/* Characters that base64url without padding takes, without a NUL. */
#define UA_BASE64URL_LENGTH(length) ((4 * (length) + 2) / 3)

/* Compares in constant time (it depends only on the lengths): for secrets and hashes. An absent text equals
 * nothing, not even another: two missing secrets must not match. */
bool ua_crypto_equal(ua_text a, ua_text b);

/* `length` random bytes that cannot be guessed. */
UA_CHECK bool ua_crypto_random(unsigned char *bytes, size_t length);

/* SHA-256 (FIPS 180-4). */
UA_CHECK bool ua_crypto_sha256(ua_text text, unsigned char digest_r[UA_SHA256_BYTES]);

/* HMAC with SHA-256 (RFC 2104). */
UA_CHECK bool ua_crypto_hmac_sha256(ua_text key, ua_text text, unsigned char mac_r[UA_SHA256_BYTES]);

/* HKDF with SHA-256 (RFC 5869): `length` bytes, at most 255 * UA_SHA256_BYTES, derived from a secret that is
 * not itself a key. An absent or empty salt counts as UA_SHA256_BYTES zeros; `info` says what the key is for.
 */
UA_CHECK bool ua_crypto_hkdf_sha256(ua_text secret, ua_text salt, ua_text info, unsigned char *key_r,
                                    size_t length);

/* PBKDF2 with HMAC-SHA-1 (RFC 8018 section 5.2): `length` bytes. Takes as long as `iterations` say. */
UA_CHECK bool ua_crypto_pbkdf2_sha1(ua_text password, ua_text salt, int iterations, unsigned char *bytes_r,
                                    size_t length);

/* The highest bcrypt cost whose hash a slow machine computes within `seconds` (0: any time), at most
 * UA_MAX_BCRYPT_COST. Such a machine takes half a second for cost 12, which is 4096 rounds. */
int ua_crypto_bcrypt_limit(int64_t seconds);

/* base64 with padding (RFC 4648 section 4) into `out`, which holds UA_BASE64_SIZE(bytes.length) characters.
 */
UA_CHECK bool ua_crypto_base64_encode(ua_text bytes, char *out);

/* Decodes padded base64 into `out`, which holds as many bytes as `text`. Returns how many bytes it wrote, 0
 * if `text` is no base64. White space around it is ignored. */
size_t ua_crypto_base64_decode(ua_text text, char *out);

/* base64url without padding (RFC 4648 section 5) into `out`, which holds UA_BASE64URL_LENGTH(length)
 * characters: no NUL is added. */
void ua_crypto_base64url_encode(const unsigned char *bytes, size_t length, char *out);

/* The `length` bytes of base64url without padding. False, and `bytes_r` holds anything, unless `text` is
 * exactly what ua_crypto_base64url_encode makes of them: no bytes have two spellings. */
UA_CHECK bool ua_crypto_base64url_decode(ua_text text, unsigned char *bytes_r, size_t length);

#endif
