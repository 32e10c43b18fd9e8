/* What the database knows about tokens: the epoch of their user, and which tokens were revoked. */
#ifndef UA_STORE_TOKENS_H
#define UA_STORE_TOKENS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/db.h"

enum { UA_TOKEN_DIGEST_BYTES = 32 };

/* What identifies a token here. */
typedef struct ua_token_key {
  int32_t user_id;
  int32_t customer_id;
  unsigned char digest[UA_TOKEN_DIGEST_BYTES]; /* SHA-256 of the signed part (header "." payload) */
} ua_token_key;

/* Whether a token with this epoch, which ends at `expires_at` (seconds, UTC), is still valid: UA_OK;
 * UA_INVALID_TOKEN when its user is deleted, inactive, of another customer or of another epoch, when it was
 * revoked, or when it has expired by the database's clock. The caller has checked it by this machine's clock,
 * so the later clock decides. *origin_r gets which running server and database answered
 * (store/origin.sql). */
UA_CHECK ua_status ua_store_tokens_check(ua_db *db, ua_arena *arena, const ua_token_key *key, int32_t epoch,
                                         int64_t expires_at, uint64_t *origin_r);

/* Which running server and database answer. Reads no table. */
UA_CHECK ua_status ua_store_tokens_origin(ua_db *db, uint64_t *origin_r);

/* Revokes the token until `expires_at` (seconds, UTC), when it expires. UA_UNPROCESSABLE if its user was
 * deleted a moment ago, which ends the token as well. */
UA_CHECK ua_status ua_store_tokens_revoke(ua_db *db, ua_arena *arena, const ua_token_key *key,
                                          int64_t expires_at);

/* Deletes some of the revocations of tokens that expired a day before `now` (seconds, UTC), also by the
 * database's clock: a fast clock must not make a revoked token valid again. */
UA_CHECK ua_status ua_store_tokens_forget_expired(ua_db *db, int64_t now);

#endif
