#include "auth/guard.h"
#include "service/password_rules.h"
#include "service/permissions.h"
#include "service/users_private.h"

/* The document names the user by email, so a missing user is an error in the document, not in the path. */
static ua_status refuse_email(ua_arena *arena, ua_text email, ua_status status, ua_refusal *refusal)
{
  if (status != UA_NOT_FOUND) {
    return status;
  }
  refusal->message = ua_arena_printf(arena, "User '%.*s' doesn't exist.", UA_TEXT_ARGS(email));
  return UA_UNPROCESSABLE;
}

static ua_status write_password(const ua_service *service, ua_arena *arena, const ua_scope *scope, int32_t id,
                                ua_text hash, ua_text salt, ua_user *user_r, ua_session *session_r,
                                ua_refusal *refusal)
{
  ua_user before;
  ua_status status = ua_service_users_lock(service, arena, scope, id, &before);
  if (status == UA_OK) {
    status = ua_service_permissions_manage(service, scope, &before, refusal);
  }
  if (status == UA_OK) {
    status = ua_store_users_set_password(service->db, arena, scope->customer_id, id, hash, salt);
  }
  if (status == UA_OK) {
    status = ua_store_users_get(service->db, arena, scope->customer_id, id, user_r);
  }
  if (status == UA_OK) {
    status = ua_service_users_check_ended(&before, user_r, true, refusal);
  }
  return status == UA_OK
             ? ua_service_sessions_renew(service, arena, scope->caller, &before, user_r, session_r)
             : status;
}

static ua_status set_password(const ua_service *service, ua_arena *arena, const ua_scope *scope, int32_t id,
                              ua_text password, ua_user *user_r, ua_session *session_r, ua_refusal *refusal)
{
  ua_text hash;
  ua_text salt;
  ua_user user;
  ua_status status = ua_store_users_get(service->db, arena, scope->customer_id, id, &user);
  if (status == UA_OK) {
    const ua_password_owner owner = {.email = user.email, .name = user.name};
    status = ua_service_password_rules_check(service, arena, scope, password, &owner, refusal);
  }
  if (status == UA_OK) {
    status = ua_service_permissions_manage(service, scope, &user, refusal); /* before it costs a hash */
  }
  if (status == UA_OK) {
    status = ua_service_users_hash(service, arena, scope, password, &hash, &salt);
  }
  if (status == UA_OK) {
    status = ua_store_db_begin(service->db);
  }
  if (status != UA_OK) {
    return status;
  }
  status = write_password(service, arena, scope, id, hash, salt, &user, session_r, refusal);
  status = ua_service_end_transaction_of(service, status, id);
  if (status == UA_OK) {
    *user_r = user;
  }
  return status;
}

static bool is_administrator(const ua_scope *scope)
{
  return scope->caller == NULL || scope->is_operator || ua_auth_guard_has_role(scope->caller, "admin");
}

ua_status ua_service_users_reset_password(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                          ua_text email, ua_text password, ua_user *user_r,
                                          ua_session *session_r, ua_refusal *refusal)
{
  ua_user user;
  ua_session session;
  int32_t id = 0;
  ua_status status = ua_store_users_find_id(service->db, arena, scope->customer_id, email, &id);
  if (status != UA_OK && status != UA_NOT_FOUND) {
    return status;
  }
  bool own = status == UA_OK && scope->caller != NULL && id == scope->caller->user.id;
  if (!own && !is_administrator(scope)) {
    refusal->missing_roles = UA_TEXT("admin");
    return UA_FORBIDDEN;
  }
  if (status == UA_OK) {
    status = set_password(service, arena, scope, id, password, &user, &session, refusal);
  }
  if (status != UA_OK) {
    return refuse_email(arena, email, status, refusal);
  }
  *user_r = user;
  *session_r = session;
  return UA_OK;
}
