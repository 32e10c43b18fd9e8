/* Failed logins: how many an account, an address and a browser may have. The counters are in the database, so
 * they apply to all workers, pools and machines, and survive a restart. All of them block for one
 * statement. */
#ifndef UA_SERVICE_THROTTLE_H
#define UA_SERVICE_THROTTLE_H

#include "service/asker.h"
#include "service/refusal.h"
#include "service/service.h"
#include "store/throttle.h"
#include "store/users.h"

/* The counters of an attempt: the address, then the account, which need not exist. If the browser has logged
 * in to this account before, only its device counts: other people's failures cannot lock out its user.
 * `device` may be NULL. UA_INTERNAL when OpenSSL fails. */
UA_CHECK ua_status ua_service_throttle_counters(const ua_service *service, const ua_asker *asker,
                                                const ua_login_row *row, const ua_device *device,
                                                ua_counters *counters_r);

/* UA_TOO_MANY_REQUESTS, with the sentence and the seconds, when one of them is used up; UA_UNAVAILABLE when
 * it cannot find out. Counts nothing, but makes sure that each window that blocks has an event. */
UA_CHECK ua_status ua_service_throttle_check(const ua_service *service, ua_arena *arena,
                                             const ua_counters *counters, ua_refusal *refusal);

/* The same, and counts the attempt as a failure until one of the three functions below reports its result. So
 * parallel attempts are limited like consecutive ones. */
UA_CHECK ua_status ua_service_throttle_begin(const ua_service *service, ua_arena *arena,
                                             ua_counters *counters, ua_refusal *refusal);

/* The password was right and the user active: account and device start again at 0. */
void ua_service_throttle_succeed(const ua_service *service, ua_arena *arena, const ua_counters *counters);

/* It does not count as an attempt. */
void ua_service_throttle_release(const ua_service *service, ua_arena *arena, const ua_counters *counters);

/* It stays a failure. Logs a line that names the account, as a keyed digest, and the address; and another one
 * when the next attempt will be refused. */
void ua_service_throttle_fail(const ua_service *service, ua_arena *arena, const ua_counters *counters,
                              const ua_asker *asker);

#endif
