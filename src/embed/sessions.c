#include "service/sessions.h"

#include "base/limits.h"
#include "embed/instance.h"

static ua_status hand_out(ua_arena *arena, const ua_session *session, user_api_session *session_r)
{
  user_api_identity identity;
  if (!ua_embed_identity(arena, &session->claims, &identity)) {
    return UA_INTERNAL;
  }
  *session_r = (user_api_session){.token = session->token.data, .identity = identity};
  return UA_OK;
}

/* Nobody has an email or a password that no user could have been given. */
static bool may_exist(ua_text text)
{
  return text.length <= UA_MAX_TOKEN_BYTES && ua_text_is_utf8(text);
}

user_api_status user_api_authenticate(user_api *api, user_api_memory *memory, const char *email,
                                      const char *password, user_api_session *session_r)
{
  const ua_app *app;
  ua_session session;
  bool whole = memory != NULL && email != NULL && password != NULL && session_r != NULL;
  user_api_status begun = whole ? ua_embed_begin(api, &app) : USER_API_MISUSED;
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_arena *arena = ua_embed_arena(memory);
  ua_status status = UA_WRONG_LOGIN;
  if (may_exist(ua_text_of(email)) && may_exist(ua_text_of(password))) {
    status = ua_service_sessions_login(ua_api_app_service(app), arena, ua_text_of(email),
                                       ua_text_of(password), &session);
  }
  if (status == UA_OK) {
    status = hand_out(arena, &session, session_r);
  }
  return ua_embed_end(api, app, arena, status, &(ua_problem){.violations = NULL});
}

user_api_status user_api_authenticate_no_password(user_api *api, user_api_memory *memory, const char *email,
                                                  user_api_session *session_r)
{
  const ua_app *app;
  ua_session session;
  bool whole = memory != NULL && email != NULL && session_r != NULL;
  user_api_status begun = whole ? ua_embed_begin(api, &app) : USER_API_MISUSED;
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_arena *arena = ua_embed_arena(memory);
  ua_status status = UA_WRONG_LOGIN;
  if (may_exist(ua_text_of(email))) {
    status = ua_service_sessions_trust(ua_api_app_service(app), arena, ua_text_of(email), &session);
  }
  if (status == UA_OK) {
    status = hand_out(arena, &session, session_r);
  }
  return ua_embed_end(api, app, arena, status, &(ua_problem){.violations = NULL});
}

static ua_status check_token(const ua_app *app, ua_arena *arena, const char *token, ua_claims *claims_r)
{
  ua_guard guard = ua_service_guard(ua_api_app_service(app));
  return ua_auth_guard_check_token(&guard, arena, ua_text_of(token), claims_r);
}

user_api_status user_api_get_token_data(user_api *api, user_api_memory *memory, const char *token,
                                        user_api_identity *identity_r)
{
  const ua_app *app;
  ua_claims claims;
  bool whole = memory != NULL && token != NULL && identity_r != NULL;
  user_api_status begun = whole ? ua_embed_begin(api, &app) : USER_API_MISUSED;
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_arena *arena = ua_embed_arena(memory);
  ua_status status = check_token(app, arena, token, &claims);
  if (status == UA_OK && !ua_embed_identity(arena, &claims, identity_r)) {
    status = UA_INTERNAL;
  }
  return ua_embed_end(api, app, arena, status, &(ua_problem){.violations = NULL});
}

bool user_api_is_token_valid(user_api *api, const char *token)
{
  return user_api_token_has_roles(api, token, (const char *const[]){NULL}) == USER_API_OK;
}

user_api_status user_api_token_has_roles(user_api *api, const char *token, const char *const *roles)
{
  const ua_app *app;
  ua_claims claims;
  ua_text missing = UA_TEXT_ABSENT;
  ua_problem problem = {.violations = NULL};
  bool whole = token != NULL && roles != NULL;
  user_api_status result = whole ? ua_embed_begin(api, &app) : USER_API_MISUSED;
  if (result != USER_API_OK) {
    return result;
  }
  user_api_memory *memory = user_api_memory_create();
  if (memory == NULL) {
    return USER_API_INTERNAL;
  }
  ua_arena *arena = ua_embed_arena(memory);
  ua_status status = check_token(app, arena, token, &claims);
  if (status == UA_OK) {
    status = ua_auth_guard_check_roles(arena, &claims, roles, &missing);
  }
  if (status == UA_FORBIDDEN) {
    problem.message = ua_arena_printf(arena, "You don't have the %.*s role(s).", UA_TEXT_ARGS(missing));
  }
  result = ua_embed_end(api, app, arena, status, &problem);
  user_api_memory_destroy(&memory);
  return result;
}

user_api_status user_api_logout(user_api *api, const char *token)
{
  const ua_app *app;
  ua_claims claims;
  user_api_status result = token == NULL ? USER_API_MISUSED : ua_embed_begin(api, &app);
  if (result != USER_API_OK) {
    return result;
  }
  user_api_memory *memory = user_api_memory_create();
  if (memory == NULL) {
    return USER_API_INTERNAL;
  }
  ua_arena *arena = ua_embed_arena(memory);
  ua_status status = check_token(app, arena, token, &claims);
  if (status == UA_OK) {
    status = ua_service_sessions_logout(ua_api_app_service(app), arena, &claims);
  }
  result = ua_embed_end(api, app, arena, status, &(ua_problem){.violations = NULL});
  user_api_memory_destroy(&memory);
  return result;
}
