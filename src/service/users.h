/* The rules about users: each function is one transaction at the most, bound to the customer of its scope.
 * All functions block for the database: UA_UNAVAILABLE when it is not available and nothing was changed,
 * UA_OUTCOME_UNKNOWN when the connection broke during a write. Results live in the arena, and `…_r` is
 * untouched on failure; the caller zeroes `refusal`, which gets the details beyond the status. If several
 * rules forbid a change, the status is the first of UA_NOT_FOUND, UA_WRONG_DOCUMENT, UA_FORBIDDEN,
 * UA_PRECONDITION_FAILED, UA_CONFLICT. */
#ifndef UA_SERVICE_USERS_H
#define UA_SERVICE_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service/precondition.h"
#include "service/refusal.h"
#include "service/scope.h"
#include "service/service.h"
#include "service/sessions.h"
#include "store/records.h"
#include "store/user_lists.h"
#include "store/users.h"

/* How a change treats a user's roles. */
typedef enum ua_roles_change {
  UA_ROLES_KEEP = 0,
  UA_ROLES_REPLACE, /* the user has the given ones, and no others */
  UA_ROLES_ADD,
  UA_ROLES_REMOVE
} ua_roles_change;

/* What a caller wants a user to be. Texts are valid (length, UTF-8, no NUL) already; for an existing user,
 * absent texts are not changed. */
typedef struct ua_user_change {
  ua_text email; /* valid by base/identifier.h, like the name, unless it equals what is stored */
  ua_text name;
  ua_text password;
  bool active;
  bool keep_active; /* `active` is ignored, and nothing changes */
  ua_roles_change roles;
  const int32_t *role_ids; /* ids may be repeated */
  size_t role_count;
} ua_user_change;

/* Which users, and which page of them. */
typedef struct ua_user_search {
  ua_text email; /* as ua_service_users_pattern returns it; absent: no filter. With both, users that match
                    either */
  ua_text name;
  ua_text role; /* code; absent: no filter */
  bool by_active;
  bool active; /* if by_active */
  bool count;  /* also count all that match */
  bool light;  /* stop unfinished rather than read every user of a large customer */
  ua_page page;
} ua_user_search;

/* One page of a list. */
typedef struct ua_user_list {
  ua_user *users; /* without roles */
  size_t count;
  bool has_next;      /* more follow */
  bool is_unfinished; /* a light search found no cheap plan: the page is empty, and nothing was counted */
  int64_t total;      /* if the search says `count`: of all that match, on every page */
} ua_user_list;

/* "%…%" in the arena, in which % and _ are wildcards and the backslash escapes; absent for absent text, and
 * when memory is exhausted. */
ua_text ua_service_users_pattern(ua_arena *arena, ua_text text);

/* Whether the quota allows no more than that many users. A quota below zero, which only a database of the
 * original can hold, allows no user. */
bool ua_service_users_quota_is_full(ua_quota quota, int64_t users);

/* A new user of the scope's customer, with roles. UA_WRONG_DOCUMENT with the violations when roles are
 * unknown, or base/identifier.h refuses email or name; UA_FORBIDDEN for roles that the caller may not grant;
 * UA_CONFLICT when a user of any customer has the email, or the token would be too long; UA_NOT_FOUND when
 * there is no such customer; if quotas are enforced, UA_QUOTA_EXCEEDED for a user beyond the quota, whether
 * or not the email is taken; UA_BUSY when all hashing slots are taken. Blocks for one password hash. */
UA_CHECK ua_status ua_service_users_register(const ua_service *service, ua_arena *arena,
                                             const ua_scope *scope, const ua_user_change *change,
                                             ua_user *user_r, ua_refusal *refusal);

/* Changes the user, all of it or nothing. UA_NOT_FOUND when the customer has no such user; UA_WRONG_DOCUMENT,
 * UA_FORBIDDEN, UA_CONFLICT and UA_BUSY as above; UA_FORBIDDEN also for a user whom the caller may not
 * manage; UA_PRECONDITION_FAILED when `precondition`, which may be NULL, does not hold; UA_CONFLICT also when
 * the customer would lose its last administrator; UA_BAD_REQUEST for more than UA_MAX_ROLES. Another email,
 * password, activity or roles end the user's tokens: UA_UNAVAILABLE, with the defect, if the database does
 * not end them. A caller who changes the own account gets a new session, as in ua_service_sessions_renew.
 * Blocks for one password hash when a password is given. */
UA_CHECK ua_status ua_service_users_change(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                           int32_t id, const ua_user_change *change,
                                           const ua_precondition *precondition, ua_user *user_r,
                                           ua_session *session_r, ua_refusal *refusal);

/* The user with roles. UA_NOT_FOUND when the customer has no such user. */
UA_CHECK ua_status ua_service_users_get(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                        int32_t id, ua_user *user_r);

/* When the user was created, in the format of RFC 3339, in UTC; absent if that is not known. UA_NOT_FOUND as
 * above. */
UA_CHECK ua_status ua_service_users_created_at(const ua_service *service, ua_arena *arena,
                                               const ua_scope *scope, int32_t id, ua_text *created_at_r);

/* One page of the users without roles, ordered by id: search->page.limit at the most. */
UA_CHECK ua_status ua_service_users_page(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                         const ua_user_search *search, ua_user_list *list_r);

/* Sets the password of the user with that email, which ends the user's tokens (UA_UNAVAILABLE as above).
 * Callers may set their own password; for another user the caller has to be an administrator who may manage
 * that user (else UA_FORBIDDEN). An email outside the scope's customer is answered like one that does not
 * exist: UA_UNPROCESSABLE. UA_BUSY as above. A caller who sets the own password gets a new session, as above.
 * Blocks for one password hash. */
UA_CHECK ua_status ua_service_users_reset_password(const ua_service *service, ua_arena *arena,
                                                   const ua_scope *scope, ua_text email, ua_text password,
                                                   ua_user *user_r, ua_session *session_r,
                                                   ua_refusal *refusal);

/* Deletes the user, its roles and the data about its tokens, which end. UA_NOT_FOUND, UA_FORBIDDEN and
 * UA_PRECONDITION_FAILED as for a change; UA_CONFLICT for the caller's own account, for the customer's last
 * administrator, and when rows of another program's table refer to the user. *user_r, which may be NULL, is
 * the user as it was. */
UA_CHECK ua_status ua_service_users_delete(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                           int32_t id, const ua_precondition *precondition, ua_user *user_r,
                                           ua_refusal *refusal);

/* Ends all of the user's tokens. UA_NOT_FOUND and UA_FORBIDDEN as for a change. */
UA_CHECK ua_status ua_service_users_logout(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                           int32_t id, ua_refusal *refusal);

#endif
