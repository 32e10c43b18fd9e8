#include "service/service.h"

#include <stdlib.h>
#include <string.h>

#include "auth/hashing.h"
#include "base/log.h"
#include "store/schema.h"

/* PostgreSQL's SQLSTATE. */
#define UNDEFINED_TABLE "42P01"

ua_status ua_service_open(ua_service *service, const ua_db_settings *database)
{
  service->db = ua_store_db_create(database);
  service->marks = calloc(1, sizeof *service->marks);
  if (service->db == NULL || service->marks == NULL) {
    ua_service_close(service);
    return UA_INTERNAL;
  }
  return UA_OK;
}

void ua_service_close(ua_service *service)
{
  free(service->marks);
  service->marks = NULL;
  ua_store_db_destroy(&service->db);
}

void ua_service_abandon(ua_service *service)
{
  ua_store_db_abandon(service->db);
  ua_service_close(service);
}

void ua_service_settle(const ua_service *service)
{
  ua_store_db_settle(service->db);
}

void ua_service_audit(const ua_service *service, const ua_audit *audit)
{
  ua_store_db_set_audit(service->db, audit);
}

bool ua_service_audit_now(const ua_service *service, ua_audit *audit_r)
{
  return ua_store_db_audit(service->db, audit_r);
}

static void tell_of_newer_schema(ua_service_marks *marks, const ua_schema_state *state)
{
  if (marks != NULL && !marks->newer_schema) {
    marks->newer_schema = true;
    ua_log(UA_LOG_WARN, UA_EVENT("database schema newer than this program: install a newer one"),
           ua_log_int("version", (int64_t)state->version), ua_log_int("needed", UA_SCHEMA_VERSION));
  }
}

ua_status ua_service_schema_check(const ua_service *service, ua_refusal *refusal)
{
  ua_schema_state state;
  ua_store_db_doubt(service->db);
  if (ua_store_schema_read(service->db, &state) != UA_OK) {
    if (strcmp(ua_store_db_failure(service->db)->sqlstate, UNDEFINED_TABLE) == 0) {
      refusal->message = UA_TEXT(UA_NO_SCHEMA);
      ua_log(UA_LOG_ERROR, UA_EVENT(UA_NO_SCHEMA));
    }
    return UA_UNAVAILABLE;
  }
  if (state.version < UA_SCHEMA_VERSION) {
    ua_log(UA_LOG_ERROR, UA_EVENT("database schema too old: run user-api-admin migrate"),
           ua_log_int("version", (int64_t)state.version), ua_log_int("needed", UA_SCHEMA_VERSION));
    return UA_UNAVAILABLE;
  }
  if (state.problems[0] != '\0') {
    ua_log(UA_LOG_ERROR, UA_EVENT("database not fit to serve: run user-api-admin doctor"),
           ua_log_str("problems", state.problems));
    return UA_UNAVAILABLE;
  }
  if (state.version > UA_SCHEMA_VERSION) {
    tell_of_newer_schema(service->marks, &state);
  }
  return UA_OK;
}

ua_status ua_service_end_transaction(const ua_service *service, ua_status status)
{
  if (status == UA_OK) {
    return ua_store_db_commit(service->db);
  }
  ua_store_db_rollback(service->db);
  return status;
}

ua_status ua_service_end_transaction_of(const ua_service *service, ua_status status, int32_t user_id)
{
  ua_status ended = ua_service_end_transaction(service, status);
  ua_auth_sessions_end_user(&service->sessions, user_id);
  return ended;
}

void ua_service_announce(const ua_service *service, void (*watch)(void *context, const ua_user *user),
                         const ua_user *user)
{
  if (watch != NULL) {
    watch(service->watcher.context, user);
  }
}

ua_guard ua_service_guard(const ua_service *service, bool grace)
{
  return (ua_guard){
      .secrets = &service->secrets, .sessions = &service->sessions, .db = service->db, .grace = grace};
}
