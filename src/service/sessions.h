/* Logging in and out. All of them block for the database, and answer UA_UNAVAILABLE when it is away. Tokens
 * and claims live in the arena; session_r is untouched on failure. */
#ifndef UA_SERVICE_SESSIONS_H
#define UA_SERVICE_SESSIONS_H

#include "auth/token.h"
#include "service/asker.h"
#include "service/service.h"
#include "store/users.h"

typedef struct ua_session {
  ua_text token;    /* a JSON Web Token */
  ua_claims claims; /* what it says */
} ua_session;

/* A login on its way. */
typedef struct ua_login {
  ua_text email; /* only ever an email (the original took "1" for the user with id 1) */
  ua_text password;
  const ua_asker *asker;
} ua_login;

/* Exchanges email and password for a token. UA_WRONG_LOGIN in the same time for an unknown email and a wrong
 * password, whether or not the user is active; UA_USER_INACTIVE only after the right password.
 * UA_TOO_MANY_REQUESTS, with the seconds, before anything is hashed, when too many logins have failed
 * (service/throttle.h), whether or not this one is right; the same without seconds, UA_BUSY and UA_PENDING as
 * ua_hasher has them. A hash that is weaker than today's is replaced. Where it cannot wait, blocks for one
 * password hash, for two where it is replaced. */
UA_CHECK ua_status ua_service_sessions_login(const ua_service *service, ua_arena *arena,
                                             const ua_login *login, ua_session *session_r,
                                             ua_refusal *refusal);

/* A token without a password, for a person who was identified otherwise. UA_WRONG_LOGIN when there is no such
 * user, UA_USER_INACTIVE when the user is not active. */
UA_CHECK ua_status ua_service_sessions_trust(const ua_service *service, ua_arena *arena, ua_text email,
                                             ua_session *session_r);

/* A new token for a user whose identity is established: it counts as long as the user's epoch is that of
 * `user`. Asks no database. */
UA_CHECK ua_status ua_service_sessions_open(const ua_service *service, ua_arena *arena, const ua_user *user,
                                            ua_session *session_r);

/* The same for the user that `row` was read of: as of that moment, since a change raises the epoch. It is a
 * new session, which an event records. */
UA_CHECK ua_status ua_service_sessions_open_for(const ua_service *service, ua_arena *arena,
                                                const ua_login_row *row, ua_session *session_r);

/* What replaces the caller's session where a change of the caller's own account, from `before` to `after`,
 * has ended it. session_r->token is absent where it ended nothing of the caller's: `caller`, which may be
 * NULL, is somebody else, or the session had been ended before, or nobody may log in to the account. */
UA_CHECK ua_status ua_service_sessions_renew(const ua_service *service, ua_arena *arena,
                                             const ua_claims *caller, const ua_user *before,
                                             const ua_user *after, ua_session *session_r);

/* Revokes this token, at once, and no other; UA_OK too if it was revoked already. Clears away some
 * revocations of tokens that have expired. */
UA_CHECK ua_status ua_service_sessions_logout(const ua_service *service, ua_arena *arena,
                                              const ua_claims *caller);

#endif
