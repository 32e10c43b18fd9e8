#include "service/permissions.h"

#include <string.h>

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

/* In one piece: a longer text for each code would use up the memory of a request. Absent without memory. */
static ua_text join_codes(ua_arena *arena, const ua_role *const *roles, size_t count)
{
  static const ua_text separator = {", ", 2};
  size_t length = 0;
  for (size_t i = 0; i < count; i++) {
    length += roles[i]->code.length + separator.length;
  }
  char *codes = ua_arena_alloc(arena, length);
  if (codes == NULL) {
    return UA_TEXT_ABSENT;
  }
  char *end = codes;
  for (size_t i = 0; i < count; i++) {
    end = mempcpy(end, roles[i]->code.data, roles[i]->code.length);
    end = mempcpy(end, separator.data, separator.length);
  }
  return (ua_text){codes, length - separator.length};
}

ua_status ua_service_permissions_grant(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                       const ua_role *roles, size_t count, ua_refusal *refusal)
{
  const ua_role **refused = ua_arena_calloc(arena, count, sizeof *refused);
  size_t refusals = 0;
  if (refused == NULL) {
    return UA_INTERNAL;
  }
  for (size_t i = 0; i < count; i++) {
    if (!may_grant(service, scope, &roles[i])) {
      refused[refusals++] = &roles[i];
    }
  }
  if (refusals == 0) {
    return UA_OK;
  }
  ua_text codes = join_codes(arena, refused, refusals);
  if (codes.data == NULL) {
    return UA_INTERNAL;
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
