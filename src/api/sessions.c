#include "service/sessions.h"

#include "api/browser.h"
#include "api/handlers.h"
#include "api/render.h"
#include "service/users.h"

static ua_status answer_claims(ua_exchange *exchange, const ua_claims *claims)
{
  ua_json_writer *writer = ua_json_writer_create();
  ua_api_render_claims(writer, NULL, claims);
  return ua_api_exchange_answer(exchange, 200, &writer);
}

/* The browser is known from now on. Without random bytes it stays unknown, and the login succeeds all the
 * same. */
static ua_status remember_device(ua_exchange *exchange, int32_t user_id)
{
  ua_devices *devices = &exchange->asker.devices;
  return ua_auth_devices_remember(devices, user_id) ? ua_api_exchange_set_device(exchange, devices) : UA_OK;
}

ua_status ua_api_handle_login(ua_exchange *exchange)
{
  const ua_login login = {.email = exchange->document.user.email,
                          .password = exchange->document.user.password,
                          .asker = &exchange->asker};
  ua_session session;
  ua_text cookie;
  ua_status status =
      ua_http_request_cookies(exchange->request, UA_DEVICE_COOKIE, UA_DEVICE_SEPARATOR, &cookie);
  if (status != UA_OK) {
    return status;
  }
  ua_auth_devices_read(&exchange->service->secrets, cookie, &exchange->asker.devices);
  status = ua_service_sessions_login(exchange->service, exchange->arena, &login, &session,
                                     &exchange->problem.refusal);
  if (status == UA_OK) {
    status = ua_api_exchange_set_cookie(exchange, session.token, session.claims.expires_at);
  }
  if (status == UA_OK) {
    status = remember_device(exchange, session.claims.user.id);
  }
  return status == UA_OK ? answer_claims(exchange, &session.claims) : status;
}

ua_status ua_api_handle_token(ua_exchange *exchange)
{
  return answer_claims(exchange, &exchange->caller);
}

static ua_status end_session(ua_exchange *exchange)
{
  ua_status status = ua_service_sessions_logout(exchange->service, exchange->arena, &exchange->caller);
  return status == UA_OK ? ua_api_exchange_set_cookie(exchange, UA_TEXT_ABSENT, 0) : status;
}

/* The original logs out by GET, which links and images of other sites, and prefetching browsers, also send.
 * These are refused, not answered 200: a browser would show the prefetched answer to a person who then really
 * logs out. */
ua_status ua_api_handle_logout(ua_exchange *exchange)
{
  ua_status status = ua_api_browser_check_intent(exchange);
  if (status == UA_OK) {
    status = ua_api_browser_check_site(exchange);
  }
  if (status == UA_OK && exchange->request->method != UA_METHOD_HEAD) {
    status = end_session(exchange);
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
  if (status == UA_OK) {
    status = ua_api_exchange_renew_cookie(exchange, &session);
  }
  if (status != UA_OK) {
    return status;
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_api_render_user(writer, NULL, &user, false);
  return ua_api_exchange_answer(exchange, 200, &writer);
}
