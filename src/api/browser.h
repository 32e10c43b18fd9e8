/* What a browser says about the page that made it send a request. Pages can set none of these headers, and
 * programs send none of them. */
#ifndef UA_API_BROWSER_H
#define UA_API_BROWSER_H

#include "api/exchange.h"

/* UA_FORBIDDEN, with a message, where the page is of another site (OWASP's "Fetch Metadata" and "Verifying
 * Origin"). Sec-Fetch-Site decides where it says "same-origin" or "none"; "cross-site" is foreign. With any
 * other value, or without one, Origin decides: where there is one, it must be this host, as Host or
 * X-Forwarded-Host name it. An origin that the setting USER_API_ALLOWED_ORIGINS lists is never foreign. */
UA_CHECK ua_status ua_api_browser_check_site(ua_exchange *exchange);

/* UA_FORBIDDEN, with a message, where nobody has asked for it yet: the browser only looks ahead. */
UA_CHECK ua_status ua_api_browser_check_intent(ua_exchange *exchange);

#endif
