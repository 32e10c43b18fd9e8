/* The rules about customers. Each function is one transaction, and blocks for the database: UA_UNAVAILABLE
 * when it is not available and nothing was changed, UA_OUTCOME_UNKNOWN when the connection broke during a
 * write. Results live in the arena, and `…_r` is untouched on failure; the caller zeroes `refusal`, which
 * gets the details beyond the status. The caller checks the permissions. */
#ifndef UA_SERVICE_CUSTOMERS_H
#define UA_SERVICE_CUSTOMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service/refusal.h"
#include "service/service.h"
#include "store/records.h"

typedef struct ua_customer_list {
  ua_customer *customers;
  size_t count;
  bool has_next; /* more follow */
} ua_customer_list;

/* What a caller wants a customer to be. The name is valid (length, UTF-8, no NUL) already. */
typedef struct ua_customer_change {
  ua_text name;
  bool has_quota; /* false: it is not changed; a new customer has none */
  ua_quota quota;
} ua_customer_change;

/* One page, ordered by id: page->limit at the most. */
UA_CHECK ua_status ua_service_customers_page(const ua_service *service, ua_arena *arena, const ua_page *page,
                                             ua_customer_list *list_r);

/* UA_NOT_FOUND when there is no such customer. */
UA_CHECK ua_status ua_service_customers_get(const ua_service *service, ua_arena *arena, int32_t id,
                                            ua_customer *customer_r, ua_refusal *refusal);

UA_CHECK ua_status ua_service_customers_add(const ua_service *service, ua_arena *arena,
                                            const ua_customer_change *change, ua_customer *customer_r);

/* UA_NOT_FOUND when there is no such customer. A quota below the number of users deletes no user. */
UA_CHECK ua_status ua_service_customers_change(const ua_service *service, ua_arena *arena, int32_t id,
                                               const ua_customer_change *change, ua_customer *customer_r,
                                               ua_refusal *refusal);

/* UA_NOT_FOUND when there is no such customer; UA_CONFLICT while it has users, active or not. */
UA_CHECK ua_status ua_service_customers_remove(const ua_service *service, ua_arena *arena, int32_t id,
                                               ua_refusal *refusal);

#endif
