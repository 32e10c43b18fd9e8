/* Staged users into their tables: the statements of an import. Each runs in its transaction. */
#ifndef UA_OPERATOR_IMPORT_PLACE_H
#define UA_OPERATOR_IMPORT_PLACE_H

#include "operator/import.h"

/* Keeps other transactions from taking ids until this one ends, and transactions that enforce quotas from
 * adding users to the customers of the rows. `highest` is the highest id in the rows, `without` the number of
 * rows without an id. */
UA_CHECK ua_status ua_operator_import_reserve(ua_operator_connection *connection,
                                              const ua_operator_import_rules *rules, int32_t highest,
                                              uint64_t without, ua_error_line *error);

/* Inserts users and memberships, and sets the sequence past the highest id. */
UA_CHECK ua_status ua_operator_import_place(ua_operator_connection *connection, bool exclusive,
                                            ua_error_line *error);

/* Removes the rows from the stage whose id or email is taken, by a user or by an earlier row. */
UA_CHECK ua_status ua_operator_import_find_taken(ua_operator_connection *connection,
                                                 ua_operator_import_reject_fn *reject, void *context,
                                                 uint64_t *rejected_r, ua_error_line *error);

/* UA_FORBIDDEN when a customer of the rows has more users than its quota. */
UA_CHECK ua_status ua_operator_import_check_quota(ua_operator_connection *connection, ua_error_line *error);

/* Users and memberships in the stage. */
UA_CHECK ua_status ua_operator_import_count(ua_operator_connection *connection,
                                            ua_operator_import_counts *counts, ua_error_line *error);

#endif
