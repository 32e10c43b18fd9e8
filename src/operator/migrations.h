/* Upgrades a database to the schema that this program was made for, and reverts it step by step.
 *
 * The ledger is dbmate's: schema_migrations(version), one row for each applied file, so that dbmate can take
 * the same database over. Each file runs in one transaction together with its row. Whoever migrates holds an
 * advisory lock: a second one waits, and then finds nothing left to do. */
#ifndef UA_OPERATOR_MIGRATIONS_H
#define UA_OPERATOR_MIGRATIONS_H

#include "operator/connection.h"
#include "operator/migration_file.h"

typedef enum ua_operator_migration_state {
  UA_MIGRATION_APPLIED,
  UA_MIGRATION_PENDING,
  UA_MIGRATION_UNKNOWN /* in the ledger alone: only its version is there */
} ua_operator_migration_state;

/* Called for each migration that was just applied or reverted, or whose state is told. */
typedef void ua_operator_migration_report(void *context, const ua_operator_migration *migration,
                                          ua_operator_migration_state state);

/* Waits, for at most ten minutes, until no one else migrates this database. The lock counts: take it twice,
 * release it twice. Closing the connection releases it. */
UA_CHECK ua_status ua_operator_migrations_lock(ua_operator_connection *connection, ua_error_line *error);
UA_CHECK ua_status ua_operator_migrations_unlock(ua_operator_connection *connection, ua_error_line *error);

/* Applies what the ledger does not have, in the order of names; stops at the first that fails, which leaves
 * no trace. The errors name the file. */
UA_CHECK ua_status ua_operator_migrations_up(ua_operator_connection *connection,
                                             const ua_operator_migration_set *set,
                                             ua_operator_migration_report *report, void *context,
                                             ua_error_line *error);

/* For a database whose tables are already what the first migration makes: enters that one into a new ledger
 * and applies the others, all in the caller's transaction. The caller holds the lock. */
UA_CHECK ua_status ua_operator_migrations_adopt(ua_operator_connection *connection,
                                                const ua_operator_migration_set *set, ua_error_line *error);

/* Looks whether the tables that the first migration stands for may be dropped; says in `error` why not. */
typedef ua_status ua_operator_migration_veto(ua_operator_connection *connection, ua_error_line *error);

/* Reverts the one with the highest version in the ledger. UA_NOT_FOUND when nothing is applied. Before the
 * first one is reverted `veto` is asked, unless it is NULL; anything but UA_OK is then the result. */
UA_CHECK ua_status ua_operator_migrations_down(ua_operator_connection *connection,
                                               const ua_operator_migration_set *set,
                                               ua_operator_migration_veto *veto,
                                               ua_operator_migration_report *report, void *context,
                                               ua_error_line *error);

/* Tells the state of each, in the order of names, and then of those that the set does not have. Changes
 * nothing. */
UA_CHECK ua_status ua_operator_migrations_status(ua_operator_connection *connection,
                                                 const ua_operator_migration_set *set,
                                                 ua_operator_migration_report *report, void *context,
                                                 ua_error_line *error);

#endif
