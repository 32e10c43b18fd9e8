#include "service/users.h"

#include <string.h>

#include "api/violations.h"
#include "embed/instance.h"
#include "json/reader.h"
#include "service/roles.h"

/* What one service function works on. */
typedef struct service_call {
  user_api *api;
  const ua_app *app;
  ua_arena *arena;
  ua_problem problem;
  ua_violations violations;
  ua_document document;
} service_call;

enum { MOST_MEMBERS = 5 };

/* The document that a client would have sent, so that the endpoints' own tables check it. */
typedef struct draft {
  ua_json_member member[MOST_MEMBERS];
  size_t count;
} draft;

static user_api_status begin(user_api *api, user_api_memory *memory, service_call *call)
{
  *call = (service_call){.api = api, .arena = ua_embed_arena(memory)};
  user_api_status status = memory == NULL ? USER_API_MISUSED : ua_embed_begin(api, &call->app);
  if (status == USER_API_OK) {
    ua_arena_hold(call->arena);
  }
  return status;
}

static user_api_status end(service_call *call, ua_status status)
{
  if (status == UA_WRONG_DOCUMENT || status == UA_WRONG_ARGS) {
    call->problem.violations = &call->violations;
  }
  ua_arena_release(call->arena);
  return ua_embed_end(call->api, call->app, call->arena, status, &call->problem);
}

/* As the end of a function that fills a record. */
static user_api_status end_with_user(service_call *call, ua_status status, const ua_user *user,
                                     user_api_user *user_r)
{
  if (status == UA_OK && !ua_embed_user(call->arena, user, user_r)) {
    status = UA_INTERNAL;
  }
  return end(call, status);
}

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

static bool add_roles(service_call *call, draft *into, const int32_t *ids, size_t count)
{
  size_t told = count > UA_MAX_ROLES ? UA_MAX_ROLES + 1 : count; /* enough to be refused */
  ua_json_member *items = ua_arena_calloc(call->arena, told, 2 * sizeof *items);
  if (items == NULL) {
    return false;
  }
  for (size_t i = 0; i < told; i++) {
    ua_json_member *id = &items[told + i];
    *id = (ua_json_member){.name = UA_TEXT("id"), .value = {.type = UA_JSON_INTEGER, .integer = ids[i]}};
    items[i].value = (ua_json_value){.type = UA_JSON_OBJECT, .members = id, .count = 1};
  }
  ua_json_value *list = add(into, "roles", UA_JSON_ARRAY);
  list->members = items;
  list->count = told;
  return true;
}

/* Strings from a client went through the JSON reader, which takes nothing but UTF-8; these did not. */
static ua_status check_utf8(service_call *call, const draft *document)
{
  ua_status status = ua_api_violations_create(call->arena, &call->violations);
  for (size_t i = 0; status != UA_INTERNAL && i < document->count; i++) {
    const ua_json_value *value = &document->member[i].value;
    if (value->type == UA_JSON_STRING && !ua_text_is_utf8(value->string)) {
      ua_api_violations_add(&call->violations, (ua_violation){.field = document->member[i].name,
                                                              .item = -1,
                                                              .sentence = UA_TEXT("must be of string type")});
      status = UA_WRONG_DOCUMENT;
    }
  }
  return status;
}

static ua_status check(service_call *call, const ua_document_schema *schema, draft *document)
{
  ua_json_value value = {.type = UA_JSON_OBJECT, .members = document->member, .count = document->count};
  ua_status status = check_utf8(call, document);
  if (status == UA_OK) {
    status = ua_api_document_read(call->arena, schema, ua_api_app_config(call->app)->password_min_bytes,
                                  &value, &call->document, &call->violations);
  }
  return status;
}

