/* Finds what is wrong with a database of users, the Python original's or ours. Only reads. */
#ifndef UA_OPERATOR_DIAGNOSIS_H
#define UA_OPERATOR_DIAGNOSIS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "operator/connection.h"
#include "operator/migration_file.h"

typedef enum ua_operator_severity {
  UA_SEVERITY_NOTE,
  UA_SEVERITY_WARNING, /* works, but an operator should check it */
  UA_SEVERITY_ERROR    /* cannot be adopted, or cannot be served */
} ua_operator_severity;

typedef enum ua_operator_schema_kind {
  UA_SCHEMA_FOREIGN = 0, /* some tables, but not the necessary ones */
  UA_SCHEMA_EMPTY,
  UA_SCHEMA_ORIGINAL, /* as the original's create_all makes it: no ledger of migrations */
  UA_SCHEMA_OURS
} ua_operator_schema_kind;

enum { UA_MAX_EXAMPLES = 5, UA_MAX_EXAMPLE_BYTES = 96, UA_MAX_FIX_BYTES = 1024 };

/* One finding. The examples name rows by id, and hold neither hashes nor secrets. The fixes are SQL, or a
 * text if an operator has to decide: one for each example, or one for all, or none. */
typedef struct ua_operator_finding {
  ua_operator_severity severity;
  const char *code; /* static, for programs: "email-case" */
  uint64_t count;
  const char *message;                /* static, without the count */
  char account[UA_MAX_EXAMPLE_BYTES]; /* the role that was checked; "": not about a role */
  char example[UA_MAX_EXAMPLES][UA_MAX_EXAMPLE_BYTES];
  size_t example_count;
  char fix[UA_MAX_EXAMPLES][UA_MAX_FIX_BYTES];
  size_t fix_count;
} ua_operator_finding;

typedef void ua_finding_report(void *context, const ua_operator_finding *finding);

/* Where findings go. */
typedef struct ua_operator_finding_sink {
  ua_finding_report *report;
  void *context;
} ua_operator_finding_sink;

/* Adds an example and counts it. Cuts it after a whole character if it does not fit, and replaces control
 * characters by blanks. */
void ua_operator_finding_add(ua_operator_finding *finding, const char *example);

/* Adds a fix, if it fits as a whole: half a command is worse than none. "" adds nothing. */
void ua_operator_finding_add_fix(ua_operator_finding *finding, const char *fix);

/* Names the account that was checked, in the same way. */
void ua_operator_finding_set_account(ua_operator_finding *finding, const char *account);

/* A query that checks the tables. */
typedef struct ua_operator_diagnosis_check {
  ua_operator_severity severity;
  const char *code;
  const char *message;
  const char *sql; /* rows of (example, ordinal) */
} ua_operator_diagnosis_check;

/* Runs the query, and reports a finding if it returns rows. */
UA_CHECK ua_status ua_operator_diagnosis_ask(ua_operator_connection *connection,
                                             const ua_operator_diagnosis_check *check,
                                             ua_operator_finding_sink sink, bool *found_r,
                                             ua_error_line *error);

UA_CHECK ua_status ua_operator_diagnosis_schema(ua_operator_connection *connection,
                                                ua_operator_schema_kind *kind_r, ua_error_line *error);

/* schema_spec.version; 0 if it is not a number. The service's account may read it, too. UA_CONFLICT if the
 * database does not have our schema; the line says what to do (UA_NO_SCHEMA, or for the original's schema to
 * adopt it). */
UA_CHECK ua_status ua_operator_diagnosis_version(ua_operator_connection *connection, uint64_t *version_r,
                                                 ua_error_line *error);

/* The same, but UA_CONFLICT also for a schema that is older than this program. */
UA_CHECK ua_status ua_operator_diagnosis_demand_schema(ua_operator_connection *connection,
                                                       ua_error_line *error);

/* Checks tables, columns and rows with SQL only. *usable_r: the tables have the columns that the other checks
 * need. */
UA_CHECK ua_status ua_operator_diagnosis_tables(ua_operator_connection *connection,
                                                ua_operator_finding_sink sink, bool *usable_r,
                                                ua_error_line *error);

/* Finds users whose email or name breaks the rule of base/identifier.h. They stay, but no other user can get
 * such an email or name. */
UA_CHECK ua_status ua_operator_diagnosis_identifiers(ua_operator_connection *connection,
                                                     ua_operator_finding_sink sink, ua_error_line *error);

/* Finds migrations of the set that the ledger lacks, and migrations that only the ledger has. *current_r:
 * there are neither. */
UA_CHECK ua_status ua_operator_diagnosis_migrations(ua_operator_connection *connection,
                                                    const ua_operator_migration_set *set,
                                                    ua_operator_finding_sink sink, bool *current_r,
                                                    ua_error_line *error);

/* Checks what the service relies on in addition to rows and rights, for our tables and the original's: that
 * they are tables, show their rows, and check their foreign keys; settings, collations and encoding that
 * `account` and its indexes work with. Reads only catalogs. */
UA_CHECK ua_status ua_operator_diagnosis_shape(ua_operator_connection *connection, const char *account,
                                               ua_operator_finding_sink sink, ua_error_line *error);

/* Finds columns, constraints, indexes and sequences that differ from what the migrations make. Only for
 * tables that this program's migrations made. Reads catalogs, and the highest ids. */
UA_CHECK ua_status ua_operator_diagnosis_made(ua_operator_connection *connection,
                                              ua_operator_finding_sink sink, ua_error_line *error);

/* Checks that the table of events has its months, and keeps none for more than `days`. Only for tables that
 * this program's migrations made. */
UA_CHECK ua_status ua_operator_diagnosis_events(ua_operator_connection *connection, int64_t days,
                                                ua_operator_finding_sink sink, ua_error_line *error);

/* Finds rights of the workers' role that it does not need and, unless the schema is still the original's,
 * rights that it lacks. */
UA_CHECK ua_status ua_operator_diagnosis_rights(ua_operator_connection *connection, const char *account,
                                                ua_operator_schema_kind kind, ua_operator_finding_sink sink,
                                                ua_error_line *error);

/* Checks who may do what: finds customers without an active admin, users who hold roles that administrators
 * of customers may not grant, and roles that administrators of several customers grant. `operator_role` is
 * the code in the service's settings, "" for none. Finds nothing if the schema is older than roles of that
 * kind. */
UA_CHECK ua_status ua_operator_diagnosis_access(ua_operator_connection *connection, const char *operator_role,
                                                ua_operator_finding_sink sink, ua_error_line *error);

/* The columns of a user whose hash looks like the original's. */
enum { UA_LEGACY_USER_ID, UA_LEGACY_USER_EMAIL, UA_LEGACY_USER_HASH, UA_LEGACY_USER_SALT };

/* Calls `row` with each such user, a page at a time. */
UA_CHECK ua_status ua_operator_diagnosis_legacy_users(ua_operator_connection *connection, ua_row_fn *row,
                                                      void *context, ua_error_line *error);

#endif
