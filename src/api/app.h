/* The application: everything between the bytes of a request and the bytes of its response. */
#ifndef UA_API_APP_H
#define UA_API_APP_H

#include "api/admission.h"
#include "api/metrics.h"
#include "api/routes.h"
#include "auth/guard.h"
#include "base/arena.h"
#include "base/error.h"
#include "config/config.h"
#include "http/request.h"
#include "service/service.h"

typedef struct ua_app ua_app;

/* What the embedding program adds. It must outlive the application. */
typedef struct ua_app_host {
  const ua_route *routes;
  size_t route_count;
  bool health;  /* answer /healthz and /readyz */
  bool metrics; /* answer /metrics, if a pool counts */
  ua_user_watcher watcher;
  void (*attach)(void *context, ua_app *app); /* once it is built; with NULL before it is destroyed */
  void *context;
} ua_app_host;

/* What the pool of a worker has for its application; all zero without a pool. */
typedef struct ua_app_pool {
  ua_hasher hasher;           /* its queue for hashing */
  ua_admission admission;     /* its turns */
  ua_session_table *sessions; /* NULL: none; must outlive the application */
  uint64_t generation;        /* of the settings that the worker has */
  ua_pool_metrics metrics;    /* its counters */
} ua_app_pool;

/* Builds it from settings, which must outlive it; a NULL prefix leaves out that part of the API. `pool` may
 * be NULL. Connects to nothing yet: the database connection is opened by the first request that needs it.
 * Call after fork. UA_INTERNAL when out of memory. */
UA_CHECK ua_status ua_api_app_create(const ua_config *config, const ua_app_host *host,
                                     const ua_app_pool *pool, ua_app **app_r);

/* Closes the database connection, frees the application and sets *app, which may be NULL, to NULL. */
void ua_api_app_destroy(ua_app **app);

/* Answers one request; a ua_fastcgi_handler with the application as context. Always returns an answer, errors
 * included, in the arena; a constant one when memory is exhausted. Logs one line for each request. Blocks as
 * the route's handler does.
 * Absent if the request waits for a turn: then it holds only its place in the queue, and nothing was logged.
 * Call again later with the same input, and with input->last_try when it has waited long enough. */
ua_text ua_api_app_handle(void *app, ua_arena *arena, const ua_input *input);

/* The same, but leaves a path without a route to the caller: *known_r is false then, the text is absent, and
 * nothing is logged. `known_r` may be NULL: then that is answered too. */
ua_text ua_api_app_try(const ua_app *app, ua_arena *arena, const ua_input *input, bool *known_r);

/* What the application was built from, and what it built; they live as long as it does. */
const ua_config *ua_api_app_config(const ua_app *app);
const ua_service *ua_api_app_service(const ua_app *app);

/* Discards the application that a process inherited by fork, sends nothing on the parent's database
 * connection, and sets *app to NULL. */
void ua_api_app_abandon(ua_app **app);

#endif
