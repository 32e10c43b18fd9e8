/* Logging in and out. All functions block for the database, and return UA_UNAVAILABLE when it is not
 * available. Tokens and claims live in the arena; session_r is untouched on failure. */
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

/* A login that is being processed. */
typedef struct ua_login {
  ua_text email; /* always an email (the original read "1" as the user with id 1) */
  ua_text password;
  const ua_asker *asker;
} ua_login;

/* Exchanges email and password for a token. UA_WRONG_LOGIN in the same time for an unknown email and a wrong
 * password, whether or not the user is active; UA_USER_INACTIVE only after the right password.
 * UA_TOO_MANY_REQUESTS, with the seconds, before anything is hashed, when too many logins have failed
 * (service/throttle.h), whether or not this one is right; the same without seconds, UA_BUSY and UA_PENDING as
 * ua_hasher has them. Upgrades a hash that is weaker than today's. If it cannot wait, it blocks for one
 * password hash, or for two with an upgrade. */
UA_CHECK ua_status ua_service_sessions_login(const ua_service *service, ua_arena *arena,
                                             const ua_login *login, ua_session *session_r,
                                             ua_refusal *refusal);

/* A token without a password, for a person whose identity was verified in another way. UA_WRONG_LOGIN when
 * there is no such user, UA_USER_INACTIVE when the user is not active. */
UA_CHECK ua_status ua_service_sessions_trust(const ua_service *service, ua_arena *arena, ua_text email,
                                             ua_session *session_r);

/* A new token for a user whose identity is verified: it is valid as long as the user's epoch is that of
 * `user`. Sends no statement. */
UA_CHECK ua_status ua_service_sessions_open(const ua_service *service, ua_arena *arena, const ua_user *user,
                                            ua_session *session_r);

/* The same for the user of `row`, as it was read: a change since then raises the epoch. An event records this
 * new session. */
UA_CHECK ua_status ua_service_sessions_open_for(const ua_service *service, ua_arena *arena,
                                                const ua_login_row *row, ua_session *session_r);

/* A new session for a caller whose change of the own account, from `before` to `after`, has ended the old
 * one. session_r->token is absent if the caller gets none: `caller`, which may be NULL, is another user, the
 * session had ended before, or the account may not log in. */
UA_CHECK ua_status ua_service_sessions_renew(const ua_service *service, ua_arena *arena,
                                             const ua_claims *caller, const ua_user *before,
                                             const ua_user *after, ua_session *session_r);

/* Revokes only this token, at once; UA_OK also if it was revoked already. Deletes some revocations of expired
 * tokens. */
UA_CHECK ua_status ua_service_sessions_logout(const ua_service *service, ua_arena *arena,
                                              const ua_claims *caller);

#endif
