#include <assert.h>

#include "api/app_private.h"
#include "api/browser.h"
#include "api/exchange.h"
#include "api/handlers.h"
#include "api/routes.h"
#include "api/scope.h"
#include "base/clock.h"
#include "base/log.h"
#include "service/hashing.h"

/* The answer when memory is exhausted, made only of constants. */
#define LAST_RESORT_BODY   "{\"error_code\":\"INTERNAL_SERVER_ERROR\",\"message\":\"Internal server error.\"}\n"
#define LAST_RESORT_LENGTH "74"
static_assert(sizeof LAST_RESORT_BODY - 1 == 74, "LAST_RESORT_LENGTH");

static const char last_resort[] =
    "Status: 500 Internal Server Error\r\n"
    "Content-Type: application/json\r\n"
    "Cache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Content-Length: " LAST_RESORT_LENGTH "\r\n\r\n" LAST_RESORT_BODY;

static ua_document_rules rules_for(const ua_exchange *exchange)
{
  return (ua_document_rules){.password_min_bytes = exchange->config->password_min_bytes,
                             .password_policy = &exchange->service->password_policy,
                             .is_operator = exchange->scope.is_operator};
}

static ua_status read_payload(ua_exchange *exchange, const ua_document_schema *schema)
{
  const ua_input *input = exchange->request->input;
  const ua_document_rules rules = rules_for(exchange);
  ua_json_value value;
  if (input->body_too_large) {
    return UA_PAYLOAD_TOO_LARGE;
  }
  if (!ua_http_request_is_json(exchange->request)) {
    return UA_WRONG_PAYLOAD_FORMAT;
  }
  ua_status status = ua_json_parse(exchange->arena, input->body, &value);
  if (status == UA_OK) {
    status = ua_api_document_read(exchange->arena, schema, &rules, &value, &exchange->document,
                                  &exchange->problem.refusal.violations);
  }
  return status;
}

static ua_status read_arguments(ua_exchange *exchange, const ua_document_schema *schema)
{
  const ua_document_rules rules = rules_for(exchange);
  ua_argument *arguments;
  size_t count;
  ua_status status =
      ua_http_uri_parse_query(exchange->arena, exchange->request->raw_query, &arguments, &count);
  if (status == UA_OK) {
    status = ua_api_arguments_read(exchange->arena, schema, &rules, arguments, count, &exchange->document,
                                   &exchange->problem.refusal.violations);
  }
  return status;
}

static bool writes(const ua_route *route)
{
  return route->pattern.method != UA_METHOD_GET && route->pattern.method != UA_METHOD_ANY;
}

/* A page of another site cannot read the API's answers, but could make a logged-in browser change something.
 * Not checked are the guard, whose method is that of a request to another application, and the host's own
 * routes. */
static ua_status check_site(const ua_app *app, ua_exchange *exchange)
{
  bool is_ours = exchange->match->index < app->routes.count - app->host->route_count;
  return is_ours && writes(&app->routes.list[exchange->match->index]) ? ua_api_browser_check_site(exchange)
                                                                      : UA_OK;
}

/* A turn lasts for one try, but a waiting request keeps its place in the queue. */
static void give_back(const ua_app *app, const ua_input *input, ua_status status)
{
  if (status != UA_PENDING) {
    ua_service_hashing_leave(&app->service, input->id);
  }
  if (app->admission.leave != NULL) {
    app->admission.leave(app->admission.context, input->id, status == UA_PENDING);
  }
}

static ua_status check_caller(ua_exchange *exchange, const ua_route *route)
{
  ua_guard guard = ua_service_guard(exchange->service, route->load == UA_LOAD_LIGHT);
  ua_status status = ua_auth_guard_check(&guard, exchange->request, &route->access, &exchange->caller,
                                         &exchange->problem.refusal.missing_roles);
  return status == UA_OK ? ua_api_scope_open(exchange, route) : status;
}

/* Sets the cause that its changes record. */
static void say_cause(const ua_exchange *exchange)
{
  ua_text remote = exchange->request->input->single[UA_SINGLE_REMOTE_ADDR];
  ua_address address;
  ua_address_read(remote, &address);
  const ua_audit audit = {.actor_id = exchange->caller.user.id,
                          .address = address.text[0] == '\0' ? UA_TEXT_ABSENT : remote,
                          .request_id = exchange->request->request_id};
  ua_service_audit(exchange->service, &audit);
}

