#include "service/events.h"

#include "api/handlers.h"
#include "api/render.h"

ua_status ua_api_handle_list_events(ua_exchange *exchange)
{
  const ua_scope *scope = &exchange->scope;
  ua_event_search search = exchange->document.events;
  ua_event_list list;
  search.everywhere = scope->is_operator && !exchange->document.has_customer;
  search.customer_id = scope->customer_id;
  search.user_id = (int32_t)exchange->document.event_user;
  ua_status status = ua_service_events_page(exchange->service, exchange->arena, &search, &list);
  if (status != UA_OK) {
    return status;
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_json_begin_array(writer, "events");
  for (size_t i = 0; i < list.count && status == UA_OK; i++) {
    status = ua_api_render_event(writer, NULL, exchange->arena, &list.events[i]);
  }
  ua_json_end(writer);
  ua_json_add_boolean(writer, "has_next", list.has_next);
  ua_json_end(writer);
  if (status != UA_OK) {
    ua_json_discard(&writer);
    return status;
  }
  return ua_api_exchange_answer(exchange, 200, &writer);
}
