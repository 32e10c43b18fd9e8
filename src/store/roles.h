/* Roles as rows. They belong to no customer. */
#ifndef UA_STORE_ROLES_H
#define UA_STORE_ROLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/db.h"
#include "store/records.h"

/* The roles with these ids: roles_r[i] is that of ids[i], with an id of 0 if there is none. With `lock`, no
 * other transaction can rename them or change who may grant them until this one ends. */
UA_CHECK ua_status ua_store_roles_find(ua_db *db, ua_arena *arena, const int32_t *ids, size_t count,
                                       bool lock, ua_role *roles_r);

/* Which roles a list contains: all, those that the caller may grant, or the others. */
typedef struct ua_role_filter {
  bool by_grant;
  bool may_grant;     /* if by_grant */
  bool may_grant_all; /* the caller may grant all, whatever the columns say */
  ua_text operators;  /* code of the role that counts as not assignable; absent: none */
} ua_role_filter;

/* One page, ordered by id. The roles say whether they are assignable. */
UA_CHECK ua_status ua_store_roles_list(ua_db *db, ua_arena *arena, const ua_role_filter *filter,
                                       const ua_page *page, ua_role **roles_r, size_t *count_r);

/* How many users hold the role, of all customers. */
UA_CHECK ua_status ua_store_roles_count_all_holders(ua_db *db, int32_t id, int64_t *count_r);

/* Inserts `role`, except its id. UA_CONFLICT when the code is taken. */
UA_CHECK ua_status ua_store_roles_insert(ua_db *db, ua_arena *arena, const ua_role *role, int32_t *id_r);

/* Waits until no other transaction renames a role, and keeps others from renaming one until the transaction
 * ends. */
UA_CHECK ua_status ua_store_roles_lock_names(ua_db *db);

/* The new values of a role's columns. */
typedef struct ua_role_edit {
  ua_text name;
  bool assignable;
  bool keep_assignable; /* `assignable` is ignored; no change */
} ua_role_edit;

/* UA_NOT_FOUND when there is no such role. */
UA_CHECK ua_status ua_store_roles_update(ua_db *db, ua_arena *arena, int32_t id, const ua_role_edit *edit);

/* After ua_store_roles_update, in the same transaction: how many users would get a token that is longer than
 * before, when the role was called `name_before`, and longer than `most_bytes`. Transactions that grant the
 * role meanwhile wait. */
UA_CHECK ua_status ua_store_roles_outgrow_tokens(ua_db *db, ua_arena *arena, int32_t id, ua_text name_before,
                                                 int64_t most_bytes, int64_t *count_r);

/* UA_NOT_FOUND when there is no such role; UA_CONFLICT when a user holds it, or rows of another table refer
 * to it. */
UA_CHECK ua_status ua_store_roles_delete(ua_db *db, int32_t id);

#endif
