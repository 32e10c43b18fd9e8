#include "api/handlers.h"
#include "api/identity.h"
#include "base/log.h"
#include "http/redirect.h"

/* The query is the proxy's, never the client's: roles=a,b. Anything else in it is an operator's slip, which
 * must not open the door. */
static ua_status require_query(ua_exchange *exchange, ua_access *access)
{
  ua_argument *arguments;
  size_t count;
  ua_status status =
      ua_http_uri_parse_query(exchange->arena, exchange->request->raw_query, &arguments, &count);
  for (size_t i = 0; status == UA_OK && i < count; i++) {
    bool known = ua_text_equal(arguments[i].name, UA_TEXT("roles"));
    status = known ? ua_auth_guard_require(exchange->arena, arguments[i].value, access) : UA_INTERNAL;
  }
  if (status != UA_OK) {
    ua_log(UA_LOG_ERROR, UA_EVENT("the guard's query cannot be read, so nobody passes"));
  }
  return status == UA_OK ? UA_OK : UA_INTERNAL;
}

/* Asked by nginx's auth_request and by forward-auth proxies, whatever the method of the client's request. */
ua_status ua_api_handle_guard(ua_exchange *exchange)
{
  static const ua_identity_names names = {.id = "X-User-Id",
                                          .email = "X-User-Email",
                                          .name = "X-User-Name",
                                          .roles = "X-User-Roles",
                                          .customer = "X-User-Customer"};
  ua_access access = {.kind = UA_ACCESS_CONNECTED};
  ua_status status = require_query(exchange, &access);
  if (status == UA_OK) {
    status = ua_api_identity_decide(exchange, &access);
  }
  ua_text forwarded = ua_http_request_param(exchange->request, "HTTP_X_FORWARDED_METHOD");
  ua_text method = forwarded.length == 0 ? exchange->request->method_name : forwarded;
  if (ua_api_identity_may_login(exchange, status, method)) {
    exchange->problem.login =
        ua_http_redirect_to_login(exchange->arena, exchange->config->login_url,
                                  ua_http_request_param(exchange->request, "HTTP_X_FORWARDED_URI"));
  }
  return status == UA_OK ? ua_api_identity_add_headers(exchange, &names) : status;
}
