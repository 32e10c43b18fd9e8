/* Customers as rows. Each function runs one statement; results are as ua_store_db_execute has them. */
#ifndef UA_STORE_CUSTOMERS_H
#define UA_STORE_CUSTOMERS_H

#include <stdint.h>

#include "base/error.h"
#include "store/db.h"
#include "store/records.h"

/* Reads the quota and locks the customer's row until the transaction ends: nobody else's user comes into the
 * customer meanwhile, since the foreign key of _user asks for the same row. UA_NOT_FOUND when there is no
 * such customer. */
UA_CHECK ua_status ua_store_customers_lock_quota(ua_db *db, int32_t id, ua_quota *quota_r);

/* Locks the customer's row until the transaction ends, against others who do the same. UA_NOT_FOUND when
 * there is no such customer. */
UA_CHECK ua_status ua_store_customers_lock_admins(ua_db *db, int32_t id);

/* UA_NOT_FOUND when there is no such customer. */
UA_CHECK ua_status ua_store_customers_find(ua_db *db, int32_t id);

/* Which customer a user belongs to, by id and by email. UA_NOT_FOUND when there is no such user. */
UA_CHECK ua_status ua_store_customers_of_user(ua_db *db, int32_t user_id, int32_t *id_r);
UA_CHECK ua_status ua_store_customers_of_email(ua_db *db, ua_arena *arena, ua_text email, int32_t *id_r);

/* All of the customer's users, active or not. */
UA_CHECK ua_status ua_store_customers_count_users(ua_db *db, int32_t id, int64_t *count_r);

#endif
