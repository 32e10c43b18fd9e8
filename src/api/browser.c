#include "api/browser.h"

#include "http/origin.h"

/* Proxies append their hosts to X-Forwarded-Host, separated by commas. */
static bool is_this_host(const ua_request *request, const ua_origin *origin)
{
  static const char *const names[] = {"HTTP_HOST", "HTTP_X_FORWARDED_HOST"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    ua_text hosts = ua_http_request_param(request, names[i]);
    ua_text host;
    while (ua_text_split(&hosts, ',', &host)) {
      if (ua_http_origin_is_host(origin, ua_text_trim(host))) {
        return true;
      }
    }
  }
  return false;
}

static bool is_allowed(const ua_config *config, const ua_origin *origin)
{
  for (size_t i = 0; i < config->allowed_origin_count; i++) {
    ua_origin allowed;
    if (ua_http_origin_parse(ua_text_of(config->allowed_origins[i]), &allowed) &&
        ua_http_origin_equal(origin, &allowed)) {
      return true;
    }
  }
  return false;
}

static bool is_foreign(const ua_exchange *exchange)
{
  ua_text site = ua_http_request_param(exchange->request, "HTTP_SEC_FETCH_SITE");
  ua_text origin = ua_http_request_param(exchange->request, "HTTP_ORIGIN");
  ua_origin page;
  if (ua_text_equal(site, UA_TEXT("same-origin")) || ua_text_equal(site, UA_TEXT("none"))) {
    return false;
  }
  bool is_known = ua_http_origin_parse(origin, &page); /* "null" names no origin */
  if (is_known && is_allowed(exchange->config, &page)) {
    return false;
  }
  if (ua_text_equal(site, UA_TEXT("cross-site"))) {
    return true;
  }
  return origin.length > 0 && !(is_known && is_this_host(exchange->request, &page));
}

ua_status ua_api_browser_check_site(ua_exchange *exchange)
{
  if (!is_foreign(exchange)) {
    return UA_OK;
  }
  exchange->problem.refusal.message = UA_TEXT("This request comes from a page of another site.");
  return UA_FORBIDDEN;
}

static bool is_looking_ahead(ua_text token)
{
  return ua_text_equal_nocase(token, UA_TEXT("prefetch")) ||
         ua_text_equal_nocase(token, UA_TEXT("prerender")) || ua_text_equal_nocase(token, UA_TEXT("preview"));
}

static bool is_prefetch(const ua_exchange *exchange)
{
  /* The first is today's; older browsers send one of the others. */
  static const char *const names[] = {"HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    ua_text rest = ua_http_request_param(exchange->request, names[i]);
    ua_text token;
    while (ua_text_split(&rest, ';', &token)) {
      if (is_looking_ahead(ua_text_trim(token))) {
        return true;
      }
    }
  }
  return false;
}

ua_status ua_api_browser_check_intent(ua_exchange *exchange)
{
  if (!is_prefetch(exchange)) {
    return UA_OK;
  }
  exchange->problem.refusal.message = UA_TEXT("A prefetch changes nothing.");
  return UA_FORBIDDEN;
}
