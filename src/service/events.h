/* Reads and writes the record of events. Blocks for the database: UA_UNAVAILABLE when it is not available.
 * Results live in the arena; list_r is untouched on failure. */
#ifndef UA_SERVICE_EVENTS_H
#define UA_SERVICE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service/service.h"
#include "store/events.h"

/* Which events, and which page of them. */
typedef struct ua_event_search {
  bool everywhere;     /* all events, also those of no customer; false: only customer_id's */
  int32_t customer_id; /* if not everywhere */
  ua_text kind;        /* absent: any */
  bool by_user;
  int32_t user_id; /* if by_user: the user whom it happened to */
  bool by_after;   /* newer ones than `after`, oldest first; else older ones than `before`, newest first */
  int64_t after;
  int64_t before;
  int64_t until; /* if by_after: the page ends there; 0: at the id that is final now */
  int64_t limit;
} ua_event_search;

typedef struct ua_event_list {
  ua_event *events;
  size_t count;
  bool has_next; /* more follow, in the order of the page */
} ua_event_list;

/* One page. With by_after, an event is returned only when no older event can still appear: a reader who
 * continues after the last one misses none. Events therefore wait for open transactions that have written an
 * event. */
UA_CHECK ua_status ua_service_events_page(const ua_service *service, ua_arena *arena,
                                          const ua_event_search *search, ua_event_list *list_r);

/* The id at or below which no new event will appear. */
UA_CHECK ua_status ua_service_events_final(const ua_service *service, int64_t *id_r);

/* Writes an event of the embedding program about the customer or, unless user_id is 0, one of its users. The
 * caller has checked that `kind` is "app." and a name, and `data` a JSON object. UA_NOT_FOUND when there is
 * no such customer or user. */
UA_CHECK ua_status ua_service_events_write(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                           int32_t user_id, ua_text kind, ua_text data);

#endif
