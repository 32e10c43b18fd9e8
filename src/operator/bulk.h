/* Bulk work: one event for each customer, instead of one for each user, role and membership that changes. */
#ifndef UA_OPERATOR_BULK_H
#define UA_OPERATOR_BULK_H

#include "operator/connection.h"

/* Until the end of the transaction, changes leave no events of their own. Has no effect for callers that may
 * not ask for this, because they do not own the table of events: each of their changes leaves an event. */
UA_CHECK ua_status ua_operator_bulk_begin(ua_operator_connection *connection, ua_error_line *error);

#endif
