#include "service/customers.h"

#include "api/handlers.h"
#include "api/render.h"

static ua_json_writer *render(const ua_customer *customer)
{
  ua_json_writer *writer = ua_json_writer_create();
  ua_api_render_customer(writer, NULL, customer);
  return writer;
}

static ua_status answer_customer(ua_exchange *exchange, const ua_customer *customer)
{
  ua_json_writer *writer = render(customer);
  return ua_api_exchange_answer(exchange, 200, &writer);
}

ua_status ua_api_handle_list_customers(ua_exchange *exchange)
{
  ua_customer_list list;
  ua_status status =
      ua_service_customers_page(exchange->service, exchange->arena, &exchange->document.search.page, &list);
  if (status != UA_OK) {
    return status;
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_json_begin_array(writer, "customers");
  for (size_t i = 0; i < list.count; i++) {
    ua_api_render_customer(writer, NULL, &list.customers[i]);
  }
  ua_json_end(writer);
  ua_json_add_boolean(writer, "has_next", list.has_next);
  ua_json_end(writer);
  return ua_api_exchange_answer(exchange, 200, &writer);
}

ua_status ua_api_handle_get_customer(ua_exchange *exchange)
{
  ua_customer customer;
  ua_status status =
      ua_service_customers_get(exchange->service, exchange->arena, exchange->match->parameter[0].integer,
                               &customer, &exchange->problem.refusal);
  return status == UA_OK ? answer_customer(exchange, &customer) : status;
}

ua_status ua_api_handle_add_customer(ua_exchange *exchange)
{
  const ua_customer_change change = ua_api_document_customer(&exchange->document);
  ua_customer customer;
  ua_status status = ua_service_customers_add(exchange->service, exchange->arena, &change, &customer);
  if (status != UA_OK) {
    return status;
  }
  ua_json_writer *writer = render(&customer);
  return ua_api_exchange_answer_created(exchange, customer.id, &writer);
}

ua_status ua_api_handle_change_customer(ua_exchange *exchange)
{
  const ua_customer_change change = ua_api_document_customer(&exchange->document);
  ua_customer customer;
  ua_status status =
      ua_service_customers_change(exchange->service, exchange->arena, exchange->match->parameter[0].integer,
                                  &change, &customer, &exchange->problem.refusal);
  return status == UA_OK ? answer_customer(exchange, &customer) : status;
}

ua_status ua_api_handle_delete_customer(ua_exchange *exchange)
{
  ua_status status = ua_service_customers_remove(
      exchange->service, exchange->arena, exchange->match->parameter[0].integer, &exchange->problem.refusal);
  return status == UA_OK ? ua_api_exchange_answer_nothing(exchange) : status;
}
