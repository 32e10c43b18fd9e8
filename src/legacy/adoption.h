/* Takes over, in place, a database that the Python original made, and lets go of what only the original
 * needs. Both run in the caller's transaction, which holds the migrations' lock. */
#ifndef UA_LEGACY_ADOPTION_H
#define UA_LEGACY_ADOPTION_H

#include <stdint.h>

#include "operator/connection.h"

/* Rows of the five tables. */
typedef struct ua_legacy_adoption_counts {
  uint64_t customers;
  uint64_t users;
  uint64_t roles;
  uint64_t memberships;
  uint64_t repeated; /* memberships beyond the first of their kind */
} ua_legacy_adoption_counts;

UA_CHECK ua_status ua_legacy_adoption_count(ua_operator_connection *connection,
                                            ua_legacy_adoption_counts *counts_r, ua_error_line *error);

/* Keeps everybody else out of the original's tables until the transaction ends. */
UA_CHECK ua_status ua_legacy_adoption_lock(ua_operator_connection *connection, ua_error_line *error);

/* Brings the original's tables to what the first migration makes, except for what the original still relies
 * on: the sequences behind its ids, and its own unique constraint on emails. Ids, hashes and salts stay. */
UA_CHECK ua_status ua_legacy_adoption_align(ua_operator_connection *connection, ua_error_line *error);

/* Replaces what was left for the original's sake; the schema is then, to the letter, the migrations'. */
UA_CHECK ua_status ua_legacy_adoption_finish(ua_operator_connection *connection, ua_error_line *error);

/* Whether ua_legacy_adoption_finish has anything to do. */
UA_CHECK ua_status ua_legacy_adoption_is_unfinished(ua_operator_connection *connection, bool *unfinished_r,
                                                    ua_error_line *error);

/* UA_FORBIDDEN, with why, while the tables are adopted ones that are not finalized: the original still works
 * on them, so that the first migration, which stands for them, must not be reverted. */
UA_CHECK ua_status ua_legacy_adoption_veto(ua_operator_connection *connection, ua_error_line *error);

/* How many users still have the original's hash. */
UA_CHECK ua_status ua_legacy_adoption_legacy_hashes(ua_operator_connection *connection, uint64_t *count_r,
                                                    ua_error_line *error);

#endif
