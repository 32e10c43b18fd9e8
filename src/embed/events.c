#include "service/events.h"

#include <assert.h>
#include <string.h>

#include "api/render.h"
#include "base/limits.h"
#include "embed/draft.h"
#include "embed/instance.h"
#include "embed/terms.h"
#include "embed/versions.h"

static_assert(offsetof(user_api_event_query, reserved) + sizeof((user_api_event_query *)NULL)->reserved ==
                  sizeof(user_api_event_query),
              "user_api_event_query ends in a member, not in padding");

static bool is_query(const user_api_event_query *query)
{
  return query != NULL && ua_embed_is_known(query, query->size, sizeof *query, sizeof *query) &&
         ua_embed_is_unused(query->reserved, sizeof query->reserved);
}

/* Reads the query as query arguments. 0 means not given, except an `after` of 0 with `from_oldest`. */
static ua_status read_query(ua_embed_call *call, const user_api_event_query *query, ua_event_search *search_r)
{
  ua_embed_draft given = {.count = 0};
  ua_document document;
  ua_embed_draft_add(&given, "limit", UA_JSON_INTEGER)->integer = query->limit;
  ua_embed_draft_add_string(&given, "kind", query->kind);
  if (query->after != 0 || query->from_oldest) {
    ua_embed_draft_add(&given, "after", UA_JSON_INTEGER)->integer = query->after;
  }
  if (query->before != 0) {
    ua_embed_draft_add(&given, "before", UA_JSON_INTEGER)->integer = query->before;
  }
  if (query->user_id != 0) {
    ua_embed_draft_add(&given, "user", UA_JSON_INTEGER)->integer = query->user_id;
  }
  ua_status status = ua_embed_draft_read_arguments(call, &ua_arguments_list_events, &given, &document);
  if (status == UA_OK) {
    *search_r = document.events;
    search_r->everywhere = query->customer_id == 0;
    search_r->customer_id = query->customer_id;
    search_r->user_id = query->user_id;
  }
  return status;
}

/* The finished text as a C string in the arena; NULL after a failure. */
static const char *finish(ua_json_writer **writer, ua_arena *arena, ua_status status)
{
  ua_text text;
  if (status != UA_OK) {
    ua_json_discard(writer);
    return NULL;
  }
  return ua_json_finish(writer, arena, false, &text) == UA_OK ? ua_arena_copy(arena, text).data : NULL;
}

static ua_status public_record(ua_arena *arena, const ua_event *event, user_api_event *event_r)
{
  ua_json_writer *writer = ua_json_writer_create();
  ua_status status = ua_api_render_event_data(writer, NULL, arena, event->data);
  const char *data = finish(&writer, arena, status);
  if (data == NULL) {
    return UA_INTERNAL;
  }
  *event_r = (user_api_event){.id = event->id,
                              .at = event->at.data,
                              .kind = event->kind.data,
                              .customer_id = event->has_customer ? event->customer_id : 0,
                              .actor_id = event->actor_id,
                              .actor_name = event->actor_name.data,
                              .user_id = event->user_id,
                              .user_name = event->user_name.data,
                              .address = event->address.data,
                              .request_id = event->request_id.data,
                              .data = data};
  return UA_OK;
}

static ua_status find_events(const ua_embed_call *call, const ua_event_search *search,
                             user_api_event_page *page_r)
{
  ua_event_list found;
  ua_status status = ua_service_events_page(call->service, call->arena, search, &found);
  if (status != UA_OK) {
    return status;
  }
  user_api_event *list = ua_arena_calloc(call->arena, found.count, sizeof *list);
  if (list == NULL) {
    return UA_INTERNAL;
  }
  for (size_t i = 0; i < found.count; i++) {
    if (public_record(call->arena, &found.events[i], &list[i]) != UA_OK) {
      return UA_INTERNAL;
    }
  }
  *page_r = (user_api_event_page){.events = list, .count = found.count, .has_next = found.has_next};
  return UA_OK;
}

user_api_status user_api_list_events(user_api *api, user_api_memory *memory,
                                     const user_api_event_query *query, user_api_event_page *page_r)
{
  ua_embed_call call;
  ua_event_search search;
  bool is_whole = is_query(query) && page_r != NULL;
  user_api_status begun = is_whole ? ua_embed_call_begin(&call, api, memory) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = read_query(&call, query, &search);
  if (status == UA_OK) {
    status = find_events(&call, &search, page_r);
  }
  return ua_embed_call_end(&call, status);
}

