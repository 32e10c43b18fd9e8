#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "embed/instance.h"

static const struct {
  const char *name;
  ua_method method;
} methods[] = {{"GET", UA_METHOD_GET},
               {"POST", UA_METHOD_POST},
               {"PUT", UA_METHOD_PUT},
               {"PATCH", UA_METHOD_PATCH},
               {"DELETE", UA_METHOD_DELETE}};

static ua_method method_of(const char *name)
{
  for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
    if (strcmp(methods[i].name, name) == 0) {
      return methods[i].method;
    }
  }
  return UA_METHOD_OTHER;
}

/* A literal of characters that need no encoding in a path, or a parameter of a kind that the router knows. */
static bool is_segment(ua_text segment, size_t *parameters)
{
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~.";
  static const char *const kinds[] = {"<int:", "<string:"};
  bool closed = segment.data[segment.length - 1] == '>';
  for (size_t i = 0; closed && i < sizeof kinds / sizeof kinds[0]; i++) {
    ua_text kind = ua_text_of(kinds[i]);
    if (ua_text_starts_with(segment, kind)) {
      (*parameters)++;
      segment = (ua_text){segment.data + kind.length, segment.length - kind.length - 1};
      break;
    }
  }
  size_t dots = 0;
  for (size_t i = 0; i < segment.length; i++) {
    if (strchr(plain, segment.data[i]) == NULL) {
      return false;
    }
    dots += segment.data[i] == '.';
  }
  return dots < segment.length;
}

static bool is_pattern(const char *pattern)
{
  ua_text rest = ua_text_of(pattern);
  ua_text segment;
  size_t parameters = 0;
  if (rest.length > UA_MAX_URI_BYTES || !ua_text_split(&rest, '/', &segment) || segment.length > 0 ||
      rest.data == NULL) {
    return false;
  }
  for (size_t count = 0; ua_text_split(&rest, '/', &segment); count++) {
    if (segment.length == 0 && rest.data == NULL) {
      break;
    }
    if (count == UA_MAX_PATH_SEGMENTS || segment.length == 0 || !is_segment(segment, &parameters)) {
      return false;
    }
  }
  return parameters <= UA_MAX_PATH_PARAMETERS;
}

/* A parameter's kind decides which paths a pattern matches; its name does not. */
static bool is_same_segment(ua_text a, ua_text b)
{
  ua_text kind_of_a, kind_of_b;
  bool parameters = ua_text_starts_with(a, UA_TEXT("<")) && ua_text_starts_with(b, UA_TEXT("<"));
  if (parameters) {
    (void)ua_text_split(&a, ':', &kind_of_a);
    (void)ua_text_split(&b, ':', &kind_of_b);
  }
  return parameters ? ua_text_equal(kind_of_a, kind_of_b) : ua_text_equal(a, b);
}

static bool is_same_path(ua_text a, ua_text b)
{
  ua_text segment_of_a, segment_of_b;
  while (ua_text_split(&a, '/', &segment_of_a)) {
    if (!ua_text_split(&b, '/', &segment_of_b) || !is_same_segment(segment_of_a, segment_of_b)) {
      return false;
    }
  }
  return b.data == NULL;
}

static bool exists(const user_api *api, ua_method method, const char *pattern)
{
  for (size_t i = 0; i < api->host_routes.count; i++) {
    const ua_route_pattern *route = &api->host_routes.list[i].pattern;
    if (route->method == method && is_same_path(ua_text_of(route->pattern), ua_text_of(pattern))) {
      return true;
    }
  }
  return false;
}

/* An empty list of roles is refused: it would let in every user who is logged in. */
static bool is_access(user_api_access access)
{
  switch (access.kind) {
    case USER_API_ANYBODY:
    case USER_API_CONNECTED:
      return true;
    case USER_API_HAS_ROLES:
      return access.roles != NULL && access.roles[0] != NULL;
    default:
      return false;
  }
}

static char **copy_roles(const char *const *roles)
{
  size_t count = 0;
  while (roles != NULL && roles[count] != NULL) {
    count++;
  }
  char **copy = calloc(count + 1, sizeof *copy);
  for (size_t i = 0; copy != NULL && i < count; i++) {
    copy[i] = strdup(roles[i]);
    if (copy[i] == NULL) {
      ua_embed_free_strings(&copy);
    }
  }
  return copy;
}

