/* Builds an application from settings, and destroys it. */
#include <stdlib.h>

#include "api/app_private.h"
#include "api/routes.h"
#include "base/crypto.h"

enum { VERIFIED_BYTES = 256 * 1024, OWN_TABLE_MIB = 1 };

static ua_status mount_routes(ua_app *app)
{
  const ua_app_host *host = app->host;
  bool with_metrics = host->metrics && app->metrics.own != NULL;
  ua_status status = ua_api_routes_add_ours(&app->routes, app->config, host->health, with_metrics);
  for (size_t i = 0; status == UA_OK && i < host->route_count; i++) {
    ua_route route = host->routes[i];
    route.number =
        UA_METRICS_HOSTS + i < UA_METRICS_ROUTES ? UA_METRICS_HOSTS + (unsigned)i : UA_METRICS_OTHER;
    status = ua_api_routes_add(&app->routes, &route);
  }
  return status;
}

static void free_app(ua_app *app)
{
  ua_auth_token_cache_destroy(&app->service.sessions.verified);
  ua_auth_session_table_destroy(&app->own_table);
  ua_api_routes_clear(&app->routes);
  ua_service_close(&app->service);
  free(app);
}

/* Without a pool's table there is one for the grace only: no watcher reports changes, so every check asks the
 * database. */
static ua_status open_sessions(ua_app *app, const ua_app_pool *pool)
{
  const ua_config *config = app->config;
  ua_sessions *sessions = &app->service.sessions;
  *sessions = (ua_sessions){.table = pool->sessions,
                            .way = &app->way,
                            .verified = ua_auth_token_cache_create(VERIFIED_BYTES),
                            .generation = pool->generation,
                            .staleness_ms = config->session_staleness_ms,
                            .grace_ms = config->session_grace_seconds * 1000,
                            .attempt_ms = config->database_connect_timeout_ms + config->database_timeout_ms};
  if (sessions->verified == NULL) {
    return UA_INTERNAL;
  }
  if (pool->sessions != NULL && pool->metrics.own != NULL) {
    sessions->hits = &pool->metrics.own->session_hit;
    sessions->misses = &pool->metrics.own->session_miss;
  }
  if (sessions->table == NULL && sessions->grace_ms > 0) {
    app->own_table = ua_auth_session_table_create(OWN_TABLE_MIB);
    sessions->table = app->own_table;
    return sessions->table == NULL ? UA_INTERNAL : UA_OK;
  }
  return UA_OK;
}

ua_status ua_api_app_create(const ua_config *config, const ua_app_host *host, const ua_app_pool *pool,
                            ua_app **app_r)
{
  static const ua_app_pool none = {.generation = 0};
  ua_db_settings database = {.url = config->database_url,
                             .application_name = "user-api",
                             .connect_timeout_ms = (int)config->database_connect_timeout_ms,
                             .statement_timeout_ms = (int)config->database_timeout_ms,
                             .prepared = config->database_prepared};
  pool = pool == NULL ? &none : pool;
  ua_metrics *counts = pool->metrics.own;
  if (counts != NULL) {
    database.connection_errors = &counts->database_connection;
    database.statement_errors = &counts->database_statement;
  }
  ua_app *app = calloc(1, sizeof *app);
  if (app == NULL) {
    return UA_INTERNAL;
  }
  app->config = config;
  app->host = host;
  app->service = (ua_service){
      .secrets = {.secret = (const char *const *)config->jwt_secret, .count = config->jwt_secret_count},
      .token_lifetime_seconds = config->jwt_lifetime_seconds,
      .bcrypt_cost = (int)config->bcrypt_cost,
      .bcrypt_limit = ua_crypto_bcrypt_limit(config->watchdog_seconds),
      .upgrade_hashes = config->upgrade_hashes,
      .password_policy = {.refuses = config->password_common == UA_PASSWORD_COMMON_REFUSE ||
                                     config->password_denied != NULL,
                          .denied = config->password_denied},
      .enforce_quota = config->enforce_quota,
      .event_days = config->event_days,
      .operator_role = config->operator_role,
      .login_limits = {.account = config->login_attempts,
                       .address = config->login_attempts_address,
                       .window_seconds = config->login_window_seconds},
      .watcher = host->watcher};
  app->service.hasher = pool->hasher;
  app->admission = pool->admission;
  app->metrics = pool->metrics;
  ua_status status = open_sessions(app, pool);
  if (status == UA_OK) {
    status = ua_service_open(&app->service, &database);
  }
  if (status == UA_OK) {
    status = mount_routes(app);
  }
  if (status != UA_OK) {
    free_app(app);
    return status;
  }
  if (host->attach != NULL) {
    host->attach(host->context, app);
  }
  *app_r = app;
  return UA_OK;
}

void ua_api_app_destroy(ua_app **app)
{
  ua_app *self = *app;
  *app = NULL;
  if (self != NULL) {
    if (self->host->attach != NULL) {
      self->host->attach(self->host->context, NULL);
    }
    free_app(self);
  }
}

void ua_api_app_abandon(ua_app **app)
{
  ua_service_abandon(&(*app)->service);
  ua_api_app_destroy(app);
}

const ua_config *ua_api_app_config(const ua_app *app)
{
  return app->config;
}

const ua_service *ua_api_app_service(const ua_app *app)
{
  return &app->service;
}
