/* Lists of a customer's users, and how many there are: which statement finds which list. Results are as
 * ua_store_db_execute has them. */
#ifndef UA_STORE_USER_LISTS_H
#define UA_STORE_USER_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/db.h"
#include "store/records.h"

/* Which users a list is about. */
typedef struct ua_user_filter {
  ua_text email_pattern; /* LIKE patterns; absent: not asked for. A user matching either is listed */
  ua_text name_pattern;
  ua_text role; /* code; absent: not asked for. All that is asked for has to fit */
  bool by_active;
  bool active; /* where by_active */
} ua_user_filter;

/* One page, ordered by id. */
typedef struct ua_user_rows {
  ua_user *users; /* without roles */
  size_t count;
  bool is_unfinished; /* nothing was found yet: what goes on has to look at every user of a large customer */
} ua_user_rows;

/* A page of those who fit. Its cost grows with the page, with what it skips, and for a pattern or role with
 * what an index finds; where no index helps, in a customer of more than about 1500 users, it is unfinished.
 */
UA_CHECK ua_status ua_store_user_lists_find(ua_db *db, ua_arena *arena, int32_t customer_id,
                                            const ua_user_filter *filter, const ua_page *page,
                                            ua_user_rows *rows_r);

/* The same page, whatever it costs: every user of the customer is looked at until the page is full. */
UA_CHECK ua_status ua_store_user_lists_scan(ua_db *db, ua_arena *arena, int32_t customer_id,
                                            const ua_user_filter *filter, const ua_page *page,
                                            ua_user_rows *rows_r);

/* How many fit. The cost grows with their number; for a pattern, up to that of looking at every user; for a
 * role that more than 2000 users of all customers hold, with the number of the customer's users. */
UA_CHECK ua_status ua_store_user_lists_count(ua_db *db, ua_arena *arena, int32_t customer_id,
                                             const ua_user_filter *filter, int64_t *count_r);

#endif
