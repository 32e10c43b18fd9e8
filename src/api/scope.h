/* Which customer a request is about: decided once, before its handler runs, and kept in exchange->scope. */
#ifndef UA_API_SCOPE_H
#define UA_API_SCOPE_H

#include "api/exchange.h"
#include "api/routes.h"

/* The scope of the caller's own customer. UA_FORBIDDEN when the caller lacks the route's right. */
UA_CHECK ua_status ua_api_scope_open(ua_exchange *exchange, const ua_route *route);

/* Moves an operator's scope to the customer that the request is about, by its checked document or its path.
 * UA_WRONG_DOCUMENT or UA_WRONG_ARGS for a customer that does not exist. The handler reports a user who does
 * not exist. */
UA_CHECK ua_status ua_api_scope_enter(ua_exchange *exchange, const ua_route *route);

/* Returns `status`, UA_WRONG_DOCUMENT or UA_WRONG_ARGS, with a message: the customer that the request names
 * does not exist. */
UA_CHECK ua_status ua_api_scope_unknown_customer(ua_exchange *exchange, ua_status status);

#endif
