/* THE table of routes: method, path, who may call it, what the request has to look like, which function
 * answers. */
#ifndef UA_API_ROUTES_H
#define UA_API_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

#include "api/admission.h"
#include "api/documents.h"
#include "api/exchange.h"
#include "auth/guard.h"
#include "config/config.h"
#include "http/router.h"
#include "service/scope.h"

/* Which customer a request is about. Except for operators it is the caller's own, whatever the request names.
 */
typedef enum ua_reach {
  UA_REACH_OWN_CUSTOMER = 0,
  UA_REACH_GIVEN_CUSTOMER, /* which the field or argument `customer` names; without it, the caller's own */
  UA_REACH_USER_OF_PATH,   /* that of the user whose id is the path's parameter */
  UA_REACH_USER_OF_EMAIL   /* that of the user whose email the document has */
} ua_reach;

typedef struct ua_route {
  ua_route_pattern pattern; /* first, for ua_http_router_match */
  ua_access access;
  ua_right right; /* what the caller needs beyond that, on routes that are not public */
  ua_reach reach;
  ua_load load;    /* the turn it takes before its guard */
  unsigned number; /* in base/metrics.h; a row of the table gets it when it is mounted */
  bool (*is_heavy)(const ua_exchange *exchange); /* whether the arguments make it a search; NULL: never */
  const ua_document_schema *payload;             /* NULL: no payload is read */
  const ua_document_schema *arguments;           /* NULL: query arguments are ignored */
  ua_handler *handler;
  void *context; /* the handler's, of routes that a host adds */
} ua_route;

/* The routes that an application answers. */
typedef struct ua_routes {
  ua_route *list;
  size_t count;
} ua_routes;

/* Adds the API's own routes, each part below its prefix in `config`, which must outlive the routes; a prefix
 * of NULL leaves that part out. /healthz and /readyz come `with_health`, /metrics comes `with_metrics`. The
 * numbers that count them do not depend on these arguments. UA_INTERNAL when out of memory. */
UA_CHECK ua_status ua_api_routes_add_ours(ua_routes *routes, const ua_config *config, bool with_health,
                                          bool with_metrics);

/* Adds a copy of one route; its pattern and roles must outlive the routes. UA_INTERNAL when out of memory. */
UA_CHECK ua_status ua_api_routes_add(ua_routes *routes, const ua_route *route);

/* Frees the list; `routes` is empty then. */
void ua_api_routes_clear(ua_routes *routes);

#endif
