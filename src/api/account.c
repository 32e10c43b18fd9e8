#include "api/handlers.h"
#include "api/render.h"
#include "service/users.h"

/* Read from the database: a name may have changed since the token was signed. */
ua_status ua_api_handle_get_account(ua_exchange *exchange)
{
  const ua_scope *scope = &exchange->scope;
  int32_t id = exchange->caller.user.id;
  ua_user user;
  ua_text created_at;
  ua_status status = ua_service_users_get(exchange->service, exchange->arena, scope, id, &user);
  if (status == UA_OK) {
    status = ua_service_users_created_at(exchange->service, exchange->arena, scope, id, &created_at);
  }
  if (status != UA_OK) {
    return status == UA_NOT_FOUND ? UA_INVALID_TOKEN : status; /* deleted a moment ago */
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_api_render_account(writer, NULL, &user, created_at, ua_service_scope_has(scope, UA_RIGHT_ADMIN),
                        ua_service_scope_has(scope, UA_RIGHT_OPERATOR));
  return ua_api_exchange_answer(exchange, 200, &writer);
}
