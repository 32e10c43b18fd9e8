#include "auth/guard.h"

#include "auth/credentials.h"
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

void ua_auth_guard_close(ua_access *access, const char *slip)
{
  *access = (ua_access){.kind = UA_ACCESS_UNREADABLE, .slip = slip};
}

static bool is_closed(const ua_access *access)
{
  return access->kind == UA_ACCESS_NOBODY || access->kind == UA_ACCESS_UNREADABLE;
}

/* Puts the codes of `list` behind the `count` that are in `roles`, which has room for UA_MAX_ROLES. */
static bool read_codes(ua_arena *arena, ua_text list, const char **roles, size_t count)
{
  ua_text code;
  while (ua_text_split(&list, ',', &code)) {
    code = ua_text_trim(code);
    if (count == UA_MAX_ROLES || code.length == 0 || ua_text_has_control(code)) {
      return false;
    }
    roles[count] = ua_arena_copy(arena, code).data;
    if (roles[count++] == NULL) {
      return false;
    }
  }
  return true;
}

void ua_auth_guard_require_roles(ua_arena *arena, ua_text list, ua_access *access)
{
  size_t count = 0;
  if (is_closed(access)) {
    return;
  }
  const char **roles = ua_arena_calloc(arena, UA_MAX_ROLES + 1, sizeof *roles);
  while (roles != NULL && access->roles != NULL && access->roles[count] != NULL) {
    roles[count] = access->roles[count];
    count++;
  }
  if (roles == NULL || list.data == NULL || !read_codes(arena, list, roles, count)) {
    ua_auth_guard_close(access, "roles");
    return;
  }
  access->kind = UA_ACCESS_ROLES;
  access->roles = roles;
}

void ua_auth_guard_require_customer(ua_text id, ua_access *access)
{
  uint64_t number = 0;
  if (is_closed(access)) {
    return;
  }
  if (!ua_text_to_uint(ua_text_trim(id), INT32_MAX, &number) || number == 0) {
    ua_auth_guard_close(access, "customer");
    return;
  }
  bool is_other = access->customer != 0 && access->customer != (int32_t)number;
  access->customer = is_other ? -1 : (int32_t)number;
  access->kind = access->kind == UA_ACCESS_ROLES ? UA_ACCESS_ROLES : UA_ACCESS_CONNECTED;
}

ua_status ua_auth_guard_check_token(const ua_guard *guard, ua_arena *arena, ua_text token,
                                    ua_claims *caller_r)
{
  ua_claims claims;
  ua_status status = ua_auth_sessions_verify(guard->sessions, guard->secrets, arena, token, &claims);
  if (status != UA_OK) {
    return status;
  }
  status = ua_auth_sessions_check(guard->sessions, guard->db, arena, &claims, guard->grace);
  if (status != UA_OK) {
    return status;
  }
  *caller_r = claims;
  return UA_OK;
}

static bool is_of(const ua_claims *caller, int32_t customer)
{
  return customer == 0 || (customer > 0 && caller->user.customer_id == customer);
}

ua_status ua_auth_guard_check(const ua_guard *guard, const ua_request *request, const ua_access *access,
                              ua_claims *caller_r, ua_text *missing_r)
{
  ua_text token;
  if (access->kind == UA_ACCESS_PUBLIC) {
    return UA_OK;
  }
  if (access->kind == UA_ACCESS_NOBODY || (access->kind == UA_ACCESS_ROLES && access->roles == NULL)) {
    return UA_INTERNAL;
  }
  ua_status status = ua_auth_credentials_find(request, &token);
  if (status != UA_OK) {
    return status;
  }
  status = ua_auth_guard_check_token(guard, request->arena, token, caller_r);
  if (status != UA_OK) {
    return status;
  }
  *missing_r = UA_TEXT_ABSENT;
  switch (access->kind) {
    case UA_ACCESS_CONNECTED:
      return is_of(caller_r, access->customer) ? UA_OK : UA_FORBIDDEN;
    case UA_ACCESS_ROLES:
      return is_of(caller_r, access->customer)
                 ? ua_auth_guard_check_roles(request->arena, caller_r, access->roles, missing_r)
                 : UA_FORBIDDEN;
    default:
      return UA_INTERNAL;
  }
}
