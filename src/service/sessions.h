/* Logging in and out. */
#ifndef UA_SERVICE_SESSIONS_H
#define UA_SERVICE_SESSIONS_H

#include "auth/token.h"
#include "service/service.h"

typedef struct ua_session {
  ua_text token;
  ua_claims claims;
} ua_session;

/* Exchanges email and password for a token. The email is only ever an email (the original took "1" for the
 * user with id 1). UA_WRONG_LOGIN in the same time for an unknown email and a wrong password, whether or not
 * the user is active; UA_USER_INACTIVE only after the right password. A hash that is weaker than today's is
 * replaced. Blocks for at least one password hash. */
UA_CHECK ua_status ua_service_sessions_login(const ua_service *service, ua_arena *arena, ua_text email,
                                             ua_text password, ua_session *session_r);

/* A token without a password, for a person who was identified otherwise. UA_WRONG_LOGIN when there is no such
 * user, UA_USER_INACTIVE. */
UA_CHECK ua_status ua_service_sessions_trust(const ua_service *service, ua_arena *arena, ua_text email,
                                             ua_session *session_r);

/* A new token for a user whose identity is established, as of the user's epoch given here. */
UA_CHECK ua_status ua_service_sessions_open(const ua_service *service, ua_arena *arena, const ua_user *user,
                                            ua_session *session_r);

/* Makes this one token worthless at once, and no other. */
UA_CHECK ua_status ua_service_sessions_logout(const ua_service *service, ua_arena *arena,
                                              const ua_claims *caller);

#endif
