/* Rules that refuse passwords which an attacker would try first, whoever sets them. */
#ifndef UA_SERVICE_PASSWORD_RULES_H
#define UA_SERVICE_PASSWORD_RULES_H

#include "auth/guessable.h"
#include "service/refusal.h"
#include "service/scope.h"
#include "service/service.h"

#define UA_PASSWORD_TOO_COMMON "password is too common"

/* UA_WRONG_DOCUMENT, with the violation, for a password that the service's policy refuses to its owner; an
 * absent password is accepted. Forced scopes may set any. A request that is tried again after it waited for
 * its turn to hash skips the lists, which take a millisecond. UA_INTERNAL when out of memory. */
UA_CHECK ua_status ua_service_password_rules_check(const ua_service *service, ua_arena *arena,
                                                   const ua_scope *scope, ua_text password,
                                                   const ua_password_owner *owner, ua_refusal *refusal);

#endif
