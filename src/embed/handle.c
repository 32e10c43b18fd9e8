#include <string.h>

#include "base/limits.h"
#include "embed/instance.h"

/* "NAME=value" strings as parameters. */
static bool read_parameters(ua_arena *arena, char *const parameters[], ua_input *input)
{
  input->params = ua_arena_calloc(arena, UA_MAX_PARAMS, sizeof *input->params);
  if (input->params == NULL) {
    return false;
  }
  while (*parameters != NULL && ua_http_input_add(input, ua_text_of(*parameters))) {
    parameters++;
  }
  return true;
}

/* As fastcgi.c finds out while it reads. */
static void read_body(const ua_config *config, const void *body, size_t length, ua_input *input)
{
  bool known;
  uint64_t announced;
  if (!ua_http_input_length(input, &known, &announced)) {
    return;
  }
  input->body_damaged = known && announced != length;
  input->body_too_large = length > (size_t)config->body_limit;
  if (!input->body_too_large && !input->body_damaged && length > 0) {
    input->body = (ua_text){body, length};
  }
}

user_api_status user_api_handle(user_api *api, user_api_memory *memory, char *const parameters[],
                                const void *body, size_t body_length, user_api_answer *answer_r)
{
  const ua_app *app;
  ua_input input = {.role = UA_ROLE_RESPONDER, .body = UA_TEXT("")};
  bool known = false;
  if (api == NULL || memory == NULL || parameters == NULL || answer_r == NULL ||
      (body == NULL && body_length > 0) || api->depth > 0) {
    return USER_API_MISUSED;
  }
  user_api_status status = ua_embed_begin(api, &app);
  if (status != USER_API_OK) {
    return status;
  }
  ua_arena *arena = ua_embed_arena(memory);
  if (!read_parameters(arena, parameters, &input)) {
    return USER_API_INTERNAL;
  }
  read_body(ua_api_app_config(app), body, body_length, &input);
  ua_arena_hold(arena);
  ua_text bytes = ua_api_app_try(app, arena, &input, &known);
  ua_arena_release(arena);
  if (!known) {
    return USER_API_NOT_FOUND;
  }
  if (bytes.data == NULL) {
    return USER_API_INTERNAL;
  }
  *answer_r = (user_api_answer){.bytes = bytes.data, .length = bytes.length};
  return USER_API_OK;
}

user_api_status user_api_guard(user_api *api, user_api_memory *memory, char *const parameters[],
                               user_api_access access, user_api_identity *identity_r)
{
  const ua_app *app;
  ua_input input = {.role = UA_ROLE_RESPONDER, .body = UA_TEXT("")};
  ua_request request;
  ua_claims caller = {.expires_at = 0};
  ua_text missing = UA_TEXT_ABSENT;
  ua_problem problem = {.violations = NULL};
  user_api_identity identity = {.expires_at = 0};
  ua_access rule = ua_embed_access(access);
  if (memory == NULL || parameters == NULL || rule.kind == UA_ACCESS_NOBODY) {
    return USER_API_MISUSED;
  }
  user_api_status begun = ua_embed_begin(api, &app);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_arena *arena = ua_embed_arena(memory);
  ua_guard guard = ua_service_guard(ua_api_app_service(app));
  ua_status status = UA_INTERNAL;
  if (read_parameters(arena, parameters, &input)) {
    status = ua_http_request_parse(arena, &input, &request);
  }
  if (status == UA_OK) {
    status = ua_auth_guard_check(&guard, &request, &rule, &caller, &missing);
  }
  if (status == UA_FORBIDDEN) {
    problem.message = ua_arena_printf(arena, "You don't have the %.*s role(s).", UA_TEXT_ARGS(missing));
  }
  if (status == UA_OK && rule.kind != UA_ACCESS_PUBLIC && !ua_embed_identity(arena, &caller, &identity)) {
    status = UA_INTERNAL;
  }
  if (status == UA_OK && rule.kind != UA_ACCESS_PUBLIC && identity_r != NULL) {
    *identity_r = identity;
  }
  return ua_embed_end(api, app, arena, status, &problem);
}
