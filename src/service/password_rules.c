#include "service/password_rules.h"

#include "service/hashing.h"

static bool has_passed(const ua_service *service, const ua_scope *scope)
{
  const ua_hash_ticket ticket = {.request = scope->asker == NULL ? 0 : scope->asker->request};
  return ticket.request != 0 && ua_service_hashing_has_asked(service, &ticket);
}

ua_status ua_service_password_rules_check(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                          ua_text password, const ua_password_owner *owner,
                                          ua_refusal *refusal)
{
  const ua_password_policy *policy = &service->password_policy;
  bool guessable = false;
  if (password.data == NULL || scope->force) {
    return UA_OK;
  }
  ua_status status = has_passed(service, scope)
                         ? ua_auth_guessable_is_owners(policy, password, owner, &guessable)
                         : ua_auth_guessable_is(policy, password, owner, &guessable);
  if (status != UA_OK || !guessable) {
    return status;
  }
  ua_service_violations_add(
      arena, &refusal->violations,
      (ua_violation){.field = UA_TEXT("password"), .item = -1, .sentence = UA_TEXT(UA_PASSWORD_TOO_COMMON)});
  return UA_WRONG_DOCUMENT;
}
