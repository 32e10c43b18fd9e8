/* The claims of verified tokens: a process verifies each token once, not at each request. Private memory of
 * one process, bounded; holds no token and no secret. It knows nothing of expiry and revocation: the caller
 * checks both each time. */
#ifndef UA_AUTH_TOKEN_CACHE_H
#define UA_AUTH_TOKEN_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/token.h"
#include "base/crypto.h"

typedef struct ua_token_cache ua_token_cache;

/* Takes at most `bytes` of memory, claims included. NULL when out of memory. */
ua_token_cache *ua_auth_token_cache_create(size_t bytes);
void ua_auth_token_cache_destroy(ua_token_cache **cache);

/* The claims of the verified token whose whole text has that SHA-256, copied into `arena`. False when they
 * are not there, or memory is exhausted. */
UA_CHECK bool ua_auth_token_cache_find(ua_token_cache *cache, ua_arena *arena,
                                       const unsigned char digest[UA_SHA256_BYTES], ua_claims *claims_r);

/* Keeps the claims of a token that has just been verified; others may be evicted. Keeps nothing if memory is
 * exhausted, or if they would take more than a sixteenth of the bound. */
void ua_auth_token_cache_add(ua_token_cache *cache, const unsigned char digest[UA_SHA256_BYTES],
                             const ua_claims *claims);

#endif
