#include "operator/tokens.h"

#include <stdio.h>

#include "operator/sql.h"

/* The columns of token_state.sql. */
enum { EPOCH, USER_ACTIVE, REVOKED };

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
                                     .revoked = values[REVOKED][0] == 't'};
  return UA_OK;
}

ua_status ua_operator_token_state_get(ua_operator_connection *connection, const ua_token_key *key,
                                      ua_operator_token_state *state_r, ua_error_line *error)
{
  ua_operator_token_state state = {.user_exists = false};
  char user[16];
  char customer[16];
  char digest[2 * UA_TOKEN_DIGEST_BYTES + 1];
  const char *const parameters[] = {user, customer, digest};
  (void)snprintf(user, sizeof user, "%d", (int)key->user_id);
  (void)snprintf(customer, sizeof customer, "%d", (int)key->customer_id);
  ua_text_hex(key->digest, sizeof key->digest, digest);
  ua_status status = ua_operator_connection_query(connection, ua_operator_sql_token_state, parameters, 3,
                                                  read_state, &state, error);
  if (status == UA_OK) {
    *state_r = state;
  }
  return status;
}
