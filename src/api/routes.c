#include "api/routes.h"

#include <stdlib.h>

#include "api/handlers.h"
#include "api/heavy.h"
#include "base/metrics.h"

#define PUBLIC    {.kind = UA_ACCESS_PUBLIC}, UA_RIGHT_NONE
#define CONNECTED {.kind = UA_ACCESS_CONNECTED}, UA_RIGHT_NONE
#define ADMIN     {.kind = UA_ACCESS_CONNECTED}, UA_RIGHT_ADMIN
#define OPERATOR  {.kind = UA_ACCESS_CONNECTED}, UA_RIGHT_OPERATOR

#define OWN      UA_REACH_OWN_CUSTOMER
#define GIVEN    UA_REACH_GIVEN_CUSTOMER
#define OF_PATH  UA_REACH_USER_OF_PATH
#define OF_EMAIL UA_REACH_USER_OF_EMAIL

/* Named members, because rows leave out the number, which is between them. */
#define COMMON      .load = UA_LOAD_COMMON, .is_heavy = NULL
#define LIGHT       .load = UA_LOAD_LIGHT, .is_heavy = NULL
#define HEAVY_IF(f) .load = UA_LOAD_COMMON, .is_heavy = (f)

/* clang-format off */
static const ua_route health[] = {
  {{"", "/healthz", UA_METHOD_GET}, PUBLIC, OWN, LIGHT, NULL, NULL, ua_api_handle_health, NULL},
  {{"", "/readyz",  UA_METHOD_GET}, PUBLIC, OWN, LIGHT, NULL, NULL, ua_api_handle_readiness, NULL},
};

/* Public: the web server decides who may ask. */
static const ua_route metrics[] = {
  {{"", "/metrics", UA_METHOD_GET}, PUBLIC, OWN, LIGHT, NULL, NULL, ua_api_handle_metrics, NULL},
};

static const ua_route users[] = {
  {{NULL, "/login",           UA_METHOD_POST},   PUBLIC,    OWN,      COMMON, &ua_document_login, NULL, ua_api_handle_login, NULL},
  {{NULL, "/token",           UA_METHOD_GET},    CONNECTED, OWN,      LIGHT, NULL, NULL, ua_api_handle_token, NULL},
  {{NULL, "/logout",          UA_METHOD_GET},    CONNECTED, OWN,      COMMON, NULL, NULL, ua_api_handle_logout, NULL},
  {{NULL, "/logout",          UA_METHOD_POST},   CONNECTED, OWN,      COMMON, NULL, NULL, ua_api_handle_logout, NULL},
  {{NULL, "/reset-password",  UA_METHOD_POST},   CONNECTED, OF_EMAIL, COMMON, &ua_document_reset_password, NULL, ua_api_handle_reset_password, NULL},
  {{NULL, "/",                UA_METHOD_POST},   ADMIN,     GIVEN,    COMMON, &ua_document_register, NULL, ua_api_handle_register, NULL},
  {{NULL, "/",                UA_METHOD_GET},    ADMIN,     GIVEN,    HEAVY_IF(ua_api_heavy_users), NULL, &ua_arguments_list_users, ua_api_handle_list_users, NULL},
  {{NULL, "/<int:id>",        UA_METHOD_GET},    ADMIN,     OF_PATH,  COMMON, NULL, NULL, ua_api_handle_get_user, NULL},
  {{NULL, "/<int:id>",        UA_METHOD_PUT},    ADMIN,     OF_PATH,  COMMON, &ua_document_update, NULL, ua_api_handle_update, NULL},
  {{NULL, "/<int:id>",        UA_METHOD_DELETE}, ADMIN,     OF_PATH,  COMMON, NULL, NULL, ua_api_handle_delete_user, NULL},
  {{NULL, "/<int:id>/logout", UA_METHOD_POST},   ADMIN,     OF_PATH,  COMMON, NULL, NULL, ua_api_handle_logout_user, NULL},
};

