/* What happened: reading the record. Blocks for the database: UA_UNAVAILABLE when it is away. Results live in
 * the arena; list_r is untouched on failure. */
#ifndef UA_SERVICE_EVENTS_H
#define UA_SERVICE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service/service.h"
#include "store/events.h"

/* Which events, and which page of them. */
typedef struct ua_event_search {
  bool everywhere;     /* of all customers, and those of none; else of customer_id alone */
  int32_t customer_id; /* where not everywhere */
  ua_text kind;        /* absent: any */
  bool by_user;
  int32_t user_id; /* where by_user: whom it happened to */
  bool by_after;   /* newer ones than `after`, oldest first; else older ones than `before`, newest first */
  int64_t after;
  int64_t before;
  int64_t until; /* where by_after: the page ends there; 0: at the id that is final now */
  int64_t limit;
} ua_event_search;

typedef struct ua_event_list {
  ua_event *events;
  size_t count;
  bool has_next; /* more follow, in the order of the page */
} ua_event_list;

/* One page. With by_after, only events of which no older one can still appear: a reader who goes on behind
 * the last one misses none, and waits for transactions that have written an event and are still open. */
UA_CHECK ua_status ua_service_events_page(const ua_service *service, ua_arena *arena,
                                          const ua_event_search *search, ua_event_list *list_r);

/* The id at or below which no event will appear any more. */
UA_CHECK ua_status ua_service_events_final(const ua_service *service, int64_t *id_r);

/* Writes an event of the embedding program about the customer or, unless user_id is 0, one of its users.
 * `kind` is "app." and a name, `data` a JSON object, as the caller has checked. UA_NOT_FOUND when there is no
 * such customer or user. */
UA_CHECK ua_status ua_service_events_write(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                           int32_t user_id, ua_text kind, ua_text data);

#endif
