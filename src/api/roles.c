#include "service/roles.h"

#include "api/handlers.h"
#include "api/render.h"

static ua_json_writer *render(const ua_role_details *details)
{
  ua_json_writer *writer = ua_json_writer_create();
  ua_api_render_role_details(writer, NULL, details);
  return writer;
}

static ua_status answer_role(ua_exchange *exchange, const ua_role_details *details)
{
  ua_json_writer *writer = render(details);
  return ua_api_exchange_answer(exchange, 200, &writer);
}

ua_status ua_api_handle_list_roles(ua_exchange *exchange)
{
  const ua_document *arguments = &exchange->document;
  const ua_role_search search = {.by_grant = arguments->role.has_assignable,
                                 .may_grant = arguments->role.assignable,
                                 .page = arguments->search.page};
  ua_role_list list;
  ua_status status =
      ua_service_roles_page(exchange->service, exchange->arena, &exchange->scope, &search, &list);
  if (status != UA_OK) {
    return status;
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_json_add_boolean(writer, "has_next", list.has_next);
  ua_json_begin_array(writer, "roles");
  for (size_t i = 0; i < list.count; i++) {
    ua_api_render_role(writer, NULL, &list.roles[i]);
  }
  ua_json_end(writer);
  ua_json_end(writer);
  return ua_api_exchange_answer(exchange, 200, &writer);
}

ua_status ua_api_handle_get_role(ua_exchange *exchange)
{
  ua_role_details details;
  ua_status status =
      ua_service_roles_get(exchange->service, exchange->arena, &exchange->scope,
                           exchange->match->parameter[0].integer, &details, &exchange->problem.refusal);
  return status == UA_OK ? answer_role(exchange, &details) : status;
}

ua_status ua_api_handle_add_role(ua_exchange *exchange)
{
  ua_role_details details;
  ua_status status = ua_service_roles_add(exchange->service, exchange->arena, &exchange->document.role,
                                          &details, &exchange->problem.refusal);
  if (status != UA_OK) {
    return status;
  }
  ua_json_writer *writer = render(&details);
  return ua_api_exchange_answer_created(exchange, details.role.id, &writer);
}

ua_status ua_api_handle_change_role(ua_exchange *exchange)
{
  ua_role_details details;
  ua_status status =
      ua_service_roles_change(exchange->service, exchange->arena, exchange->match->parameter[0].integer,
                              &exchange->document.role, &details, &exchange->problem.refusal);
  return status == UA_OK ? answer_role(exchange, &details) : status;
}

ua_status ua_api_handle_delete_role(ua_exchange *exchange)
{
  ua_status status = ua_service_roles_remove(
      exchange->service, exchange->arena, exchange->match->parameter[0].integer, &exchange->problem.refusal);
  return status == UA_OK ? ua_api_exchange_answer_nothing(exchange) : status;
}
