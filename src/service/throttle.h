/* Failed logins: how many an account, an address and a browser may have. What counts is in the database, so
 * it holds for all workers, pools and machines, and after a restart. All of them block for one statement. */
#ifndef UA_SERVICE_THROTTLE_H
#define UA_SERVICE_THROTTLE_H

#include "service/asker.h"
#include "service/refusal.h"
#include "service/service.h"
#include "store/throttle.h"
#include "store/users.h"

/* What the attempt counts on: the address, then the account, whether or not there is one; the device alone
 * where the browser has logged in to this very account before, so that nobody else's failures keep its person
 * out. `device` may be NULL. UA_INTERNAL when OpenSSL fails. */
UA_CHECK ua_status ua_service_throttle_counters(const ua_service *service, const ua_asker *asker,
                                                const ua_login_row *row, const ua_device *device,
                                                ua_counters *counters_r);

/* UA_TOO_MANY_REQUESTS, with the sentence and the seconds, when one of them is used up; UA_UNAVAILABLE when
 * that cannot be known. Counts nothing, but sees to it that there is an event of each window that blocks. */
UA_CHECK ua_status ua_service_throttle_check(const ua_service *service, ua_arena *arena,
                                             const ua_counters *counters, ua_refusal *refusal);

/* The same, and counts the attempt as a failure until one of the three below says what became of it: so that
 * attempts that run side by side are no more than one after the other. */
UA_CHECK ua_status ua_service_throttle_begin(const ua_service *service, ua_arena *arena,
                                             ua_counters *counters, ua_refusal *refusal);

/* It was the right password of an active user: account and device begin at 0 again. */
void ua_service_throttle_succeed(const ua_service *service, ua_arena *arena, const ua_counters *counters);

/* It was no attempt after all. */
void ua_service_throttle_release(const ua_service *service, ua_arena *arena, const ua_counters *counters);

/* It stays a failure. Logs a line that names the account, as a keyed digest, and the address; and another one
 * when the next attempt will be refused. */
void ua_service_throttle_fail(const ua_service *service, ua_arena *arena, const ua_counters *counters,
                              const ua_asker *asker);

#endif
