#include "service/service.h"

static bool enter(const ua_hash_gate *gate)
{
  return gate->enter == NULL || gate->enter(gate->context);
}

static void leave(const ua_hash_gate *gate)
{
  if (gate->leave != NULL) {
    gate->leave(gate->context);
  }
}

ua_status ua_service_hash(const ua_service *service, ua_text password, ua_password_record *record_r)
{
  if (!enter(&service->gate)) {
    return UA_BUSY;
  }
  ua_status status = ua_auth_password_hash(service->bcrypt_cost, password, record_r);
  leave(&service->gate);
  return status;
}

ua_status ua_service_verify(const ua_service *service, ua_text password, ua_text hash, ua_text salt,
                            ua_password_verdict *verdict_r)
{
  if (!enter(&service->gate)) {
    return UA_BUSY;
  }
  ua_status status = ua_auth_password_verify(service->bcrypt_cost, password, hash, salt, verdict_r);
  leave(&service->gate);
  return status;
}
