#include "service/roles.h"

#include "embed/draft.h"

/* A program sees all roles: no column and no customer limits it. */
static const ua_scope everywhere = {.caller = NULL};

/* Ends a call that returns a role. Its texts live in the call's memory, or are the program's own. */
static user_api_status end_with_role(ua_embed_call *call, ua_status status, const ua_role_details *details,
                                     user_api_role_details *role_r)
{
  const ua_role *role = &details->role;
  ua_text code = status == UA_OK ? ua_arena_copy(call->arena, role->code) : UA_TEXT_ABSENT;
  ua_text name = status == UA_OK ? ua_arena_copy(call->arena, role->name) : UA_TEXT_ABSENT;
  if (status == UA_OK && (code.data == NULL || name.data == NULL)) {
    status = UA_INTERNAL;
  }
  if (status == UA_OK) {
    *role_r = (user_api_role_details){.id = role->id,
                                      .code = code.data,
                                      .name = name.data,
                                      .assignable = role->assignable,
                                      .users = details->users};
  }
  return ua_embed_call_end(call, status);
}

static bool is_known(user_api_assignable assignable)
{
  return (unsigned)assignable <= USER_API_ASSIGNABLE_NO;
}

static void add_assignable(ua_embed_draft *given, user_api_assignable assignable)
{
  if (assignable != USER_API_ASSIGNABLE_KEEP) {
    ua_embed_draft_add(given, "assignable", UA_JSON_BOOLEAN)->boolean = assignable == USER_API_ASSIGNABLE_YES;
  }
}

user_api_status user_api_get_role(user_api *api, user_api_memory *memory, int32_t role_id,
                                  user_api_role_details *role_r)
{
  ua_embed_call call;
  ua_role_details details;
  user_api_status begun =
      role_r != NULL ? ua_embed_call_begin(&call, api, memory) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status =
      ua_service_roles_get(call.service, call.arena, &everywhere, role_id, &details, &call.refusal);
  return end_with_role(&call, status, &details, role_r);
}

user_api_status user_api_create_role(user_api *api, user_api_memory *memory, const char *code,
                                     const char *name, user_api_assignable assignable,
                                     user_api_role_details *role_r)
{
  ua_embed_call call;
  ua_embed_draft given = {.count = 0};
  ua_document document;
  ua_role_details details;
  bool is_whole = is_known(assignable) && role_r != NULL;
  user_api_status begun = is_whole ? ua_embed_call_begin(&call, api, memory) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_embed_draft_add_string(&given, "code", code);
  ua_embed_draft_add_string(&given, "name", name);
  add_assignable(&given, assignable);
  ua_status status = ua_embed_draft_read_payload(&call, &ua_document_add_role, &given, &document);
  if (status == UA_OK) {
    status = ua_service_roles_add(call.service, call.arena, &document.role, &details, &call.refusal);
  }
  return end_with_role(&call, status, &details, role_r);
}

user_api_status user_api_update_role(user_api *api, user_api_memory *memory, int32_t role_id,
                                     const char *name, user_api_assignable assignable,
                                     user_api_role_details *role_r)
{
  ua_embed_call call;
  ua_embed_draft given = {.count = 0};
  ua_document document;
  ua_role_details details;
  bool is_whole = is_known(assignable) && role_r != NULL;
  user_api_status begun = is_whole ? ua_embed_call_begin(&call, api, memory) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_embed_draft_add_string(&given, "name", name);
  add_assignable(&given, assignable);
  ua_status status = ua_embed_draft_read_payload(&call, &ua_document_change_role, &given, &document);
  if (status == UA_OK) {
    status =
        ua_service_roles_change(call.service, call.arena, role_id, &document.role, &details, &call.refusal);
  }
  return end_with_role(&call, status, &details, role_r);
}

user_api_status user_api_delete_role(user_api *api, int32_t role_id)
{
  ua_embed_call call;
  user_api_status begun = ua_embed_call_begin_alone(&call, api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = ua_service_roles_remove(call.service, call.arena, role_id, &call.refusal);
  return ua_embed_call_end_alone(&call, status);
}
