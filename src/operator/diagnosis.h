/* What is wrong with a database of users, the Python original's or ours. Reads only. */
#ifndef UA_OPERATOR_DIAGNOSIS_H
#define UA_OPERATOR_DIAGNOSIS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "operator/connection.h"
#include "operator/migration_file.h"

typedef enum ua_operator_severity {
  UA_SEVERITY_NOTE,
  UA_SEVERITY_WARNING, /* works, but somebody should look at it */
  UA_SEVERITY_ERROR    /* cannot be taken over, or cannot be served */
} ua_operator_severity;

typedef enum ua_operator_schema_kind {
  UA_SCHEMA_FOREIGN = 0, /* some tables, but not what is needed */
  UA_SCHEMA_EMPTY,
  UA_SCHEMA_ORIGINAL, /* as the original's create_all makes it: no ledger of migrations */
  UA_SCHEMA_OURS
} ua_operator_schema_kind;

enum { UA_MAX_EXAMPLES = 5, UA_MAX_EXAMPLE_BYTES = 96, UA_MAX_MEND_BYTES = 1024 };

/* One finding. The examples name rows by id, and hold neither hashes nor secrets. What mends them is SQL, or
 * words for somebody who has to decide: one for each example, or one for all, or none. */
typedef struct ua_operator_finding {
  ua_operator_severity severity;
  const char *code; /* static, for programs: "email-case" */
  uint64_t count;
  const char *message;                /* static, without the count */
  char account[UA_MAX_EXAMPLE_BYTES]; /* the role that was checked; "": it is not about one */
  char example[UA_MAX_EXAMPLES][UA_MAX_EXAMPLE_BYTES];
  size_t example_count;
  char mend[UA_MAX_EXAMPLES][UA_MAX_MEND_BYTES];
  size_t mend_count;
} ua_operator_finding;

typedef void ua_finding_report(void *context, const ua_operator_finding *finding);

/* Where findings go. */
typedef struct ua_operator_finding_sink {
  ua_finding_report *report;
  void *context;
} ua_operator_finding_sink;

/* Adds an example, cut to what fits at a whole character, control characters made blanks; counts on. */
void ua_operator_finding_add(ua_operator_finding *finding, const char *example);

/* Adds what mends it, if that fits as a whole: half a command is worse than none. "" adds nothing. */
void ua_operator_finding_add_mend(ua_operator_finding *finding, const char *mend);

/* Names the account that was checked, in the same way. */
void ua_operator_finding_set_account(ua_operator_finding *finding, const char *account);

/* A question to the tables. */
typedef struct ua_operator_diagnosis_check {
  ua_operator_severity severity;
  const char *code;
  const char *message;
  const char *sql; /* rows of (example, ordinal) */
} ua_operator_diagnosis_check;

/* Asks, and reports a finding where there are rows. */
UA_CHECK ua_status ua_operator_diagnosis_ask(ua_operator_connection *connection,
                                             const ua_operator_diagnosis_check *check,
                                             ua_operator_finding_sink sink, bool *found_r,
                                             ua_error_line *error);

UA_CHECK ua_status ua_operator_diagnosis_schema(ua_operator_connection *connection,
                                                ua_operator_schema_kind *kind_r, ua_error_line *error);

/* schema_spec.version, 0 where it is no number; the service's account may ask as well. UA_CONFLICT, with a
 * line (UA_NO_SCHEMA, unless it is the original's) that says what to do, unless the database has our schema.
 */
UA_CHECK ua_status ua_operator_diagnosis_version(ua_operator_connection *connection, uint64_t *version_r,
                                                 ua_error_line *error);

/* The same, also of a schema that is older than this program. */
UA_CHECK ua_status ua_operator_diagnosis_demand_schema(ua_operator_connection *connection,
                                                       ua_error_line *error);

/* Tables, columns, rows: nothing but SQL. *usable_r tells whether the tables have the columns that the other
 * checks need. */
UA_CHECK ua_status ua_operator_diagnosis_tables(ua_operator_connection *connection,
                                                ua_operator_finding_sink sink, bool *usable_r,
                                                ua_error_line *error);

/* Users whose email or name breaks the rule of base/identifier.h: they stay, and nobody else can get such a
 * one.
 */
UA_CHECK ua_status ua_operator_diagnosis_identifiers(ua_operator_connection *connection,
                                                     ua_operator_finding_sink sink, ua_error_line *error);

/* Migrations of the set that the ledger lacks, and those that only the ledger has. *current_r tells whether
 * there are neither. */
UA_CHECK ua_status ua_operator_diagnosis_migrations(ua_operator_connection *connection,
                                                    const ua_operator_migration_set *set,
                                                    ua_operator_finding_sink sink, bool *current_r,
                                                    ua_error_line *error);

/* What the service relies on beside rows and rights, in tables of whatever kind: they are tables, show their
 * rows, and check their foreign keys; settings, collations and encoding that `account` and its indexes work
 * with. Reads catalogs only. */
UA_CHECK ua_status ua_operator_diagnosis_shape(ua_operator_connection *connection, const char *account,
                                               ua_operator_finding_sink sink, ua_error_line *error);

/* Where columns, constraints, indexes and sequences are not as the migrations make them: for tables whose
 * migrations are this program's. Reads catalogs, and the highest ids. */
UA_CHECK ua_status ua_operator_diagnosis_made(ua_operator_connection *connection,
                                              ua_operator_finding_sink sink, ua_error_line *error);

/* Whether the table of events has its months, and keeps none for more than `days`, for tables whose
 * migrations are this program's. */
UA_CHECK ua_status ua_operator_diagnosis_events(ua_operator_connection *connection, int64_t days,
                                                ua_operator_finding_sink sink, ua_error_line *error);

/* What the workers' role may do beyond its needs and, unless the schema is still the original's, what it
 * lacks. */
UA_CHECK ua_status ua_operator_diagnosis_rights(ua_operator_connection *connection, const char *account,
                                                ua_operator_schema_kind kind, ua_operator_finding_sink sink,
                                                ua_error_line *error);

/* Who may do what: customers without an active admin, who holds roles that administrators of customers may
 * not grant, and roles that those of several customers grant. `operator_role` is the code of the service's
 * settings, "" for none. Finds nothing where the schema is older than roles of that kind. */
UA_CHECK ua_status ua_operator_diagnosis_access(ua_operator_connection *connection, const char *operator_role,
                                                ua_operator_finding_sink sink, ua_error_line *error);

/* The columns of a user whose hash looks like the original's. */
enum { UA_LEGACY_USER_ID, UA_LEGACY_USER_EMAIL, UA_LEGACY_USER_HASH, UA_LEGACY_USER_SALT };

/* Calls `row` with each such user, a page at a time. */
UA_CHECK ua_status ua_operator_diagnosis_legacy_users(ua_operator_connection *connection, ua_row_fn *row,
                                                      void *context, ua_error_line *error);

#endif
