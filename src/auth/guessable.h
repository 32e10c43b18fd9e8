/* Which new passwords are refused because others would try them first. Pure. */
#ifndef UA_AUTH_GUESSABLE_H
#define UA_AUTH_GUESSABLE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "base/word_list.h"

typedef struct ua_password_policy {
  bool refuses;               /* false: nothing is checked, and every password may be set */
  const ua_word_list *denied; /* the only common ones; NULL: those of auth/common_password.h */
} ua_password_policy;

/* The user who gets the password, as it will be after the change; absent: not known. */
typedef struct ua_password_owner {
  ua_text email;
  ua_text name;
} ua_password_owner;

/* Whether the password, without regard to case and in NFC, is the owner's email, its part before the last
 * "@", or the owner's name. Takes microseconds. UA_INTERNAL when out of memory. */
UA_CHECK ua_status ua_auth_guessable_is_owners(const ua_password_policy *policy, ua_text password,
                                               const ua_password_owner *owner, bool *is_r);

/* Whether that holds, or the password is common. The password has at most UA_MAX_PASSWORD_BYTES, and no NUL.
 * Takes a few milliseconds at the most. UA_INTERNAL when out of memory. */
UA_CHECK ua_status ua_auth_guessable_is(const ua_password_policy *policy, ua_text password,
                                        const ua_password_owner *owner, bool *is_r);

#endif
