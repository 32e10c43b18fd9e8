/* The FastCGI role Authorizer (specification section 6.3): every request of that role asks for the guard's
 * decision about a request to another application. */
#include "api/handlers.h"
#include "api/identity.h"
#include "http/redirect.h"

ua_status ua_api_handle_authorizer(ua_exchange *exchange)
{
  static const ua_identity_names names = {.id = "Variable-USER_ID",
                                          .email = "Variable-USER_EMAIL",
                                          .name = "Variable-USER_NAME",
                                          .roles = "Variable-USER_ROLES",
                                          .customer = "Variable-USER_CUSTOMER",
                                          .remote_user = "Variable-REMOTE_USER"};
  ua_access access = {.kind = UA_ACCESS_CONNECTED};
  ua_status status = ua_api_identity_decide(exchange, &access);
  ua_text method = exchange->request->method_name;
  if (ua_api_identity_may_login(exchange, status, method)) {
    exchange->problem.redirect = true;
    exchange->problem.login =
        ua_http_redirect_to_login(exchange->arena, exchange->config->login_url,
                                  exchange->request->input->single[UA_SINGLE_REQUEST_URI]);
  }
  /* Apache shows its ErrorDocument only for a refusal without a body, and sends JSON as text/html. */
  bool is_apache = ua_http_request_param(exchange->request, "FCGI_APACHE_ROLE").length > 0;
  exchange->problem.silent = status == UA_FORBIDDEN && is_apache && ua_api_identity_wants_html(exchange);
  if (status != UA_OK) {
    return status;
  }
  exchange->response.bare = true;
  return ua_api_identity_add_headers(exchange, &names);
}
