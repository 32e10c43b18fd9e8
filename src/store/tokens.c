#include "store/tokens.h"

/* Clocks of workers and database may differ; a revocation is kept for a day longer than the token. */
enum { CLOCK_MARGIN_SECONDS = 86400 };

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
enum { STATE_EPOCH, STATE_REVOKED };

static ua_status compare_state(void *context, const ua_db_row *row)
{
  bool current = ua_store_db_int(row, STATE_EPOCH) == *(const int32_t *)context;
  bool revoked = ua_store_db_bool(row, STATE_REVOKED);
  return current && !revoked ? UA_OK : UA_INVALID_TOKEN;
}

ua_status ua_store_tokens_check(ua_db *db, ua_arena *arena, const ua_token_key *key, int32_t epoch)
{
  ua_db_args args = args_of(arena, key);
  size_t rows = 0;
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_TOKEN_STATE, &args, compare_state, &epoch, &rows);
  return status == UA_OK && rows != 1 ? UA_INVALID_TOKEN : status;
}

ua_status ua_store_tokens_revoke(ua_db *db, ua_arena *arena, const ua_token_key *key, int64_t expires_at)
{
  ua_db_args args = args_of(arena, key);
  ua_store_db_add_int(&args, expires_at < latest_end ? expires_at : latest_end);
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_TOKEN_REVOKE, &args, NULL, NULL, NULL);
  return status == UA_UNPROCESSABLE ? UA_OK
                                    : status; /* the user was deleted just now, which ends the token */
}

ua_status ua_store_tokens_forget_expired(ua_db *db, int64_t now)
{
  ua_db_args args = {0};
  ua_store_db_add_int(&args, now - CLOCK_MARGIN_SECONDS);
  return ua_store_db_execute(db, UA_STATEMENT_TOKEN_FORGET_EXPIRED, &args, NULL, NULL, NULL);
}