/* Reads the payload and the arguments, and finds the customer that the request is about. */
static ua_status read_request(ua_exchange *exchange, const ua_route *route)
{
  ua_status status = route->payload == NULL ? UA_OK : read_payload(exchange, route->payload);
  if (status == UA_OK && route->arguments != NULL) {
    status = read_arguments(exchange, route->arguments);
  }
  return status == UA_OK ? ua_api_scope_enter(exchange, route) : status;
}

/* Guard first, then payload and arguments, then the handler. The turn is taken before the guard, which asks
 * the database; a search takes its turn after everything that could refuse it. */
static ua_status run_route(ua_exchange *exchange, const ua_route *route)
{
  exchange->context = route->context;
  if (writes(route)) { /* requests that only read hash nothing */
    ua_address_read(exchange->request->input->single[UA_SINGLE_REMOTE_ADDR], &exchange->asker.address);
  }
  ua_status status = ua_api_exchange_take_turn(exchange, route->load);
  if (status != UA_OK) {
    return status;
  }
  status = check_caller(exchange, route);
  if (status == UA_OK && route->load != UA_LOAD_LIGHT) {
    say_cause(exchange);
  }
  if (status == UA_OK) {
    status = read_request(exchange, route);
  }
  if (status == UA_OK && route->is_heavy != NULL && route->is_heavy(exchange)) {
    status = ua_api_exchange_take_turn(exchange, UA_LOAD_HEAVY);
  }
  return status == UA_OK ? route->handler(exchange) : status;
}

/* The path of a collection ends in a slash. */
static ua_status redirect_to_slash(ua_exchange *exchange)
{
  ua_text path = exchange->request->raw_path;
  ua_text query = exchange->request->raw_query;
  ua_text location = query.data == NULL ? ua_arena_printf(exchange->arena, "%.*s/", UA_TEXT_ARGS(path))
                                        : ua_arena_printf(exchange->arena, "%.*s/?%.*s", UA_TEXT_ARGS(path),
                                                          UA_TEXT_ARGS(query));
  if (location.data == NULL) {
    return UA_INTERNAL;
  }
  ua_http_response_add_header(&exchange->response, "Location", location);
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_json_add_text(writer, "location", location);
  ua_json_end(writer);
  return ua_api_exchange_answer(exchange, 308, &writer);
}

static ua_status answer_options(ua_exchange *exchange)
{
  ua_http_response_add_header(&exchange->response, "Allow",
                              ua_http_router_allow(exchange->arena, exchange->match->allowed));
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_json_end(writer);
  return ua_api_exchange_answer(exchange, 200, &writer);
}

/* *route_r is the route that answers; untouched if there is none. */
static ua_status dispatch(const ua_app *app, ua_exchange *exchange, ua_match *match, const ua_route **route_r)
{
  const ua_request *request = exchange->request;
  ua_status status;
  switch (ua_http_router_match(app->routes.list, app->routes.count, sizeof(ua_route), request->method,
                               &request->path, match)) {
    case UA_MATCH_FOUND:
      *route_r = &app->routes.list[match->index];
      status = check_site(app, exchange);
      return status == UA_OK ? run_route(exchange, *route_r) : status;
    case UA_MATCH_ADD_SLASH:
      return redirect_to_slash(exchange);
    case UA_MATCH_OPTIONS:
      return answer_options(exchange);
    case UA_MATCH_METHOD_NOT_ALLOWED:
      exchange->problem.allow = ua_http_router_allow(exchange->arena, match->allowed);
      return UA_METHOD_NOT_ALLOWED;
    case UA_MATCH_NONE:
      break;
  }
  return UA_NOT_FOUND;
}

/* Unless the handler has set it. */
static void add_default_header(ua_response *response, const char *name, ua_text value)
{
  for (size_t i = 0; i < response->header_count; i++) {
    if (ua_text_equal_nocase(response->header[i].name, ua_text_of(name))) {
      return;
    }
  }
  ua_http_response_add_header(response, name, value);
}

