#include "store/tokens.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "base/clock.h"
#include "base/log.h"

/* Two clocks are read one after the other, so a second apart is no difference. */
enum { CLOCK_TOLERANCE_SECONDS = 1, WARNING_INTERVAL_MS = 60000 };

/* The year 9999. A token of the original may end later than PostgreSQL's timestamps do. */
static const int64_t latest_end = 253402300799;

static ua_db_args args_of(ua_arena *arena, const ua_token_key *key)
{
  ua_db_args args = {0};
  ua_store_db_add_int(&args, key->user_id);
  ua_store_db_add_int(&args, key->customer_id);
  ua_store_db_add_bytes(&args, arena, key->digest, sizeof key->digest);
  return args;
}

/* The columns of token_state.sql. */
enum { STATE_EPOCH, STATE_REVOKED, STATE_ORIGIN, STATE_NOW };

/* What the database knows about a token. */
typedef struct state {
  int32_t epoch;
  bool is_revoked;
  uint64_t origin;
  int64_t now; /* seconds, UTC, by the database's clock */
} state;

static ua_status read_state(void *context, const ua_db_row *row)
{
  *(state *)context = (state){.epoch = (int32_t)ua_store_db_int(row, STATE_EPOCH),
                              .is_revoked = ua_store_db_bool(row, STATE_REVOKED),
                              .origin = (uint64_t)ua_store_db_int(row, STATE_ORIGIN),
                              .now = ua_store_db_int(row, STATE_NOW)};
  return UA_OK;
}

/* The caller found that the token has not expired. If the clocks differ, users who have just logged in are
 * refused: the log must say why, but not for each of them. */
static void warn_of_clocks(int64_t ahead)
{
  static atomic_int_fast64_t next_ms;
  int64_t now_ms = ua_clock_monotonic_ms();
  int_fast64_t due = atomic_load(&next_ms);
  if (ahead > CLOCK_TOLERANCE_SECONDS && now_ms >= due &&
      atomic_compare_exchange_strong(&next_ms, &due, now_ms + WARNING_INTERVAL_MS)) {
    ua_log(UA_LOG_WARN, UA_EVENT("clocks differ: tokens expire by the database's, which is ahead"),
           ua_log_int("seconds", ahead));
  }
}

ua_status ua_store_tokens_check(ua_db *db, ua_arena *arena, const ua_token_key *key, int32_t epoch,
                                int64_t expires_at, uint64_t *origin_r)
{
  ua_db_args args = args_of(arena, key);
  state found;
  size_t rows = 0;
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_TOKEN_STATE, &args, read_state, &found, &rows);
  if (status != UA_OK) {
    return status;
  }
  if (rows != 1 || found.epoch != epoch || found.is_revoked) {
    return UA_INVALID_TOKEN;
  }
  if (found.now >= expires_at) {
    warn_of_clocks(found.now - ua_clock_wall_seconds());
    return UA_INVALID_TOKEN;
  }
  *origin_r = found.origin;
  return UA_OK;
}

static ua_status read_origin(void *context, const ua_db_row *row)
{
  *(uint64_t *)context = (uint64_t)ua_store_db_int(row, 0);
  return UA_OK;
}

ua_status ua_store_tokens_origin(ua_db *db, uint64_t *origin_r)
{
  return ua_store_db_execute(db, UA_STATEMENT_ORIGIN, NULL, read_origin, origin_r, NULL);
}

ua_status ua_store_tokens_revoke(ua_db *db, ua_arena *arena, const ua_token_key *key, int64_t expires_at)
{
  ua_db_args args = args_of(arena, key);
  ua_store_db_add_int(&args, expires_at < latest_end ? expires_at : latest_end);
  return ua_store_db_execute(db, UA_STATEMENT_TOKEN_REVOKE, &args, NULL, NULL, NULL);
}

ua_status ua_store_tokens_forget_expired(ua_db *db, int64_t now)
{
  ua_db_args args = {0};
  ua_store_db_add_int(&args, now);
  return ua_store_db_execute(db, UA_STATEMENT_TOKEN_FORGET_EXPIRED, &args, NULL, NULL, NULL);
}
