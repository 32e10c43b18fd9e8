#include "service/users.h"

#include "embed/instance.h"
#include "json/reader.h"
#include "service/roles.h"

enum { MOST_MEMBERS = 5 };

/* The document that a client would have sent, so that the endpoints' own tables check it. */
typedef struct draft {
  ua_json_member member[MOST_MEMBERS];
  size_t count;
} draft;

static ua_json_value *add(draft *into, const char *name, ua_json_type type)
{
  ua_json_member *member = &into->member[into->count++];
  *member = (ua_json_member){.name = ua_text_of(name), .value = {.type = type}};
  return &member->value;
}

/* NULL is a field that is not given. */
static void add_string(draft *into, const char *name, const char *string)
{
  if (string != NULL) {
    add(into, name, UA_JSON_STRING)->string = ua_text_of(string);
  }
}

static ua_status add_roles(ua_arena *arena, draft *into, const int32_t *ids, size_t count)
{
  size_t given = count > UA_MAX_ROLES ? UA_MAX_ROLES + 1 : count; /* enough to be refused */
  ua_json_member *items = ua_arena_calloc(arena, given, 2 * sizeof *items);
  if (items == NULL) {
    return UA_INTERNAL;
  }
  for (size_t i = 0; i < given; i++) {
    ua_json_member *id = &items[given + i];
    *id = (ua_json_member){.name = UA_TEXT("id"), .value = {.type = UA_JSON_INTEGER, .integer = ids[i]}};
    items[i].value = (ua_json_value){.type = UA_JSON_OBJECT, .members = id, .count = 1};
  }
  ua_json_value *list = add(into, "roles", UA_JSON_ARRAY);
  list->members = items;
  list->count = given;
  return UA_OK;
}

/* Strings from a client went through the JSON reader, which takes nothing but UTF-8; these did not. */
static ua_status check_utf8(ua_embed_call *call, const draft *given)
{
  for (size_t i = 0; i < given->count; i++) {
    const ua_json_value *value = &given->member[i].value;
    if (value->type == UA_JSON_STRING && !ua_text_is_utf8(value->string)) {
      ua_service_violations_add(
          call->arena, &call->refusal.violations,
          (ua_violation){
              .field = given->member[i].name, .item = -1, .sentence = UA_TEXT("must be of string type")});
    }
  }
  return call->refusal.violations.found > 0 ? UA_WRONG_DOCUMENT : UA_OK;
}

static ua_status check(ua_embed_call *call, const ua_document_schema *schema, draft *given,
                       ua_document *document_r)
{
  ua_json_value value = {.type = UA_JSON_OBJECT, .members = given->member, .count = given->count};
  ua_status status = check_utf8(call, given);
  const ua_document_rules rules = {.password_min_bytes = call->config->password_min_bytes};
  return status == UA_OK ? ua_api_document_read(call->arena, schema, &rules, &value, document_r,
                                                &call->refusal.violations)
                         : status;
}

static ua_status check_change(ua_embed_call *call, const ua_document_schema *schema, bool with_roles,
                              const user_api_user_change *change, ua_document *document_r)
{
  draft given = {.count = 0};
  add_string(&given, "email", change->email);
  add_string(&given, "name", change->name);
  add_string(&given, "password", change->password);
  add(&given, "active", UA_JSON_BOOLEAN)->boolean = change->active;
  if (with_roles && add_roles(call->arena, &given, change->role_ids, change->role_count) != UA_OK) {
    return UA_INTERNAL;
  }
  return check(call, schema, &given, document_r);
}

/* Limits and offsets are query arguments elsewhere, and refused as such. */
static ua_status check_page(ua_embed_call *call, const ua_document_schema *schema, draft *given,
                            int64_t limit, int64_t offset, ua_document *document_r)
{
  add(given, "limit", UA_JSON_INTEGER)->integer = limit;
  add(given, "offset", UA_JSON_INTEGER)->integer = offset;
  ua_status status = check(call, schema, given, document_r);
  return status == UA_WRONG_DOCUMENT ? UA_WRONG_ARGS : status;
}

/* Ends a call that was to give a user. */
static user_api_status end_with_user(ua_embed_call *call, ua_status status, const ua_user *user,
                                     user_api_user *user_r)
{
  if (status == UA_OK) {
    status = ua_embed_user(call->arena, user, user_r);
  }
  return ua_embed_call_end(call, status);
}

static bool is_change(const user_api_user_change *change)
{
  return change != NULL && (change->role_ids != NULL || change->role_count == 0);
}

user_api_status user_api_register(user_api *api, user_api_memory *memory, int32_t customer_id,
                                  const user_api_user_change *change, user_api_user *user_r)
{
  const ua_scope scope = {.customer_id = customer_id};
  ua_embed_call call;
  ua_document document;
  ua_user user;
  bool is_whole = is_change(change) && user_r != NULL;
  user_api_status begun = is_whole ? ua_embed_call_begin(&call, api, memory) : USER_API_MISUSED;
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = check_change(&call, &ua_document_register, true, change, &document);
  if (status == UA_OK) {
    status =
        ua_service_users_register(call.service, call.arena, &scope, &document.user, &user, &call.refusal);
  }
  /* Over HTTP the customer is the caller's, and there. */
  if (status == UA_NOT_FOUND) {
    call.refusal.message = ua_arena_printf(call.arena, "Customer '%ld' doesn't exist.", (long)customer_id);
  }
  return end_with_user(&call, status, &user, user_r);
}

