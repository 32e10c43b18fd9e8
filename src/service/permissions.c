#include "service/permissions.h"

#include "base/limits.h"
#include "store/users.h"

bool ua_service_permissions_is_assignable(const ua_service *service, const ua_role *role)
{
  return role->assignable &&
         !(service->operator_role != NULL && ua_text_equal(role->code, ua_text_of(service->operator_role)));
}

static bool may_grant(const ua_service *service, const ua_scope *scope, const ua_role *role)
{
  return scope->caller == NULL || scope->is_operator || ua_service_permissions_is_assignable(service, role);
}

ua_status ua_service_permissions_grant(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                       const ua_role *roles, size_t count, ua_refusal *refusal)
{
  ua_text codes = UA_TEXT_ABSENT;
  bool refused = false;
  for (size_t i = 0; i < count; i++) {
    if (may_grant(service, scope, &roles[i])) {
      continue;
    }
    codes = refused ? ua_arena_printf(arena, "%.*s, %.*s", UA_TEXT_ARGS(codes), UA_TEXT_ARGS(roles[i].code))
                    : roles[i].code;
    refused = true;
  }
  if (!refused) {
    return UA_OK;
  }
  refusal->message =
      ua_arena_printf(arena, "You may not grant or remove the %.*s role(s).", UA_TEXT_ARGS(codes));
  return UA_FORBIDDEN;
}

ua_status ua_service_permissions_manage(const ua_service *service, const ua_scope *scope, const ua_user *user,
                                        ua_refusal *refusal)
{
  bool own = scope->caller != NULL && scope->caller->user.id == user->id;
  for (size_t i = 0; !own && i < user->role_count; i++) {
    if (!may_grant(service, scope, &user->roles[i])) {
      refusal->message = UA_TEXT("You may not manage this user.");
      return UA_FORBIDDEN;
    }
  }
  return UA_OK;
}

bool ua_service_permissions_is_admin(const ua_user *user)
{
  for (size_t i = 0; i < user->role_count; i++) {
    if (ua_text_equal(user->roles[i].code, UA_TEXT("admin"))) {
      return user->active;
    }
  }
  return false;
}

ua_status ua_service_permissions_lose_admin(const ua_service *service, const ua_scope *scope,
                                            const ua_user *before, ua_refusal *refusal)
{
  bool has_other = false;
  if (scope->force || !ua_service_permissions_is_admin(before)) {
    return UA_OK;
  }
  ua_status status = ua_store_users_has_other_admin(service->db, before->customer_id, before->id, &has_other);
  if (status != UA_OK || has_other) {
    return status;
  }
  refusal->message = UA_TEXT(UA_LAST_ADMIN_STAYS);
  return UA_CONFLICT;
}

ua_status ua_service_permissions_token(ua_arena *arena, const ua_user *before, const ua_user *after,
                                       ua_refusal *refusal)
{
  size_t bytes = 0;
  size_t bytes_before = 0;
  ua_status status = ua_auth_token_length(arena, after, &bytes);
  if (status != UA_OK || bytes <= UA_MAX_MADE_TOKEN_BYTES) {
    return status;
  }
  if (before != NULL && ua_auth_token_length(arena, before, &bytes_before) != UA_OK) {
    return UA_INTERNAL;
  }
  if (bytes <= bytes_before) {
    return UA_OK;
  }
  refusal->message = UA_TEXT(UA_TOKEN_TOO_LONG);
  return UA_CONFLICT;
}
