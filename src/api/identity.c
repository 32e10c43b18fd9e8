#include "api/identity.h"

#include <string.h>

#include "base/log.h"
#include "http/percent.h"

ua_status ua_api_identity_decide(ua_exchange *exchange, ua_access *access)
{
  ua_guard guard = ua_service_guard(exchange->service, true);
  const ua_text *given = exchange->request->input->single;
  ua_refusal *refusal = &exchange->problem.refusal;
  /* Some configurations, nginx's among them, send an empty list of roles where a login is enough. An empty
   * customer must not let in users of all customers. */
  if (given[UA_SINGLE_USER_API_REQUIRE_ROLES].length > 0) {
    ua_auth_guard_require_roles(exchange->arena, given[UA_SINGLE_USER_API_REQUIRE_ROLES], access);
  }
  if (given[UA_SINGLE_USER_API_REQUIRE_CUSTOMER].data != NULL) {
    ua_auth_guard_require_customer(given[UA_SINGLE_USER_API_REQUIRE_CUSTOMER], access);
  }
  ua_status status =
      ua_auth_guard_check(&guard, exchange->request, access, &exchange->caller, &refusal->missing_roles);
  if (status == UA_INTERNAL && access->kind == UA_ACCESS_UNREADABLE) {
    ua_log(UA_LOG_ERROR, UA_EVENT("the guard's requirements cannot be read: access is denied"),
           ua_log_str("unreadable", access->slip));
  }
  if (status == UA_FORBIDDEN && refusal->missing_roles.data == NULL) {
    refusal->message = UA_TEXT("You don't belong to the required customer.");
  }
  return status;
}

static bool has(const ua_request *request, const char *name)
{
  return ua_http_request_param(request, name).length > 0;
}

static bool accepts(const ua_request *request, const char *type)
{
  ua_text accept = ua_http_request_param(request, "HTTP_ACCEPT");
  return accept.length > 0 && memmem(accept.data, accept.length, type, strlen(type)) != NULL;
}

/* Browsers send what they want in Sec-Fetch-Mode; without it, what they accept decides. */
static bool is_navigation(const ua_request *request)
{
  ua_text mode = ua_http_request_param(request, "HTTP_SEC_FETCH_MODE");
  bool by_header = has(request, "HTTP_AUTHORIZATION") || has(request, "HTTP_AUTHENTICATION");
  return !by_header && (mode.length == 0 || ua_text_equal(mode, UA_TEXT("navigate")));
}

static bool opens_a_page(const ua_request *request, ua_text method)
{
  bool reads = ua_text_equal(method, UA_TEXT("GET")) || ua_text_equal(method, UA_TEXT("HEAD"));
  bool page = accepts(request, "text/html") || accepts(request, "*/*") ||
              ua_http_request_param(request, "HTTP_ACCEPT").length == 0;
  return reads && page && is_navigation(request);
}

bool ua_api_identity_wants_html(const ua_exchange *exchange)
{
  return is_navigation(exchange->request) && accepts(exchange->request, "text/html");
}

bool ua_api_identity_may_login(const ua_exchange *exchange, ua_status status, ua_text method)
{
  return (status == UA_NO_CREDENTIALS || status == UA_INVALID_TOKEN) && exchange->config->login_url != NULL &&
         opens_a_page(exchange->request, method);
}

static bool is_plain(unsigned char byte)
{
  return byte >= ' ' && byte <= '~' && byte != '%';
}

static bool is_plain_but_no_blank(unsigned char byte)
{
  return is_plain(byte) && byte != ' ';
}

/* Servers trim values: all blanks of a value with a blank at an end are encoded. */
static ua_text encode(ua_arena *arena, ua_text value)
{
  bool trimmed = ua_text_trim(value).length < value.length;
  return ua_http_percent_encode(arena, value, trimmed ? is_plain_but_no_blank : is_plain);
}

static bool is_plain_in_list(unsigned char byte)
{
  return is_plain_but_no_blank(byte) && byte != ',';
}

static void add_header(ua_exchange *exchange, const char *name, ua_text value)
{
  if (name != NULL) {
    /* A value is absent when memory was exhausted, and then spoils the response. */
    ua_http_response_add_header(&exchange->response, name, value);
  }
}

static ua_text decimal(ua_arena *arena, int64_t value)
{
  char digits[UA_DECIMAL_BYTES];
  return ua_arena_copy(arena, ua_text_of_integer(value, digits));
}

static ua_text role_codes(ua_arena *arena, const ua_user *user)
{
  ua_text list = UA_TEXT("");
  for (size_t i = 0; i < user->role_count && list.data != NULL; i++) {
    ua_text code = ua_http_percent_encode(arena, user->roles[i].code, is_plain_in_list);
    list =
        code.data == NULL ? code : ua_arena_printf(arena, "%s%s%s", list.data, i == 0 ? "" : ",", code.data);
  }
  return list;
}

ua_status ua_api_identity_add_headers(ua_exchange *exchange, const ua_identity_names *names)
{
  ua_arena *arena = exchange->arena;
  const ua_user *user = &exchange->caller.user;
  ua_text email = encode(arena, user->email);
  exchange->response.status = 200;
  exchange->response.body = UA_TEXT("");
  add_header(exchange, names->id, decimal(arena, user->id));
  add_header(exchange, names->email, email);
  add_header(exchange, names->name, encode(arena, user->name));
  add_header(exchange, names->roles, role_codes(arena, user));
  add_header(exchange, names->customer, decimal(arena, user->customer_id));
  add_header(exchange, names->remote_user, email);
  return exchange->response.status == 200 ? UA_OK : UA_INTERNAL;
}
