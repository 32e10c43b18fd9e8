/* The rules about users: each function is one transaction, bound to the caller's customer. */
#ifndef UA_SERVICE_USERS_H
#define UA_SERVICE_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service/service.h"
#include "service/sessions.h"
#include "store/records.h"
#include "store/users.h"

/* "%…%", in which % and _ are wildcards and the backslash escapes; absent for absent text. */
ua_text ua_service_users_pattern(ua_arena *arena, ua_text text);

/* What a caller wants a user to be. Texts are valid (length, UTF-8, no NUL) already; of a user who is there,
 * what is absent is left alone. */
typedef struct ua_user_change {
  ua_text email;
  ua_text name;
  ua_text password;
  bool active;
  bool keep_active;        /* left alone, whatever `active` says */
  bool has_roles;          /* false: left alone */
  const int32_t *role_ids; /* ids may be repeated */
  size_t role_count;
} ua_user_change;

/* Which of the given role ids are unknown: filled when a function returns UA_WRONG_DOCUMENT. */
typedef struct ua_unknown_roles {
  const bool *known; /* as many as role ids were given */
} ua_unknown_roles;

/* Whether a customer with that many users may have no further one. A quota below zero, which only a database
 * of the original can hold, lets nobody in. */
bool ua_service_users_quota_is_full(ua_quota quota, int64_t users);

/* A new user of `customer_id`, with roles. UA_CONFLICT when the email is taken, by whatever customer;
 * UA_WRONG_DOCUMENT when a role is unknown; UA_NOT_FOUND when there is no such customer; where quotas are
 * enforced UA_QUOTA_EXCEEDED for one too many, whether or not the email is taken. Blocks for one password
 * hash. */
UA_CHECK ua_status ua_service_users_register(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                             const ua_user_change *change, ua_user *user_r,
                                             ua_unknown_roles *unknown_r);

/* Changes the user, all of it or nothing. UA_NOT_FOUND; UA_CONFLICT and UA_WRONG_DOCUMENT as above. A new
 * password, deactivation and other roles end the user's tokens. Blocks for one password hash when a password
 * is given. */
UA_CHECK ua_status ua_service_users_change(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                           int32_t id, const ua_user_change *change, ua_user *user_r,
                                           ua_unknown_roles *unknown_r);

/* The user with roles. UA_NOT_FOUND when this customer has no such user. */
UA_CHECK ua_status ua_service_users_get(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                        int32_t id, ua_user *user_r);

/* One page: filter->limit users at the most; *has_next_r says whether more follow. */
UA_CHECK ua_status ua_service_users_page(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                         const ua_user_filter *filter, ua_user **users_r, size_t *count_r,
                                         bool *has_next_r);

/* Sets the password of the user with that email and ends the user's tokens. UA_UNPROCESSABLE when the
 * customer has no such user. Blocks for one password hash. */
UA_CHECK ua_status ua_service_users_set_new_password(const ua_service *service, ua_arena *arena,
                                                     int32_t customer_id, ua_text email, ua_text password,
                                                     ua_user *user_r);

/* As above, on behalf of `caller`. Anyone may do so for oneself; for others the role admin is needed
 * (UA_FORBIDDEN), and an email that is not of the caller's customer is answered like one that does not exist
 * (UA_UNPROCESSABLE). With *own_r the caller's own, *session_r is a fresh session, since the old one has just
 * ended. Blocks for one password hash. */
UA_CHECK ua_status ua_service_users_reset_password(const ua_service *service, ua_arena *arena,
                                                   const ua_claims *caller, ua_text email, ua_text password,
                                                   ua_user *user_r, bool *own_r, ua_session *session_r);

#endif
