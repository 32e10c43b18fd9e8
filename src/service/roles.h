/* The rules about roles. */
#ifndef UA_SERVICE_ROLES_H
#define UA_SERVICE_ROLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service/service.h"
#include "store/records.h"

/* One page of all roles, ordered by id: `limit` at the most; *has_next_r says whether more follow. */
UA_CHECK ua_status ua_service_roles_page(const ua_service *service, ua_arena *arena, int64_t limit,
                                         int64_t offset, ua_role **roles_r, size_t *count_r,
                                         bool *has_next_r);

#endif
