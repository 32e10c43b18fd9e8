/* Counters of failed logins, as an operator lists and removes them. Results are as
 * ua_operator_connection_query has them. */
#ifndef UA_OPERATOR_THROTTLE_H
#define UA_OPERATOR_THROTTLE_H

#include "operator/connection.h"

/* Which counters: all that fit everything asked for. NULL is not asked for. */
typedef struct ua_operator_throttle_filter {
  const char *user_id;        /* the user's account and devices, */
  const char *account_digest; /* and the account with this digest, in hexadecimal; NULL: not known */
  const char *address;        /* as it is counted: see base/address.h */
  const char *digest;         /* hexadecimal digits with which the digest begins */
} ua_operator_throttle_filter;

/* The columns of a listed counter. From _KIND on, they are what people read. */
enum {
  UA_OPERATOR_THROTTLE_EMAIL,   /* the user's */
  UA_OPERATOR_THROTTLE_ADDRESS, /* of an address */
  UA_OPERATOR_THROTTLE_USER_ID,
  UA_OPERATOR_THROTTLE_BLOCKED, /* the limit is reached */
  UA_OPERATOR_THROTTLE_KIND,    /* address, account or device */
  UA_OPERATOR_THROTTLE_FAILURES,
  UA_OPERATOR_THROTTLE_LIMIT,
  UA_OPERATOR_THROTTLE_UNTIL,  /* RFC 3339, UTC */
  UA_OPERATOR_THROTTLE_DIGEST, /* its first 16 hexadecimal digits, as the service's log has them */
  UA_OPERATOR_THROTTLE_WHOM,
  UA_OPERATOR_THROTTLE_COLUMNS
};

/* One row a counter whose window has not ended, as they come, those that end last first; at most `limit`
 * (NULL: all). `all`: also those that have not reached their limit. */
UA_CHECK ua_status ua_operator_throttle_list(ua_operator_connection *connection,
                                             const ua_operator_throttle_filter *filter, bool all,
                                             const char *limit, ua_row_fn *row, void *context,
                                             ua_error_line *error);

/* The columns of what a lift did. */
enum {
  UA_OPERATOR_THROTTLE_BLOCKS,   /* so many blocks are lifted, */
  UA_OPERATOR_THROTTLE_COUNTERS, /* and so many counters removed, these included */
  UA_OPERATOR_THROTTLE_AMBIGUOUS,
  UA_OPERATOR_THROTTLE_LIFT_COLUMNS
};

/* Removes the counters, for one row. Removes none when more than one digest begins as the filter says. */
UA_CHECK ua_status ua_operator_throttle_lift(ua_operator_connection *connection,
                                             const ua_operator_throttle_filter *filter, ua_row_fn *row,
                                             void *context, ua_error_line *error);

/* The columns of a user whose account is counted. */
enum { UA_OPERATOR_THROTTLE_ID, UA_OPERATOR_THROTTLE_FOLDED_EMAIL, UA_OPERATOR_THROTTLE_USER_COLUMNS };

/* By email, as ua_operator_users_find has it. No row when there is no such user. */
UA_CHECK ua_status ua_operator_throttle_user(ua_operator_connection *connection, const char *email,
                                             ua_row_fn *row, void *context, ua_error_line *error);

#endif
