#include "api/exchange.h"

#include "auth/credentials.h"

ua_status ua_api_exchange_answer(ua_exchange *exchange, int http_status, ua_json_writer **writer)
{
  exchange->response.status = http_status;
  return ua_json_finish(writer, exchange->arena, true, &exchange->response.body);
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

ua_status ua_api_exchange_set_cookie(ua_exchange *exchange, ua_text token, int64_t expires_at)
{
  ua_text cookie = ua_auth_credentials_cookie(exchange->arena, token, expires_at, cookie_is_secure(exchange));
  if (cookie.data == NULL) {
    return UA_INTERNAL;
  }
  ua_http_response_add_header(&exchange->response, "Set-Cookie", cookie);
  return UA_OK;
}
