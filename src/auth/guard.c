#include "auth/guard.h"

#include "auth/credentials.h"
#include "base/clock.h"
#include "base/limits.h"

bool ua_auth_guard_has_role(const ua_claims *caller, const char *code)
{
  for (size_t i = 0; i < caller->user.role_count; i++) {
    if (ua_text_equal(caller->user.roles[i].code, ua_text_of(code))) {
      return true;
    }
  }
  return false;
}

ua_status ua_auth_guard_check_roles(ua_arena *arena, const ua_claims *caller, const char *const *roles,
                                    ua_text *missing_r)
{
  ua_text missing = UA_TEXT_ABSENT;
  for (size_t i = 0; roles[i] != NULL; i++) {
    if (ua_auth_guard_has_role(caller, roles[i])) {
      continue;
    }
    missing = missing.data == NULL ? ua_text_of(roles[i])
                                   : ua_arena_printf(arena, "%.*s, %s", UA_TEXT_ARGS(missing), roles[i]);
    if (missing.data == NULL) {
      return UA_INTERNAL;
    }
  }
  if (missing.data == NULL) {
    return UA_OK;
  }
  *missing_r = missing;
  return UA_FORBIDDEN;
}

ua_status ua_auth_guard_require(ua_arena *arena, ua_text list, ua_access *access)
{
  ua_access before = *access;
  size_t count = 0;
  if (ua_text_trim(list).length == 0) {
    return UA_OK;
  }
  *access = (ua_access){.kind = UA_ACCESS_NOBODY};
  while (before.roles != NULL && before.roles[count] != NULL) {
    count++;
  }
  const char **roles = ua_arena_calloc(arena, UA_MAX_ROLES + 1, sizeof *roles);
  if (roles == NULL) {
    return UA_INTERNAL;
  }
  for (size_t i = 0; i < count; i++) {
    roles[i] = before.roles[i];
  }
  ua_text code;
  while (ua_text_split(&list, ',', &code)) {
    code = ua_text_trim(code);
    if (count == UA_MAX_ROLES || code.length == 0 || ua_text_has_control(code)) {
      return UA_INTERNAL;
    }
    roles[count] = ua_arena_copy(arena, code).data;
    if (roles[count++] == NULL) {
      return UA_INTERNAL;
    }
  }
  *access = (ua_access){.kind = UA_ACCESS_ROLES, .roles = roles};
  return UA_OK;
}

ua_status ua_auth_guard_check_token(const ua_guard *guard, ua_arena *arena, ua_text token,
                                    ua_claims *caller_r)
{
  ua_claims claims;
  ua_status status = ua_auth_token_verify(guard->secrets, arena, token, ua_clock_wall_seconds(), &claims);
  if (status != UA_OK) {
    return status;
  }
  status = ua_store_tokens_check(guard->db, arena, &claims.key, claims.user.epoch);
  if (status != UA_OK) {
    return status;
  }
  *caller_r = claims;
  return UA_OK;
}

ua_status ua_auth_guard_check(const ua_guard *guard, const ua_request *request, const ua_access *access,
                              ua_claims *caller_r, ua_text *missing_r)
{
  ua_text token;
  if (access->kind == UA_ACCESS_PUBLIC) {
    return UA_OK;
  }
  if (access->kind != UA_ACCESS_CONNECTED && access->kind != UA_ACCESS_ROLES) {
    return UA_INTERNAL;
  }
  ua_status status = ua_auth_credentials_find(request, &token);
  if (status != UA_OK) {
    return status;
  }
  status = ua_auth_guard_check_token(guard, request->arena, token, caller_r);
  if (status != UA_OK || access->kind != UA_ACCESS_ROLES) {
    return status;
  }
  if (access->roles == NULL) {
    return UA_INTERNAL;
  }
  return ua_auth_guard_check_roles(request->arena, caller_r, access->roles, missing_r);
}
