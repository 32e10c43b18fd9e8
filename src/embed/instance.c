#include "embed/instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "process/listener.h"
#include "process/stdio.h"
#include "store/url.h"

enum { ERROR_BYTES = 512 };

/* --- settings --- */

static ua_status apply_mount(const ua_embed_mount *mount, char **prefix)
{
  if (mount->mounted && mount->prefix == NULL) {
    return UA_OK;
  }
  free(*prefix);
  *prefix = mount->mounted ? strdup(mount->prefix) : NULL;
  return mount->mounted && *prefix == NULL ? UA_INTERNAL : UA_OK;
}

char **ua_embed_prefix(ua_config *config, ua_embed_part part)
{
  char **const prefix[UA_EMBED_PARTS] = {
      [UA_EMBED_USERS] = &config->users_prefix,         [UA_EMBED_ROLES] = &config->roles_prefix,
      [UA_EMBED_CUSTOMERS] = &config->customers_prefix, [UA_EMBED_ACCOUNT] = &config->account_prefix,
      [UA_EMBED_EVENTS] = &config->events_prefix,       [UA_EMBED_GUARD] = &config->guard_prefix,
      [UA_EMBED_OPENAPI] = &config->openapi_path};
  return prefix[part];
}

static ua_status apply_mounts(const user_api *api, ua_config *config)
{
  ua_status status = UA_OK;
  for (int part = 0; part < UA_EMBED_PARTS && status == UA_OK; part++) {
    status = apply_mount(&api->mount[part], ua_embed_prefix(config, (ua_embed_part)part));
  }
  return status;
}

static ua_status check(const ua_config *config, char *error, size_t error_size)
{
  ua_error_line reason;
  ua_status status = ua_config_check(config, error, error_size);
  if (status == UA_OK && ua_store_url_check(config->database_url, &reason) != UA_OK) {
    (void)snprintf(error, error_size, "USER_API_DATABASE_URL: %s", reason.text);
    status = UA_BAD_REQUEST;
  }
  if (status == UA_OK && config->session_listen_url != NULL &&
      ua_store_url_check(config->session_listen_url, &reason) != UA_OK) {
    (void)snprintf(error, error_size, "USER_API_SESSION_LISTEN_URL: %s", reason.text);
    status = UA_BAD_REQUEST;
  }
  for (size_t i = 0; status == UA_OK && i < config->listen_count; i++) {
    status = ua_process_listener_check(config->listen[i], error, error_size);
  }
  return status;
}

static ua_status load(const ua_embed_source *source, ua_config *config_r, ua_config_options *options_r,
                      char *error, size_t error_size)
{
  ua_status status =
      ua_config_load(source->argc, source->argv, source->environment, config_r, options_r, error, error_size);
  bool informs = options_r->help || options_r->version || options_r->print_example;
  if (status == UA_OK && !informs) {
    status = check(config_r, error, error_size);
    if (status != UA_OK) {
      ua_config_clear(config_r);
    }
  }
  return status;
}

ua_status ua_embed_reread(void *context, ua_config *config_r, char *error, size_t error_size)
{
  const user_api *api = context;
  ua_config_options options = {.help = false};
  ua_status status = load(&api->source, config_r, &options, error, error_size);
  if (status == UA_OK && apply_mounts(api, config_r) != UA_OK) {
    (void)snprintf(error, error_size, "out of memory");
    ua_config_clear(config_r);
    status = UA_INTERNAL;
  }
  return status;
}

/* --- creation --- */

static user_api_status say(char *error, size_t error_size, const char *text, user_api_status status)
{
  if (error != NULL && error_size > 0) {
    (void)snprintf(error, error_size, "%s", text);
  }
  return status;
}

static user_api_status inform(const ua_config_options *options, const char *usage)
{
  if (options->help) {
    (void)printf("%s", usage == NULL ? "" : usage);
    ua_config_print_help(stdout);
  } else if (options->version) {
    (void)printf("user-api %s\n", UA_VERSION);
  } else if (options->print_example) {
    ua_config_print_example(stdout);
  } else {
    (void)printf("user-api: the settings are valid\n");
  }
  return fflush(stdout) == 0 ? USER_API_INFORMED : USER_API_UNAVAILABLE;
}

static void free_instance(user_api *self)
{
  ua_embed_let_go(self);
  for (size_t i = 0; i < self->host_routes.count; i++) {
    ua_embed_free_route(self->host_routes.list[i].context);
  }
  ua_api_routes_clear(&self->host_routes);
  ua_config_clear(&self->config);
  ua_embed_free_strings(&self->source.own);
  for (int part = 0; part < UA_EMBED_PARTS; part++) {
    free(self->mount[part].prefix);
  }
  free(self->problem);
  free(self);
}

