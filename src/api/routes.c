#include "api/routes.h"

#include <stdlib.h>

#include "api/handlers.h"

static const char *const admin[] = {"admin", NULL};

#define PUBLIC      {UA_ACCESS_PUBLIC, NULL}
#define CONNECTED   {UA_ACCESS_CONNECTED, NULL}
#define ROLES(list) {UA_ACCESS_ROLES, (list)}

/* clang-format off */
static const ua_route health[] = {
  {{"", "/healthz", UA_METHOD_GET}, PUBLIC, NULL, NULL, ua_api_handle_health, NULL},
  {{"", "/readyz",  UA_METHOD_GET}, PUBLIC, NULL, NULL, ua_api_handle_readiness, NULL},
};

static const ua_route users[] = {
  {{NULL, "/login",          UA_METHOD_POST}, PUBLIC,       &ua_document_login, NULL, ua_api_handle_login, NULL},
  {{NULL, "/token",          UA_METHOD_GET},  CONNECTED,    NULL, NULL, ua_api_handle_token, NULL},
  {{NULL, "/logout",         UA_METHOD_GET},  CONNECTED,    NULL, NULL, ua_api_handle_logout, NULL},
  {{NULL, "/logout",         UA_METHOD_POST}, CONNECTED,    NULL, NULL, ua_api_handle_logout, NULL},
  {{NULL, "/reset-password", UA_METHOD_POST}, CONNECTED,    &ua_document_reset_password, NULL, ua_api_handle_reset_password, NULL},
  {{NULL, "/",               UA_METHOD_POST}, ROLES(admin), &ua_document_register, NULL, ua_api_handle_register, NULL},
  {{NULL, "/",               UA_METHOD_GET},  ROLES(admin), NULL, &ua_arguments_list_users, ua_api_handle_list_users, NULL},
  {{NULL, "/<int:id>",       UA_METHOD_GET},  ROLES(admin), NULL, NULL, ua_api_handle_get_user, NULL},
  {{NULL, "/<int:id>",       UA_METHOD_PUT},  ROLES(admin), &ua_document_update, NULL, ua_api_handle_update, NULL},
};

static const ua_route roles[] = {
  {{NULL, "/", UA_METHOD_GET}, ROLES(admin), NULL, &ua_arguments_list_roles, ua_api_handle_list_roles, NULL},
};

/* Public: the handler decides by what the operator asks for. */
static const ua_route guard[] = {
  {{NULL, "", UA_METHOD_ANY}, PUBLIC, NULL, NULL, ua_api_handle_guard, NULL},
};
/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

ua_status ua_api_routes_add(ua_routes *routes, const ua_route *route)
{
  ua_route *longer = realloc(routes->list, (routes->count + 1) * sizeof *longer);
  if (longer == NULL) {
    return UA_INTERNAL;
  }
  longer[routes->count++] = *route;
  routes->list = longer;
  return UA_OK;
}

static ua_status add_table(ua_routes *routes, const ua_route *table, size_t count, const char *prefix)
{
  ua_status status = UA_OK;
  for (size_t i = 0; prefix != NULL && i < count && status == UA_OK; i++) {
    ua_route route = table[i];
    route.pattern.mount = prefix;
    status = ua_api_routes_add(routes, &route);
  }
  return status;
}

ua_status ua_api_routes_add_health(ua_routes *routes)
{
  return add_table(routes, health, COUNT(health), "");
}

ua_status ua_api_routes_add_users(ua_routes *routes, const char *prefix)
{
  return add_table(routes, users, COUNT(users), prefix);
}

ua_status ua_api_routes_add_roles(ua_routes *routes, const char *prefix)
{
  return add_table(routes, roles, COUNT(roles), prefix);
}

ua_status ua_api_routes_add_guard(ua_routes *routes, const char *prefix)
{
  return add_table(routes, guard, COUNT(guard), prefix);
}

void ua_api_routes_clear(ua_routes *routes)
{
  free(routes->list);
  *routes = (ua_routes){0};
}
