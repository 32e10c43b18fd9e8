/* Password hashes: bcrypt for users made here, the original's PBKDF2 for those that came from it.
 * The only file that knows libcrypt. Every function here blocks for as long as one hash takes (about a
 * quarter of a second at cost 12); auth/hashing.h can run them in another thread. */
#ifndef UA_AUTH_PASSWORD_H
#define UA_AUTH_PASSWORD_H

#include <stdbool.h>

#include "auth/columns.h"
#include "base/error.h"
#include "base/text.h"

typedef enum ua_password_verdict {
  UA_PASSWORD_MISMATCH = 0,
  UA_PASSWORD_MATCH,
  UA_PASSWORD_MATCH_OUTDATED, /* right, but stored weaker than the current cost asks, or not in NFC: hash it
                                 again */
  UA_PASSWORD_UNVERIFIABLE /* a mismatch for every password: the stored text is no hash that can be tried */
} ua_password_verdict;

/* Hashes a new password, in NFC, with bcrypt `$2b$` at `cost` (4 to UA_MAX_BCRYPT_COST) and a random salt.
 * UA_BAD_REQUEST when it is longer than UA_MAX_PASSWORD_BYTES in NFC, longer than
 * UA_MAX_TRIED_PASSWORD_BYTES as it is, holds a NUL, or is not UTF-8. */
UA_CHECK ua_status ua_auth_password_hash(int cost, ua_text password, ua_password_record *record_r);

/* Compares a password with the stored columns. Whatever is stored, it takes the time of a mismatch at `cost`:
 * it hashes more after a cheaper hash, so that the time reveals nothing about a user. A hash of a cost above
 * `limit` is not tried, because it would take too long: see ua_crypto_bcrypt_limit. An absent `hash` or
 * `salt` stands for an unknown user. A password that bcrypt would truncate never matches a bcrypt hash, and
 * one of more than UA_MAX_TRIED_PASSWORD_BYTES matches none. */
UA_CHECK ua_status ua_auth_password_verify(int cost, int limit, ua_text password, ua_text hash, ua_text salt,
                                           ua_password_verdict *verdict_r);

/* Whether the password was the right one. */
bool ua_auth_password_is_match(ua_password_verdict verdict);

/* Whether the columns hold the original's hash of the empty password. Takes the time of that hash, a fraction
 * of a millisecond, which reveals the answer: for an operator's checks, never for a login. */
bool ua_auth_password_legacy_is_empty(ua_text hash, ua_text salt);

#endif