static ua_status check_change(service_call *call, const ua_document_schema *schema, bool with_roles,
                              const user_api_user_change *given, ua_user_change *change_r)
{
  draft document = {.count = 0};
  add_string(&document, "email", given->email);
  add_string(&document, "name", given->name);
  add_string(&document, "password", given->password);
  add(&document, "active", UA_JSON_BOOLEAN)->boolean = given->active;
  if (with_roles && !add_roles(call, &document, given->role_ids, given->role_count)) {
    return UA_INTERNAL;
  }
  ua_status status = check(call, schema, &document);
  const ua_document *checked = &call->document;
  *change_r = (ua_user_change){.email = checked->email,
                               .name = checked->name,
                               .password = checked->password,
                               .active = checked->active,
                               .has_roles = checked->has_roles,
                               .role_ids = checked->role_ids,
                               .role_count = checked->role_count};
  return status;
}

static ua_status complain_of_roles(service_call *call, const ua_unknown_roles *unknown)
{
  ua_status status = ua_api_violations_create(call->arena, &call->violations);
  for (size_t i = 0; status == UA_OK && i < call->document.role_count; i++) {
    if (!unknown->known[i]) {
      ua_api_violations_add(
          &call->violations,
          (ua_violation){.field = UA_TEXT("roles"), .item = (long)i, .sentence = UA_TEXT("unknown role")});
    }
  }
  return status == UA_OK ? UA_WRONG_DOCUMENT : status;
}

static bool is_change(const user_api_user_change *change)
{
  return change != NULL && (change->role_ids != NULL || change->role_count == 0);
}

user_api_status user_api_register(user_api *api, user_api_memory *memory, int32_t customer_id,
                                  const user_api_user_change *change, user_api_user *user_r)
{
  service_call call;
  ua_user_change checked;
  ua_unknown_roles unknown = {0};
  ua_user user;
  user_api_status begun = is_change(change) && user_r != NULL ? begin(api, memory, &call) : USER_API_MISUSED;
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = check_change(&call, &ua_document_register, true, change, &checked);
  if (status == UA_OK) {
    status = ua_service_users_register(ua_api_app_service(call.app), call.arena, customer_id, &checked, &user,
                                       &unknown);
    if (status == UA_WRONG_DOCUMENT) {
      status = complain_of_roles(&call, &unknown);
    }
  }
  if (status == UA_CONFLICT) {
    call.problem.message = UA_TEXT("User already exists.");
  }
  if (status == UA_NOT_FOUND) {
    call.problem.message = ua_arena_printf(call.arena, "Customer '%ld' doesn't exist.", (long)customer_id);
  }
  return end_with_user(&call, status, &user, user_r);
}

user_api_status user_api_update(user_api *api, user_api_memory *memory, int32_t customer_id, int32_t user_id,
                                const user_api_user_change *change, user_api_user *user_r)
{
  service_call call;
  ua_user_change checked;
  ua_unknown_roles unknown = {0};
  ua_user user;
  user_api_status begun = is_change(change) && user_r != NULL ? begin(api, memory, &call) : USER_API_MISUSED;
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = check_change(&call, &ua_document_update, !change->keep_roles, change, &checked);
  if (status == UA_OK) {
    status = ua_service_users_change(ua_api_app_service(call.app), call.arena, customer_id, user_id, &checked,
                                     &user, &unknown);
    if (status == UA_WRONG_DOCUMENT) {
      status = complain_of_roles(&call, &unknown);
    }
  }
  if (status == UA_NOT_FOUND) {
    call.problem.message = UA_TEXT("User not found.");
  }
  return end_with_user(&call, status, &user, user_r);
}

user_api_status user_api_get(user_api *api, user_api_memory *memory, int32_t customer_id, int32_t user_id,
                             user_api_user *user_r)
{
  service_call call;
  ua_user user;
  user_api_status begun = user_r == NULL ? USER_API_MISUSED : begin(api, memory, &call);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status =
      ua_service_users_get(ua_api_app_service(call.app), call.arena, customer_id, user_id, &user);
  if (status == UA_NOT_FOUND) {
    call.problem.message = ua_arena_printf(call.arena, "User '%ld' doesn't exist.", (long)user_id);
  }
  return end_with_user(&call, status, &user, user_r);
}

