#include "api/handlers.h"
#include "api/identity.h"
#include "http/redirect.h"

/* The query comes from the proxy, never from the client: roles=a,b and customer=1. Anything else in it is an
 * operator's mistake, which must let nobody in. */
static void require_query(const ua_exchange *exchange, ua_access *access)
{
  ua_argument *arguments;
  size_t count;
  size_t customers = 0;
  bool is_known =
      ua_http_uri_parse_query(exchange->arena, exchange->request->raw_query, &arguments, &count) == UA_OK;
  for (size_t i = 0; is_known && i < count; i++) {
    if (ua_text_equal(arguments[i].name, UA_TEXT("roles"))) {
      ua_auth_guard_require_roles(exchange->arena, arguments[i].value, access);
    } else if (ua_text_equal(arguments[i].name, UA_TEXT("customer")) && customers++ == 0) {
      ua_auth_guard_require_customer(arguments[i].value, access);
    } else {
      is_known = false;
    }
  }
  if (!is_known) {
    ua_auth_guard_close(access, "query");
  }
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
  require_query(exchange, &access);
  ua_status status = ua_api_identity_decide(exchange, &access);
  ua_text forwarded = ua_http_request_param(exchange->request, "HTTP_X_FORWARDED_METHOD");
  ua_text method = forwarded.length == 0 ? exchange->request->method_name : forwarded;
  if (ua_api_identity_may_login(exchange, status, method)) {
    exchange->problem.login =
        ua_http_redirect_to_login(exchange->arena, exchange->config->login_url,
                                  ua_http_request_param(exchange->request, "HTTP_X_FORWARDED_URI"));
  }
  return status == UA_OK ? ua_api_identity_add_headers(exchange, &names) : status;
}
