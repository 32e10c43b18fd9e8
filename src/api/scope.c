#include "api/scope.h"

ua_status ua_api_scope_open(ua_exchange *exchange, const ua_route *route)
{
  if (route->access.kind == UA_ACCESS_PUBLIC) {
    return UA_OK;
  }
  ua_status status = ua_service_scope_open(exchange->service, &exchange->caller, route->right,
                                           &exchange->scope, &exchange->problem.refusal);
  exchange->scope.asker = &exchange->asker;
  return status;
}

ua_status ua_api_scope_unknown_customer(ua_exchange *exchange, ua_status status)
{
  ua_service_violations_add(
      exchange->arena, &exchange->problem.refusal.violations,
      (ua_violation){.field = UA_TEXT("customer"), .item = -1, .sentence = UA_TEXT("unknown customer")});
  return status;
}

static ua_status enter_given_customer(ua_exchange *exchange, const ua_route *route)
{
  if (!exchange->document.has_customer) {
    return UA_OK;
  }
  ua_status status =
      ua_service_scope_enter_customer(exchange->service, exchange->document.customer, &exchange->scope);
  return status == UA_NOT_FOUND ? ua_api_scope_unknown_customer(
                                      exchange, route->payload != NULL ? UA_WRONG_DOCUMENT : UA_WRONG_ARGS)
                                : status;
}

ua_status ua_api_scope_enter(ua_exchange *exchange, const ua_route *route)
{
  ua_status status = UA_OK;
  switch (route->reach) {
    case UA_REACH_OWN_CUSTOMER:
      return UA_OK;
    case UA_REACH_GIVEN_CUSTOMER:
      return enter_given_customer(exchange, route);
    case UA_REACH_USER_OF_PATH:
      status = ua_service_scope_enter_user(exchange->service, exchange->match->parameter[0].integer,
                                           &exchange->scope);
      break;
    case UA_REACH_USER_OF_EMAIL:
      status = ua_service_scope_enter_email(exchange->service, exchange->arena, exchange->document.user.email,
                                            &exchange->scope);
      break;
  }
  return status == UA_NOT_FOUND ? UA_OK : status;
}