user_api_status user_api_reset_password(user_api *api, user_api_memory *memory, int32_t customer_id,
                                        const char *email, const char *password, user_api_user *user_r)
{
  service_call call;
  draft document = {.count = 0};
  ua_user user;
  user_api_status begun = user_r == NULL ? USER_API_MISUSED : begin(api, memory, &call);
  if (begun != USER_API_OK) {
    return begun;
  }
  add_string(&document, "email", email);
  add_string(&document, "password", password);
  ua_status status = check(&call, &ua_document_reset_password, &document);
  if (status == UA_OK) {
    status = ua_service_users_set_new_password(ua_api_app_service(call.app), call.arena, customer_id,
                                               call.document.email, call.document.password, &user);
  }
  if (status == UA_UNPROCESSABLE) {
    call.problem.message =
        ua_arena_printf(call.arena, "User '%.*s' doesn't exist.", UA_TEXT_ARGS(call.document.email));
  }
  return end_with_user(&call, status, &user, user_r);
}

/* Limits and offsets are query arguments elsewhere, and refused as such. */
static ua_status check_page(service_call *call, const ua_document_schema *schema, draft *document,
                            int64_t limit, int64_t offset)
{
  add(document, "limit", UA_JSON_INTEGER)->integer = limit;
  add(document, "offset", UA_JSON_INTEGER)->integer = offset;
  ua_status status = check(call, schema, document);
  return status == UA_WRONG_DOCUMENT ? UA_WRONG_ARGS : status;
}

user_api_status user_api_list_users(user_api *api, user_api_memory *memory, int32_t customer_id,
                                    const user_api_search *search, const user_api_user **users_r,
                                    size_t *count_r, bool *has_next_r)
{
  service_call call;
  draft document = {.count = 0};
  ua_user *users = NULL;
  size_t count = 0;
  bool has_next = false;
  bool whole = search != NULL && users_r != NULL && count_r != NULL && has_next_r != NULL;
  user_api_status begun = whole ? begin(api, memory, &call) : USER_API_MISUSED;
  if (begun != USER_API_OK) {
    return begun;
  }
  add_string(&document, "email", search->email);
  add_string(&document, "name", search->name);
  ua_status status = check_page(&call, &ua_arguments_list_users, &document, search->limit, search->offset);
  if (status == UA_OK) {
    ua_user_filter filter = {.email_pattern = ua_service_users_pattern(call.arena, call.document.email),
                             .name_pattern = ua_service_users_pattern(call.arena, call.document.name),
                             .limit = call.document.limit,
                             .offset = call.document.offset};
    status = ua_service_users_page(ua_api_app_service(call.app), call.arena, customer_id, &filter, &users,
                                   &count, &has_next);
  }
  user_api_user *list = status == UA_OK ? ua_arena_calloc(call.arena, count, sizeof *list) : NULL;
  for (size_t i = 0; status == UA_OK && i < count; i++) {
    status = list != NULL && ua_embed_user(call.arena, &users[i], &list[i]) ? UA_OK : UA_INTERNAL;
  }
  if (status == UA_OK) {
    *users_r = list;
    *count_r = count;
    *has_next_r = has_next;
  }
  return end(&call, status);
}

user_api_status user_api_list_roles(user_api *api, user_api_memory *memory, int64_t limit, int64_t offset,
                                    const user_api_role **roles_r, size_t *count_r, bool *has_next_r)
{
  service_call call;
  draft document = {.count = 0};
  ua_role *roles = NULL;
  size_t count = 0;
  bool has_next = false;
  bool whole = roles_r != NULL && count_r != NULL && has_next_r != NULL;
  user_api_status begun = whole ? begin(api, memory, &call) : USER_API_MISUSED;
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = check_page(&call, &ua_arguments_list_roles, &document, limit, offset);
  if (status == UA_OK) {
    status = ua_service_roles_page(ua_api_app_service(call.app), call.arena, call.document.limit,
                                   call.document.offset, &roles, &count, &has_next);
  }
  if (status == UA_OK && !ua_embed_roles(call.arena, roles, count, roles_r)) {
    status = UA_INTERNAL;
  }
  if (status == UA_OK) {
    *count_r = count;
    *has_next_r = has_next;
  }
  return end(&call, status);
}
