/* An operator's queries about tokens. Results are as for ua_operator_connection_query. */
#ifndef UA_OPERATOR_TOKENS_H
#define UA_OPERATOR_TOKENS_H

#include <stdint.h>

#include "operator/connection.h"
#include "store/tokens.h"

/* What the database knows of a token. */
typedef struct ua_operator_token_state {
  bool user_exists; /* in the token's customer; if false, nothing below is known */
  bool user_active;
  int32_t epoch; /* the user's */
  bool revoked;
  bool expired; /* by the database's clock */
} ua_operator_token_state;

/* The state of a token that ends at `expires_at` (seconds, UTC). UA_OK also for a user who does not exist. */
UA_CHECK ua_status ua_operator_token_state_get(ua_operator_connection *connection, const ua_token_key *key,
                                               int64_t expires_at, ua_operator_token_state *state_r,
                                               ua_error_line *error);

/* The result of ending all tokens: the number of users, and the next user's id. */
enum { UA_OPERATOR_TOKENS_USERS, UA_OPERATOR_TOKENS_NEXT_ID, UA_OPERATOR_TOKENS_COLUMNS };

/* Within a transaction: raises the epochs of all users, also of deleted ones, above any value that was lost
 * with a restored backup, and skips ids that may have been given since the backup. One row. No other process
 * changes a user until the transaction ends. */
UA_CHECK ua_status ua_operator_tokens_revoke_all(ua_operator_connection *connection, ua_row_fn *row,
                                                 void *context, ua_error_line *error);

#endif
