/* Counters of failed logins, as an operator lists and removes them. Results are as for
 * ua_operator_connection_query. */
#ifndef UA_OPERATOR_THROTTLE_H
#define UA_OPERATOR_THROTTLE_H

#include "operator/connection.h"

/* Which counters: those that match all fields. NULL matches all. */
typedef struct ua_operator_throttle_filter {
  const char *user_id;        /* the user's account and devices, */
  const char *account_digest; /* and the account with this digest, in hexadecimal; NULL: not known */
  const char *address;        /* as it is counted: see base/address.h */
  const char *digest;         /* hexadecimal digits with which the digest begins */
} ua_operator_throttle_filter;

/* The columns of a listed counter. The table shows those from _KIND on. */
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

/* One row for each counter whose window has not ended, those that end last first; at most `limit` (NULL:
 * all). `all`: also counters below their limit. */
UA_CHECK ua_status ua_operator_throttle_list(ua_operator_connection *connection,
                                             const ua_operator_throttle_filter *filter, bool all,
                                             const char *limit, ua_row_fn *row, void *context,
                                             ua_error_line *error);

/* The columns of the result of a lift. */
enum {
  UA_OPERATOR_THROTTLE_BLOCKS,   /* how many blocks were lifted, */
  UA_OPERATOR_THROTTLE_COUNTERS, /* and how many counters removed, including these */
  UA_OPERATOR_THROTTLE_AMBIGUOUS,
  UA_OPERATOR_THROTTLE_LIFT_COLUMNS
};

/* Removes the counters; the result is one row. Removes none when more than one digest begins as in the
 * filter. */
UA_CHECK ua_status ua_operator_throttle_lift(ua_operator_connection *connection,
                                             const ua_operator_throttle_filter *filter, ua_row_fn *row,
                                             void *context, ua_error_line *error);

/* The columns of a user whose account is counted. */
enum { UA_OPERATOR_THROTTLE_ID, UA_OPERATOR_THROTTLE_FOLDED_EMAIL, UA_OPERATOR_THROTTLE_USER_COLUMNS };

/* By email, as for ua_operator_users_find. No row when there is no such user. */
UA_CHECK ua_status ua_operator_throttle_user(ua_operator_connection *connection, const char *email,
                                             ua_row_fn *row, void *context, ua_error_line *error);

#endif
