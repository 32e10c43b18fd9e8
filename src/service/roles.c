#include "service/roles.h"

#include "store/roles.h"

ua_status ua_service_roles_page(const ua_service *service, ua_arena *arena, int64_t limit, int64_t offset,
                                ua_role **roles_r, size_t *count_r, bool *has_next_r)
{
  ua_status status = ua_store_roles_list(service->db, arena, limit + 1, offset, roles_r, count_r);
  if (status == UA_OK) {
    *has_next_r = *count_r > (size_t)limit;
    *count_r -= *has_next_r ? 1 : 0;
  }
  return status;
}
