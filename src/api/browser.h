/* Headers in which a browser describes the page that made it send a request. Pages cannot set these headers,
 * and programs do not send them. */
#ifndef UA_API_BROWSER_H
#define UA_API_BROWSER_H

#include "api/exchange.h"

/* UA_FORBIDDEN, with a message, if the page belongs to another site (OWASP's "Fetch Metadata" and "Verifying
 * Origin"). Sec-Fetch-Site decides if it is "same-origin", "none" or "cross-site", which is foreign. With any
 * other value, or without one, Origin decides: if there is one, it must be this host, as Host or
 * X-Forwarded-Host name it. An origin that the setting USER_API_ALLOWED_ORIGINS lists is never foreign. */
UA_CHECK ua_status ua_api_browser_check_site(ua_exchange *exchange);

/* UA_FORBIDDEN, with a message, if the browser prefetches and no person has asked for it yet. */
UA_CHECK ua_status ua_api_browser_check_intent(ua_exchange *exchange);

#endif