static const ua_route roles[] = {
  {{NULL, "/",         UA_METHOD_GET},    ADMIN,    OWN, HEAVY_IF(ua_api_heavy_roles), NULL, &ua_arguments_list_roles, ua_api_handle_list_roles, NULL},
  {{NULL, "/",         UA_METHOD_POST},   OPERATOR, OWN, COMMON, &ua_document_add_role, NULL, ua_api_handle_add_role, NULL},
  {{NULL, "/<int:id>", UA_METHOD_GET},    ADMIN,    OWN, HEAVY_IF(ua_api_heavy_always), NULL, NULL, ua_api_handle_get_role, NULL},
  {{NULL, "/<int:id>", UA_METHOD_PUT},    OPERATOR, OWN, COMMON, &ua_document_change_role, NULL, ua_api_handle_change_role, NULL},
  {{NULL, "/<int:id>", UA_METHOD_DELETE}, OPERATOR, OWN, COMMON, NULL, NULL, ua_api_handle_delete_role, NULL},
};

static const ua_route customers[] = {
  {{NULL, "/",         UA_METHOD_GET},    OPERATOR, OWN, HEAVY_IF(ua_api_heavy_always), NULL, &ua_arguments_list_customers, ua_api_handle_list_customers, NULL},
  {{NULL, "/",         UA_METHOD_POST},   OPERATOR, OWN, COMMON, &ua_document_add_customer, NULL, ua_api_handle_add_customer, NULL},
  {{NULL, "/<int:id>", UA_METHOD_GET},    OPERATOR, OWN, COMMON, NULL, NULL, ua_api_handle_get_customer, NULL},
  {{NULL, "/<int:id>", UA_METHOD_PUT},    OPERATOR, OWN, COMMON, &ua_document_change_customer, NULL, ua_api_handle_change_customer, NULL},
  {{NULL, "/<int:id>", UA_METHOD_DELETE}, OPERATOR, OWN, COMMON, NULL, NULL, ua_api_handle_delete_customer, NULL},
};

static const ua_route account[] = {
  {{NULL, "/", UA_METHOD_GET}, CONNECTED, OWN, COMMON, NULL, NULL, ua_api_handle_get_account, NULL},
};

static const ua_route events[] = {
  {{NULL, "/", UA_METHOD_GET}, ADMIN, GIVEN, HEAVY_IF(ua_api_heavy_events), NULL, &ua_arguments_list_events, ua_api_handle_list_events, NULL},
};

static const ua_route openapi[] = {
  {{NULL, "", UA_METHOD_GET}, PUBLIC, OWN, LIGHT, NULL, NULL, ua_api_handle_openapi, NULL},
};

/* Public: the handler decides, by the operator's requirements. */
static const ua_route guard[] = {
  {{NULL, "", UA_METHOD_ANY}, PUBLIC, OWN, LIGHT, NULL, NULL, ua_api_handle_guard, NULL},
};
/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

_Static_assert(UA_METRICS_OURS + COUNT(health) + COUNT(users) + COUNT(roles) + COUNT(customers) +
                       COUNT(account) + COUNT(events) + COUNT(guard) + COUNT(openapi) + COUNT(metrics) <=
                   UA_METRICS_HOSTS,
               "each row has a number of its own");

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

ua_status ua_api_routes_add_ours(ua_routes *routes, const ua_config *config, bool with_health,
                                 bool with_metrics)
{
  const struct {
    const ua_route *rows;
    size_t count;
    const char *prefix;
  } parts[] = {/* Of two routes at one path the first answers. The guard comes first, because any other
                  route at its path would let everybody pass. */
               {guard, COUNT(guard), config->guard_prefix},
               {health, COUNT(health), with_health ? "" : NULL}, /* one mount, which is matched once */
               {metrics, COUNT(metrics), with_metrics ? "" : NULL},
               {users, COUNT(users), config->users_prefix},
               {roles, COUNT(roles), config->roles_prefix},
               {customers, COUNT(customers), config->customers_prefix},
               {account, COUNT(account), config->account_prefix},
               {events, COUNT(events), config->events_prefix},
               {openapi, COUNT(openapi), config->openapi_path}};
  unsigned number = UA_METRICS_OURS;
  for (size_t part = 0; part < COUNT(parts); part++) {
    for (size_t i = 0; i < parts[part].count; i++, number++) {
      ua_route route = parts[part].rows[i];
      if (parts[part].prefix == NULL) {
        continue;
      }
      route.pattern.mount = parts[part].prefix;
      route.number = number;
      ua_status status = ua_api_routes_add(routes, &route);
      if (status != UA_OK) {
        return status;
      }
    }
  }
  return UA_OK;
}

void ua_api_routes_clear(ua_routes *routes)
{
  free(routes->list);
  *routes = (ua_routes){0};
}
