#include "service/roles.h"

#include "api/handlers.h"
#include "api/render.h"

ua_status ua_api_handle_list_roles(ua_exchange *exchange)
{
  ua_role *roles;
  size_t count;
  bool has_next;
  ua_status status =
      ua_service_roles_page(exchange->service, exchange->arena, exchange->document.search.page.limit,
                            exchange->document.search.page.offset, &roles, &count, &has_next);
  if (status != UA_OK) {
    return status;
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_json_add_boolean(writer, "has_next", has_next);
  ua_json_begin_array(writer, "roles");
  for (size_t i = 0; i < count; i++) {
    ua_api_render_role(writer, NULL, &roles[i]);
  }
  ua_json_end(writer);
  ua_json_end(writer);
  return ua_api_exchange_answer(exchange, 200, &writer);
}
