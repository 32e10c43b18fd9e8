#include "service/users.h"

#include "embed/draft.h"
#include "embed/instance.h"
#include "embed/terms.h"

static ua_status check_change(ua_embed_call *call, const ua_document_schema *schema, bool with_roles,
                              const user_api_user_change *change, ua_document *document_r)
{
  ua_embed_draft given = {.count = 0};
  ua_embed_draft_add_string(&given, "email", change->email);
  ua_embed_draft_add_string(&given, "name", change->name);
  ua_embed_draft_add_string(&given, "password", change->password);
  ua_embed_draft_add(&given, "active", UA_JSON_BOOLEAN)->boolean = change->active;
  if (with_roles &&
      ua_embed_draft_add_roles(call->arena, &given, change->role_ids, change->role_count) != UA_OK) {
    return UA_INTERNAL;
  }
  return ua_embed_draft_read_payload(call, schema, &given, document_r);
}

/* Ends a call that returns a user. */
static user_api_status end_with_user(ua_embed_call *call, ua_status status, const ua_user *user,
                                     user_api_user *user_r)
{
  if (status == UA_OK) {
    status = ua_embed_user(call->arena, user, user_r);
  }
  return ua_embed_call_end(call, status);
}

static bool is_change(const user_api_user_change *change)
{
  return change != NULL && (change->role_ids != NULL || change->role_count == 0);
}

user_api_status user_api_register_as(user_api *api, user_api_memory *memory, const user_api_terms *terms,
                                     int32_t customer_id, const user_api_user_change *change,
                                     user_api_user *user_r)
{
  ua_embed_call call;
  ua_embed_terms read;
  ua_document document;
  ua_user user;
  bool is_whole = is_change(change) && user_r != NULL && ua_embed_terms_are_unconditional(terms);
  user_api_status begun = is_whole ? ua_embed_call_begin(&call, api, memory) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = ua_embed_terms_read(&call, terms, customer_id, UA_RIGHT_ADMIN, &read);
  if (status == UA_OK) {
    status = check_change(&call, &ua_document_register, true, change, &document);
  }
  if (status == UA_OK) {
    status = ua_service_users_register(call.service, call.arena, &read.scope, &document.user, &user,
                                       &call.refusal);
  }
  return end_with_user(&call, ua_embed_terms_missing_customer(&call, status, customer_id), &user, user_r);
}

user_api_status user_api_register(user_api *api, user_api_memory *memory, int32_t customer_id,
                                  const user_api_user_change *change, user_api_user *user_r)
{
  return user_api_register_as(api, memory, NULL, customer_id, change, user_r);
}

user_api_status user_api_update_as(user_api *api, user_api_memory *memory, const user_api_terms *terms,
                                   int32_t customer_id, int32_t user_id, const user_api_user_change *change,
                                   user_api_user *user_r)
{
  ua_embed_call call;
  ua_embed_terms read;
  ua_document document;
  ua_session session;
  ua_user user;
  bool is_whole = is_change(change) && user_r != NULL && ua_embed_terms_are_known(terms);
  user_api_status begun = is_whole ? ua_embed_call_begin(&call, api, memory) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = ua_embed_terms_read(&call, terms, customer_id, UA_RIGHT_ADMIN, &read);
  if (status == UA_OK) {
    status = check_change(&call, &ua_document_update, !change->keep_roles, change, &document);
  }
  if (status == UA_OK) {
    status = ua_service_users_change(call.service, call.arena, &read.scope, user_id, &document.user,
                                     &read.precondition, &user, &session, &call.refusal);
  }
  return end_with_user(&call, status, &user, user_r);
}

user_api_status user_api_update(user_api *api, user_api_memory *memory, int32_t customer_id, int32_t user_id,
                                const user_api_user_change *change, user_api_user *user_r)
{
  return user_api_update_as(api, memory, NULL, customer_id, user_id, change, user_r);
}

