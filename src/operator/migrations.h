/* Upgrades a database to the schema of this program, and reverts it step by step. The ledger is dbmate's:
 * schema_migrations(version), one row for each applied file, so that dbmate can use the same database. Each
 * file runs in one transaction together with its row. A process that migrates holds an advisory lock: a
 * second one waits, and then finds nothing left to do. */
#ifndef UA_OPERATOR_MIGRATIONS_H
#define UA_OPERATOR_MIGRATIONS_H

#include "operator/connection.h"
#include "operator/migration_file.h"

typedef enum ua_operator_migration_state {
  UA_MIGRATION_APPLIED,
  UA_MIGRATION_PENDING,
  UA_MIGRATION_UNKNOWN /* in the ledger alone: only its version is there */
} ua_operator_migration_state;

/* Called for each migration that was just applied or reverted, or whose state is reported. */
typedef void ua_operator_migration_report(void *context, const ua_operator_migration *migration,
                                          ua_operator_migration_state state);

/* Waits, for at most ten minutes, until no other process migrates this database. The lock is counted: if it
 * is taken twice, release it twice. Closing the connection releases it. */
UA_CHECK ua_status ua_operator_migrations_lock(ua_operator_connection *connection, ua_error_line *error);
UA_CHECK ua_status ua_operator_migrations_unlock(ua_operator_connection *connection, ua_error_line *error);

/* Applies the migrations that the ledger does not have, in the order of names. Stops at the first that fails,
 * which leaves no trace. Errors name the file. */
UA_CHECK ua_status ua_operator_migrations_up(ua_operator_connection *connection,
                                             const ua_operator_migration_set *set,
                                             ua_operator_migration_report *report, void *context,
                                             ua_error_line *error);

/* For a database that already has the tables of the first migration: enters that one into a new ledger and
 * applies the others, all in the caller's transaction. The caller holds the lock. */
UA_CHECK ua_status ua_operator_migrations_adopt(ua_operator_connection *connection,
                                                const ua_operator_migration_set *set, ua_error_line *error);

/* Checks whether the tables of the first migration may be dropped. `error` says why not. */
typedef ua_status ua_operator_migration_veto(ua_operator_connection *connection, ua_error_line *error);

/* Reverts the migration with the highest version in the ledger. UA_NOT_FOUND when none is applied. Before it
 * reverts the first migration, it calls `veto`, unless that is NULL, and returns any result except UA_OK. */
UA_CHECK ua_status ua_operator_migrations_down(ua_operator_connection *connection,
                                               const ua_operator_migration_set *set,
                                               ua_operator_migration_veto *veto,
                                               ua_operator_migration_report *report, void *context,
                                               ua_error_line *error);

/* Reports the state of each, in the order of names, and then of those that the set does not have. Changes
 * nothing. */
UA_CHECK ua_status ua_operator_migrations_status(ua_operator_connection *connection,
                                                 const ua_operator_migration_set *set,
                                                 ua_operator_migration_report *report, void *context,
                                                 ua_error_line *error);

#endif
