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

/* The roles with these ids: roles_r[i] is that of ids[i], with an id of 0 where there is none. With `lock`,
 * until the transaction ends nobody renames them, or changes who may grant them. */
UA_CHECK ua_status ua_store_roles_find(ua_db *db, ua_arena *arena, const int32_t *ids, size_t count,
                                       bool lock, ua_role *roles_r);

/* Ordered by id. */
UA_CHECK ua_status ua_store_roles_list(ua_db *db, ua_arena *arena, int64_t limit, int64_t offset,
                                       ua_role **roles_r, size_t *count_r);

#endif