user_api_status user_api_get(user_api *api, user_api_memory *memory, int32_t customer_id, int32_t user_id,
                             user_api_user *user_r)
{
  const ua_scope scope = {.customer_id = customer_id};
  ua_embed_call call;
  ua_user user;
  user_api_status begun =
      user_r == NULL ? ua_embed_call_misused(api) : ua_embed_call_begin(&call, api, memory);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = ua_service_users_get(call.service, call.arena, &scope, user_id, &user);
  if (status == UA_NOT_FOUND) {
    call.refusal.message = ua_arena_printf(call.arena, "User '%ld' doesn't exist.", (long)user_id);
  }
  return end_with_user(&call, status, &user, user_r);
}

user_api_status user_api_reset_password_as(user_api *api, user_api_memory *memory,
                                           const user_api_terms *terms, int32_t customer_id,
                                           const char *email, const char *password, user_api_user *user_r)
{
  ua_embed_call call;
  ua_embed_terms read;
  ua_embed_draft given = {.count = 0};
  ua_document document;
  ua_session session;
  ua_user user;
  bool is_whole = user_r != NULL && ua_embed_terms_are_unconditional(terms);
  user_api_status begun = is_whole ? ua_embed_call_begin(&call, api, memory) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_embed_draft_add_string(&given, "email", email);
  ua_embed_draft_add_string(&given, "password", password);
  ua_status status = ua_embed_terms_read(&call, terms, customer_id, UA_RIGHT_NONE, &read);
  if (status == UA_OK) {
    status = ua_embed_draft_read_payload(&call, &ua_document_reset_password, &given, &document);
  }
  if (status == UA_OK) {
    status = ua_service_users_reset_password(call.service, call.arena, &read.scope, document.user.email,
                                             document.user.password, &user, &session, &call.refusal);
  }
  return end_with_user(&call, status, &user, user_r);
}

user_api_status user_api_reset_password(user_api *api, user_api_memory *memory, int32_t customer_id,
                                        const char *email, const char *password, user_api_user *user_r)
{
  return user_api_reset_password_as(api, memory, NULL, customer_id, email, password, user_r);
}

user_api_status user_api_delete(user_api *api, const user_api_terms *terms, int32_t customer_id,
                                int32_t user_id)
{
  ua_embed_call call;
  ua_embed_terms read;
  user_api_status begun =
      ua_embed_terms_are_known(terms) ? ua_embed_call_begin_alone(&call, api) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = ua_embed_terms_read(&call, terms, customer_id, UA_RIGHT_ADMIN, &read);
  if (status == UA_OK) {
    status = ua_service_users_delete(call.service, call.arena, &read.scope, user_id, &read.precondition, NULL,
                                     &call.refusal);
  }
  return ua_embed_call_end_alone(&call, status);
}

user_api_status user_api_end_sessions(user_api *api, const user_api_terms *terms, int32_t customer_id,
                                      int32_t user_id)
{
  ua_embed_call call;
  ua_embed_terms read;
  user_api_status begun = ua_embed_terms_are_unconditional(terms) ? ua_embed_call_begin_alone(&call, api)
                                                                  : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = ua_embed_terms_read(&call, terms, customer_id, UA_RIGHT_ADMIN, &read);
  if (status == UA_OK) {
    status = ua_service_users_logout(call.service, call.arena, &read.scope, user_id, &call.refusal);
  }
  return ua_embed_call_end_alone(&call, status);
}

const char *user_api_user_tag(user_api_memory *memory, const user_api_user *user)
{
  char tag[UA_USER_TAG_BYTES];
  ua_user record;
  if (memory == NULL || user == NULL) {
    return NULL;
  }
  ua_arena *arena = ua_embed_arena(memory);
  if (ua_embed_user_inside(arena, user, &record) != UA_OK ||
      ua_service_precondition_tag(arena, &record, tag) != UA_OK) {
    return NULL;
  }
  return ua_arena_copy(arena, ua_text_of(tag)).data;
}
