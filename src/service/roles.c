#include "service/roles.h"

#include "base/limits.h"
#include "service/permissions.h"
#include "store/roles.h"
#include "store/user_lists.h"

static bool sees_all(const ua_scope *scope)
{
  return scope->caller == NULL || scope->is_operator;
}

ua_status ua_service_roles_page(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                const ua_role_search *search, ua_role_list *list_r)
{
  const ua_role_filter filter = {.by_grant = search->by_grant,
                                 .may_grant = search->may_grant,
                                 .may_grant_all = sees_all(scope),
                                 .operators = ua_text_of(service->operator_role)};
  ua_role_list list = {.has_next = false};
  ua_page page = search->page;
  page.limit++; /* an extra row shows that more follow */
  ua_status status = ua_store_roles_list(service->db, arena, &filter, &page, &list.roles, &list.count);
  if (status != UA_OK) {
    return status;
  }
  list.has_next = list.count > (size_t)search->page.limit;
  list.count -= list.has_next ? 1 : 0;
  *list_r = list;
  return UA_OK;
}

static ua_status find(const ua_service *service, ua_arena *arena, int32_t id, ua_role *role_r,
                      ua_refusal *refusal)
{
  ua_status status = ua_store_roles_find(service->db, arena, &id, 1, false, role_r);
  if (status == UA_OK && role_r->id == 0) {
    refusal->message = UA_TEXT("Role not found.");
    return UA_NOT_FOUND;
  }
  return status;
}

ua_status ua_service_roles_get(const ua_service *service, ua_arena *arena, const ua_scope *scope, int32_t id,
                               ua_role_details *details_r, ua_refusal *refusal)
{
  ua_role_details details = {.users = 0};
  ua_status status = find(service, arena, id, &details.role, refusal);
  if (status == UA_OK) {
    ua_user_filter holders = {.role = details.role.code};
    status = sees_all(scope) ? ua_store_roles_count_all_holders(service->db, id, &details.users)
                             : ua_store_user_lists_count(service->db, arena, scope->customer_id, &holders,
                                                         &details.users);
  }
  if (status != UA_OK) {
    return status;
  }
  details.role.assignable = ua_service_permissions_is_assignable(service, &details.role);
  *details_r = details;
  return UA_OK;
}

ua_status ua_service_roles_add(const ua_service *service, ua_arena *arena, const ua_role_change *change,
                               ua_role_details *details_r, ua_refusal *refusal)
{
  ua_role role = {.code = change->code,
                  .name = change->name,
                  .assignable = !change->has_assignable || change->assignable};
  /* BEGIN detects a dead connection: the guard may have sent no statement on it. */
  ua_status status = ua_store_db_begin(service->db);
  if (status == UA_OK) {
    status = ua_service_end_transaction(service, ua_store_roles_insert(service->db, arena, &role, &role.id));
  }
  if (status == UA_CONFLICT && ua_store_db_failure(service->db)->meaning.violated == UA_VIOLATED_ROLE_CODE) {
    refusal->message = UA_TEXT("Role already exists.");
  }
  if (status != UA_OK) {
    return status;
  }
  role.assignable = ua_service_permissions_is_assignable(service, &role);
  *details_r = (ua_role_details){.role = role};
  return UA_OK;
}

/* The transaction's statements. The role gets its new name before its holders are checked: granting the role
 * then waits for this transaction. */
static ua_status change_role(const ua_service *service, ua_arena *arena, int32_t id,
                             const ua_role_change *change, ua_role_details *details_r, ua_refusal *refusal)
{
  static const ua_scope everywhere = {.caller = NULL};
  const ua_role_edit edit = {
      .name = change->name, .assignable = change->assignable, .keep_assignable = !change->has_assignable};
  ua_role before;
  int64_t outgrown = 0;
  ua_status status = ua_store_roles_lock_names(service->db);
  if (status == UA_OK) {
    status = find(service, arena, id, &before, refusal);
  }
  if (status == UA_OK) {
    status = ua_store_roles_update(service->db, arena, id, &edit);
  }
  if (status != UA_OK) {
    return status;
  }
  status =
      ua_store_roles_outgrow_tokens(service->db, arena, id, before.name, UA_MAX_MADE_TOKEN_BYTES, &outgrown);
  if (status == UA_OK && outgrown > 0) {
    refusal->message = UA_TEXT(UA_TOKEN_TOO_LONG);
    return UA_CONFLICT;
  }
  return status == UA_OK ? ua_service_roles_get(service, arena, &everywhere, id, details_r, refusal) : status;
}

ua_status ua_service_roles_change(const ua_service *service, ua_arena *arena, int32_t id,
                                  const ua_role_change *change, ua_role_details *details_r,
                                  ua_refusal *refusal)
{
  ua_role_details details;
  ua_status status = ua_store_db_begin(service->db);
  if (status != UA_OK) {
    return status;
  }
  status = ua_service_end_transaction(service, change_role(service, arena, id, change, &details, refusal));
  if (status == UA_OK) {
    *details_r = details;
  }
  return status;
}

static bool is_needed(const ua_service *service, const ua_role *role)
{
  return ua_text_equal(role->code, UA_TEXT("admin")) ||
         (service->operator_role != NULL && ua_text_equal(role->code, ua_text_of(service->operator_role)));
}

/* The transaction's statements. Those who come to hold it between the two are seen by the foreign key. */
static ua_status remove_unheld(const ua_service *service, int32_t id, int64_t *users_r)
{
  ua_status status = ua_store_roles_count_all_holders(service->db, id, users_r);
  if (status != UA_OK) {
    return status;
  }
  return *users_r > 0 ? UA_CONFLICT : ua_store_roles_delete(service->db, id);
}

ua_status ua_service_roles_remove(const ua_service *service, ua_arena *arena, int32_t id, ua_refusal *refusal)
{
  ua_role role;
  int64_t users = 0;
  ua_status status = find(service, arena, id, &role, refusal);
  if (status == UA_OK && is_needed(service, &role)) {
    refusal->message = UA_TEXT("This role can't be deleted.");
    return UA_CONFLICT;
  }
  if (status == UA_OK) {
    status = ua_store_db_begin(service->db);
  }
  if (status != UA_OK) {
    return status;
  }
  status = ua_service_end_transaction(service, remove_unheld(service, id, &users));
  if (status != UA_OK && ua_store_db_still_refers(service->db)) { /* COMMIT checks deferred constraints */
    status = UA_CONFLICT;
  }
  if (status == UA_CONFLICT) {
    bool is_held = users > 0 || ua_store_db_failure(service->db)->meaning.violated == UA_VIOLATED_ROLE;
    refusal->message = is_held ? UA_TEXT("The role is in use.") : UA_TEXT("Other data refers to the role.");
  }
  if (status == UA_NOT_FOUND) {
    refusal->message = UA_TEXT("Role not found.");
  }
  return status;
}
