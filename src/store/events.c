#include "store/events.h"

/* The columns of events_older.sql. */
enum {
  COLUMN_ID,
  COLUMN_AT,
  COLUMN_KIND,
  COLUMN_CUSTOMER,
  COLUMN_ACTOR,
  COLUMN_ACTOR_NAME,
  COLUMN_USER,
  COLUMN_USER_NAME,
  COLUMN_ADDRESS,
  COLUMN_REQUEST_ID,
  COLUMN_DATA
};

typedef struct reading {
  ua_arena *arena;
  ua_event *events;
  size_t room;
  size_t count;
} reading;

/* Absent for NULL. */
static ua_status copy(ua_arena *arena, const ua_db_row *row, int column, ua_text *text_r)
{
  *text_r = UA_TEXT_ABSENT;
  if (ua_store_db_is_null(row, column)) {
    return UA_OK;
  }
  *text_r = ua_arena_copy(arena, ua_store_db_text(row, column));
  return text_r->data == NULL ? UA_INTERNAL : UA_OK;
}

static ua_status read_event(void *context, const ua_db_row *row)
{
  reading *r = context;
  if (r->count == r->room) {
    return UA_INTERNAL;
  }
  ua_event *event = &r->events[r->count++];
  const struct {
    int column;
    ua_text *text;
  } texts[] = {{COLUMN_AT, &event->at},
               {COLUMN_KIND, &event->kind},
               {COLUMN_ACTOR_NAME, &event->actor_name},
               {COLUMN_USER_NAME, &event->user_name},
               {COLUMN_ADDRESS, &event->address},
               {COLUMN_REQUEST_ID, &event->request_id},
               {COLUMN_DATA, &event->data}};
  event->id = ua_store_db_int(row, COLUMN_ID);
  event->has_customer = !ua_store_db_is_null(row, COLUMN_CUSTOMER);
  event->customer_id = (int32_t)ua_store_db_int(row, COLUMN_CUSTOMER);
  event->actor_id = (int32_t)ua_store_db_int(row, COLUMN_ACTOR);
  event->user_id = (int32_t)ua_store_db_int(row, COLUMN_USER);
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    ua_status status = copy(r->arena, row, texts[i].column, texts[i].text);
    if (status != UA_OK) {
      return status;
    }
  }
  return UA_OK;
}

static ua_statement statement_for(const ua_event_filter *filter)
{
  enum { ANY, OF_KIND, OF_USER, WAYS };
  static const ua_statement statements[WAYS][2][2] = {
      [ANY] = {{UA_STATEMENT_EVENTS_IN_CUSTOMER_OLDER, UA_STATEMENT_EVENTS_IN_CUSTOMER_NEWER},
               {UA_STATEMENT_EVENTS_ALL_OLDER, UA_STATEMENT_EVENTS_ALL_NEWER}},
      [OF_KIND] = {{UA_STATEMENT_EVENTS_IN_CUSTOMER_OF_KIND_OLDER,
                    UA_STATEMENT_EVENTS_IN_CUSTOMER_OF_KIND_NEWER},
                   {UA_STATEMENT_EVENTS_OF_KIND_OLDER, UA_STATEMENT_EVENTS_OF_KIND_NEWER}},
      [OF_USER] = {
          {UA_STATEMENT_EVENTS_IN_CUSTOMER_OF_USER_OLDER, UA_STATEMENT_EVENTS_IN_CUSTOMER_OF_USER_NEWER},
          {UA_STATEMENT_EVENTS_OF_USER_OLDER, UA_STATEMENT_EVENTS_OF_USER_NEWER}}};
  int way = ANY;
  if (filter->by_user) {
    way = OF_USER;
  } else if (filter->kind.data != NULL) {
    way = OF_KIND;
  }
  return statements[way][filter->everywhere][filter->oldest_first];
}

ua_status ua_store_events_list(ua_db *db, ua_arena *arena, const ua_event_filter *filter, ua_event **events_r,
                               size_t *count_r)
{
  ua_db_args args = {0};
  reading r = {.arena = arena, .room = (size_t)filter->limit};
  r.events = ua_arena_calloc(arena, r.room, sizeof *r.events);
  if (r.events == NULL) {
    return UA_INTERNAL;
  }
  if (filter->everywhere) {
    ua_store_db_add_null(&args);
  } else {
    ua_store_db_add_int(&args, filter->customer_id);
  }
  ua_store_db_add_int(&args, filter->above);
  ua_store_db_add_int(&args, filter->below);
  ua_store_db_add_int(&args, filter->limit);
  if (filter->by_user || filter->kind.data != NULL) {
    ua_store_db_add_text(&args, arena, filter->kind);
  }
  if (filter->by_user) {
    ua_store_db_add_int(&args, filter->user_id);
  }
  ua_status status = ua_store_db_execute(db, statement_for(filter), &args, read_event, &r, NULL);
  if (status == UA_OK) {
    *events_r = r.events;
    *count_r = r.count;
  }
  return status;
}

static ua_status read_id(void *context, const ua_db_row *row)
{
  *(int64_t *)context = ua_store_db_int(row, 0);
  return UA_OK;
}

ua_status ua_store_events_final(ua_db *db, int64_t *id_r)
{
  return ua_store_db_execute(db, UA_STATEMENT_EVENTS_FINAL, NULL, read_id, id_r, NULL);
}

static ua_status read_bool(void *context, const ua_db_row *row)
{
  *(bool *)context = ua_store_db_bool(row, 0);
  return UA_OK;
}

ua_status ua_store_events_session_opened(ua_db *db, int32_t customer_id, int32_t user_id, int64_t days,
                                         bool *due_r)
{
  ua_db_args args = {0};
  ua_store_db_add_int(&args, customer_id);
  ua_store_db_add_int(&args, user_id);
  ua_store_db_add_int(&args, days);
  return ua_store_db_execute(db, UA_STATEMENT_EVENT_SESSION_OPENED, &args, read_bool, due_r, NULL);
}

ua_status ua_store_events_keep_months(ua_db *db, int64_t days)
{
  ua_db_args args = {0};
  ua_store_db_add_int(&args, days);
  return ua_store_db_execute(db, UA_STATEMENT_EVENT_MONTHS, &args, NULL, NULL, NULL);
}

ua_status ua_store_events_write(ua_db *db, ua_arena *arena, int32_t customer_id, int32_t user_id,
                                ua_text kind, ua_text data)
{
  ua_db_args args = {0};
  bool found = false;
  ua_store_db_add_int(&args, customer_id);
  if (user_id == 0) {
    ua_store_db_add_null(&args);
  } else {
    ua_store_db_add_int(&args, user_id);
  }
  ua_store_db_add_text(&args, arena, kind);
  ua_store_db_add_text(&args, arena, data);
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_EVENT_WRITE, &args, read_bool, &found, NULL);
  return status == UA_OK && !found ? UA_NOT_FOUND : status;
}
