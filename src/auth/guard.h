/* The one decision: credentials, then a verified token, then the current state of its user, then the required
 * roles. It fails closed: only UA_OK lets anyone in. */
#ifndef UA_AUTH_GUARD_H
#define UA_AUTH_GUARD_H

#include <stdbool.h>

#include "auth/token.h"
#include "http/request.h"
#include "store/db.h"

/* Who may. Zero is nobody, so that a rule somebody forgot denies. */
typedef enum ua_access_kind {
  UA_ACCESS_NOBODY = 0,
  UA_ACCESS_PUBLIC,
  UA_ACCESS_CONNECTED,
  UA_ACCESS_ROLES
} ua_access_kind;

typedef struct ua_access {
  ua_access_kind kind;
  const char *const *roles; /* codes, NULL at the end; all of them are required */
} ua_access;

typedef struct ua_guard {
  const ua_token_secrets *secrets;
  ua_db *db;
} ua_guard;

/* Whether the request may pass. Fills *caller_r unless the rule is UA_ACCESS_PUBLIC.
 * UA_NO_CREDENTIALS; UA_INVALID_TOKEN; UA_FORBIDDEN with the missing roles, joined by ", ", in *missing_r;
 * UA_UNAVAILABLE when the state cannot be known. */
UA_CHECK ua_status ua_auth_guard_check(const ua_guard *guard, const ua_request *request,
                                       const ua_access *access, ua_claims *caller_r, ua_text *missing_r);

/* Adds the comma-separated role codes of `list` to what *access asks for, UA_ACCESS_CONNECTED or _ROLES;
 * blanks around a code are ignored, an absent or blank list adds nothing. UA_INTERNAL, and *access is
 * nobody's, for an empty code between commas, a control character or more than UA_MAX_ROLES: a slip must
 * close the door. */
UA_CHECK ua_status ua_auth_guard_require(ua_arena *arena, ua_text list, ua_access *access);

/* Whether a token counts now: signature, expiry, and the current state of its user. */
UA_CHECK ua_status ua_auth_guard_check_token(const ua_guard *guard, ua_arena *arena, ua_text token,
                                             ua_claims *caller_r);

bool ua_auth_guard_has_role(const ua_claims *caller, const char *code);

/* UA_FORBIDDEN, with the roles that the caller lacks in *missing_r, unless all are held. */
UA_CHECK ua_status ua_auth_guard_check_roles(ua_arena *arena, const ua_claims *caller,
                                             const char *const *roles, ua_text *missing_r);

#endif
