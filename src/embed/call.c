/* Shared by the functions that work without HTTP: they use the application outside a request, and keep for
 * user_api_problem the problem that a client would have read. */
#include <stdlib.h>
#include <string.h>

#include "embed/instance.h"

static void keep_problem(user_api *api, char *problem)
{
  free(api->problem);
  api->problem = problem;
}

void ua_embed_call_forget(user_api *api)
{
  if (api != NULL) {
    keep_problem(api, NULL);
  }
}

user_api_status ua_embed_call_begin(ua_embed_call *call, user_api *api, user_api_memory *memory)
{
  if (api == NULL || memory == NULL) {
    return ua_embed_call_misused(api);
  }
  *call = (ua_embed_call){.api = api, .arena = ua_embed_arena(memory)};
  keep_problem(api, NULL);
  const ua_app *app;
  user_api_status status = ua_embed_app(api, &app);
  if (status != USER_API_OK) {
    return status;
  }
  call->app = app;
  call->config = ua_api_app_config(app);
  call->service = ua_api_app_service(app);
  ua_arena_hold(call->arena);
  return USER_API_OK;
}

/* Saves the cause that is set now, to restore it at the end. */
static ua_status keep_cause(ua_embed_call *call)
{
  ua_audit now = {.actor_id = 0};
  call->said = ua_service_audit_now(call->service, &now);
  call->cause = now;
  call->cause.address = ua_arena_copy(call->arena, now.address);
  call->cause.request_id = ua_arena_copy(call->arena, now.request_id);
  return (now.address.data != NULL && call->cause.address.data == NULL) ||
                 (now.request_id.data != NULL && call->cause.request_id.data == NULL)
             ? UA_INTERNAL
             : UA_OK;
}

ua_status ua_embed_call_say(ua_embed_call *call, int32_t actor_id, const char *address,
                            const char *request_id)
{
  ua_address read = {.text = ""};
  ua_status status = keep_cause(call);
  if (status != UA_OK) {
    return status;
  }
  ua_audit audit = call->cause;
  audit.actor_id = actor_id != 0 ? actor_id : audit.actor_id;
  if (address != NULL) {
    ua_address_read(ua_text_of(address), &read);
  }
  if (read.text[0] != '\0') {
    audit.address = ua_text_of(address);
  }
  if (request_id != NULL && request_id[0] != '\0' && strlen(request_id) <= UA_MAX_EVENT_CAUSE_BYTES &&
      ua_text_is_utf8(ua_text_of(request_id))) {
    audit.request_id = ua_text_of(request_id);
  }
  call->says = true;
  ua_service_audit(call->service, &audit);
  return UA_OK;
}

static void say_as_before(const ua_embed_call *call)
{
  if (call->says) {
    ua_service_audit(call->service, call->said ? &call->cause : NULL);
  }
}

user_api_status ua_embed_call_end(ua_embed_call *call, ua_status status)
{
  ua_problem problem = {.refusal = call->refusal};
  ua_response response = {0};
  ua_arena_release(call->arena);
  ua_service_settle(call->service);
  say_as_before(call);
  /* A callback may have made a call that left a problem of its own. */
  keep_problem(call->api, NULL);
  if (status != UA_OK && ua_api_problem_render(call->arena, status, &problem, &response) == UA_OK) {
    keep_problem(call->api, strndup(response.body.data, response.body.length));
  }
  return ua_embed_status(status);
}

user_api_status ua_embed_call_begin_alone(ua_embed_call *call, user_api *api)
{
  user_api_memory *memory = user_api_memory_create();
  if (memory == NULL) {
    return USER_API_INTERNAL;
  }
  user_api_status status = ua_embed_call_begin(call, api, memory);
  if (status != USER_API_OK) {
    user_api_memory_destroy(&memory);
  }
  return status;
}

user_api_status ua_embed_call_end_alone(ua_embed_call *call, ua_status status)
{
  user_api_memory *memory = ua_embed_memory(call->arena);
  user_api_status result = ua_embed_call_end(call, status);
  user_api_memory_destroy(&memory);
  return result;
}

const char *user_api_problem(const user_api *api)
{
  return api == NULL ? NULL : api->problem;
}
