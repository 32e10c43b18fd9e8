/* Customers, as an operator adds, lists, changes and deletes them. Parameters are text, checked by the
 * caller; rows come as the columns that are named here. Results are as ua_operator_connection_query has them.
 */
#ifndef UA_OPERATOR_CUSTOMERS_H
#define UA_OPERATOR_CUSTOMERS_H

#include <stdbool.h>
#include <stddef.h>

#include "operator/connection.h"

/* The columns of a customer. */
enum {
  UA_OPERATOR_CUSTOMERS_ID,
  UA_OPERATOR_CUSTOMERS_NAME,         /* NULL: never named */
  UA_OPERATOR_CUSTOMERS_QUOTA,        /* NULL: no limit */
  UA_OPERATOR_CUSTOMERS_USERS,        /* how many users there are, */
  UA_OPERATOR_CUSTOMERS_ACTIVE_USERS, /* and how many of them are active */
  UA_OPERATOR_CUSTOMERS_COLUMNS
};

/* Adds a customer; `name` NULL: without a name, `quota` NULL: no limit. */
UA_CHECK ua_status ua_operator_customers_add(ua_operator_connection *connection, const char *name,
                                             const char *quota, ua_row_fn *row, void *context,
                                             ua_error_line *error);

/* All with an id above `after`, ordered by id, `limit` at most (NULL: all of them). */
UA_CHECK ua_status ua_operator_customers_list(ua_operator_connection *connection, const char *after,
                                              const char *limit, ua_row_fn *row, void *context,
                                              ua_error_line *error);

/* No row when there is no such customer. */
UA_CHECK ua_status ua_operator_customers_get(ua_operator_connection *connection, const char *id,
                                             ua_row_fn *row, void *context, ua_error_line *error);

/* Changes to a customer. */
typedef struct ua_operator_customer_change {
  const char *name; /* NULL: unchanged */
  bool sets_quota;  /* false: unchanged */
  const char *quota;
} ua_operator_customer_change;

/* No row when there is no such customer. */
UA_CHECK ua_status ua_operator_customers_change(ua_operator_connection *connection, const char *id,
                                                const ua_operator_customer_change *change, ua_row_fn *row,
                                                void *context, ua_error_line *error);

/* Within a transaction: the customer's row, locked against new users until the end. */
UA_CHECK ua_status ua_operator_customers_lock(ua_operator_connection *connection, const char *id,
                                              ua_row_fn *row, void *context, ua_error_line *error);

/* Within that transaction: deletes a customer without users. */
UA_CHECK ua_status ua_operator_customers_delete(ua_operator_connection *connection, const char *id,
                                                ua_error_line *error);

/* Why no customer can be chosen if none is named and there are `count`, which is not 1. */
const char *ua_operator_customers_unclear(size_t count);

#endif
