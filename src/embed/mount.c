#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "embed/instance.h"

/* --- mounts --- */

/* Checks by the table of settings, which has the rules for prefixes. */
static user_api_status check_prefix(const char *prefix)
{
  char *variable = NULL;
  char error[256];
  ua_config config;
  ua_config_options options;
  if (asprintf(&variable, "USER_API_USERS_PREFIX=%s", prefix) < 0) {
    return USER_API_INTERNAL;
  }
  char *const environment[] = {variable, NULL};
  ua_status status = ua_config_load(0, NULL, environment, &config, &options, error, sizeof error);
  if (status == UA_OK) {
    ua_config_clear(&config);
  }
  free(variable);
  return ua_embed_status(status);
}

/* Whether another part is at `prefix` already. */
static bool is_taken(user_api *api, ua_embed_part part, const char *prefix)
{
  for (int other = 0; other < UA_EMBED_PARTS; other++) {
    const ua_embed_mount *mount = &api->mount[other];
    const char *its =
        mount->prefix == NULL ? *ua_embed_prefix(&api->config, (ua_embed_part)other) : mount->prefix;
    if (other != (int)part && mount->mounted && strcmp(its, prefix) == 0) {
      return true;
    }
  }
  return false;
}

static user_api_status mount(user_api *api, ua_embed_part part, const char *prefix)
{
  if (!ua_embed_is_open(api) || api->mount[part].mounted) {
    return USER_API_MISUSED;
  }
  if (prefix != NULL && check_prefix(prefix) != USER_API_OK) {
    return USER_API_BAD_REQUEST;
  }
  if (is_taken(api, part, prefix == NULL ? *ua_embed_prefix(&api->config, part) : prefix)) {
    return USER_API_CONFLICT;
  }
  ua_embed_mount *mount = &api->mount[part];
  mount->prefix = prefix == NULL ? NULL : strdup(prefix);
  mount->mounted = prefix == NULL || mount->prefix != NULL;
  return mount->mounted ? USER_API_OK : USER_API_INTERNAL;
}

user_api_status user_api_mount_users(user_api *api, const char *prefix)
{
  return mount(api, UA_EMBED_USERS, prefix);
}

user_api_status user_api_mount_roles(user_api *api, const char *prefix)
{
  return mount(api, UA_EMBED_ROLES, prefix);
}

user_api_status user_api_mount_customers(user_api *api, const char *prefix)
{
  return mount(api, UA_EMBED_CUSTOMERS, prefix);
}

user_api_status user_api_mount_account(user_api *api, const char *prefix)
{
  return mount(api, UA_EMBED_ACCOUNT, prefix);
}

user_api_status user_api_mount_events(user_api *api, const char *prefix)
{
  return mount(api, UA_EMBED_EVENTS, prefix);
}

user_api_status user_api_mount_guard(user_api *api, const char *prefix)
{
  return mount(api, UA_EMBED_GUARD, prefix);
}

user_api_status user_api_mount_openapi(user_api *api, const char *path)
{
  return mount(api, UA_EMBED_OPENAPI, path);
}

user_api_status user_api_mount_health(user_api *api)
{
  if (!ua_embed_is_open(api) || api->health) {
    return USER_API_MISUSED;
  }
  api->health = true;
  return USER_API_OK;
}

user_api_status user_api_mount_metrics(user_api *api)
{
  if (!ua_embed_is_open(api) || api->metrics) {
    return USER_API_MISUSED;
  }
  api->metrics = true;
  return USER_API_OK;
}

/* --- callbacks --- */

user_api_status user_api_on_user_created(user_api *api, user_api_user_callback *callback, void *context)
{
  if (!ua_embed_is_open(api)) {
    return USER_API_MISUSED;
  }
  api->created = (ua_embed_callback){callback, context};
  return USER_API_OK;
}

user_api_status user_api_on_user_updated(user_api *api, user_api_user_callback *callback, void *context)
{
  if (!ua_embed_is_open(api)) {
    return USER_API_MISUSED;
  }
  api->updated = (ua_embed_callback){callback, context};
  return USER_API_OK;
}

/* Changes made by a callback call no callback: otherwise a callback that updates its own user would never
 * end. */
static void notify(user_api *api, const ua_embed_callback *callback, const char *event, const ua_user *user)
{
  if (callback->function == NULL || api->notifying) {
    return;
  }
  user_api_status status = USER_API_INTERNAL;
  user_api_memory *memory = user_api_memory_create();
  user_api_user record;
  if (memory != NULL && ua_embed_user(ua_embed_arena(memory), user, &record) == UA_OK) {
    api->notifying = true;
    api->depth++;
    status = callback->function(callback->context, api, &record);
    api->depth--;
    api->notifying = false;
  }
  if (status != USER_API_OK) {
    ua_log(UA_LOG_ERROR, UA_EVENT("callback failed"), ua_log_str("callback", event),
           ua_log_int("user", user->id), ua_log_str("reason", user_api_status_name(status)));
  }
  user_api_memory_destroy(&memory);
}

void ua_embed_user_created(void *context, const ua_user *user)
{
  user_api *api = context;
  notify(api, &api->created, "user created", user);
}

void ua_embed_user_updated(void *context, const ua_user *user)
{
  user_api *api = context;
  notify(api, &api->updated, "user updated", user);
}
