#include "service/permissions.h"
#include "service/users_private.h"
#include "store/customers.h"

/* Whether the user may be deleted. UA_FORBIDDEN comes before UA_PRECONDITION_FAILED, and that before
 * UA_CONFLICT. */
static ua_status check(const ua_service *service, ua_arena *arena, const ua_scope *scope, const ua_user *user,
                       const ua_precondition *precondition, ua_refusal *refusal)
{
  ua_status status = ua_service_permissions_manage(service, scope, user, refusal);
  if (status == UA_OK) {
    status = ua_service_precondition_check(arena, precondition, user);
  }
  if (status != UA_OK) {
    return status;
  }
  if (scope->caller != NULL && scope->caller->user.id == user->id) {
    refusal->message = UA_TEXT("You can't delete yourself.");
    return UA_CONFLICT;
  }
  return ua_service_permissions_lose_admin(service, scope, user, refusal);
}

/* The transaction's statements. */
static ua_status remove_user(const ua_service *service, ua_arena *arena, const ua_scope *scope, int32_t id,
                             const ua_precondition *precondition, ua_user *user_r, ua_refusal *refusal)
{
  ua_status status = ua_store_customers_lock_admins(service->db, scope->customer_id);
  if (status == UA_OK) {
    status = ua_service_users_lock(service, arena, scope, id, user_r);
  }
  if (status == UA_OK) {
    status = check(service, arena, scope, user_r, precondition, refusal);
  }
  if (status != UA_OK) {
    return status;
  }
  status = ua_store_users_remove_other_roles(service->db, arena, scope->customer_id, id, NULL, 0);
  return status == UA_OK ? ua_store_users_delete(service->db, scope->customer_id, id) : status;
}

ua_status ua_service_users_delete(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                  int32_t id, const ua_precondition *precondition, ua_user *user_r,
                                  ua_refusal *refusal)
{
  ua_user user;
  ua_status status = ua_store_db_begin(service->db);
  if (status != UA_OK) {
    return status;
  }
  status = remove_user(service, arena, scope, id, precondition, &user, refusal);
  status = ua_service_users_missing(ua_service_end_transaction_of(service, status, id), refusal);
  if (status != UA_OK && ua_store_db_still_refers(service->db)) { /* COMMIT checks deferred constraints */
    refusal->message = UA_TEXT("Other data refers to the user.");
    return UA_CONFLICT;
  }
  if (status == UA_OK && user_r != NULL) {
    *user_r = user;
  }
  return status;
}

static ua_status end_tokens(const ua_service *service, ua_arena *arena, const ua_scope *scope, int32_t id,
                            ua_refusal *refusal)
{
  ua_user user;
  ua_status status = ua_service_users_lock(service, arena, scope, id, &user);
  if (status == UA_OK) {
    status = ua_service_permissions_manage(service, scope, &user, refusal);
  }
  return status == UA_OK ? ua_store_users_raise_epoch(service->db, scope->customer_id, id) : status;
}

ua_status ua_service_users_logout(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                  int32_t id, ua_refusal *refusal)
{
  ua_status status = ua_store_db_begin(service->db);
  if (status != UA_OK) {
    return status;
  }
  status = ua_service_end_transaction_of(service, end_tokens(service, arena, scope, id, refusal), id);
  return ua_service_users_missing(status, refusal);
}
