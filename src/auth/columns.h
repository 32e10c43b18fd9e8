/* The columns hash and salt of a user, read into one canonical form. Pure: hashes nothing. */
#ifndef UA_AUTH_COLUMNS_H
#define UA_AUTH_COLUMNS_H

#include "base/text.h"

/* The two columns of a user: hash = crypt(password, salt). */
typedef struct ua_password_record {
  char hash[128];
  char salt[128];
} ua_password_record;

/* Hash and salt of a user without a password. No hash function returns this, so no password matches; the
 * check takes the time of a mismatch. */
#define UA_PASSWORD_NONE "*"

/* src/operator/hash_kind.sql has the same rules in SQL: a test compares the two. */
typedef enum ua_auth_columns_kind {
  UA_COLUMNS_UNKNOWN = 0,  /* neither bcrypt nor the original's */
  UA_COLUMNS_EDGES,        /* unknown, with blanks or control characters around the hash or the salt */
  UA_COLUMNS_2X,           /* bcrypt with the error of $2x$, which lets several passwords match */
  UA_COLUMNS_OTHER_SALT,   /* bcrypt, with a salt that its hash does not begin with */
  UA_COLUMNS_MISSING_SALT, /* the original's hash without its salt */
  UA_COLUMNS_NONE,         /* UA_PASSWORD_NONE, on purpose */
  UA_COLUMNS_ORIGINAL,     /* the original's PBKDF2 */
  UA_COLUMNS_BCRYPT        /* $2b$, $2a$ or $2y$ */
} ua_auth_columns_kind;

typedef struct ua_auth_columns {
  ua_auth_columns_kind kind;
  int cost;                  /* of bcrypt, 4 to 31: the caller decides whether that is too high */
  ua_password_record record; /* of the last three kinds; empty otherwise */
} ua_auth_columns;

/* Reads columns that another program may have written. If a bcrypt hash has no salt, the beginning of the
 * hash is its salt. Of a longer salt only the beginning counts, as in crypt. In bcrypt's base64 the last
 * character of the salt and of the digest has unused bits: the record has zeros there, as crypt writes them.
 */
void ua_auth_columns_read(ua_text hash, ua_text salt, ua_auth_columns *columns_r);

#endif
