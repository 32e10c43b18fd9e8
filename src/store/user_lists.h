/* Lists of a customer's users, and how many there are: chooses the statement for each list. Results are those
 * of ua_store_db_execute. */
#ifndef UA_STORE_USER_LISTS_H
#define UA_STORE_USER_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/db.h"
#include "store/records.h"

/* Which users a list contains. */
typedef struct ua_user_filter {
  ua_text email_pattern; /* LIKE patterns; absent: no filter. A user who matches either is listed */
  ua_text name_pattern;
  ua_text role; /* code; absent: no filter. A user must match all filters */
  bool by_active;
  bool active; /* if by_active */
} ua_user_filter;

/* One page, ordered by id. */
typedef struct ua_user_rows {
  ua_user *users; /* without roles */
  size_t count;
  bool is_unfinished; /* nothing was found yet; a scan must read every user of a large customer */
} ua_user_rows;

/* A page of the matching users. Its cost grows with the page, with the skipped users and, for a pattern or
 * role, with the users that an index finds. If no index helps and the customer has more than about 1500
 * users, it is unfinished. */
UA_CHECK ua_status ua_store_user_lists_find(ua_db *db, ua_arena *arena, int32_t customer_id,
                                            const ua_user_filter *filter, const ua_page *page,
                                            ua_user_rows *rows_r);

/* The same page at any cost: reads every user of the customer until the page is full. */
UA_CHECK ua_status ua_store_user_lists_scan(ua_db *db, ua_arena *arena, int32_t customer_id,
                                            const ua_user_filter *filter, const ua_page *page,
                                            ua_user_rows *rows_r);

/* How many users match. The cost grows with their number. For a pattern, it can be that of reading every
 * user. For a role that more than 2000 users of all customers hold, it grows with the number of the
 * customer's users. */
UA_CHECK ua_status ua_store_user_lists_count(ua_db *db, ua_arena *arena, int32_t customer_id,
                                             const ua_user_filter *filter, int64_t *count_r);

#endif
