#include <assert.h>

#include "embed/draft.h"
#include "embed/instance.h"
#include "embed/versions.h"
#include "service/roles.h"
#include "service/users.h"

static ua_status check_page(ua_embed_call *call, const ua_document_schema *schema, ua_embed_draft *given,
                            int64_t limit, int64_t offset, ua_document *document_r)
{
  ua_embed_draft_add(given, "limit", UA_JSON_INTEGER)->integer = limit;
  if (offset != 0) {
    ua_embed_draft_add(given, "offset", UA_JSON_INTEGER)->integer = offset;
  }
  return ua_embed_draft_read_arguments(call, schema, given, document_r);
}

/* The page that `document` requests, as public records. */
static ua_status find_users(const ua_embed_call *call, int32_t customer_id, const ua_document *document,
                            user_api_user_page *page_r)
{
  const ua_scope scope = {.customer_id = customer_id};
  ua_user_search search = document->search;
  ua_user_list found;
  search.email = document->user.email;
  search.name = document->user.name;
  ua_status status = ua_service_users_page(call->service, call->arena, &scope, &search, &found);
  if (status != UA_OK) {
    return status;
  }
  user_api_user *list = ua_arena_calloc(call->arena, found.count, sizeof *list);
  if (list == NULL) {
    return UA_INTERNAL;
  }
  for (size_t i = 0; i < found.count; i++) {
    if (ua_embed_user(call->arena, &found.users[i], &list[i]) != UA_OK) {
      return UA_INTERNAL;
    }
  }
  *page_r = (user_api_user_page){
      .users = list, .count = found.count, .has_next = found.has_next, .total = found.total};
  return UA_OK;
}

/* If a later version put a member into padding, it could not distinguish it from random bytes of a program of
 * this version. */
static_assert(offsetof(user_api_user_query, reserved) + sizeof((user_api_user_query *)NULL)->reserved ==
                  sizeof(user_api_user_query),
              "user_api_user_query ends in a member, not in padding");

static bool is_query(const user_api_user_query *query)
{
  return query != NULL && ua_embed_is_known(query, query->size, sizeof *query, sizeof *query) &&
         ua_embed_is_unused(query->reserved, sizeof query->reserved) &&
         (unsigned)query->activity <= USER_API_INACTIVE;
}

static void add_active(ua_embed_draft *given, user_api_activity activity)
{
  if (activity != USER_API_ANY_ACTIVITY) {
    ua_embed_draft_add(given, "active", UA_JSON_BOOLEAN)->boolean = activity == USER_API_ACTIVE;
  }
}

user_api_status user_api_find_users(user_api *api, user_api_memory *memory, int32_t customer_id,
                                    const user_api_user_query *query, user_api_user_page *page_r)
{
  ua_embed_call call;
  ua_embed_draft given = {.count = 0};
  ua_document document;
  bool is_whole = is_query(query) && page_r != NULL;
  user_api_status begun = is_whole ? ua_embed_call_begin(&call, api, memory) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_embed_draft_add_string(&given, "email", query->email);
  ua_embed_draft_add_string(&given, "name", query->name);
  ua_embed_draft_add_string(&given, "role", query->role);
  add_active(&given, query->activity);
  if (query->count) {
    ua_embed_draft_add(&given, "count", UA_JSON_BOOLEAN)->boolean = true;
  }
  if (query->after != 0) {
    ua_embed_draft_add(&given, "after", UA_JSON_INTEGER)->integer = query->after;
  }
  ua_status status =
      check_page(&call, &ua_arguments_list_users, &given, query->limit, query->offset, &document);
  if (status == UA_OK) {
    status = find_users(&call, customer_id, &document, page_r);
  }
  return ua_embed_call_end(&call, status);
}

user_api_status user_api_list_users(user_api *api, user_api_memory *memory, int32_t customer_id,
                                    const user_api_search *search, const user_api_user **users_r,
                                    size_t *count_r, bool *has_next_r)
{
  user_api_user_page page = {.count = 0};
  if (search == NULL || users_r == NULL || count_r == NULL || has_next_r == NULL) {
    return ua_embed_call_misused(api);
  }
  const user_api_user_query query = {.size = sizeof query,
                                     .email = search->email,
                                     .name = search->name,
                                     .limit = search->limit,
                                     .offset = search->offset};
  user_api_status status = user_api_find_users(api, memory, customer_id, &query, &page);
  if (status == USER_API_OK) {
    *users_r = page.users;
    *count_r = page.count;
    *has_next_r = page.has_next;
  }
  return status;
}

/* As find_users. */
static ua_status find_roles(const ua_embed_call *call, const ua_document *document,
                            const user_api_role **roles_r, size_t *count_r, bool *has_next_r)
{
  const ua_scope scope = {.caller = NULL};
  const ua_role_search search = {.page = document->search.page};
  ua_role_list list;
  ua_status status = ua_service_roles_page(call->service, call->arena, &scope, &search, &list);
  if (status == UA_OK) {
    status = ua_embed_roles(call->arena, list.roles, list.count, roles_r);
  }
  if (status == UA_OK) {
    *count_r = list.count;
    *has_next_r = list.has_next;
  }
  return status;
}

user_api_status user_api_list_roles(user_api *api, user_api_memory *memory, int64_t limit, int64_t offset,
                                    const user_api_role **roles_r, size_t *count_r, bool *has_next_r)
{
  ua_embed_call call;
  ua_embed_draft given = {.count = 0};
  ua_document document;
  bool is_whole = roles_r != NULL && count_r != NULL && has_next_r != NULL;
  user_api_status begun = is_whole ? ua_embed_call_begin(&call, api, memory) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = check_page(&call, &ua_arguments_list_roles, &given, limit, offset, &document);
  if (status == UA_OK) {
    status = find_roles(&call, &document, roles_r, count_r, has_next_r);
  }
  return ua_embed_call_end(&call, status);
}
