#include "service/throttle.h"

#include <stdio.h>
#include <string.h>

#include "auth/digest.h"
#include "base/log.h"

/* Of a digest, in logs and in `user-api-admin throttle list`. */
enum { SHOWN_BYTES = 8, SHOWN_SIZE = 2 * SHOWN_BYTES + 1 };

static ua_status add(const ua_service *service, ua_counters *counters, ua_counter counter, ua_text subject)
{
  static const char *const purpose[] = {[UA_COUNTER_ADDRESS] = "address",
                                        [UA_COUNTER_ACCOUNT] = UA_DIGEST_OF_ACCOUNT,
                                        [UA_COUNTER_DEVICE] = "device"};
  if (counter.limit == 0) {
    return UA_OK;
  }
  if (!ua_auth_digest(&service->secrets, purpose[counter.kind], subject, counter.digest)) {
    return UA_INTERNAL;
  }
  counters->list[counters->count++] = counter;
  return UA_OK;
}

ua_status ua_service_throttle_counters(const ua_service *service, const ua_asker *asker,
                                       const ua_login_row *row, const ua_device *device,
                                       ua_counters *counters_r)
{
  const ua_throttle_limits *limits = &service->login_limits;
  const char *address = asker->address.text;
  const ua_counter of_address = {
      .kind = UA_COUNTER_ADDRESS, .address = address, .limit = address[0] == '\0' ? 0 : limits->address};
  const ua_counter of_account = {.kind = UA_COUNTER_ACCOUNT, .user_id = row->id, .limit = limits->account};
  const ua_counter of_device = {.kind = UA_COUNTER_DEVICE, .user_id = row->id, .limit = limits->account};
  *counters_r = (ua_counters){.window_seconds = limits->window_seconds};
  if (device != NULL) {
    return add(service, counters_r, of_device, (ua_text){(const char *)device, sizeof *device});
  }
  ua_status status = add(service, counters_r, of_address, ua_text_of(address));
  return status == UA_OK ? add(service, counters_r, of_account, row->folded) : status;
}

/* The answer to the client does not change; a later attempt tries again. */
static void record(const ua_service *service, ua_arena *arena, const ua_counters *counters)
{
  ua_status status = ua_store_db_begin(service->db);
  if (status == UA_OK) {
    status = ua_service_end_transaction(service, ua_store_throttle_record(service->db, arena, counters));
  }
  if (status != UA_OK) {
    ua_log(UA_LOG_WARN, UA_EVENT("no event of blocked logins was written"),
           ua_log_str("reason", ua_status_name(status)));
  }
}

static ua_status refuse_blocked(const ua_throttle_state *state, ua_refusal *refusal)
{
  if (state->blocked_seconds == 0) {
    return UA_OK;
  }
  refusal->message = UA_TEXT("Too many attempts.");
  refusal->retry_after_seconds = state->blocked_seconds;
  return UA_TOO_MANY_REQUESTS;
}

ua_status ua_service_throttle_check(const ua_service *service, ua_arena *arena, const ua_counters *counters,
                                    ua_refusal *refusal)
{
  ua_throttle_state state;
  ua_status status = ua_store_throttle_peek(service->db, arena, counters, &state);
  if (status == UA_OK && state.unrecorded) {
    record(service, arena, counters);
  }
  return status == UA_OK ? refuse_blocked(&state, refusal) : status;
}

ua_status ua_service_throttle_begin(const ua_service *service, ua_arena *arena, ua_counters *counters,
                                    ua_refusal *refusal)
{
  ua_throttle_state state;
  ua_status status = ua_store_throttle_reserve(service->db, arena, counters, &state);
  if (status == UA_OUTCOME_UNKNOWN) {
    return UA_UNAVAILABLE; /* nothing that the client asked for was changed */
  }
  return status == UA_OK ? refuse_blocked(&state, refusal) : status;
}

/* The answer to the client does not change: a counter that is too high ends with its window. */
static void warn(ua_status status)
{
  if (status != UA_OK) {
    ua_log(UA_LOG_WARN, UA_EVENT("a login stays counted as a failed one"),
           ua_log_str("reason", ua_status_name(status)));
  }
}

void ua_service_throttle_succeed(const ua_service *service, ua_arena *arena, const ua_counters *counters)
{
  warn(ua_store_throttle_succeed(service->db, arena, counters));
}

void ua_service_throttle_release(const ua_service *service, ua_arena *arena, const ua_counters *counters)
{
  warn(ua_store_throttle_release(service->db, arena, counters));
}

static void show(const ua_counter *counter, char shown[SHOWN_SIZE])
{
  for (size_t i = 0; i < SHOWN_BYTES; i++) {
    (void)snprintf(shown + 2 * i, 3, "%02x", counter->digest[i]);
  }
}

void ua_service_throttle_fail(const ua_service *service, ua_arena *arena, const ua_counters *counters,
                              const ua_asker *asker)
{
  ua_throttle_state state = {.blocked_seconds = 0};
  char account[SHOWN_SIZE] = "";
  const char *of = "account";
  for (size_t i = 0; i < counters->count; i++) {
    if (counters->list[i].kind != UA_COUNTER_ADDRESS) {
      show(&counters->list[i], account);
      of = counters->list[i].kind == UA_COUNTER_DEVICE ? "device" : "account";
    }
  }
  ua_log(UA_LOG_INFO, UA_EVENT("login failed"), ua_log_str(of, account),
         ua_log_str("address", asker->address.text));
  if (ua_store_throttle_peek(service->db, arena, counters, &state) != UA_OK || state.blocked_seconds == 0) {
    return;
  }
  if (state.unrecorded) {
    record(service, arena, counters);
  }
  ua_log(UA_LOG_WARN, UA_EVENT("logins blocked"), ua_log_str(of, account),
         ua_log_str("address", asker->address.text), ua_log_int("seconds", state.blocked_seconds));
}
