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

/* Whether each of `count` ids is a role: known_r[i] answers for ids[i]. */
UA_CHECK ua_status ua_store_roles_known(ua_db *db, ua_arena *arena, const int32_t *ids, size_t count,
                                        bool *known_r);

/* Ordered by id. */
UA_CHECK ua_status ua_store_roles_list(ua_db *db, ua_arena *arena, int64_t limit, int64_t offset,
                                       ua_role **roles_r, size_t *count_r);

#endif