user_api_status user_api_update(user_api *api, user_api_memory *memory, int32_t customer_id, int32_t user_id,
                                const user_api_user_change *change, user_api_user *user_r)
{
  const ua_scope scope = {.customer_id = customer_id};
  ua_embed_call call;
  ua_document document;
  ua_user user;
  bool is_whole = is_change(change) && user_r != NULL;
  user_api_status begun = is_whole ? ua_embed_call_begin(&call, api, memory) : USER_API_MISUSED;
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = check_change(&call, &ua_document_update, !change->keep_roles, change, &document);
  if (status == UA_OK) {
    status = ua_service_users_change(call.service, call.arena, &scope, user_id, &document.user, NULL, &user,
                                     &call.refusal);
  }
  return end_with_user(&call, status, &user, user_r);
}

user_api_status user_api_get(user_api *api, user_api_memory *memory, int32_t customer_id, int32_t user_id,
                             user_api_user *user_r)
{
  const ua_scope scope = {.customer_id = customer_id};
  ua_embed_call call;
  ua_user user;
  user_api_status begun = user_r == NULL ? USER_API_MISUSED : ua_embed_call_begin(&call, api, memory);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = ua_service_users_get(call.service, call.arena, &scope, user_id, &user);
  if (status == UA_NOT_FOUND) {
    call.refusal.message = ua_arena_printf(call.arena, "User '%ld' doesn't exist.", (long)user_id);
  }
  return end_with_user(&call, status, &user, user_r);
}

user_api_status user_api_reset_password(user_api *api, user_api_memory *memory, int32_t customer_id,
                                        const char *email, const char *password, user_api_user *user_r)
{
  const ua_scope scope = {.customer_id = customer_id};
  ua_embed_call call;
  draft given = {.count = 0};
  ua_document document;
  ua_session session;
  ua_user user;
  user_api_status begun = user_r == NULL ? USER_API_MISUSED : ua_embed_call_begin(&call, api, memory);
  if (begun != USER_API_OK) {
    return begun;
  }
  add_string(&given, "email", email);
  add_string(&given, "password", password);
  ua_status status = check(&call, &ua_document_reset_password, &given, &document);
  if (status == UA_OK) {
    status = ua_service_users_reset_password(call.service, call.arena, &scope, document.user.email,
                                             document.user.password, &user, &session, &call.refusal);
  }
  return end_with_user(&call, status, &user, user_r);
}

/* The page that `document` asks for, as public records. */
static ua_status find_users(const ua_embed_call *call, int32_t customer_id, const ua_document *document,
                            const user_api_user **users_r, size_t *count_r, bool *has_next_r)
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
  *users_r = list;
  *count_r = found.count;
  *has_next_r = found.has_next;
  return UA_OK;
}

user_api_status user_api_list_users(user_api *api, user_api_memory *memory, int32_t customer_id,
                                    const user_api_search *search, const user_api_user **users_r,
                                    size_t *count_r, bool *has_next_r)
{
  ua_embed_call call;
  draft given = {.count = 0};
  ua_document document;
  bool is_whole = search != NULL && users_r != NULL && count_r != NULL && has_next_r != NULL;
  user_api_status begun = is_whole ? ua_embed_call_begin(&call, api, memory) : USER_API_MISUSED;
  if (begun != USER_API_OK) {
    return begun;
  }
  add_string(&given, "email", search->email);
  add_string(&given, "name", search->name);
  ua_status status =
      check_page(&call, &ua_arguments_list_users, &given, search->limit, search->offset, &document);
  if (status == UA_OK) {
    status = find_users(&call, customer_id, &document, users_r, count_r, has_next_r);
  }
  return ua_embed_call_end(&call, status);
}

/* As find_users. */
static ua_status find_roles(const ua_embed_call *call, const ua_document *document,
                            const user_api_role **roles_r, size_t *count_r, bool *has_next_r)
{
  ua_role *roles;
  size_t count;
  bool has_next;
  ua_status status = ua_service_roles_page(call->service, call->arena, document->search.page.limit,
                                           document->search.page.offset, &roles, &count, &has_next);
  if (status == UA_OK) {
    status = ua_embed_roles(call->arena, roles, count, roles_r);
  }
  if (status == UA_OK) {
    *count_r = count;
    *has_next_r = has_next;
  }
  return status;
}

user_api_status user_api_list_roles(user_api *api, user_api_memory *memory, int64_t limit, int64_t offset,
                                    const user_api_role **roles_r, size_t *count_r, bool *has_next_r)
{
  ua_embed_call call;
  draft given = {.count = 0};
  ua_document document;
  bool is_whole = roles_r != NULL && count_r != NULL && has_next_r != NULL;
  user_api_status begun = is_whole ? ua_embed_call_begin(&call, api, memory) : USER_API_MISUSED;
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = check_page(&call, &ua_arguments_list_roles, &given, limit, offset, &document);
  if (status == UA_OK) {
    status = find_roles(&call, &document, roles_r, count_r, has_next_r);
  }
  return ua_embed_call_end(&call, status);
}
