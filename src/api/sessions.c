#include "service/sessions.h"

#include "api/handlers.h"
#include "api/render.h"
#include "service/users.h"

static ua_status answer_claims(ua_exchange *exchange, const ua_claims *claims)
{
  ua_json_writer *writer = ua_json_writer_create();
  ua_api_render_claims(writer, NULL, claims);
  return ua_api_exchange_answer(exchange, 200, &writer);
}

ua_status ua_api_handle_login(ua_exchange *exchange)
{
  ua_session session;
  ua_status status =
      ua_service_sessions_login(exchange->service, exchange->arena, exchange->document.user.email,
                                exchange->document.user.password, &session);
  if (status == UA_OK) {
    status = ua_api_exchange_set_cookie(exchange, session.token, session.claims.expires_at);
  }
  return status == UA_OK ? answer_claims(exchange, &session.claims) : status;
}

ua_status ua_api_handle_token(ua_exchange *exchange)
{
  return answer_claims(exchange, &exchange->caller);
}

ua_status ua_api_handle_logout(ua_exchange *exchange)
{
  ua_status status = ua_service_sessions_logout(exchange->service, exchange->arena, &exchange->caller);
  if (status == UA_OK) {
    status = ua_api_exchange_set_cookie(exchange, UA_TEXT_ABSENT, 0);
  }
  if (status != UA_OK) {
    return status;
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_json_add_text(writer, "message", UA_TEXT("User disconnected."));
  ua_json_end(writer);
  return ua_api_exchange_answer(exchange, 200, &writer);
}

ua_status ua_api_handle_reset_password(ua_exchange *exchange)
{
  const ua_user_change *given = &exchange->document.user;
  ua_session session;
  ua_user user;
  ua_status status =
      ua_service_users_reset_password(exchange->service, exchange->arena, &exchange->scope, given->email,
                                      given->password, &user, &session, &exchange->problem.refusal);
  if (status == UA_OK && session.token.data != NULL) {
    status = ua_api_exchange_set_cookie(exchange, session.token, session.claims.expires_at);
  }
  if (status != UA_OK) {
    return status;
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_api_render_user(writer, NULL, &user, false);
  return ua_api_exchange_answer(exchange, 200, &writer);
}