/* Takes `source` over, on failure too. */
static user_api_status create(ua_embed_source source, const char *usage, user_api **api_r, char *error,
                              size_t error_size)
{
  char message[ERROR_BYTES] = "out of memory";
  ua_config_options options = {.help = false};
  user_api_status result = USER_API_INTERNAL;
  user_api *api = calloc(1, sizeof *api);
  if (api == NULL) {
    ua_embed_free_strings(&source.own);
    return say(error, error_size, message, result);
  }
  api->source = source;
  if (ua_process_stdio_fill() != UA_OK) {
    (void)snprintf(message, sizeof message, "descriptors 0 to 2 cannot be opened");
    result = USER_API_UNAVAILABLE;
    goto failed;
  }
  result = ua_embed_status(load(&source, &api->config, &options, message, sizeof message));
  if (result == USER_API_OK &&
      (options.help || options.version || options.print_example || options.check_config)) {
    (void)snprintf(message, sizeof message, "cannot write to standard output");
    result = inform(&options, usage);
  }
  if (result != USER_API_OK) {
    goto failed;
  }
  ua_log_set_level((ua_log_level)api->config.log_level);
  *api_r = api;
  return USER_API_OK;
failed:
  free_instance(api);
  return result == USER_API_INFORMED ? result : say(error, error_size, message, result);
}

user_api_status user_api_create(const user_api_settings *settings, user_api **api_r, char *error,
                                size_t error_size)
{
  char message[ERROR_BYTES] = "settings or api_r is NULL";
  ua_embed_source source = {.argc = 0};
  if (settings == NULL || api_r == NULL) {
    return say(error, error_size, message, USER_API_MISUSED);
  }
  user_api_status status = ua_embed_environment(settings, &source.own, message, sizeof message);
  if (status != USER_API_OK) {
    return say(error, error_size, message, status);
  }
  source.environment = source.own;
  return create(source, NULL, api_r, error, error_size);
}

user_api_status user_api_create_from(int argc, char *const argv[], char *const environment[],
                                     const char *usage, user_api **api_r, char *error, size_t error_size)
{
  if (api_r == NULL || argc < 0 || (argv == NULL && argc > 0)) {
    return say(error, error_size, "argv or api_r is NULL", USER_API_MISUSED);
  }
  ua_embed_source source = {.argc = argc, .argv = argv, .environment = environment};
  return create(source, usage, api_r, error, error_size);
}

void user_api_destroy(user_api **api)
{
  if (api == NULL || *api == NULL) {
    return;
  }
  if ((*api)->depth > 0) {
    ua_log(UA_LOG_ERROR, UA_EVENT("user_api_destroy from a handler or callback does nothing"));
    return;
  }
  free_instance(*api);
  *api = NULL;
}

/* --- the application --- */

bool ua_embed_is_open(const user_api *api)
{
  return api != NULL && api->phase == UA_EMBED_SETUP && api->depth == 0;
}

static void attach(void *context, ua_app *app)
{
  user_api *api = context;
  api->app = app;
  api->owner = getpid();
}

void ua_embed_let_go(user_api *api)
{
  if (api->app != NULL && api->owner != getpid()) {
    ua_api_app_abandon(&api->app);
  }
  ua_api_app_destroy(&api->app);
}

user_api_status ua_embed_prepare(user_api *api)
{
  if (api->phase != UA_EMBED_SETUP) {
    return USER_API_OK;
  }
  ua_status status = apply_mounts(api, &api->config);
  if (status != UA_OK) {
    return ua_embed_status(status);
  }
  api->host = (ua_app_host){
      .routes = api->host_routes.list,
      .route_count = api->host_routes.count,
      .health = api->health,
      .metrics = api->metrics,
      .watcher = {.created = ua_embed_user_created, .updated = ua_embed_user_updated, .context = api},
      .attach = attach,
      .context = api};
  api->phase = UA_EMBED_USED;
  return USER_API_OK;
}

user_api_status ua_embed_app(user_api *api, const ua_app **app_r)
{
  if (api->app != NULL && api->owner != getpid()) {
    ua_embed_let_go(api);
  }
  if (api->app == NULL) {
    ua_app *app = NULL;
    user_api_status status = api->phase > UA_EMBED_USED ? USER_API_MISUSED : ua_embed_prepare(api);
    if (status == USER_API_OK) {
      status = ua_embed_status(ua_api_app_create(&api->config, &api->host, NULL, &app));
    }
    if (status != USER_API_OK) {
      return status;
    }
  }
  *app_r = api->app;
  return USER_API_OK;
}
