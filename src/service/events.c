#include "service/events.h"

#include <string.h>

#include "base/limits.h"
#include "json/reader.h"

ua_status ua_service_events_page(const ua_service *service, ua_arena *arena, const ua_event_search *search,
                                 ua_event_list *list_r)
{
  ua_event_filter filter = {.everywhere = search->everywhere,
                            .customer_id = search->customer_id,
                            .kind = search->kind,
                            .by_user = search->by_user,
                            .user_id = search->user_id,
                            .below = search->before,
                            .oldest_first = search->by_after,
                            .limit = search->limit + 1}; /* one more shows that more follow */
  ua_event_list list = {.has_next = false};
  ua_status status = UA_OK;
  if (search->by_after) {
    int64_t final = 0;
    status = ua_store_events_final(service->db, &final);
    filter.above = search->after;
    filter.below = final + 1;
  }
  if (status == UA_OK) {
    status = ua_store_events_list(service->db, arena, &filter, &list.events, &list.count);
  }
  if (status != UA_OK) {
    return status;
  }
  list.has_next = list.count > (size_t)search->limit;
  list.count -= list.has_next ? 1 : 0;
  *list_r = list;
  return UA_OK;
}

/* --- events of the embedding program --- */

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

/* What a reader of the record gets as it was written: jsonb keeps no fractions and exponents as they are, and
 * no NUL at all. */
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

ua_status ua_service_events_write(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                  int32_t user_id, ua_text kind, ua_text data, ua_refusal *refusal)
{
  const char *wrong;
  ua_status status = check_data(arena, data, &wrong);
  if (status != UA_OK) {
    return status;
  }
  if (wrong != NULL) {
    complain(arena, refusal, "data", wrong);
  }
  if (!is_kind(kind)) {
    complain(arena, refusal, "kind", "must be app. and a name of the characters a-z 0-9 _ . -");
  }
  if (refusal->violations.found > 0) {
    return UA_WRONG_DOCUMENT;
  }
  status = ua_store_db_begin(service->db);
  return status == UA_OK
             ? ua_service_end_transaction(
                   service, ua_store_events_write(service->db, arena, customer_id, user_id, kind, data))
             : status;
}
