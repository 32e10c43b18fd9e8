/* One request and its response: what handlers get and fill. */
#ifndef UA_API_EXCHANGE_H
#define UA_API_EXCHANGE_H

#include "api/admission.h"
#include "api/documents.h"
#include "api/problem.h"
#include "auth/token.h"
#include "base/arena.h"
#include "config/config.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "json/writer.h"
#include "service/scope.h"
#include "service/service.h"
#include "service/sessions.h"

struct ua_routes;
struct ua_pool_metrics;

typedef struct ua_exchange {
  ua_arena *arena;
  const ua_config *config;
  const ua_service *service;
  const ua_admission *admission;
  const struct ua_routes *routes; /* all that the application has */
  const struct ua_pool_metrics *metrics;
  const ua_request *request;
  const ua_match *match;
  void *context;        /* the route's, for its handler */
  ua_claims caller;     /* of routes that are not public */
  ua_scope scope;       /* likewise: on whose behalf, and within which customer */
  ua_asker asker;       /* where it comes from */
  ua_document document; /* payload or query arguments, checked against the route's schema */
  ua_response response;
  ua_problem problem; /* what to say beyond the status that the handler returns */
} ua_exchange;

/* Answers one request: UA_OK with the response filled, else the status that problem.h answers. */
typedef ua_status ua_handler(ua_exchange *exchange);

/* Asks for a turn of that load, in addition to those that the request holds; once a try for each load. UA_OK:
 * it holds the turn. UA_PENDING: it has to wait, and is tried again from its beginning. UA_BUSY: it has
 * waited enough. UA_TOO_MANY_REQUESTS: its caller has too many under way. */
UA_CHECK ua_status ua_api_exchange_take_turn(const ua_exchange *exchange, ua_load load);

/* Finishes `writer`, and sets it to NULL, as the body of a response with this HTTP status. UA_INTERNAL when
 * anything failed on the way. */
UA_CHECK ua_status ua_api_exchange_answer(ua_exchange *exchange, int http_status, ua_json_writer **writer);

/* Answers 204, without a body. */
UA_CHECK ua_status ua_api_exchange_answer_nothing(ua_exchange *exchange);

/* Answers as above with 201, and a Location below the path of the request for the new object with that id. */
UA_CHECK ua_status ua_api_exchange_answer_created(ua_exchange *exchange, int32_t id, ua_json_writer **writer);

/* Adds the header that sets the credentials cookie until `expires_at` (seconds, UTC), or clears it for an
 * absent token. UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_api_exchange_set_cookie(ua_exchange *exchange, ua_text token, int64_t expires_at);

/* The same for the session of a caller who has changed their own account; does nothing if its token is
 * absent. */
UA_CHECK ua_status ua_api_exchange_renew_cookie(ua_exchange *exchange, const ua_session *session);

/* Adds the header that sets the cookie of a browser that has logged in before; after the credentials cookie,
 * because simple clients read the first. UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_api_exchange_set_device(ua_exchange *exchange, const ua_devices *devices);

#endif
