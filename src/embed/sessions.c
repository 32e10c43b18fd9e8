#include "service/sessions.h"

#include "base/limits.h"
#include "embed/instance.h"

/* Ends a call that returns a session. */
static user_api_status end_with_session(ua_embed_call *call, ua_status status, const ua_session *session,
                                        user_api_session *session_r)
{
  user_api_identity identity;
  if (status == UA_OK) {
    status = ua_embed_identity(call->arena, &session->claims, &identity);
  }
  if (status == UA_OK) {
    *session_r = (user_api_session){.token = session->token.data, .identity = identity};
  }
  return ua_embed_call_end(call, status);
}

/* Whether a user could have this email or password. */
static bool may_exist(ua_text text)
{
  return text.length <= UA_MAX_TOKEN_BYTES && ua_text_is_utf8(text);
}

user_api_status user_api_authenticate_from(user_api *api, user_api_memory *memory, const char *address,
                                           const char *email, const char *password,
                                           user_api_session *session_r)
{
  ua_embed_call call;
  ua_session session;
  bool is_whole = email != NULL && password != NULL && session_r != NULL;
  user_api_status begun = is_whole ? ua_embed_call_begin(&call, api, memory) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = ua_embed_call_say(&call, 0, address, NULL);
  if (status == UA_OK) {
    status = UA_WRONG_LOGIN;
  }
  if (status == UA_WRONG_LOGIN && may_exist(ua_text_of(email)) && may_exist(ua_text_of(password))) {
    ua_asker asker = {.request = 0};
    const ua_login login = {.email = ua_text_of(email), .password = ua_text_of(password), .asker = &asker};
    ua_address_read(address == NULL ? UA_TEXT("") : ua_text_of(address), &asker.address);
    status = ua_service_sessions_login(call.service, call.arena, &login, &session, &call.refusal);
  }
  return end_with_session(&call, status, &session, session_r);
}

user_api_status user_api_authenticate(user_api *api, user_api_memory *memory, const char *email,
                                      const char *password, user_api_session *session_r)
{
  return user_api_authenticate_from(api, memory, NULL, email, password, session_r);
}

user_api_status user_api_authenticate_no_password(user_api *api, user_api_memory *memory, const char *email,
                                                  user_api_session *session_r)
{
  ua_embed_call call;
  ua_session session;
  bool is_whole = email != NULL && session_r != NULL;
  user_api_status begun = is_whole ? ua_embed_call_begin(&call, api, memory) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = UA_WRONG_LOGIN;
  if (may_exist(ua_text_of(email))) {
    status = ua_service_sessions_trust(call.service, call.arena, ua_text_of(email), &session);
  }
  return end_with_session(&call, status, &session, session_r);
}

/* `grace`: the rest of the call needs no database. */
static ua_status check_token(const ua_embed_call *call, const char *token, bool grace, ua_claims *claims_r)
{
  ua_guard guard = ua_service_guard(call->service, grace);
  return ua_auth_guard_check_token(&guard, call->arena, ua_text_of(token), claims_r);
}

user_api_status user_api_get_token_data(user_api *api, user_api_memory *memory, const char *token,
                                        user_api_identity *identity_r)
{
  ua_embed_call call;
  ua_claims claims;
  bool is_whole = token != NULL && identity_r != NULL;
  user_api_status begun = is_whole ? ua_embed_call_begin(&call, api, memory) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = check_token(&call, token, true, &claims);
  if (status == UA_OK) {
    status = ua_embed_identity(call.arena, &claims, identity_r);
  }
  return ua_embed_call_end(&call, status);
}

bool user_api_is_token_valid(user_api *api, const char *token)
{
  return user_api_token_has_roles(api, token, (const char *const[]){NULL}) == USER_API_OK;
}

user_api_status user_api_token_has_roles(user_api *api, const char *token, const char *const *roles)
{
  ua_embed_call call;
  ua_claims claims;
  bool is_whole = token != NULL && roles != NULL;
  user_api_status begun = is_whole ? ua_embed_call_begin_alone(&call, api) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = check_token(&call, token, true, &claims);
  if (status == UA_OK) {
    status = ua_auth_guard_check_roles(call.arena, &claims, roles, &call.refusal.missing_roles);
  }
  return ua_embed_call_end_alone(&call, status);
}

user_api_status user_api_logout(user_api *api, const char *token)
{
  ua_embed_call call;
  ua_claims claims;
  user_api_status begun = token == NULL ? ua_embed_call_misused(api) : ua_embed_call_begin_alone(&call, api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = check_token(&call, token, false, &claims);
  if (status == UA_OK) {
    status = ua_service_sessions_logout(call.service, call.arena, &claims);
  }
  return ua_embed_call_end_alone(&call, status);
}