static void add_common_headers(ua_exchange *exchange)
{
  ua_response *response = &exchange->response;
  if (ua_http_response_has_content(response)) {
    add_default_header(response, "Content-Type", UA_TEXT("application/json"));
  }
  add_default_header(response, "Cache-Control", UA_TEXT("no-store"));
  ua_http_response_add_header(response, "X-Content-Type-Options", UA_TEXT("nosniff"));
  if (exchange->request->request_id.data != NULL) {
    ua_http_response_add_header(response, "X-Request-Id", exchange->request->request_id);
  }
  response->head = exchange->request->method == UA_METHOD_HEAD;
}

/* The complete answer for `status`; the handler's own response is dropped when it failed. */
static ua_text respond(ua_exchange *exchange, ua_status status)
{
  ua_text bytes = UA_TEXT_ABSENT;
  if (status != UA_OK) {
    exchange->response = (ua_response){0};
    status = ua_api_problem_render(exchange->arena, status, &exchange->problem, &exchange->response);
  }
  if (!exchange->response.bare) {
    add_common_headers(exchange);
  }
  if (status == UA_OK && ua_http_response_serialise(exchange->arena, &exchange->response, &bytes) == UA_OK) {
    return bytes;
  }
  exchange->response.status = 500;
  return UA_TEXT(last_resort);
}

static void log_request(const ua_exchange *exchange, ua_status status, int64_t duration_us)
{
  ua_log(UA_LOG_INFO, UA_EVENT("request"), ua_log_text("method", exchange->request->method_name),
         ua_log_text("path", exchange->request->raw_path), ua_log_int("status", exchange->response.status),
         ua_log_str("outcome", ua_status_name(status)), ua_log_int("user", exchange->caller.user.id),
         ua_log_int("duration_ms", duration_us / 1000));
}

/* Counts the answer before it is sent: a client that has read it finds it counted. */
static void note(const ua_app *app, const ua_exchange *exchange, ua_status status, const ua_route *route,
                 int64_t began_us)
{
  int64_t duration_us = ua_clock_monotonic_us() - began_us;
  if (app->metrics.own != NULL) {
    ua_api_metrics_count(app->metrics.own, exchange, route, status, duration_us);
  }
  log_request(exchange, status, duration_us);
}

ua_text ua_api_app_handle(void *context, ua_arena *arena, const ua_input *input)
{
  return ua_api_app_try(context, arena, input, NULL);
}

ua_text ua_api_app_try(const ua_app *app, ua_arena *arena, const ua_input *input, bool *known_r)
{
  int64_t began_us = input->received_us == 0 ? ua_clock_monotonic_us() : input->received_us;
  ua_request request = {0};
  ua_match match = {0};
  const ua_route *route = NULL;
  ua_exchange exchange = {.arena = arena,
                          .config = app->config,
                          .service = &app->service,
                          .admission = &app->admission,
                          .routes = &app->routes,
                          .metrics = &app->metrics,
                          .request = &request,
                          .match = &match};
  exchange.asker = (ua_asker){.request = input->id, .last_try = input->last_try};
  ua_status status = ua_http_request_parse(arena, input, &request);
  ua_log_set_request_id(request.request_id);
  if (status == UA_OK) {
    status = input->role == UA_ROLE_AUTHORIZER ? ua_api_handle_authorizer(&exchange)
                                               : dispatch(app, &exchange, &match, &route);
  }
  if (known_r != NULL) {
    *known_r = status != UA_NOT_FOUND || match.allowed != 0;
    if (!*known_r) {
      ua_log_set_request_id(UA_TEXT_ABSENT);
      return UA_TEXT_ABSENT;
    }
  }
  ua_service_settle(&app->service);
  ua_service_audit(&app->service, NULL);
  give_back(app, input, status);
  ua_text bytes = UA_TEXT_ABSENT;
  if (status != UA_PENDING) {
    bytes = respond(&exchange, status);
    note(app, &exchange, status, route, began_us);
  }
  ua_log_set_request_id(UA_TEXT_ABSENT);
  return bytes;
}
