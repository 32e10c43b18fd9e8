#include "service/users.h"

#include "base/identifier.h"
#include "base/log.h"
#include "service/hashing.h"
#include "service/password_rules.h"
#include "service/users_private.h"
#include "store/schema.h"

ua_status ua_service_users_hash(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                ua_text password, ua_text *hash_r, ua_text *salt_r)
{
  *hash_r = *salt_r = UA_TEXT_ABSENT;
  if (password.data == NULL) {
    return UA_OK;
  }
  ua_password_record *record = ua_arena_alloc(arena, sizeof *record);
  if (record == NULL) {
    return UA_INTERNAL;
  }
  ua_status status = ua_service_hashing_new(service, scope, password, record);
  if (status == UA_OK) {
    *hash_r = ua_text_of(record->hash);
    *salt_r = ua_text_of(record->salt);
  }
  return status;
}

ua_status ua_service_users_check_password(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                          const ua_user_change *change, const ua_user *before,
                                          ua_refusal *refusal)
{
  const ua_password_owner owner = {.email = change->email.data == NULL ? before->email : change->email,
                                   .name = change->name.data == NULL ? before->name : change->name};
  return ua_service_password_rules_check(service, arena, scope, change->password, &owner, refusal);
}

static void check_text(ua_arena *arena, ua_text field, ua_text given, ua_text present, ua_refusal *refusal)
{
  if (given.data != NULL && !ua_text_equal(given, present)) {
    ua_service_violations_add_faults(arena, &refusal->violations, field, ua_identifier_faults(given));
  }
}

void ua_service_users_check_texts(ua_arena *arena, const ua_user_change *change, const ua_user *before,
                                  ua_refusal *refusal)
{
  check_text(arena, UA_TEXT("email"), change->email, before->email, refusal);
  check_text(arena, UA_TEXT("name"), change->name, before->name, refusal);
}

ua_status ua_service_users_lock(const ua_service *service, ua_arena *arena, const ua_scope *scope, int32_t id,
                                ua_user *user_r)
{
  ua_status status = ua_store_users_lock(service->db, scope->customer_id, id);
  return status == UA_OK ? ua_store_users_get(service->db, arena, scope->customer_id, id, user_r) : status;
}

static bool has_same_roles(const ua_user *user, const ua_user *other)
{
  bool same = user->role_count == other->role_count;
  for (size_t i = 0; same && i < user->role_count; i++) {
    same = user->roles[i].id == other->roles[i].id;
  }
  return same;
}

/* Not for a new name: tokens may carry the old one until the next login. */
ua_status ua_service_users_check_ended(const ua_user *before, const ua_user *after, bool has_new_password,
                                       ua_refusal *refusal)
{
  bool ends_tokens = has_new_password || after->active != before->active ||
                     !ua_text_equal(after->email, before->email) || !has_same_roles(after, before);
  if (!ends_tokens || after->epoch > before->epoch) {
    return UA_OK;
  }
  ua_log(UA_LOG_ERROR, UA_EVENT(UA_NO_TRIGGERS), ua_log_int("user", after->id));
  refusal->defect = UA_NO_TRIGGERS;
  return UA_UNAVAILABLE;
}

ua_status ua_service_users_missing(ua_status status, ua_refusal *refusal)
{
  if (status == UA_NOT_FOUND) {
    refusal->message = UA_TEXT("User not found.");
  }
  return status;
}

ua_status ua_service_users_get(const ua_service *service, ua_arena *arena, const ua_scope *scope, int32_t id,
                               ua_user *user_r)
{
  return ua_store_users_get(service->db, arena, scope->customer_id, id, user_r);
}

ua_status ua_service_users_created_at(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                      int32_t id, ua_text *created_at_r)
{
  return ua_store_users_created_at(service->db, arena, scope->customer_id, id, created_at_r);
}

ua_text ua_service_users_pattern(ua_arena *arena, ua_text text)
{
  return text.data == NULL ? UA_TEXT_ABSENT : ua_arena_printf(arena, "%%%.*s%%", UA_TEXT_ARGS(text));
}

static ua_status find(const ua_service *service, ua_arena *arena, int32_t customer_id,
                      const ua_user_filter *filter, const ua_page *page, bool light, ua_user_rows *rows_r)
{
  ua_status status = ua_store_user_lists_find(service->db, arena, customer_id, filter, page, rows_r);
  return status == UA_OK && rows_r->is_unfinished && !light
             ? ua_store_user_lists_scan(service->db, arena, customer_id, filter, page, rows_r)
             : status;
}

ua_status ua_service_users_page(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                const ua_user_search *search, ua_user_list *list_r)
{
  const ua_user_filter filter = {.email_pattern = ua_service_users_pattern(arena, search->email),
                                 .name_pattern = ua_service_users_pattern(arena, search->name),
                                 .role = search->role,
                                 .by_active = search->by_active,
                                 .active = search->active};
  ua_user_list list = {.has_next = false};
  ua_page page = search->page;
  page.limit++; /* an extra row shows that more follow */
  bool has_email = filter.email_pattern.data != NULL;
  bool has_name = filter.name_pattern.data != NULL;
  if (has_email != (search->email.data != NULL) || has_name != (search->name.data != NULL)) {
    return UA_INTERNAL; /* memory is exhausted: without a pattern, all users would be listed */
  }
  ua_user_rows rows;
  ua_status status = find(service, arena, scope->customer_id, &filter, &page, search->light, &rows);
  if (status != UA_OK) {
    return status;
  }
  list.is_unfinished = rows.is_unfinished;
  list.users = rows.users;
  list.has_next = rows.count > (size_t)search->page.limit;
  list.count = rows.count - (list.has_next ? 1 : 0);
  if (search->count && !rows.is_unfinished) {
    status = ua_store_user_lists_count(service->db, arena, scope->customer_id, &filter, &list.total);
  }
  if (status == UA_OK) {
    *list_r = list;
  }
  return status;
}
