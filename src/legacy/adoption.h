/* Adopts, in place, a database that the Python original made, and removes what only the original needs. Both
 * run in the caller's transaction, which holds the migrations' lock. */
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
  uint64_t repeated; /* duplicates of memberships */
} ua_legacy_adoption_counts;

UA_CHECK ua_status ua_legacy_adoption_count(ua_operator_connection *connection,
                                            ua_legacy_adoption_counts *counts_r, ua_error_line *error);

/* Locks the original's tables against all other sessions until the transaction ends. */
UA_CHECK ua_status ua_legacy_adoption_lock(ua_operator_connection *connection, ua_error_line *error);

/* Changes the original's tables into those of the first migration. It keeps what the original still relies
 * on: the sequences of its ids, and its own unique constraint on emails. Ids, hashes and salts do not
 * change. */
UA_CHECK ua_status ua_legacy_adoption_align(ua_operator_connection *connection, ua_error_line *error);

/* Replaces what was kept for the original; the schema is then exactly that of the migrations. */
UA_CHECK ua_status ua_legacy_adoption_finish(ua_operator_connection *connection, ua_error_line *error);

/* Whether ua_legacy_adoption_finish has anything to do. */
UA_CHECK ua_status ua_legacy_adoption_is_unfinished(ua_operator_connection *connection, bool *unfinished_r,
                                                    ua_error_line *error);

/* UA_FORBIDDEN, with the reason, while the tables are adopted but not finalized: the original may still use
 * them, so the first migration, which represents them, must not be reverted. */
UA_CHECK ua_status ua_legacy_adoption_veto(ua_operator_connection *connection, ua_error_line *error);

/* How many users still have the original's hash. */
UA_CHECK ua_status ua_legacy_adoption_legacy_hashes(ua_operator_connection *connection, uint64_t *count_r,
                                                    ua_error_line *error);

#endif
