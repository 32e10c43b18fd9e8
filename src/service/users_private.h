/* What the files of users.h share. */
#ifndef UA_SERVICE_USERS_PRIVATE_H
#define UA_SERVICE_USERS_PRIVATE_H

#include "service/users.h"

/* The columns of a new password; absent texts when none is given. Wiped with the arena. */
UA_CHECK ua_status ua_service_users_hash(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                         ua_text password, ua_text *hash_r, ua_text *salt_r);

/* ua_service_password_rules_check for a change of `before`, who may have an id of 0, with the email and the
 * name that the user is to have. */
UA_CHECK ua_status ua_service_users_check_password(const ua_service *service, ua_arena *arena,
                                                   const ua_scope *scope, const ua_user_change *change,
                                                   const ua_user *before, ua_refusal *refusal);

/* Adds what is wrong with an email and a name that are given and are not those of `before`, whom nobody has
 * to be: a user from before there were these rules can be changed otherwise. */
void ua_service_users_check_texts(ua_arena *arena, const ua_user_change *change, const ua_user *before,
                                  ua_refusal *refusal);

/* Within a transaction: locks the user, whom nobody else changes until the end, and reads it with its roles.
 */
UA_CHECK ua_status ua_service_users_lock(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                         int32_t id, ua_user *user_r);

/* Within the transaction that has changed a user, with roles, who perhaps got a new password: UA_UNAVAILABLE,
 * with the defect, which the log has as well, where tokens from before have to end and the database has not
 * raised the epoch. */
UA_CHECK ua_status ua_service_users_check_ended(const ua_user *before, const ua_user *after,
                                                bool has_new_password, ua_refusal *refusal);

/* `status`, with the sentence that goes with UA_NOT_FOUND. */
ua_status ua_service_users_missing(ua_status status, ua_refusal *refusal);

#endif
