/* The rules about users: each function is one transaction at the most, bound to one customer. All of them
 * block for the database: UA_UNAVAILABLE when it is away and nothing was changed, UA_OUTCOME_UNKNOWN when the
 * connection broke during a write. Results live in the arena, and `…_r` is untouched on failure; `refusal`,
 * which the caller has zeroed, gets what there is to say beyond the status. */
#ifndef UA_SERVICE_USERS_H
#define UA_SERVICE_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service/refusal.h"
#include "service/service.h"
#include "service/sessions.h"
#include "store/records.h"

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

/* Which users, and which page of them. */
typedef struct ua_user_search {
  ua_text email; /* as ua_service_users_pattern has it; absent: not asked for. With both, users that match
                    either */
  ua_text name;
  int64_t limit;
  int64_t offset;
} ua_user_search;

/* "%…%" in the arena, in which % and _ are wildcards and the backslash escapes; absent for absent text, and
 * when memory is exhausted. */
ua_text ua_service_users_pattern(ua_arena *arena, ua_text text);

/* Whether a customer with that many users may have no further one. A quota below zero, which only a database
 * of the original can hold, lets nobody in. */
bool ua_service_users_quota_is_full(ua_quota quota, int64_t users);

/* A new user of `customer_id`, with roles. UA_CONFLICT when the email is taken, by whatever customer;
 * UA_WRONG_DOCUMENT with the violations when roles are unknown; UA_NOT_FOUND when there is no such customer;
 * where quotas are enforced UA_QUOTA_EXCEEDED for one too many, whether or not the email is taken; UA_BUSY
 * when all hashing slots are taken. Blocks for one password hash. */
UA_CHECK ua_status ua_service_users_register(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                             const ua_user_change *change, ua_user *user_r,
                                             ua_refusal *refusal);

/* Changes the user, all of it or nothing. UA_NOT_FOUND when this customer has no such user; UA_CONFLICT,
 * UA_WRONG_DOCUMENT and UA_BUSY as above. A new password, deactivation and other roles end the user's tokens.
 * Blocks for one password hash when a password is given. */
UA_CHECK ua_status ua_service_users_change(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                           int32_t id, const ua_user_change *change, ua_user *user_r,
                                           ua_refusal *refusal);

/* The user with roles. UA_NOT_FOUND when this customer has no such user. */
UA_CHECK ua_status ua_service_users_get(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                        int32_t id, ua_user *user_r);

/* One page of the users without roles, ordered by id: search->limit at the most; *has_next_r says whether
 * more follow. */
UA_CHECK ua_status ua_service_users_page(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                         const ua_user_search *search, ua_user **users_r, size_t *count_r,
                                         bool *has_next_r);

/* Sets the password of the user with that email and ends the user's tokens, without asking who may.
 * UA_UNPROCESSABLE when the customer has no such user, UA_BUSY as above. Blocks for one password hash. */
UA_CHECK ua_status ua_service_users_reset_password(const ua_service *service, ua_arena *arena,
                                                   int32_t customer_id, ua_text email, ua_text password,
                                                   ua_user *user_r, ua_refusal *refusal);

/* As above, on behalf of `caller`. Anyone may do so for oneself; for others the role admin is needed
 * (UA_FORBIDDEN), and an email that is not of the caller's customer is answered like one that does not exist
 * (UA_UNPROCESSABLE). The caller's own gets a fresh session, since the old one has just ended; otherwise
 * session_r->token is absent. */
UA_CHECK ua_status ua_service_users_reset_password_as(const ua_service *service, ua_arena *arena,
                                                      const ua_claims *caller, ua_text email,
                                                      ua_text password, ua_user *user_r,
                                                      ua_session *session_r, ua_refusal *refusal);

#endif