const char *user_api_event_json(user_api_memory *memory, const user_api_event *event)
{
  if (memory == NULL || event == NULL) {
    return NULL;
  }
  const ua_event record = {.id = event->id,
                           .at = ua_text_of(event->at),
                           .kind = ua_text_of(event->kind),
                           .has_customer = event->customer_id != 0,
                           .customer_id = event->customer_id,
                           .actor_id = event->actor_id,
                           .actor_name = ua_text_of(event->actor_name),
                           .user_id = event->user_id,
                           .user_name = ua_text_of(event->user_name),
                           .address = ua_text_of(event->address),
                           .request_id = ua_text_of(event->request_id),
                           .data = event->data == NULL ? UA_TEXT("{}") : ua_text_of(event->data)};
  ua_arena *arena = ua_embed_arena(memory);
  ua_json_writer *writer = ua_json_writer_create();
  ua_status status = ua_api_render_event(writer, NULL, arena, &record);
  return finish(&writer, arena, status);
}

/* --- writing --- */

static bool is_kind(ua_text kind)
{
  static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
  const size_t prefix = strlen("app.");
  bool is = ua_text_starts_with(kind, UA_TEXT("app.")) && kind.length > prefix &&
            kind.length <= UA_MAX_EVENT_KIND_BYTES && kind.data[prefix] != '.' && kind.data[prefix] != '-';
  for (size_t i = prefix; is && i < kind.length; i++) {
    is = kind.data[i] != '\0' && strchr(allowed, kind.data[i]) != NULL;
  }
  return is;
}

/* Whether a reader gets the value as it was written: jsonb changes fractions and exponents, and cannot store
 * NUL. */
static bool is_keepable(const ua_json_value *value)
{
  bool is =
      value->type != UA_JSON_NUMBER && !(value->type == UA_JSON_STRING && ua_text_has_nul(value->string));
  bool is_object = value->type == UA_JSON_OBJECT;
  for (size_t i = 0; is && (is_object || value->type == UA_JSON_ARRAY) && i < value->count; i++) {
    is = is_keepable(&value->members[i].value) && !(is_object && ua_text_has_nul(value->members[i].name));
  }
  return is;
}

static ua_status check_data(ua_arena *arena, ua_text data, const char **wrong_r)
{
  ua_json_value value;
  *wrong_r = NULL;
  if (data.length > UA_MAX_EVENT_DATA_BYTES) {
    *wrong_r = "max length is 4096";
    return UA_OK;
  }
  ua_status status = ua_json_parse(arena, data, &value);
  if (status == UA_WRONG_PAYLOAD || (status == UA_OK && value.type != UA_JSON_OBJECT)) {
    *wrong_r = "must be of dict type";
    return UA_OK;
  }
  if (status == UA_OK && !is_keepable(&value)) {
    *wrong_r = "numbers have to be whole, and texts without NUL";
  }
  return status;
}

static void complain(ua_arena *arena, ua_refusal *refusal, const char *field, const char *sentence)
{
  ua_service_violations_add(
      arena, &refusal->violations,
      (ua_violation){.field = ua_text_of(field), .item = -1, .sentence = ua_text_of(sentence)});
}

static ua_status check_event(ua_embed_call *call, ua_text kind, ua_text data)
{
  const char *wrong;
  ua_status status = check_data(call->arena, data, &wrong);
  if (status != UA_OK) {
    return status;
  }
  if (wrong != NULL) {
    complain(call->arena, &call->refusal, "data", wrong);
  }
  if (!is_kind(kind)) {
    complain(call->arena, &call->refusal, "kind", "must be app. and a name of the characters a-z 0-9 _ . -");
  }
  return call->refusal.violations.found > 0 ? UA_WRONG_DOCUMENT : UA_OK;
}

/* Sets the message of UA_NOT_FOUND: which customer or user does not exist. */
static ua_status missing(ua_embed_call *call, ua_status status, int32_t customer_id, int32_t user_id)
{
  if (user_id == 0) {
    return ua_embed_terms_missing_customer(call, status, customer_id);
  }
  if (status == UA_NOT_FOUND) {
    call->refusal.message = ua_arena_printf(call->arena, "User '%ld' doesn't exist.", (long)user_id);
  }
  return status;
}

user_api_status user_api_write_event(user_api *api, const user_api_terms *terms, int32_t customer_id,
                                     int32_t user_id, const char *kind, const char *data)
{
  ua_embed_call call;
  ua_embed_terms read;
  bool is_whole = kind != NULL && data != NULL && ua_embed_terms_are_unconditional(terms);
  user_api_status begun = is_whole ? ua_embed_call_begin_alone(&call, api) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = ua_embed_terms_read(&call, terms, customer_id, UA_RIGHT_NONE, &read);
  if (status == UA_OK) {
    status = check_event(&call, ua_text_of(kind), ua_text_of(data));
  }
  if (status == UA_OK) {
    status = ua_service_events_write(call.service, call.arena, customer_id, user_id, ua_text_of(kind),
                                     ua_text_of(data));
    status = missing(&call, status, customer_id, user_id);
  }
  return ua_embed_call_end_alone(&call, status);
}
