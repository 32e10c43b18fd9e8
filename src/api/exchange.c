#include "api/exchange.h"

#include "auth/credentials.h"
#include "base/clock.h"

ua_status ua_api_exchange_take_turn(const ua_exchange *exchange, ua_load load)
{
  const ua_admission *admission = exchange->admission;
  const ua_input *input = exchange->request->input;
  if (admission->enter == NULL || load == UA_LOAD_LIGHT) {
    return UA_OK;
  }
  ua_status status = admission->enter(admission->context, load, input->id, exchange->caller.user.id);
  return status == UA_PENDING && input->last_try ? UA_BUSY : status;
}

ua_status ua_api_exchange_answer(ua_exchange *exchange, int http_status, ua_json_writer **writer)
{
  exchange->response.status = http_status;
  return ua_json_finish(writer, exchange->arena, true, &exchange->response.body);
}

ua_status ua_api_exchange_answer_nothing(ua_exchange *exchange)
{
  exchange->response.status = 204;
  exchange->response.body = UA_TEXT("");
  return UA_OK;
}

ua_status ua_api_exchange_answer_created(ua_exchange *exchange, int32_t id, ua_json_writer **writer)
{
  /* A value is absent when memory was exhausted, and then spoils the response. */
  ua_http_response_add_header(
      &exchange->response, "Location",
      ua_arena_printf(exchange->arena, "%.*s%d", UA_TEXT_ARGS(exchange->request->raw_path), (int)id));
  return ua_api_exchange_answer(exchange, 201, writer);
}

static bool cookie_is_secure(const ua_exchange *exchange)
{
  switch (exchange->config->cookie_secure) {
    case UA_COOKIE_SECURE_ON:
      return true;
    case UA_COOKIE_SECURE_OFF:
      return false;
    default:
      return exchange->request->https;
  }
}

static ua_status add_cookie(ua_exchange *exchange, ua_text cookie)
{
  if (cookie.data == NULL) {
    return UA_INTERNAL;
  }
  ua_http_response_add_header(&exchange->response, "Set-Cookie", cookie);
  return UA_OK;
}

ua_status ua_api_exchange_set_cookie(ua_exchange *exchange, ua_text token, int64_t expires_at)
{
  return add_cookie(
      exchange, ua_auth_credentials_cookie(exchange->arena, token, expires_at, cookie_is_secure(exchange)));
}

ua_status ua_api_exchange_renew_cookie(ua_exchange *exchange, const ua_session *session)
{
  return session->token.data == NULL
             ? UA_OK
             : ua_api_exchange_set_cookie(exchange, session->token, session->claims.expires_at);
}

ua_status ua_api_exchange_set_device(ua_exchange *exchange, const ua_devices *devices)
{
  return add_cookie(exchange, ua_auth_devices_cookie(&exchange->service->secrets, exchange->arena, devices,
                                                     ua_clock_wall_seconds(), cookie_is_secure(exchange)));
}
