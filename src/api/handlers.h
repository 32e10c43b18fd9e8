/* The handlers that the table of routes.c names, one an endpoint of docs/api.md. Each takes the checked
 * document, calls one service function and renders what that returned: UA_OK with the response filled, else
 * the status that problem.h answers. They block as that service function does. */
#ifndef UA_API_HANDLERS_H
#define UA_API_HANDLERS_H

#include "api/exchange.h"

/* sessions.c */
UA_CHECK ua_status ua_api_handle_login(ua_exchange *exchange);
UA_CHECK ua_status ua_api_handle_token(ua_exchange *exchange);
UA_CHECK ua_status ua_api_handle_logout(ua_exchange *exchange);
UA_CHECK ua_status ua_api_handle_reset_password(ua_exchange *exchange);

/* users.c */
UA_CHECK ua_status ua_api_handle_register(ua_exchange *exchange);
UA_CHECK ua_status ua_api_handle_list_users(ua_exchange *exchange);
UA_CHECK ua_status ua_api_handle_get_user(ua_exchange *exchange);
UA_CHECK ua_status ua_api_handle_update(ua_exchange *exchange);
UA_CHECK ua_status ua_api_handle_delete_user(ua_exchange *exchange);
UA_CHECK ua_status ua_api_handle_logout_user(ua_exchange *exchange);

/* roles.c */
UA_CHECK ua_status ua_api_handle_list_roles(ua_exchange *exchange);
UA_CHECK ua_status ua_api_handle_get_role(ua_exchange *exchange);
UA_CHECK ua_status ua_api_handle_add_role(ua_exchange *exchange);
UA_CHECK ua_status ua_api_handle_change_role(ua_exchange *exchange);
UA_CHECK ua_status ua_api_handle_delete_role(ua_exchange *exchange);

/* customers.c */
UA_CHECK ua_status ua_api_handle_list_customers(ua_exchange *exchange);
UA_CHECK ua_status ua_api_handle_get_customer(ua_exchange *exchange);
UA_CHECK ua_status ua_api_handle_add_customer(ua_exchange *exchange);
UA_CHECK ua_status ua_api_handle_change_customer(ua_exchange *exchange);
UA_CHECK ua_status ua_api_handle_delete_customer(ua_exchange *exchange);

/* account.c */
UA_CHECK ua_status ua_api_handle_get_account(ua_exchange *exchange);

/* events.c */
UA_CHECK ua_status ua_api_handle_list_events(ua_exchange *exchange);

/* openapi.c */
UA_CHECK ua_status ua_api_handle_openapi(ua_exchange *exchange);

/* metrics.c: only if the pool counts. */
UA_CHECK ua_status ua_api_handle_metrics(ua_exchange *exchange);

/* guard.c: asked by a web server or proxy about a request to another application. */
UA_CHECK ua_status ua_api_handle_guard(ua_exchange *exchange);

/* authorizer.c: no route, but every request of that FastCGI role. */
UA_CHECK ua_status ua_api_handle_authorizer(ua_exchange *exchange);

/* health.c: UA_UNAVAILABLE when not ready. */
UA_CHECK ua_status ua_api_handle_health(ua_exchange *exchange);
UA_CHECK ua_status ua_api_handle_readiness(ua_exchange *exchange);

#endif
