#include "service/scope.h"

#include "store/customers.h"

bool ua_service_scope_is_operator(const ua_service *service, const ua_claims *caller)
{
  return service->operator_role != NULL && ua_auth_guard_has_role(caller, service->operator_role);
}

bool ua_service_scope_has(const ua_scope *scope, ua_right right)
{
  switch (right) {
    case UA_RIGHT_NONE:
      return true;
    case UA_RIGHT_ADMIN:
      return scope->is_operator || ua_auth_guard_has_role(scope->caller, "admin");
    case UA_RIGHT_OPERATOR:
      return scope->is_operator;
  }
  return false;
}

ua_status ua_service_scope_open(const ua_service *service, const ua_claims *caller, ua_right right,
                                ua_scope *scope_r, ua_refusal *refusal)
{
  const ua_scope scope = {.customer_id = caller->user.customer_id,
                          .caller = caller,
                          .is_operator = ua_service_scope_is_operator(service, caller)};
  if (ua_service_scope_has(&scope, right)) {
    *scope_r = scope;
    return UA_OK;
  }
  if (right == UA_RIGHT_OPERATOR && service->operator_role == NULL) {
    refusal->message = UA_TEXT("Operators are not configured.");
  } else {
    refusal->missing_roles = right == UA_RIGHT_OPERATOR ? UA_TEXT("operator") : UA_TEXT("admin");
  }
  return UA_FORBIDDEN;
}

ua_status ua_service_scope_enter_customer(const ua_service *service, int64_t customer_id, ua_scope *scope)
{
  if (customer_id == scope->customer_id) {
    return UA_OK;
  }
  if (!scope->is_operator || customer_id < 1 || customer_id > INT32_MAX) {
    return UA_NOT_FOUND;
  }
  ua_status status = ua_store_customers_find(service->db, (int32_t)customer_id);
  if (status == UA_OK) {
    scope->customer_id = (int32_t)customer_id;
  }
  return status;
}

ua_status ua_service_scope_enter_user(const ua_service *service, int32_t user_id, ua_scope *scope)
{
  return scope->is_operator ? ua_store_customers_of_user(service->db, user_id, &scope->customer_id) : UA_OK;
}

ua_status ua_service_scope_enter_email(const ua_service *service, ua_arena *arena, ua_text email,
                                       ua_scope *scope)
{
  return scope->is_operator ? ua_store_customers_of_email(service->db, arena, email, &scope->customer_id)
                            : UA_OK;
}
