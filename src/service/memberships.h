/* Single roles of a user, given and taken: unlike a change of the whole list, both leave alone what somebody
 * else gives or takes at the same time. Each function is one transaction, bound to one customer, and blocks
 * for the database: UA_UNAVAILABLE when it is away and nothing was changed, UA_OUTCOME_UNKNOWN when the
 * connection broke meanwhile. *user_r is the user as it has become, roles included, in the arena; ids may be
 * repeated. */
#ifndef UA_SERVICE_MEMBERSHIPS_H
#define UA_SERVICE_MEMBERSHIPS_H

#include <stddef.h>
#include <stdint.h>

#include "service/service.h"
#include "store/records.h"

/* Gives the user these roles; *changed_r says how many were new. When there were any, the user's tokens end.
 * UA_NOT_FOUND when this customer has no such user, UA_UNPROCESSABLE for a role that is not there,
 * UA_BAD_REQUEST when the user would have more than UA_MAX_ROLES. */
UA_CHECK ua_status ua_service_memberships_grant(const ua_service *service, ua_arena *arena,
                                                int32_t customer_id, int32_t id, const int32_t *role_ids,
                                                size_t count, ua_user *user_r, size_t *changed_r);

/* Takes these roles from the user; *changed_r says how many there were. When there were any, the user's
 * tokens end. UA_NOT_FOUND when this customer has no such user. */
UA_CHECK ua_status ua_service_memberships_revoke(const ua_service *service, ua_arena *arena,
                                                 int32_t customer_id, int32_t id, const int32_t *role_ids,
                                                 size_t count, ua_user *user_r, size_t *changed_r);

#endif
