#include "service/events.h"

ua_status ua_service_events_page(const ua_service *service, ua_arena *arena, const ua_event_search *search,
                                 ua_event_list *list_r)
{
  ua_event_filter filter = {.everywhere = search->everywhere,
                            .customer_id = search->customer_id,
                            .kind = search->kind,
                            .by_user = search->by_user,
                            .user_id = search->user_id,
                            .below = search->before,
                            .oldest_first = search->by_after,
                            .limit = search->limit + 1}; /* an extra row shows that more follow */
  ua_event_list list = {.has_next = false};
  ua_status status = UA_OK;
  if (search->by_after) {
    int64_t until = search->until;
    if (until == 0) {
      status = ua_store_events_final(service->db, &until);
    }
    filter.above = search->after;
    filter.below = until + 1;
  }
  if (status == UA_OK) {
    status = ua_store_events_list(service->db, arena, &filter, &list.events, &list.count);
  }
  if (status != UA_OK) {
    return status;
  }
  list.has_next = list.count > (size_t)search->limit;
  list.count -= list.has_next ? 1 : 0;
  *list_r = list;
  return UA_OK;
}

ua_status ua_service_events_final(const ua_service *service, int64_t *id_r)
{
  return ua_store_events_final(service->db, id_r);
}

ua_status ua_service_events_write(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                  int32_t user_id, ua_text kind, ua_text data)
{
  ua_status status = ua_store_db_begin(service->db);
  return status == UA_OK
             ? ua_service_end_transaction(
                   service, ua_store_events_write(service->db, arena, customer_id, user_id, kind, data))
             : status;
}
