/* The table of events: what triggers have recorded, and the events that no trigger can see. */
#ifndef UA_STORE_EVENTS_H
#define UA_STORE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/db.h"
#include "store/records.h"

/* Which events, and which of them a page begins with. */
typedef struct ua_event_filter {
  bool everywhere;     /* of all customers and of none; else of customer_id alone */
  int32_t customer_id; /* where not everywhere */
  ua_text kind;        /* absent: any */
  int32_t user_id;     /* whom they happened to */
  bool by_user;        /* look at user_id */
  int64_t above;       /* only ids above this one */
  int64_t below;       /* only ids below this one */
  bool oldest_first;   /* else newest first */
  int64_t limit;
} ua_event_filter;

/* The page, in the arena. Each filter is answered in the order of an index, so it costs the same however many
 * events there are; only a kind of one user's is looked for among all events of that user. */
UA_CHECK ua_status ua_store_events_list(ua_db *db, ua_arena *arena, const ua_event_filter *filter,
                                        ua_event **events_r, size_t *count_r);

/* An id below or at which no event will come any more: those who follow events read up to it. It waits behind
 * the oldest transaction that has written an event and is still open. */
UA_CHECK ua_status ua_store_events_final(ua_db *db, int64_t *id_r);

/* Within a transaction: the customer's user was given a session. *due_r: months of the table are to be made,
 * or have only events of more than `days` days ago. */
UA_CHECK ua_status ua_store_events_session_opened(ua_db *db, int32_t customer_id, int32_t user_id,
                                                  int64_t days, bool *due_r);

/* Makes and drops the months that are due, unless somebody else holds a lock: nobody waits long. */
UA_CHECK ua_status ua_store_events_keep_months(ua_db *db, int64_t days);

/* Within a transaction: an event of the embedding program, of the customer and, unless user_id is 0, of one
 * of its users. `kind` begins with "app.", `data` is a JSON object. UA_NOT_FOUND when there is no such
 * customer or user. */
UA_CHECK ua_status ua_store_events_write(ua_db *db, ua_arena *arena, int32_t customer_id, int32_t user_id,
                                         ua_text kind, ua_text data);

#endif
