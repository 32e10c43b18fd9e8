#include "service/customers.h"

#include "embed/draft.h"

/* Copies the name into the arena: a new customer's name is the program's own string. */
static ua_status public_record(ua_arena *arena, const ua_customer *customer, user_api_customer *customer_r)
{
  ua_text name = customer->name.data == NULL ? UA_TEXT_ABSENT : ua_arena_copy(arena, customer->name);
  if (customer->name.data != NULL && name.data == NULL) {
    return UA_INTERNAL;
  }
  *customer_r = (user_api_customer){
      .id = customer->id,
      .name = name.data,
      .max_user_quota = customer->quota.limited ? customer->quota.users : USER_API_NO_QUOTA,
      .users = customer->users};
  return UA_OK;
}

/* Ends a call that returns a customer. */
static user_api_status end_with_customer(ua_embed_call *call, ua_status status, const ua_customer *customer,
                                         user_api_customer *customer_r)
{
  if (status == UA_OK) {
    status = public_record(call->arena, customer, customer_r);
  }
  return ua_embed_call_end(call, status);
}

static ua_status check_change(ua_embed_call *call, const ua_document_schema *schema, const char *name,
                              int64_t max_user_quota, ua_customer_change *change_r)
{
  ua_embed_draft given = {.count = 0};
  ua_document document;
  ua_embed_draft_add_string(&given, "name", name);
  if (max_user_quota == USER_API_NO_QUOTA) {
    ua_embed_draft_add(&given, "max_user_quota", UA_JSON_NULL);
  } else if (max_user_quota != USER_API_KEEP_QUOTA) {
    ua_embed_draft_add(&given, "max_user_quota", UA_JSON_INTEGER)->integer = max_user_quota;
  }
  ua_status status = ua_embed_draft_read_payload(call, schema, &given, &document);
  if (status == UA_OK) {
    *change_r = ua_api_document_customer(&document);
  }
  return status;
}

static ua_status find_customers(const ua_embed_call *call, const ua_page *page,
                                const user_api_customer **customers_r, size_t *count_r, bool *has_next_r)
{
  ua_customer_list found;
  ua_status status = ua_service_customers_page(call->service, call->arena, page, &found);
  if (status != UA_OK) {
    return status;
  }
  user_api_customer *list = ua_arena_calloc(call->arena, found.count, sizeof *list);
  if (list == NULL) {
    return UA_INTERNAL;
  }
  for (size_t i = 0; i < found.count; i++) {
    if (public_record(call->arena, &found.customers[i], &list[i]) != UA_OK) {
      return UA_INTERNAL;
    }
  }
  *customers_r = list;
  *count_r = found.count;
  *has_next_r = found.has_next;
  return UA_OK;
}

user_api_status user_api_list_customers(user_api *api, user_api_memory *memory, int64_t limit, int64_t after,
                                        const user_api_customer **customers_r, size_t *count_r,
                                        bool *has_next_r)
{
  ua_embed_call call;
  ua_embed_draft given = {.count = 0};
  ua_document document;
  bool is_whole = customers_r != NULL && count_r != NULL && has_next_r != NULL;
  user_api_status begun = is_whole ? ua_embed_call_begin(&call, api, memory) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_embed_draft_add(&given, "limit", UA_JSON_INTEGER)->integer = limit;
  if (after != 0) {
    ua_embed_draft_add(&given, "after", UA_JSON_INTEGER)->integer = after;
  }
  ua_status status = ua_embed_draft_read_arguments(&call, &ua_arguments_list_customers, &given, &document);
  if (status == UA_OK) {
    status = find_customers(&call, &document.search.page, customers_r, count_r, has_next_r);
  }
  return ua_embed_call_end(&call, status);
}

user_api_status user_api_get_customer(user_api *api, user_api_memory *memory, int32_t customer_id,
                                      user_api_customer *customer_r)
{
  ua_embed_call call;
  ua_customer customer;
  user_api_status begun =
      customer_r != NULL ? ua_embed_call_begin(&call, api, memory) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status =
      ua_service_customers_get(call.service, call.arena, customer_id, &customer, &call.refusal);
  return end_with_customer(&call, status, &customer, customer_r);
}

user_api_status user_api_create_customer(user_api *api, user_api_memory *memory, const char *name,
                                         int64_t max_user_quota, user_api_customer *customer_r)
{
  ua_embed_call call;
  ua_customer_change change;
  ua_customer customer;
  user_api_status begun =
      customer_r != NULL ? ua_embed_call_begin(&call, api, memory) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = check_change(&call, &ua_document_add_customer, name, max_user_quota, &change);
  if (status == UA_OK) {
    status = ua_service_customers_add(call.service, call.arena, &change, &customer);
  }
  return end_with_customer(&call, status, &customer, customer_r);
}

user_api_status user_api_update_customer(user_api *api, user_api_memory *memory, int32_t customer_id,
                                         const char *name, int64_t max_user_quota,
                                         user_api_customer *customer_r)
{
  ua_embed_call call;
  ua_customer_change change;
  ua_customer customer;
  user_api_status begun =
      customer_r != NULL ? ua_embed_call_begin(&call, api, memory) : ua_embed_call_misused(api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = check_change(&call, &ua_document_change_customer, name, max_user_quota, &change);
  if (status == UA_OK) {
    status =
        ua_service_customers_change(call.service, call.arena, customer_id, &change, &customer, &call.refusal);
  }
  return end_with_customer(&call, status, &customer, customer_r);
}

user_api_status user_api_delete_customer(user_api *api, int32_t customer_id)
{
  ua_embed_call call;
  user_api_status begun = ua_embed_call_begin_alone(&call, api);
  if (begun != USER_API_OK) {
    return begun;
  }
  ua_status status = ua_service_customers_remove(call.service, call.arena, customer_id, &call.refusal);
  return ua_embed_call_end_alone(&call, status);
}
