#include "service/customers.h"

#include "store/customers.h"

static ua_status missing(ua_status status, ua_refusal *refusal)
{
  if (status == UA_NOT_FOUND) {
    refusal->message = UA_TEXT("Customer not found.");
  }
  return status;
}

ua_status ua_service_customers_page(const ua_service *service, ua_arena *arena, const ua_page *page,
                                    ua_customer_list *list_r)
{
  ua_customer_list list = {.has_next = false};
  ua_page longer = *page;
  longer.limit++; /* an extra row shows that more follow */
  ua_status status = ua_store_customers_list(service->db, arena, &longer, &list.customers, &list.count);
  if (status != UA_OK) {
    return status;
  }
  list.has_next = list.count > (size_t)page->limit;
  list.count -= list.has_next ? 1 : 0;
  *list_r = list;
  return UA_OK;
}

ua_status ua_service_customers_get(const ua_service *service, ua_arena *arena, int32_t id,
                                   ua_customer *customer_r, ua_refusal *refusal)
{
  ua_customer customer;
  ua_status status = ua_store_customers_get(service->db, arena, id, &customer);
  if (status == UA_OK) {
    *customer_r = customer;
  }
  return missing(status, refusal);
}

ua_status ua_service_customers_add(const ua_service *service, ua_arena *arena,
                                   const ua_customer_change *change, ua_customer *customer_r)
{
  ua_customer customer = {.name = change->name, .quota = change->quota};
  /* BEGIN detects a dead connection: the guard may have sent no statement on it. */
  ua_status status = ua_store_db_begin(service->db);
  if (status == UA_OK) {
    status = ua_service_end_transaction(
        service, ua_store_customers_insert(service->db, arena, &customer, &customer.id));
  }
  if (status == UA_OK) {
    *customer_r = customer;
  }
  return status;
}

ua_status ua_service_customers_change(const ua_service *service, ua_arena *arena, int32_t id,
                                      const ua_customer_change *change, ua_customer *customer_r,
                                      ua_refusal *refusal)
{
  const ua_customer_edit edit = {
      .name = change->name, .quota = change->quota, .keep_quota = !change->has_quota};
  ua_customer customer;
  ua_status status = ua_store_db_begin(service->db);
  if (status != UA_OK) {
    return status;
  }
  status = ua_store_customers_update(service->db, arena, id, &edit);
  if (status == UA_OK) {
    status = ua_store_customers_get(service->db, arena, id, &customer);
  }
  status = ua_service_end_transaction(service, status);
  if (status == UA_OK) {
    *customer_r = customer;
  }
  return missing(status, refusal);
}

/* The transaction's statements. The foreign key detects a user who is registered between the two. */
static ua_status remove_empty(const ua_service *service, ua_arena *arena, int32_t id, ua_customer *customer_r)
{
  ua_status status = ua_store_customers_get(service->db, arena, id, customer_r);
  if (status != UA_OK) {
    return status;
  }
  return customer_r->users > 0 ? UA_CONFLICT : ua_store_customers_delete(service->db, id);
}

ua_status ua_service_customers_remove(const ua_service *service, ua_arena *arena, int32_t id,
                                      ua_refusal *refusal)
{
  ua_customer customer = {.users = 0};
  ua_status status = ua_store_db_begin(service->db);
  if (status != UA_OK) {
    return status;
  }
  status = ua_service_end_transaction(service, remove_empty(service, arena, id, &customer));
  if (status != UA_OK && ua_store_db_still_refers(service->db)) { /* COMMIT checks deferred constraints */
    status = UA_CONFLICT;
  }
  if (status == UA_CONFLICT) {
    bool has_users =
        customer.users > 0 || ua_store_db_failure(service->db)->meaning.violated == UA_VIOLATED_CUSTOMER;
    refusal->message =
        has_users ? UA_TEXT("The customer has users.") : UA_TEXT("Other data refers to the customer.");
  }
  return missing(status, refusal);
}
