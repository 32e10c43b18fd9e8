/* JSON Web Tokens (RFC 7519), HS256 and nothing else. The only file that knows libjwt, whose 1.10 checks
 * neither expiry nor algorithm and, given an empty key, not even the signature. */
#ifndef UA_AUTH_TOKEN_H
#define UA_AUTH_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/records.h"
#include "store/tokens.h"

/* The secrets in use: the first signs, all are accepted. Views; none may be empty. */
typedef struct ua_token_secrets {
  const char *const *secret;
  size_t count;
} ua_token_secrets;

/* The claims of a token. The user's epoch is 0 if the token has none, like the original's tokens. */
typedef struct ua_claims {
  ua_user user;
  int64_t not_before; /* seconds, UTC; INT64_MIN if the token has none */
  int64_t expires_at; /* seconds, UTC */
  ua_token_key key;
} ua_claims;

/* Whether the claims have begun and not ended at `now` (seconds, UTC). */
bool ua_auth_token_is_in_time(const ua_claims *claims, int64_t now);

/* Signs a token for `user` that ends at `expires_at`. Two calls never give the same token. claims_r gets what
 * ua_auth_token_verify would return. */
UA_CHECK ua_status ua_auth_token_sign(const ua_token_secrets *secrets, ua_arena *arena, const ua_user *user,
                                      int64_t expires_at, ua_text *token_r, ua_claims *claims_r);

/* How many bytes a token for `user` has at most, whatever its epoch and expiry. UA_INTERNAL when memory is
 * exhausted. */
UA_CHECK ua_status ua_auth_token_length(ua_arena *arena, const ua_user *user, size_t *bytes_r);

/* Reads a token whose signature and expiry hold at `now` (seconds, UTC). UA_INVALID_TOKEN for every other
 * one. Does not check revocation. */
UA_CHECK ua_status ua_auth_token_verify(const ua_token_secrets *secrets, ua_arena *arena, ua_text token,
                                        int64_t now, ua_claims *claims_r);

/* The content of a token, valid or not: for an operator who inspects one. */
typedef struct ua_token_content {
  ua_text payload;  /* the signed JSON object, as it is written */
  size_t signed_by; /* which secret's signature (HS256) it has, from 1; 0: none of theirs */
  bool is_session;  /* whether the claims are those of a session: `claims` is filled */
  bool is_in_time;  /* whether the claims have begun and not ended at the time asked for */
  bool has_expiry;
  int64_t expires_at; /* seconds, UTC */
  ua_claims claims;
} ua_token_content;

/* Reads a token without judging it. UA_INVALID_TOKEN when it is no token at all: three parts in base64url, of
 * which the second is a JSON object. */
UA_CHECK ua_status ua_auth_token_read(const ua_token_secrets *secrets, ua_arena *arena, ua_text token,
                                      int64_t now, ua_token_content *content_r);

#endif
