/* What the files of users.h share. */
#ifndef UA_SERVICE_USERS_PRIVATE_H
#define UA_SERVICE_USERS_PRIVATE_H

#include "service/users.h"

/* The columns of a new password; absent texts when none is given. Wiped with the arena. */
UA_CHECK ua_status ua_service_users_hash(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                         ua_text password, ua_text *hash_r, ua_text *salt_r);

/* ua_service_password_rules_check for a change of `before`, whose id may be 0, with the email and the name
 * that the user will have. */
UA_CHECK ua_status ua_service_users_check_password(const ua_service *service, ua_arena *arena,
                                                   const ua_scope *scope, const ua_user_change *change,
                                                   const ua_user *before, ua_refusal *refusal);

/* Adds the violations of a given email and name that differ from those of `before`, whose id may be 0. So a
 * user who is older than these rules can still change other fields. */
void ua_service_users_check_texts(ua_arena *arena, const ua_user_change *change, const ua_user *before,
                                  ua_refusal *refusal);

/* Within a transaction: locks the user against other changes until the end, and reads it with its roles. */
UA_CHECK ua_status ua_service_users_lock(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                         int32_t id, ua_user *user_r);

/* Within the transaction that has changed a user, roles included, perhaps with a new password: UA_UNAVAILABLE
 * when the change has to end older tokens and the database has not raised the epoch. The defect goes into the
 * refusal and the log. */
UA_CHECK ua_status ua_service_users_check_ended(const ua_user *before, const ua_user *after,
                                                bool has_new_password, ua_refusal *refusal);

/* Returns `status`; sets the message of UA_NOT_FOUND. */
ua_status ua_service_users_missing(ua_status status, ua_refusal *refusal);

#endif