void ua_embed_free_route(ua_embed_route *route)
{
  if (route != NULL) {
    ua_embed_free_strings(&route->roles);
    free(route->pattern);
    free(route);
  }
}

ua_access ua_embed_access(user_api_access access)
{
  static const ua_access_kind kinds[] = {[USER_API_NOBODY] = UA_ACCESS_NOBODY,
                                         [USER_API_ANYBODY] = UA_ACCESS_PUBLIC,
                                         [USER_API_CONNECTED] = UA_ACCESS_CONNECTED,
                                         [USER_API_HAS_ROLES] = UA_ACCESS_ROLES};
  return is_access(access) ? (ua_access){.kind = kinds[access.kind], .roles = access.roles}
                           : (ua_access){.kind = UA_ACCESS_NOBODY};
}

/* NULL when out of memory. */
static ua_embed_route *create_route(user_api *api, const char *pattern, user_api_access access,
                                    user_api_handler *handler, void *context)
{
  ua_embed_route *route = calloc(1, sizeof *route);
  if (route == NULL) {
    return NULL;
  }
  *route = (ua_embed_route){.api = api,
                            .handler = handler,
                            .context = context,
                            .pattern = strdup(pattern),
                            .roles = copy_roles(access.kind == USER_API_HAS_ROLES ? access.roles : NULL)};
  if (route->pattern == NULL || route->roles == NULL) {
    ua_embed_free_route(route);
    return NULL;
  }
  return route;
}

user_api_status user_api_route(user_api *api, const char *method, const char *pattern, user_api_access access,
                               user_api_handler *handler, void *context)
{
  if (!ua_embed_is_open(api) || method == NULL || pattern == NULL || handler == NULL || !is_access(access)) {
    return USER_API_MISUSED;
  }
  ua_method known = method_of(method);
  if (known == UA_METHOD_OTHER || !is_pattern(pattern)) {
    return USER_API_BAD_REQUEST;
  }
  if (exists(api, known, pattern)) {
    return USER_API_CONFLICT;
  }
  ua_embed_route *route = create_route(api, pattern, access, handler, context);
  if (route == NULL) {
    return USER_API_INTERNAL;
  }
  ua_route row = {
      .pattern = {"", route->pattern, known},
      .access = {.kind = ua_embed_access(access).kind, .roles = (const char *const *)route->roles},
      .handler = ua_embed_run_route,
      .context = route};
  ua_status status = ua_api_routes_add(&api->host_routes, &row);
  if (status != UA_OK) {
    ua_embed_free_route(route);
  }
  return ua_embed_status(status);
}

/* The handler's status decides; a response that it did not fill counts as a failure. */
ua_status ua_embed_run_route(ua_exchange *exchange)
{
  const ua_embed_route *route = exchange->context;
  user_api_request request = {
      .route = route, .exchange = exchange, .roles = (const char *const *)route->roles};
  user_api_response response = {.exchange = exchange};
  if (exchange->request->input->body_too_large) {
    return UA_PAYLOAD_TOO_LARGE;
  }
  ua_argument *arguments = NULL;
  ua_status parsed = ua_http_uri_parse_query(exchange->arena, exchange->request->raw_query, &arguments,
                                             &request.argument_count);
  if (parsed != UA_OK) {
    return parsed;
  }
  request.arguments = arguments;
  request.has_identity = exchange->caller.user.id != 0;
  if (request.has_identity &&
      ua_embed_identity(exchange->arena, &exchange->caller, &request.identity) != UA_OK) {
    return UA_INTERNAL;
  }
  route->api->depth++;
  ua_arena_hold(exchange->arena);
  user_api_status status = route->handler(route->context, &request, &response);
  ua_arena_release(exchange->arena);
  route->api->depth--;
  if (status == USER_API_OK && !response.filled) {
    return UA_INTERNAL;
  }
  if (status == USER_API_OK) {
    ua_http_response_add_header(&exchange->response, "Content-Type", response.content_type);
  }
  return ua_embed_status_inside(status);
}
