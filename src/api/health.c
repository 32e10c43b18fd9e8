#include "api/handlers.h"

static ua_status answer_status(ua_exchange *exchange, ua_text text)
{
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_json_add_text(writer, "status", text);
  ua_json_end(writer);
  return ua_api_exchange_answer(exchange, 200, &writer);
}

/* The process answers. */
ua_status ua_api_handle_health(ua_exchange *exchange)
{
  return answer_status(exchange, UA_TEXT("ok"));
}

/* The database answers, and has the schema needed: ua_service_schema_check. */
ua_status ua_api_handle_readiness(ua_exchange *exchange)
{
  ua_status status = ua_service_schema_check(exchange->service, &exchange->problem.refusal);
  return status == UA_OK ? answer_status(exchange, UA_TEXT("ready")) : status;
}
