#include "api/handlers.h"
#include "base/log.h"
#include "store/schema.h"

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

/* The database answers, and has the schema that this program needs. */
ua_status ua_api_handle_readiness(ua_exchange *exchange)
{
  uint64_t version;
  ua_status status = ua_store_schema_version(exchange->service->db, &version);
  if (status != UA_OK) {
    return UA_UNAVAILABLE;
  }
  if (version < UA_SCHEMA_VERSION) {
    ua_log(UA_LOG_ERROR, UA_EVENT("database schema too old: run user-api-admin migrate"),
           ua_log_int("version", (int64_t)version), ua_log_int("needed", UA_SCHEMA_VERSION));
    return UA_UNAVAILABLE;
  }
  return answer_status(exchange, UA_TEXT("ready"));
}
