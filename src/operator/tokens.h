/* What an operator asks of a token. Parameters are text, checked by the caller; rows come as
 * the columns that are named here. Results are as ua_operator_connection_query has them. */
#ifndef UA_OPERATOR_TOKENS_H
#define UA_OPERATOR_TOKENS_H

#include <stdint.h>

#include "operator/connection.h"
#include "store/tokens.h"

/* What the database knows of a token. */
typedef struct ua_operator_token_state {
  bool user_exists; /* as a user of the token's customer; nothing below is known otherwise */
  bool user_active;
  int32_t epoch; /* the user's */
  bool revoked;
} ua_operator_token_state;

UA_CHECK ua_status ua_operator_token_state_get(ua_operator_connection *connection, const ua_token_key *key,
                                               ua_operator_token_state *state_r, ua_error_line *error);

#endif
