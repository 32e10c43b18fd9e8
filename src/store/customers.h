/* Customers as rows. Each function runs one statement; results are those of ua_store_db_execute. */
#ifndef UA_STORE_CUSTOMERS_H
#define UA_STORE_CUSTOMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/db.h"
#include "store/records.h"

/* Reads the quota and locks the customer's row until the transaction ends: no other transaction can add a
 * user to the customer meanwhile, because the foreign key of _user locks the same row. UA_NOT_FOUND when
 * there is no such customer. */
UA_CHECK ua_status ua_store_customers_lock_quota(ua_db *db, int32_t id, ua_quota *quota_r);

/* Locks the customer's row until the transaction ends: other transactions that do the same wait. UA_NOT_FOUND
 * when there is no such customer. */
UA_CHECK ua_status ua_store_customers_lock_admins(ua_db *db, int32_t id);

/* UA_NOT_FOUND when there is no such customer. */
UA_CHECK ua_status ua_store_customers_find(ua_db *db, int32_t id);

/* Which customer a user belongs to, by id and by email, which is looked up as in ua_store_users_find_login.
 * UA_NOT_FOUND when there is no such user. */
UA_CHECK ua_status ua_store_customers_of_user(ua_db *db, int32_t user_id, int32_t *id_r);
UA_CHECK ua_status ua_store_customers_of_email(ua_db *db, ua_arena *arena, ua_text email, int32_t *id_r);

/* All of the customer's users, active or not. */
UA_CHECK ua_status ua_store_customers_count_users(ua_db *db, int32_t id, int64_t *count_r);

/* One page, ordered by id, and one customer: UA_NOT_FOUND when there is none. With the numbers of users. */
UA_CHECK ua_status ua_store_customers_list(ua_db *db, ua_arena *arena, const ua_page *page,
                                           ua_customer **customers_r, size_t *count_r);
UA_CHECK ua_status ua_store_customers_get(ua_db *db, ua_arena *arena, int32_t id, ua_customer *customer_r);

/* Inserts a customer with that name and quota. */
UA_CHECK ua_status ua_store_customers_insert(ua_db *db, ua_arena *arena, const ua_customer *customer,
                                             int32_t *id_r);

/* The new values of a customer's columns. */
typedef struct ua_customer_edit {
  ua_text name;
  ua_quota quota;
  bool keep_quota; /* `quota` is ignored; no change */
} ua_customer_edit;

/* UA_NOT_FOUND when there is no such customer. */
UA_CHECK ua_status ua_store_customers_update(ua_db *db, ua_arena *arena, int32_t id,
                                             const ua_customer_edit *edit);

/* UA_NOT_FOUND when there is no such customer; UA_CONFLICT when it has users, or rows of another table refer
 * to it. */
UA_CHECK ua_status ua_store_customers_delete(ua_db *db, int32_t id);

#endif
