#include "operator/migrations.h"

#include <stdio.h>

#include "operator/bulk.h"
#include "operator/sql.h"
#include "store/schema.h"

/* An arbitrary number that stands for "the schema of User API" among a database's advisory locks. */
#define LOCK_NUMBER "7310015202611"

typedef struct ledger_version {
  char text[256];
  bool found;
} ledger_version;

/* A version as the NUL-terminated parameter of a statement. */
static const char *version_string(const ua_operator_migration *migration,
                                  char buffer[UA_MAX_MIGRATION_VERSION_BYTES + 1])
{
  (void)snprintf(buffer, UA_MAX_MIGRATION_VERSION_BYTES + 1, "%.*s", UA_TEXT_ARGS(migration->version));
  return buffer;
}

ua_status ua_operator_migrations_lock(ua_operator_connection *connection, ua_error_line *error)
{
  static const char lock[] =
      "BEGIN; SET LOCAL lock_timeout = '10min'; SELECT pg_advisory_lock(" LOCK_NUMBER "); COMMIT";
  ua_status status = ua_operator_connection_run(connection, UA_TEXT(lock), error);
  if (status != UA_OK) {
    ua_error_line_prefix(error, "cannot get the migration lock");
    ua_operator_connection_rollback(connection);
  }
  return status;
}

ua_status ua_operator_migrations_unlock(ua_operator_connection *connection, ua_error_line *error)
{
  return ua_operator_connection_run(connection, UA_TEXT("SELECT pg_advisory_unlock(" LOCK_NUMBER ")"), error);
}

static ua_status has_ledger(ua_operator_connection *connection, bool *exists_r, ua_error_line *error)
{
  static const char look[] =
      "SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = 'schema_migrations'";
  return ua_operator_connection_exists(connection, look, NULL, 0, exists_r, error);
}

/* Checks first whether the ledger exists: a role that may not create tables can then find everything
 * applied. */
static ua_status ensure_ledger(ua_operator_connection *connection, ua_error_line *error)
{
  bool exists;
  ua_status status = has_ledger(connection, &exists, error);
  if (status != UA_OK || exists) {
    return status;
  }
  return ua_operator_connection_run(connection, ua_text_of(ua_operator_sql_migrations_ledger), error);
}

static ua_status is_applied(ua_operator_connection *connection, const ua_operator_migration *migration,
                            bool *applied_r, ua_error_line *error)
{
  char version[UA_MAX_MIGRATION_VERSION_BYTES + 1];
  const char *const parameters[] = {version_string(migration, version)};
  return ua_operator_connection_exists(connection, "SELECT 1 FROM schema_migrations WHERE version = $1",
                                       parameters, 1, applied_r, error);
}

/* Within a transaction: runs one half of a file, and `ledger_sql` with its version. Changes of rows leave no
 * events: no person made them. */
