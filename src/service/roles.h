/* The rules about roles, which all customers share. Each function is one transaction, and blocks for the
 * database: UA_UNAVAILABLE when it is not available and nothing was changed, UA_OUTCOME_UNKNOWN when the
 * connection broke during a write. Results live in the arena, and `…_r` is untouched on failure; the caller
 * zeroes `refusal`, which gets the details beyond the status. */
#ifndef UA_SERVICE_ROLES_H
#define UA_SERVICE_ROLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service/refusal.h"
#include "service/scope.h"
#include "service/service.h"
#include "store/records.h"

/* Which roles, and which page of them. */
typedef struct ua_role_search {
  bool by_grant;
  bool may_grant; /* if by_grant: the roles that the caller may grant, or the others */
  ua_page page;
} ua_role_search;

typedef struct ua_role_list {
  ua_role *roles;
  size_t count;
  bool has_next; /* more follow */
} ua_role_list;

/* A role, and how many users hold it. */
typedef struct ua_role_details {
  ua_role role;  /* assignable only if administrators of customers may in fact grant it */
  int64_t users; /* of the caller's customer; operators and programs see all */
} ua_role_details;

/* What a caller wants a role to be. Texts are valid (the code's form, length, UTF-8, no NUL) already. */
typedef struct ua_role_change {
  ua_text code; /* of a new role */
  ua_text name;
  bool has_assignable; /* false: it is not changed; a new role is assignable */
  bool assignable;
} ua_role_change;

/* One page, ordered by id: search->page.limit at the most. */
UA_CHECK ua_status ua_service_roles_page(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                         const ua_role_search *search, ua_role_list *list_r);

/* UA_NOT_FOUND when there is no such role. */
UA_CHECK ua_status ua_service_roles_get(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                        int32_t id, ua_role_details *details_r, ua_refusal *refusal);

/* UA_CONFLICT when another role has the code. */
UA_CHECK ua_status ua_service_roles_add(const ua_service *service, ua_arena *arena,
                                        const ua_role_change *change, ua_role_details *details_r,
                                        ua_refusal *refusal);

/* Changes all but the code, and counts all users. UA_NOT_FOUND when there is no such role; UA_CONFLICT when
 * the token of a user who holds it would become too long. */
UA_CHECK ua_status ua_service_roles_change(const ua_service *service, ua_arena *arena, int32_t id,
                                           const ua_role_change *change, ua_role_details *details_r,
                                           ua_refusal *refusal);

/* UA_NOT_FOUND when there is no such role; UA_CONFLICT for the roles that this service itself checks, and
 * while a user of any customer holds it. */
UA_CHECK ua_status ua_service_roles_remove(const ua_service *service, ua_arena *arena, int32_t id,
                                           ua_refusal *refusal);

#endif
