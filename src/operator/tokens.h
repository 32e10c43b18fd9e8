/* What an operator asks of a token. Results are as ua_operator_connection_query has them. */
#ifndef UA_OPERATOR_TOKENS_H
#define UA_OPERATOR_TOKENS_H

#include <stdint.h>

#include "operator/connection.h"
#include "store/tokens.h"

/* What the database knows of a token. */
typedef struct ua_operator_token_state {
  bool user_exists; /* in the token's customer; if not, nothing below is known */
  bool user_active;
  int32_t epoch; /* the user's */
  bool revoked;
  bool expired; /* by the database's clock */
} ua_operator_token_state;

/* Of a token that ends at `expires_at` (seconds, UTC). UA_OK also for a user who is not there. */
UA_CHECK ua_status ua_operator_token_state_get(ua_operator_connection *connection, const ua_token_key *key,
                                               int64_t expires_at, ua_operator_token_state *state_r,
                                               ua_error_line *error);

/* What ended all tokens: how many users there are, and the id of the next one. */
enum { UA_OPERATOR_TOKENS_USERS, UA_OPERATOR_TOKENS_NEXT_ID, UA_OPERATOR_TOKENS_COLUMNS };

/* Within a transaction: raises the epochs of all users, also of those who were deleted, by so much that they
 * are above whatever was lost with a restored backup, and skips ids that may have been given since. One row.
 * Nobody else changes a user until the transaction ends. */
UA_CHECK ua_status ua_operator_tokens_revoke_all(ua_operator_connection *connection, ua_row_fn *row,
                                                 void *context, ua_error_line *error);

#endif
