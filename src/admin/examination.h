/* What `doctor`, `adopt` and `finalize` share: the database and its examination. */
#ifndef UA_ADMIN_EXAMINATION_H
#define UA_ADMIN_EXAMINATION_H

#include "admin/findings.h"
#include "admin/settings.h"
#include "cli/command.h"
#include "operator/grants.h"
#include "operator/migrations.h"

/* The first options of each command. */
enum {
  UA_ADMIN_EXAMINATION_DATABASE_URL,
  UA_ADMIN_EXAMINATION_CONFIG,
  UA_ADMIN_EXAMINATION_DATABASE,
  UA_ADMIN_EXAMINATION_MIGRATIONS,
  UA_ADMIN_EXAMINATION_SERVICE_ACCOUNT,
  UA_ADMIN_EXAMINATION_OPTIONS
};

/* clang-format off */
#define UA_ADMIN_EXAMINATION_OPTION_ROWS                                                                             \
  [UA_ADMIN_EXAMINATION_DATABASE_URL] = {"--database-url", "URL", "the database, as an owner of its tables"},        \
  [UA_ADMIN_EXAMINATION_CONFIG] = UA_ADMIN_CONFIG_OPTION_ROW,                                                        \
  [UA_ADMIN_EXAMINATION_DATABASE] = {"--database", "NAME", "a database other than the URL's"},                       \
  [UA_ADMIN_EXAMINATION_MIGRATIONS] = {"--migrations", "DIR", "migrations to use, not the built-in ones"},           \
  [UA_ADMIN_EXAMINATION_SERVICE_ACCOUNT] = {"--service-account", "NAME",                                             \
                                         "workers' role [by its rights, or " UA_ADMIN_DEFAULT_SERVICE_ACCOUNT "]"}
/* clang-format on */

typedef struct ua_admin_examination {
  ua_operator_connection *connection;
  ua_operator_migration_set set;
  const char *account;
  ua_operator_grants_scope scope; /* always, when the account was named */
  const char
      *operator_role; /* from the service's settings, "" for none; NULL: do not examine who may do what */
  int64_t event_days; /* from the service's settings; 0: do not examine the months of events */
} ua_admin_examination;

/* Reads the options and connects. Returns an exit code. Close the examination in any case. */
UA_CHECK int ua_admin_examination_open(const ua_cli_arguments *arguments,
                                       ua_admin_examination *examination_r);
void ua_admin_examination_close(ua_admin_examination *examination);

/* Reports everything that can be found in the database. */
UA_CHECK ua_status ua_admin_examination_examine(const ua_admin_examination *examination,
                                                ua_operator_finding_sink sink,
                                                ua_operator_schema_kind *kind_r, ua_error_line *error);

/* "original", "current", … */
const char *ua_admin_schema_name(ua_operator_schema_kind kind);

/* Takes the migrations' lock, begins a transaction and locks the tables. */
UA_CHECK ua_status ua_admin_examination_begin(const ua_admin_examination *examination, ua_error_line *error);

/* What a command does after the examination: ends or abandons the findings, and returns an exit code. */
typedef int ua_admin_judge_fn(const ua_admin_examination *examination, ua_admin_findings *findings,
                              ua_operator_schema_kind kind);

/* A whole command: opens, examines, judges, closes. --json is the first option after the shared ones. Returns
 * an exit code. */
UA_CHECK int ua_admin_examination_run(const ua_cli_arguments *arguments, ua_admin_judge_fn *judge);

#endif