static ua_status run_within(ua_operator_connection *connection, const ua_operator_migration *migration,
                            ua_text script, const char *ledger_sql, ua_error_line *error)
{
  char version[UA_MAX_MIGRATION_VERSION_BYTES + 1];
  const char *const parameters[] = {version_string(migration, version)};
  ua_status status = ua_operator_bulk_begin(connection, error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_operator_connection_run(connection, script, error);
  if (status != UA_OK) {
    return status;
  }
  if (!ua_operator_connection_in_transaction(connection)) {
    ua_error_line_set(error, "it ends its own transaction");
    return UA_BAD_REQUEST;
  }
  return ua_operator_connection_query(connection, ledger_sql, parameters, 1, NULL, NULL, error);
}

/* The same as one transaction. */
static ua_status run_one(ua_operator_connection *connection, const ua_operator_migration *migration,
                         ua_text script, const char *ledger_sql, ua_error_line *error)
{
  ua_status status = ua_operator_connection_begin(connection, error);
  if (status == UA_OK) {
    status = run_within(connection, migration, script, ledger_sql, error);
  }
  if (status == UA_OK) {
    status = ua_operator_connection_commit(connection, error);
  }
  if (status != UA_OK) {
    ua_operator_connection_rollback(connection);
    ua_error_line_prefix(error, "%.*s", UA_TEXT_ARGS(migration->name));
  }
  return status;
}

static const char enter[] = "INSERT INTO schema_migrations (version) VALUES ($1)";

static ua_status apply_pending(ua_operator_connection *connection, const ua_operator_migration_set *set,
                               ua_operator_migration_report *report, void *context, ua_error_line *error)
{
  ua_status status = ensure_ledger(connection, error);
  for (size_t i = 0; status == UA_OK && i < set->count; i++) {
    const ua_operator_migration *migration = &set->migrations[i];
    bool applied;
    status = is_applied(connection, migration, &applied, error);
    if (status != UA_OK || applied) {
      continue;
    }
    status = run_one(connection, migration, migration->up, enter, error);
    if (status == UA_OK) {
      report(context, migration, UA_MIGRATION_APPLIED);
    }
  }
  return status;
}

ua_status ua_operator_migrations_adopt(ua_operator_connection *connection,
                                       const ua_operator_migration_set *set, ua_error_line *error)
{
  ua_status status = ensure_ledger(connection, error);
  for (size_t i = 0; status == UA_OK && i < set->count; i++) {
    const ua_operator_migration *migration = &set->migrations[i];
    ua_text script = i == 0 ? UA_TEXT("") : migration->up;
    status = run_within(connection, migration, script, enter, error);
    if (status != UA_OK) {
      ua_error_line_prefix(error, "%.*s", UA_TEXT_ARGS(migration->name));
    }
  }
  return status;
}

/* Ends work under the lock: its own failure takes precedence over a failure to unlock. */
static ua_status unlock_after(ua_operator_connection *connection, ua_status status, ua_error_line *error)
{
  ua_error_line ignored;
  ua_status unlocked = ua_operator_migrations_unlock(connection, status == UA_OK ? error : &ignored);
  return status == UA_OK ? unlocked : status;
}

ua_status ua_operator_migrations_up(ua_operator_connection *connection, const ua_operator_migration_set *set,
                                    ua_operator_migration_report *report, void *context, ua_error_line *error)
{
  ua_status status = ua_operator_migrations_lock(connection, error);
  if (status != UA_OK) {
    return status;
  }
  return unlock_after(connection, apply_pending(connection, set, report, context, error), error);
}

static ua_status note_version(void *context, const char *const *values)
{
  ledger_version *version = context;
  int length = snprintf(version->text, sizeof version->text, "%s", values[0]);
  version->found = true;
  return length >= 0 && (size_t)length < sizeof version->text ? UA_OK : UA_INTERNAL;
}

static const ua_operator_migration *find_version(const ua_operator_migration_set *set, const char *version)
{
  for (size_t i = 0; i < set->count; i++) {
    if (ua_text_equal(set->migrations[i].version, ua_text_of(version))) {
      return &set->migrations[i];
    }
  }
  return NULL;
}

static ua_status revert_last(ua_operator_connection *connection, const ua_operator_migration_set *set,
                             ua_operator_migration_veto *veto, ua_operator_migration_report *report,
                             void *context, ua_error_line *error)
{
  static const char newest[] =
      "SELECT version FROM schema_migrations ORDER BY version COLLATE \"C\" DESC LIMIT 1";
  ledger_version last = {0};
  bool exists;
  ua_status status = has_ledger(connection, &exists, error);
  if (status == UA_OK && exists) {
    status = ua_operator_connection_query(connection, newest, NULL, 0, note_version, &last, error);
  }
  if (status != UA_OK) {
    return status;
  }
  if (!last.found) {
    ua_error_line_set(error, "no migration is applied%s", exists ? "" : ": " UA_NO_SCHEMA);
    return UA_NOT_FOUND;
  }
  const ua_operator_migration *migration = find_version(set, last.text);
  if (migration == NULL) {
    ua_error_line_set(error, "migration %s is applied, but its file is not here", last.text);
    return UA_BAD_REQUEST;
  }
  if (migration == &set->migrations[0] && veto != NULL) {
    status = veto(connection, error);
    if (status != UA_OK) {
      return status;
    }
  }
  status = run_one(connection, migration, migration->down, "DELETE FROM schema_migrations WHERE version = $1",
                   error);
  if (status == UA_OK) {
    report(context, migration, UA_MIGRATION_PENDING);
  }
  return status;
}

ua_status ua_operator_migrations_down(ua_operator_connection *connection,
                                      const ua_operator_migration_set *set, ua_operator_migration_veto *veto,
                                      ua_operator_migration_report *report, void *context,
                                      ua_error_line *error)
{
  ua_status status = ua_operator_migrations_lock(connection, error);
  if (status != UA_OK) {
    return status;
  }
  return unlock_after(connection, revert_last(connection, set, veto, report, context, error), error);
}

typedef struct unknown_versions {
  const ua_operator_migration_set *set;
  ua_operator_migration_report *report;
  void *context;
} unknown_versions;

static ua_status report_unknown(void *context, const char *const *values)
{
  const unknown_versions *unknown = context;
  if (find_version(unknown->set, values[0]) == NULL) {
    ua_operator_migration migration = {.name = ua_text_of(values[0]), .version = ua_text_of(values[0])};
    unknown->report(unknown->context, &migration, UA_MIGRATION_UNKNOWN);
  }
  return UA_OK;
}

ua_status ua_operator_migrations_status(ua_operator_connection *connection,
                                        const ua_operator_migration_set *set,
                                        ua_operator_migration_report *report, void *context,
                                        ua_error_line *error)
{
  static const char all[] = "SELECT version FROM schema_migrations ORDER BY version COLLATE \"C\"";
  unknown_versions unknown = {set, report, context};
  bool ledger;
  ua_status status = has_ledger(connection, &ledger, error);
  if (status != UA_OK) {
    return status;
  }
  for (size_t i = 0; i < set->count; i++) {
    bool applied = false;
    status = ledger ? is_applied(connection, &set->migrations[i], &applied, error) : UA_OK;
    if (status != UA_OK) {
      return status;
    }
    report(context, &set->migrations[i], applied ? UA_MIGRATION_APPLIED : UA_MIGRATION_PENDING);
  }
  return ledger ? ua_operator_connection_query(connection, all, NULL, 0, report_unknown, &unknown, error)
                : UA_OK;
}
