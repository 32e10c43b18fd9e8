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
  bool everywhere;     /* all events, also those of no customer; false: only customer_id's */
  int32_t customer_id; /* if not everywhere */
  ua_text kind;        /* absent: any */
  int32_t user_id;     /* if by_user: the user whom they happened to */
  bool by_user;        /* filter by user_id */
  int64_t above;       /* only ids above this one */
  int64_t below;       /* only ids below this one */
  bool oldest_first;   /* else newest first */
  int64_t limit;
} ua_event_filter;

/* The page, in the arena. An index provides the order of each filter, so the cost does not depend on the
 * number of events. One exception: for a kind of event of one user, all events of that user are read. */
UA_CHECK ua_status ua_store_events_list(ua_db *db, ua_arena *arena, const ua_event_filter *filter,
                                        ua_event **events_r, size_t *count_r);

/* An id at or below which no new event will appear: clients that follow events read up to it. It stays below
 * the events of the oldest transaction that has written one and is still open. */
UA_CHECK ua_status ua_store_events_final(ua_db *db, int64_t *id_r);

/* Within a transaction: records that the customer's user got a session. *due_r: months of the table must be
 * created, or can be dropped because all their events are older than `days` days. */
UA_CHECK ua_status ua_store_events_session_opened(ua_db *db, int32_t customer_id, int32_t user_id,
                                                  int64_t days, bool *due_r);

/* Creates and drops the months that are due. Gives up if another transaction holds a lock, so that it never
 * waits long. */
UA_CHECK ua_status ua_store_events_keep_months(ua_db *db, int64_t days);

/* Within a transaction: an event of the embedding program, of the customer and, unless user_id is 0, of one
 * of its users. `kind` begins with "app.", `data` is a JSON object. UA_NOT_FOUND when there is no such
 * customer or user. */
UA_CHECK ua_status ua_store_events_write(ua_db *db, ua_arena *arena, int32_t customer_id, int32_t user_id,
                                         ua_text kind, ua_text data);

#endif
