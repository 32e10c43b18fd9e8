/* Keys for one purpose each, and digests that reveal nothing about their subject without the JWT secret.
 * Pure. */
#ifndef UA_AUTH_DIGEST_H
#define UA_AUTH_DIGEST_H

#include <stdbool.h>

#include "auth/token.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/text.h"

/* A key derived from `secret` by HKDF: no two purposes share one, and none of them signs tokens. The caller
 * wipes it. False when OpenSSL fails. */
UA_CHECK bool ua_auth_digest_key(const char *secret, ua_text purpose, unsigned char key_r[UA_SHA256_BYTES]);

/* The purpose of an account's digest in the table failed_login; its subject is the folded email. */
#define UA_DIGEST_OF_ACCOUNT "account"

/* The digest of `subject` under a key of the first secret for `purpose`, at most 32 characters. Pools whose
 * first secrets are equal make equal digests; a new first secret makes other ones. False when there is no
 * secret, or OpenSSL fails. */
UA_CHECK bool ua_auth_digest(const ua_token_secrets *secrets, const char *purpose, ua_text subject,
                             unsigned char digest_r[UA_SHA256_BYTES]);

#endif
