/* Logging in with a password. The request waits for its turn to hash and for the hash. Each time it runs
 * again from the beginning: reading again is cheap, and notices a user who has changed meanwhile. */
#include <string.h>

#include "base/log.h"
#include "service/hashing.h"
#include "service/sessions.h"
#include "service/throttle.h"

/* One run of it. */
typedef struct attempt {
  const ua_service *service;
  ua_arena *arena;
  const ua_login *login;
  ua_refusal *refusal;
  ua_login_row row;     /* without an id if there is no such user */
  ua_counters counters; /* of this run; if the attempt was counted before, those of that run */
  ua_hash_ticket ticket;
} attempt;

static ua_status find(attempt *a)
{
  const ua_asker *asker = a->login->asker;
  ua_status status = ua_store_users_find_login(a->service->db, a->arena, a->login->email, &a->row);
  if (status != UA_OK && status != UA_NOT_FOUND) {
    return status;
  }
  const ua_device *device = a->row.id == 0 ? NULL : ua_auth_devices_find(&asker->devices, a->row.id);
  status = ua_service_throttle_counters(a->service, asker, &a->row, device, &a->counters);
  return status == UA_OK
             ? ua_service_hashing_login_ticket(a->service, asker, device == NULL ? 0 : a->row.id, &a->ticket)
             : status;
}

/* A later run settles what this one has counted, even if the user or the window has changed meanwhile. */
static void note_counted(attempt *a)
{
  a->ticket.counted = a->counters;
  for (size_t i = 0; i < a->counters.count; i++) {
    a->ticket.counted.list[i].address = NULL; /* it ends with this run; settling does not need it */
  }
}

/* UA_OK: the attempt is counted, or its hash has begun already. A blocked attempt takes no place in the
 * queue. */
static ua_status enter(attempt *a)
{
  bool began;
  if (!ua_service_hashing_has_asked(a->service, &a->ticket)) {
    ua_status status = ua_service_throttle_check(a->service, a->arena, &a->counters, a->refusal);
    if (status != UA_OK) {
      return status;
    }
  }
  ua_status status = ua_service_hashing_enter(a->service, &a->ticket, &began);
  if (status != UA_OK) {
    return status;
  }
  if (began) {
    a->counters = a->ticket.counted;
    return UA_OK;
  }
  status = ua_service_throttle_begin(a->service, a->arena, &a->counters, a->refusal);
  if (status != UA_OK) {
    ua_service_hashing_leave(a->service, a->ticket.request);
    return status;
  }
  note_counted(a);
  return UA_OK;
}

/* The password is right, so its hash can be upgraded. If that fails, the login still succeeds. */
static void upgrade_hash(const attempt *a, const ua_password_record *record)
{
  ua_status status = ua_store_users_upgrade_hash(a->service->db, a->arena, &a->row, ua_text_of(record->hash),
                                                 ua_text_of(record->salt));
  if (status != UA_OK) {
    ua_log(UA_LOG_WARN, UA_EVENT("password hash not upgraded"), ua_log_int("user", a->row.id),
           ua_log_str("reason", ua_status_name(status)));
  }
}

/* Decides the outcome, and settles the counters. */
static ua_status judge(const attempt *a, const ua_hash_outcome *outcome)
{
  if (outcome->verdict == UA_PASSWORD_UNVERIFIABLE) {
    ua_log(UA_LOG_WARN, UA_EVENT("stored password hash cannot be verified: see user-api-admin doctor"),
           ua_log_int("user", a->row.id));
  }
  if (!ua_auth_password_is_match(outcome->verdict)) {
    ua_service_throttle_fail(a->service, a->arena, &a->counters, a->login->asker);
    return UA_WRONG_LOGIN;
  }
  if (!a->row.active) {
    ua_service_throttle_release(a->service, a->arena, &a->counters);
    return UA_USER_INACTIVE;
  }
  ua_service_throttle_succeed(a->service, a->arena, &a->counters);
  if (outcome->has_record) {
    upgrade_hash(a, &outcome->record);
  }
  return UA_OK;
}

ua_status ua_service_sessions_login(const ua_service *service, ua_arena *arena, const ua_login *login,
                                    ua_session *session_r, ua_refusal *refusal)
{
  attempt a = {.service = service, .arena = arena, .login = login, .refusal = refusal};
  ua_hash_outcome outcome;
  ua_status status = find(&a);
  if (status == UA_OK) {
    status = enter(&a);
  }
  if (status != UA_OK) {
    return status;
  }
  const ua_hash_job job = {.kind = UA_HASH_VERIFY,
                           .cost = service->bcrypt_cost,
                           .limit = service->bcrypt_limit,
                           .upgrade = service->upgrade_hashes,
                           .password = login->password,
                           .hash = a.row.hash,
                           .salt = a.row.salt};
  status = ua_service_hashing_run(service, &a.ticket, &job, &outcome);
  if (status == UA_PENDING) {
    return status;
  }
  if (status != UA_OK) {
    ua_service_throttle_release(service, arena, &a.counters); /* the client has learned nothing */
    /* The user has changed meanwhile, perhaps by a login that stored a better hash. */
    bool again = status == UA_CONFLICT;
    return again ? ua_service_sessions_login(service, arena, login, session_r, refusal) : status;
  }
  status = judge(&a, &outcome);
  explicit_bzero(&outcome, sizeof outcome);
  return status == UA_OK ? ua_service_sessions_open_for(service, arena, &a.row, session_r) : status;
}
