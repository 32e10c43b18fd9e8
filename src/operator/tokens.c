#include "operator/tokens.h"

#include <stdio.h>

#include "operator/bulk.h"
#include "operator/sql.h"

/* The columns of token_state.sql. */
enum { EPOCH, USER_ACTIVE, REVOKED, EXPIRED };

static ua_status read_state(void *context, const char *const *values)
{
  uint64_t epoch = 0;
  ua_operator_token_state *state = context;
  if (!ua_text_to_uint(ua_text_of(values[EPOCH]), INT32_MAX, &epoch)) {
    return UA_INTERNAL;
  }
  *state = (ua_operator_token_state){.user_exists = true,
                                     .epoch = (int32_t)epoch,
                                     .user_active = values[USER_ACTIVE][0] == 't',
                                     .revoked = values[REVOKED][0] == 't',
                                     .expired = values[EXPIRED][0] == 't'};
  return UA_OK;
}

ua_status ua_operator_token_state_get(ua_operator_connection *connection, const ua_token_key *key,
                                      int64_t expires_at, ua_operator_token_state *state_r,
                                      ua_error_line *error)
{
  ua_operator_token_state state = {.user_exists = false};
  char user[16];
  char customer[16];
  char end[24];
  char digest[2 * UA_TOKEN_DIGEST_BYTES + 1];
  const char *const parameters[] = {user, customer, digest, end};
  (void)snprintf(user, sizeof user, "%d", (int)key->user_id);
  (void)snprintf(customer, sizeof customer, "%d", (int)key->customer_id);
  (void)snprintf(end, sizeof end, "%lld", (long long)expires_at);
  ua_text_hex(key->digest, sizeof key->digest, digest);
  ua_status status = ua_operator_connection_query(connection, ua_operator_sql_token_state, parameters, 4,
                                                  read_state, &state, error);
  if (status == UA_OK) {
    *state_r = state;
  }
  return status;
}

ua_status ua_operator_tokens_revoke_all(ua_operator_connection *connection, ua_row_fn *row, void *context,
                                        ua_error_line *error)
{
  static const char ask[] =
      "SELECT current_setting('user_api.revoked_users'), current_setting('user_api.next_id')";
  ua_status status = ua_operator_bulk_begin(connection, error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_operator_connection_run(connection, ua_text_of(ua_operator_sql_tokens_revoke_all), error);
  return status == UA_OK ? ua_operator_connection_query(connection, ask, NULL, 0, row, context, error)
                         : status;
}
