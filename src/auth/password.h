/* Password hashes: bcrypt for users made here, the original's PBKDF2 for those that came from it.
 * The only file that knows libcrypt. Every function here blocks for as long as one hash takes (about a
 * quarter of a second at cost 12) in a thread of low priority, so that requests that hash nothing go first.
 */
#ifndef UA_AUTH_PASSWORD_H
#define UA_AUTH_PASSWORD_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"

/* The two columns of a user: hash = crypt(password, salt). */
typedef struct ua_password_record {
  char hash[128];
  char salt[128];
} ua_password_record;

/* Hash and salt of a user without a password: no output of any hash, so that it matches none, in the time of
 * a mismatch. */
#define UA_PASSWORD_NONE "*"

typedef enum ua_password_verdict {
  UA_PASSWORD_MISMATCH = 0,
  UA_PASSWORD_MATCH,
  UA_PASSWORD_MATCH_OUTDATED /* right, but stored weaker than the current cost asks: hash it again */
} ua_password_verdict;

/* Hashes a new password with bcrypt `$2b$` at `cost` (4 to 31) and a random salt.
 * UA_BAD_REQUEST when it is longer than UA_MAX_PASSWORD_BYTES or holds a NUL. */
UA_CHECK ua_status ua_auth_password_hash(int cost, ua_text password, ua_password_record *record_r);

/* Compares a password with the stored columns, in the time that a mismatch at `cost` takes, whatever is
 * stored: hashes that are cheaper to compute are topped up, so that time says nothing about a user. An
 * absent `hash` or `salt` stands for an unknown user. A password that bcrypt would cut never matches. */
UA_CHECK ua_status ua_auth_password_verify(int cost, ua_text password, ua_text hash, ua_text salt,
                                           ua_password_verdict *verdict_r);

/* Whether columns that were made elsewhere can ever match a password here (or are UA_PASSWORD_NONE on
 * purpose): bcrypt of the prefixes $2b$, $2a$ and $2y$ with its own setting as salt, or the original's
 * PBKDF2. An absent salt of a bcrypt hash is the beginning of the hash. *salt_r views `salt` or `hash`.
 * Hashes nothing. */
UA_CHECK bool ua_auth_password_columns(ua_text hash, ua_text salt, ua_text *salt_r);

/* Whether the columns are the original's of the empty password. Takes the time of its hash, a fraction of a
 * millisecond, which betrays the answer: for an operator's checks, never for a login. */
bool ua_auth_password_legacy_is_empty(ua_text hash, ua_text salt);

#endif
