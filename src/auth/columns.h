/* The columns hash and salt of a user: what they hold, in its one form. Pure: hashes nothing. */
#ifndef UA_AUTH_COLUMNS_H
#define UA_AUTH_COLUMNS_H

#include "base/text.h"

/* The two columns of a user: hash = crypt(password, salt). */
typedef struct ua_password_record {
  char hash[128];
  char salt[128];
} ua_password_record;

/* Hash and salt of a user without a password: no output of any hash, so that it matches none, in the time of
 * a mismatch. */
#define UA_PASSWORD_NONE "*"

/* The SQL rule src/operator/hash_kind.sql judges as this file does: a test compares the two. */
typedef enum ua_auth_columns_kind {
  UA_COLUMNS_UNKNOWN = 0,  /* neither bcrypt nor the original's */
  UA_COLUMNS_EDGES,        /* unknown, and blanks or control characters stand around the hash or the salt */
  UA_COLUMNS_2X,           /* bcrypt with the error of $2x$, which lets several passwords match */
  UA_COLUMNS_OTHER_SALT,   /* bcrypt, and a salt that its hash does not begin with */
  UA_COLUMNS_MISSING_SALT, /* the original's hash, and not its salt */
  UA_COLUMNS_NONE,         /* UA_PASSWORD_NONE, on purpose */
  UA_COLUMNS_ORIGINAL,     /* the original's PBKDF2 */
  UA_COLUMNS_BCRYPT        /* $2b$, $2a$ or $2y$ */
} ua_auth_columns_kind;

typedef struct ua_auth_columns {
  ua_auth_columns_kind kind;
  int cost;                  /* of bcrypt, 4 to 31: whether that is too much is the caller's to say */
  ua_password_record record; /* of the last three kinds; empty otherwise */
} ua_auth_columns;

/* Reads columns that were made elsewhere. An absent salt of a bcrypt hash is the beginning of the hash, and a
 * longer one than that counts with its beginning, as crypt reads it. In bcrypt's base64 the last character of
 * the salt and of the digest have bits without a meaning: the record has zeros there, as crypt writes them.
 */
void ua_auth_columns_read(ua_text hash, ua_text salt, ua_auth_columns *columns_r);

#endif
