#include "service/hashing.h"

#include <string.h>

#include "auth/digest.h"

static const ua_asker nobody;
static const char for_address[] = "hashing for an address";

static ua_status make_ticket(const ua_service *service, const ua_asker *asker, const char *purpose,
                             ua_text source, ua_hash_ticket *ticket_r)
{
  *ticket_r = (ua_hash_ticket){.request = asker->request, .last_try = asker->last_try};
  if (service->hasher.enter == NULL) {
    return UA_OK; /* no queue reads the ticket, and the command line has no secret */
  }
  ua_text address = ua_text_of(asker->address.text);
  bool made =
      ua_auth_digest(&service->secrets, purpose, source, ticket_r->source) &&
      (address.length == 0 || ua_auth_digest(&service->secrets, for_address, address, ticket_r->address));
  return made ? UA_OK : UA_INTERNAL;
}

/* Requests without an address share one source. */
static ua_status make_ticket_of_address(const ua_service *service, const ua_asker *asker,
                                        ua_hash_ticket *ticket_r)
{
  return make_ticket(service, asker, for_address, ua_text_of(asker->address.text), ticket_r);
}

static ua_status make_ticket_of_user(const ua_service *service, const ua_asker *asker, const char *purpose,
                                     int32_t user_id, ua_hash_ticket *ticket_r)
{
  return make_ticket(service, asker, purpose, (ua_text){(const char *)&user_id, sizeof user_id}, ticket_r);
}

/* All browsers of a user are one source: a user who logs in many times gets no extra sources. */
ua_status ua_service_hashing_login_ticket(const ua_service *service, const ua_asker *asker,
                                          int32_t device_user, ua_hash_ticket *ticket_r)
{
  return device_user != 0 ? make_ticket_of_user(service, asker, "hashing for a device", device_user, ticket_r)
                          : make_ticket_of_address(service, asker, ticket_r);
}

bool ua_service_hashing_has_asked(const ua_service *service, const ua_hash_ticket *ticket)
{
  const ua_hasher *hasher = &service->hasher;
  return hasher->has_asked != NULL && hasher->has_asked(hasher->context, ticket->request);
}

ua_status ua_service_hashing_enter(const ua_service *service, ua_hash_ticket *ticket, bool *began_r)
{
  const ua_hasher *hasher = &service->hasher;
  *began_r = false;
  return hasher->enter == NULL ? UA_OK : hasher->enter(hasher->context, ticket, began_r);
}

ua_status ua_service_hashing_run(const ua_service *service, const ua_hash_ticket *ticket,
                                 const ua_hash_job *job, ua_hash_outcome *outcome_r)
{
  const ua_hasher *hasher = &service->hasher;
  if (hasher->run == NULL) {
    ua_auth_hashing_run_aside(job, outcome_r);
    return outcome_r->status;
  }
  ua_status status = hasher->run(hasher->context, ticket, job, outcome_r);
  return status == UA_OK ? outcome_r->status : status;
}

void ua_service_hashing_leave(const ua_service *service, uint64_t request)
{
  if (service->hasher.leave != NULL) {
    service->hasher.leave(service->hasher.context, request);
  }
}

ua_status ua_service_hashing_new(const ua_service *service, const ua_scope *scope, ua_text password,
                                 ua_password_record *record_r)
{
  const ua_hash_job job = {.kind = UA_HASH_NEW, .cost = service->bcrypt_cost, .password = password};
  const ua_asker *asker = scope->asker == NULL ? &nobody : scope->asker;
  ua_hash_ticket ticket;
  ua_hash_outcome outcome;
  bool began;
  ua_status status = scope->caller == NULL ? make_ticket_of_address(service, asker, &ticket)
                                           : make_ticket_of_user(service, asker, "hashing for a caller",
                                                                 scope->caller->user.id, &ticket);
  if (status == UA_OK) {
    status = ua_service_hashing_enter(service, &ticket, &began);
  }
  if (status == UA_OK) {
    status = ua_service_hashing_run(service, &ticket, &job, &outcome);
  }
  if (status == UA_OK) {
    *record_r = outcome.record;
    explicit_bzero(&outcome, sizeof outcome);
  }
  return status;
}
