/* What a caller may do to whom: which roles it may grant, which users it may manage, and what has to stay.
 * The transaction that makes a change decides, from what it reads. A change that needs a password hash also
 * checks before hashing, to save the hash. */
#ifndef UA_SERVICE_PERMISSIONS_H
#define UA_SERVICE_PERMISSIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "service/scope.h"
#include "store/records.h"

/* Whether administrators of customers may grant the role: as its column says, except the operator role, which
 * they never may. */
bool ua_service_permissions_is_assignable(const ua_service *service, const ua_role *role);

/* UA_FORBIDDEN, with a message, unless the caller may grant or remove each of these roles. */
UA_CHECK ua_status ua_service_permissions_grant(const ua_service *service, ua_arena *arena,
                                                const ua_scope *scope, const ua_role *roles, size_t count,
                                                ua_refusal *refusal);

/* UA_FORBIDDEN, with a message, when the user is not the caller and holds a role that the caller may not
 * grant. Then the caller may not set the user's password or email, nor activate, deactivate, delete or log
 * the user out. `user` has its roles. */
UA_CHECK ua_status ua_service_permissions_manage(const ua_service *service, const ua_scope *scope,
                                                 const ua_user *user, ua_refusal *refusal);

/* The refusal's message if a customer would lose its last administrator. */
#define UA_LAST_ADMIN_STAYS "The last admin can't be removed."

/* Within the transaction that locked the customer's administrators: UA_CONFLICT, with a message, when
 * `before` is the last active user of the customer with the role admin, and the scope does not force it. */
UA_CHECK ua_status ua_service_permissions_lose_admin(const ua_service *service, const ua_scope *scope,
                                                     const ua_user *before, ua_refusal *refusal);

/* Whether a user, with roles, is an administrator who can log in. */
bool ua_service_permissions_is_admin(const ua_user *user);

/* The message of UA_CONFLICT if a user's token would become too long to be presented. */
#define UA_TOKEN_TOO_LONG "This would make the user's token too long."

/* UA_CONFLICT, with that message, when the user's token has become too long, and longer than before. `before`
 * is NULL for a new user. */
UA_CHECK ua_status ua_service_permissions_token(ua_arena *arena, const ua_user *before, const ua_user *after,
                                                ua_refusal *refusal);

#endif
