#include "base/limits.h"
#include "embed/instance.h"

/* "NAME=value" strings as parameters. UA_INTERNAL when memory is exhausted. Too many are an error of the
 * request, which `input` records. */
static ua_status read_parameters(ua_arena *arena, char *const parameters[], ua_input *input)
{
  input->params = ua_arena_calloc(arena, UA_MAX_PARAMS, sizeof *input->params);
  if (input->params == NULL) {
    return UA_INTERNAL;
  }
  while (*parameters != NULL && ua_http_input_add(input, ua_text_of(*parameters))) {
    parameters++;
  }
  return UA_OK;
}

/* Checks the body as fastcgi/ does while it reads. */
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

static user_api_status answer(const ua_embed_call *call, char *const parameters[], const void *body,
                              size_t body_length, user_api_answer *answer_r)
{
  ua_input input = {.role = UA_ROLE_RESPONDER, .body = UA_TEXT("")};
  bool known = false;
  if (read_parameters(call->arena, parameters, &input) != UA_OK) {
    return USER_API_INTERNAL;
  }
  read_body(call->config, body, body_length, &input);
  ua_text bytes = ua_api_app_try(call->app, call->arena, &input, &known);
  if (!known) {
    return USER_API_NOT_FOUND;
  }
  if (bytes.data == NULL) {
    return USER_API_INTERNAL;
  }
  *answer_r = (user_api_answer){.bytes = bytes.data, .length = bytes.length};
  return USER_API_OK;
}

user_api_status user_api_handle(user_api *api, user_api_memory *memory, char *const parameters[],
                                const void *body, size_t body_length, user_api_answer *answer_r)
{
  ua_embed_call call;
  if (api == NULL || parameters == NULL || answer_r == NULL || (body == NULL && body_length > 0) ||
      api->depth > 0) {
    return USER_API_MISUSED;
  }
  user_api_status status = ua_embed_call_begin(&call, api, memory);
  if (status != USER_API_OK) {
    return status;
  }
  status = answer(&call, parameters, body, body_length, answer_r);
  ua_arena_release(call.arena); /* no ua_embed_call_end: the answer describes the problem */
  return status;
}

static ua_status check_request(ua_embed_call *call, char *const parameters[], const ua_access *rule,
                               user_api_identity *identity_r)
{
  ua_input input = {.role = UA_ROLE_RESPONDER, .body = UA_TEXT("")};
  ua_guard guard = ua_service_guard(call->service, true);
  ua_request request;
  ua_claims caller;
  ua_status status = read_parameters(call->arena, parameters, &input);
  if (status == UA_OK) {
    status = ua_http_request_parse(call->arena, &input, &request);
  }
  if (status == UA_OK) {
    status = ua_auth_guard_check(&guard, &request, rule, &caller, &call->refusal.missing_roles);
  }
  bool has_caller = status == UA_OK && rule->kind != UA_ACCESS_PUBLIC;
  return has_caller && identity_r != NULL ? ua_embed_identity(call->arena, &caller, identity_r) : status;
}

user_api_status user_api_guard(user_api *api, user_api_memory *memory, char *const parameters[],
                               user_api_access access, user_api_identity *identity_r)
{
  ua_embed_call call;
  ua_access rule = ua_embed_access(access);
  if (parameters == NULL || rule.kind == UA_ACCESS_NOBODY) {
    return ua_embed_call_misused(api);
  }
  user_api_status begun = ua_embed_call_begin(&call, api, memory);
  if (begun != USER_API_OK) {
    return begun;
  }
  return ua_embed_call_end(&call, check_request(&call, parameters, &rule, identity_r));
}
