/* Hashing within a turn of the pool's queue. Sources take turns, so no source can block the others. A source
 * is a browser that has logged in before, else the caller, else the address. */
#ifndef UA_SERVICE_HASHING_H
#define UA_SERVICE_HASHING_H

#include "service/scope.h"
#include "service/service.h"

/* The ticket of a login, for the user whose device cookie the browser has, or 0 without a cookie. UA_INTERNAL
 * when OpenSSL fails; the same for the next function. */
UA_CHECK ua_status ua_service_hashing_login_ticket(const ua_service *service, const ua_asker *asker,
                                                   int32_t device_user, ua_hash_ticket *ticket_r);

/* As the functions of ua_hasher. */
bool ua_service_hashing_has_asked(const ua_service *service, const ua_hash_ticket *ticket);
UA_CHECK ua_status ua_service_hashing_enter(const ua_service *service, ua_hash_ticket *ticket, bool *began_r);
UA_CHECK ua_status ua_service_hashing_run(const ua_service *service, const ua_hash_ticket *ticket,
                                          const ua_hash_job *job, ua_hash_outcome *outcome_r);
void ua_service_hashing_leave(const ua_service *service, uint64_t request);

/* Hashes a new password for the scope's caller. UA_PENDING: not yet; the request will be woken. UA_BUSY,
 * UA_TOO_MANY_REQUESTS: see ua_hasher. The caller wipes the record. */
UA_CHECK ua_status ua_service_hashing_new(const ua_service *service, const ua_scope *scope, ua_text password,
                                          ua_password_record *record_r);

#endif
