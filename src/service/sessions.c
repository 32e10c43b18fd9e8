#include "service/sessions.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/users.h"

/* The password is right, so it can be stored better. Failing to do so is no reason to turn the user away. */
static void upgrade_hash(const ua_service *service, ua_arena *arena, const ua_login_row *row,
                         ua_text password)
{
  ua_password_record record;
  ua_status status = ua_service_hash(service, password, &record);
  if (status == UA_OK) {
    status = ua_store_users_upgrade_hash(service->db, arena, row, ua_text_of(record.hash),
                                         ua_text_of(record.salt));
    explicit_bzero(&record, sizeof record);
  }
  if (status != UA_OK) {
    ua_log(UA_LOG_WARN, UA_EVENT("password hash not upgraded"), ua_log_int("user", row->id),
           ua_log_str("reason", ua_status_name(status)));
  }
}

ua_status ua_service_sessions_open(const ua_service *service, ua_arena *arena, const ua_user *user,
                                   ua_session *session_r)
{
  int64_t expires_at = ua_clock_wall_seconds() + service->token_lifetime_seconds;
  return ua_auth_token_sign(&service->secrets, arena, user, expires_at, &session_r->token,
                            &session_r->claims);
}

/* A session as of the moment when `row` was read: a change since then has raised the epoch, which ends it. */
static ua_status open_for(const ua_service *service, ua_arena *arena, const ua_login_row *row,
                          ua_session *session_r)
{
  ua_user user;
  ua_status status = ua_store_users_get(service->db, arena, row->customer_id, row->id, &user);
  if (status != UA_OK) {
    return status == UA_NOT_FOUND ? UA_WRONG_LOGIN : status;
  }
  user.epoch = row->epoch;
  return ua_service_sessions_open(service, arena, &user, session_r);
}

ua_status ua_service_sessions_login(const ua_service *service, ua_arena *arena, ua_text email,
                                    ua_text password, ua_session *session_r)
{
  ua_login_row row = {0};
  ua_password_verdict verdict = UA_PASSWORD_MISMATCH;
  ua_status status = ua_store_users_find_login(service->db, arena, email, &row);
  if (status != UA_OK && status != UA_NOT_FOUND) {
    return status;
  }
  status = ua_service_verify(service, password, row.hash, row.salt, &verdict);
  if (status != UA_OK) {
    return status;
  }
  if (verdict == UA_PASSWORD_UNVERIFIABLE) {
    ua_log(UA_LOG_WARN, UA_EVENT("stored password hash cannot be verified: see user-api-admin doctor"),
           ua_log_int("user", row.id));
  }
  if (!ua_auth_password_is_match(verdict)) {
    return UA_WRONG_LOGIN;
  }
  if (!row.active) {
    return UA_USER_INACTIVE;
  }
  if (verdict == UA_PASSWORD_MATCH_OUTDATED && service->upgrade_hashes) {
    upgrade_hash(service, arena, &row, password);
  }
  return open_for(service, arena, &row, session_r);
}

ua_status ua_service_sessions_trust(const ua_service *service, ua_arena *arena, ua_text email,
                                    ua_session *session_r)
{
  ua_login_row row = {0};
  ua_status status = ua_store_users_find_login(service->db, arena, email, &row);
  if (status != UA_OK) {
    return status == UA_NOT_FOUND ? UA_WRONG_LOGIN : status;
  }
  return row.active ? open_for(service, arena, &row, session_r) : UA_USER_INACTIVE;
}

ua_status ua_service_sessions_logout(const ua_service *service, ua_arena *arena, const ua_claims *caller)
{
  ua_status status = ua_store_tokens_revoke(service->db, arena, &caller->key, caller->expires_at);
  if (status == UA_UNPROCESSABLE) { /* the user was deleted meanwhile, and all tokens with it */
    status = UA_OK;
  }
  if (status == UA_OK && ua_store_tokens_forget_expired(service->db, ua_clock_wall_seconds()) != UA_OK) {
    ua_log(UA_LOG_WARN, UA_EVENT("expired revocations not cleared"));
  }
  return status;
}
