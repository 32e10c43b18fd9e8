#include "service/users.h"

#include "api/handlers.h"
#include "api/render.h"

static ua_status answer_user(ua_exchange *exchange, int http_status, const ua_user *user)
{
  ua_json_writer *writer = ua_json_writer_create();
  ua_api_render_user(writer, NULL, user, true);
  return ua_api_exchange_answer(exchange, http_status, &writer);
}

ua_status ua_api_handle_register(ua_exchange *exchange)
{
  ua_user user;
  ua_status status =
      ua_service_users_register(exchange->service, exchange->arena, exchange->caller.user.customer_id,
                                &exchange->document.user, &user, &exchange->problem.refusal);
  return status == UA_OK ? answer_user(exchange, 201, &user) : status;
}

ua_status ua_api_handle_update(ua_exchange *exchange)
{
  ua_user user;
  ua_status status = ua_service_users_change(
      exchange->service, exchange->arena, exchange->caller.user.customer_id,
      exchange->match->parameter[0].integer, &exchange->document.user, &user, &exchange->problem.refusal);
  return status == UA_OK ? answer_user(exchange, 200, &user) : status;
}

ua_status ua_api_handle_get_user(ua_exchange *exchange)
{
  const ua_path_parameter *id = &exchange->match->parameter[0];
  ua_user user;
  ua_status status = ua_service_users_get(exchange->service, exchange->arena,
                                          exchange->caller.user.customer_id, id->integer, &user);
  if (status == UA_NOT_FOUND) {
    exchange->problem.refusal.message =
        ua_arena_printf(exchange->arena, "User '%.*s' doesn't exist.", UA_TEXT_ARGS(id->text));
  }
  return status == UA_OK ? answer_user(exchange, 200, &user) : status;
}

ua_status ua_api_handle_list_users(ua_exchange *exchange)
{
  const ua_document *arguments = &exchange->document;
  const ua_user_search search = {.email = arguments->user.email,
                                 .name = arguments->user.name,
                                 .limit = arguments->limit,
                                 .offset = arguments->offset};
  ua_user *users;
  size_t count;
  bool has_next;
  ua_status status =
      ua_service_users_page(exchange->service, exchange->arena, exchange->caller.user.customer_id, &search,
                            &users, &count, &has_next);
  if (status != UA_OK) {
    return status;
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_json_add_boolean(writer, "has_next", has_next);
  ua_json_begin_array(writer, "users");
  for (size_t i = 0; i < count; i++) {
    ua_api_render_user(writer, NULL, &users[i], false);
  }
  ua_json_end(writer);
  ua_json_end(writer);
  return ua_api_exchange_answer(exchange, 200, &writer);
}
