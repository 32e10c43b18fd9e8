/* Users and their roles as rows. Each function runs one statement, bound to one customer unless stated
 * otherwise; results are those of ua_store_db_execute.
 *
 * Triggers of the database end the tokens of a user whose email, password, activity or roles change: they
 * raise the epoch. */
#ifndef UA_STORE_USERS_H
#define UA_STORE_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/db.h"
#include "store/records.h"

/* What login needs to know. */
typedef struct ua_login_row {
  int32_t id;
  int32_t customer_id;
  int32_t epoch;
  bool active;
  ua_text hash;
  ua_text salt;
  ua_text folded; /* the email, folded for comparison; if no user has it, the requested one without trailing
                     blanks */
} ua_login_row;

/* The new values of a user's columns. */
typedef struct ua_user_edit {
  ua_text email; /* absent: no change; the same for the others */
  ua_text name;
  ua_text hash; /* with salt, or neither */
  ua_text salt;
  bool active;
  bool keep_active; /* `active` is ignored; no change */
} ua_user_edit;

/* Of any customer: emails are unique across all. One statement looks the email up as it is, and then without
 * trailing blanks; the functions below do the same. UA_NOT_FOUND when there is none, with the folded email in
 * an otherwise empty row. */
UA_CHECK ua_status ua_store_users_find_login(ua_db *db, ua_arena *arena, ua_text email, ua_login_row *row_r);

/* The user with roles, which say whether they are assignable. UA_NOT_FOUND when this customer has no such
 * user. */
UA_CHECK ua_status ua_store_users_get(ua_db *db, ua_arena *arena, int32_t customer_id, int32_t id,
                                      ua_user *user_r);

/* When the user was created, in the format of RFC 3339, in UTC; absent if that is not known. UA_NOT_FOUND as
 * above. */
UA_CHECK ua_status ua_store_users_created_at(ua_db *db, ua_arena *arena, int32_t customer_id, int32_t id,
                                             ua_text *created_at_r);

UA_CHECK ua_status ua_store_users_find_id(ua_db *db, ua_arena *arena, int32_t customer_id, ua_text email,
                                          int32_t *id_r);

/* Inserts `user` (its id, epoch and roles are not read). UA_CONFLICT when the email is taken, UA_NOT_FOUND
 * when there is no such customer. */
UA_CHECK ua_status ua_store_users_insert(ua_db *db, ua_arena *arena, const ua_user *user, ua_text hash,
                                         ua_text salt, int32_t *id_r);

/* Until the transaction ends, no other transaction can change the user or the roles that it has. UA_NOT_FOUND
 * when this customer has no such user. */
UA_CHECK ua_status ua_store_users_lock(ua_db *db, int32_t customer_id, int32_t id);

/* UA_NOT_FOUND when this customer has no such user, UA_CONFLICT when the email is taken. */
UA_CHECK ua_status ua_store_users_update(ua_db *db, ua_arena *arena, int32_t customer_id, int32_t id,
                                         const ua_user_edit *edit);

/* UA_NOT_FOUND when this customer has no such user. */
UA_CHECK ua_status ua_store_users_set_password(ua_db *db, ua_arena *arena, int32_t customer_id, int32_t id,
                                               ua_text hash, ua_text salt);

/* Upgrades the stored hash to a stronger one of the same password, unless it is not row->hash any more.
 * Tokens stay valid. */
UA_CHECK ua_status ua_store_users_upgrade_hash(ua_db *db, ua_arena *arena, const ua_login_row *row,
                                               ua_text hash, ua_text salt);

/* Adds the roles that the user does not have yet. UA_UNPROCESSABLE for a role that does not exist. */
UA_CHECK ua_status ua_store_users_add_roles(ua_db *db, ua_arena *arena, int32_t customer_id, int32_t id,
                                            const int32_t *role_ids, size_t count);

/* Removes all roles except these. */
UA_CHECK ua_status ua_store_users_remove_other_roles(ua_db *db, ua_arena *arena, int32_t customer_id,
                                                     int32_t id, const int32_t *role_ids, size_t count);

/* Ends all tokens of the user, whether or not the triggers exist. */
UA_CHECK ua_status ua_store_users_raise_epoch(ua_db *db, int32_t customer_id, int32_t id);

/* Deletes the user; the caller has to remove the roles before. UA_NOT_FOUND when this customer has no such
 * user. */
UA_CHECK ua_status ua_store_users_delete(ua_db *db, int32_t customer_id, int32_t id);

/* Whether another active user of the customer has the role admin. */
UA_CHECK ua_status ua_store_users_has_other_admin(ua_db *db, int32_t customer_id, int32_t id, bool *has_r);

#endif
