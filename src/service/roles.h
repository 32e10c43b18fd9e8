/* The rules about roles, which all customers share. */
#ifndef UA_SERVICE_ROLES_H
#define UA_SERVICE_ROLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service/service.h"
#include "store/records.h"

/* One page of all roles, in the arena, ordered by id: `limit` at the most; *has_next_r says whether more
 * follow. UA_UNAVAILABLE when the database is away. Blocks for one statement. */
UA_CHECK ua_status ua_service_roles_page(const ua_service *service, ua_arena *arena, int64_t limit,
                                         int64_t offset, ua_role **roles_r, size_t *count_r,
                                         bool *has_next_r);

#endif
