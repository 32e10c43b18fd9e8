/* The one decision: credentials, then a verified token, then the current state of its user, then the required
 * customer and roles. It fails closed: only UA_OK lets anyone in. */
#ifndef UA_AUTH_GUARD_H
#define UA_AUTH_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/sessions.h"
#include "auth/token.h"
#include "http/request.h"
#include "store/db.h"

/* Who may pass. Zero is nobody: a forgotten rule denies access. */
typedef enum ua_access_kind {
  UA_ACCESS_NOBODY = 0,
  UA_ACCESS_UNREADABLE, /* nobody either: the requirement cannot be read */
  UA_ACCESS_PUBLIC,
  UA_ACCESS_CONNECTED,
  UA_ACCESS_ROLES
} ua_access_kind;

typedef struct ua_access {
  ua_access_kind kind;
  const char *const *roles; /* codes, NULL at the end; all of them are required */
  int32_t customer;         /* the caller belongs to it; 0: any; negative: none, because two were required */
  const char *slip;         /* of UA_ACCESS_UNREADABLE, for the log: what cannot be read */
} ua_access;

typedef struct ua_guard {
  const ua_token_secrets *secrets;
  const ua_sessions *sessions;
  ua_db *db;
  bool grace; /* nothing that follows needs the database: sessions may pass while it cannot be reached */
} ua_guard;

/* Whether the request may pass. Fills *caller_r unless the rule is UA_ACCESS_PUBLIC. UA_NO_CREDENTIALS;
 * UA_INVALID_TOKEN; UA_FORBIDDEN with the missing roles, joined by ", ", in *missing_r, which is absent if
 * the caller belongs to another customer; UA_UNAVAILABLE when the state cannot be known. A rule that cannot
 * be read is UA_INTERNAL, but only for callers with a session: others must not fill the log. */
UA_CHECK ua_status ua_auth_guard_check(const ua_guard *guard, const ua_request *request,
                                       const ua_access *access, ua_claims *caller_r, ua_text *missing_r);

/* Add a requirement to *access. Blanks around a value are ignored. A mistake must let nobody in: after a
 * value that cannot be read, *access is UA_ACCESS_UNREADABLE, and stays so.
 * Roles are codes separated by commas; unreadable are an empty code or list, a control character, more than
 * UA_MAX_ROLES in all, and exhausted memory. A customer is a decimal id; two that differ let nobody in. */
void ua_auth_guard_require_roles(ua_arena *arena, ua_text list, ua_access *access);
void ua_auth_guard_require_customer(ua_text id, ua_access *access);

/* Lets nobody in, whatever *access required: `slip`, a literal, says what cannot be read. */
void ua_auth_guard_close(ua_access *access, const char *slip);

/* Whether a token is valid now: signature, expiry, and the current state of its user. */
UA_CHECK ua_status ua_auth_guard_check_token(const ua_guard *guard, ua_arena *arena, ua_text token,
                                             ua_claims *caller_r);

bool ua_auth_guard_has_role(const ua_claims *caller, const char *code);

/* UA_FORBIDDEN, with the roles that the caller lacks in *missing_r, unless all are held. */
UA_CHECK ua_status ua_auth_guard_check_roles(ua_arena *arena, const ua_claims *caller,
                                             const char *const *roles, ua_text *missing_r);

#endif
