#include "service/sessions.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/events.h"
#include "store/users.h"

ua_status ua_service_sessions_open(const ua_service *service, ua_arena *arena, const ua_user *user,
                                   ua_session *session_r)
{
  int64_t expires_at = ua_clock_wall_seconds() + service->token_lifetime_seconds;
  return ua_auth_token_sign(&service->secrets, arena, user, expires_at, &session_r->token,
                            &session_r->claims);
}

/* PostgreSQL's SQLSTATEs. */
#define UNDEFINED_FUNCTION "42883"
#define DISK_FULL          "53100"

/* After a login, a separate transaction creates and drops the months of the table of events. It may fail or
 * wait for a moment; this process then does not try again for a while. */
enum { MONTHS_PAUSE_MS = 60000 };

static void keep_months(const ua_service *service)
{
  int64_t now = ua_clock_monotonic_ms();
  if (service->marks == NULL || now < service->marks->months_at) {
    return;
  }
  service->marks->months_at = now + MONTHS_PAUSE_MS;
  ua_status status = ua_store_events_keep_months(service->db, service->event_days);
  if (status != UA_OK) {
    ua_log(UA_LOG_WARN, UA_EVENT("months of the table event not made: see user-api-admin doctor"),
           ua_log_str("reason", ua_status_name(status)));
  }
}

/* If the record is full, or missing because the schema is older than events, logins still work: the operators
 * who repair it must be able to log in. */
static bool may_go_unrecorded(const ua_service *service)
{
  const char *sqlstate = ua_store_db_failure(service->db)->sqlstate;
  return strcmp(sqlstate, UNDEFINED_FUNCTION) == 0 || strcmp(sqlstate, DISK_FULL) == 0;
}

/* A session that is handed out has an event. Without one, nothing that the client asked for was done. */
static ua_status record_opening(const ua_service *service, const ua_login_row *row)
{
  bool due = false;
  ua_status status = ua_store_db_begin(service->db);
  if (status == UA_OK) {
    status = ua_service_end_transaction(
        service,
        ua_store_events_session_opened(service->db, row->customer_id, row->id, service->event_days, &due));
  }
  if (status != UA_OK && may_go_unrecorded(service)) {
    ua_log(UA_LOG_ERROR, UA_EVENT("a login was not recorded as an event"), ua_log_int("user", row->id),
           ua_log_str("sqlstate", ua_store_db_failure(service->db)->sqlstate));
    return UA_OK;
  }
  if (status == UA_OK && due) {
    keep_months(service);
  }
  return status == UA_OUTCOME_UNKNOWN ? UA_UNAVAILABLE : status;
}

ua_status ua_service_sessions_open_for(const ua_service *service, ua_arena *arena, const ua_login_row *row,
                                       ua_session *session_r)
{
  ua_user user;
  ua_status status = ua_store_users_get(service->db, arena, row->customer_id, row->id, &user);
  if (status != UA_OK) {
    return status == UA_NOT_FOUND ? UA_WRONG_LOGIN : status;
  }
  user.epoch = row->epoch;
  ua_session session;
  status = ua_service_sessions_open(service, arena, &user, &session);
  if (status == UA_OK) {
    status = record_opening(service, row);
  }
  if (status == UA_OK) {
    *session_r = session;
  }
  return status;
}

ua_status ua_service_sessions_trust(const ua_service *service, ua_arena *arena, ua_text email,
                                    ua_session *session_r)
{
  ua_login_row row = {0};
  ua_status status = ua_store_users_find_login(service->db, arena, email, &row);
  if (status != UA_OK) {
    return status == UA_NOT_FOUND ? UA_WRONG_LOGIN : status;
  }
  return row.active ? ua_service_sessions_open_for(service, arena, &row, session_r) : UA_USER_INACTIVE;
}

ua_status ua_service_sessions_renew(const ua_service *service, ua_arena *arena, const ua_claims *caller,
                                    const ua_user *before, const ua_user *after, ua_session *session_r)
{
  bool ended = caller != NULL && caller->user.id == after->id && caller->user.epoch == before->epoch &&
               after->epoch > before->epoch && after->active;
  if (ended) {
    return ua_service_sessions_open(service, arena, after, session_r);
  }
  *session_r = (ua_session){.token = UA_TEXT_ABSENT};
  return UA_OK;
}

/* BEGIN detects a dead connection: the guard may have sent no statement on it. */
static ua_status revoke(const ua_service *service, ua_arena *arena, const ua_claims *caller)
{
  ua_status status = ua_store_db_begin(service->db);
  return status == UA_OK
             ? ua_service_end_transaction(
                   service, ua_store_tokens_revoke(service->db, arena, &caller->key, caller->expires_at))
             : status;
}

ua_status ua_service_sessions_logout(const ua_service *service, ua_arena *arena, const ua_claims *caller)
{
  ua_status status = revoke(service, arena, caller);
  ua_auth_sessions_end_token(&service->sessions, &caller->key);
  if (status == UA_UNPROCESSABLE) { /* the user was deleted meanwhile, and all tokens with it */
    status = UA_OK;
  }
  if (status == UA_OK && ua_store_tokens_forget_expired(service->db, ua_clock_wall_seconds()) != UA_OK) {
    ua_log(UA_LOG_WARN, UA_EVENT("expired revocations not cleared"));
  }
  return status;
}
