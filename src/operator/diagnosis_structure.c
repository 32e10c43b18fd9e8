/* Finds what is wrong with the tables themselves, in the catalogs, each with its fix. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "operator/diagnosis.h"
#include "operator/sql.h"

/* The meaning of the codes in the queries' rows: what is wrong, and why that matters. */
static const struct {
  const char *code;
  ua_operator_severity severity;
  const char *message;
} kinds[] = {
    {"table-kind", UA_SEVERITY_ERROR,
     "a view or another object has replaced a table, and does not enforce keys and rights: restore the "
     "table"},
    {"table-inherited", UA_SEVERITY_ERROR,
     "tables inherit: emails and ids are unique in each table alone, and the rows of one appear in the "
     "other"},
    {"table-unlogged", UA_SEVERITY_ERROR, "unlogged tables: a crash of the server empties them"},
    {"table-shadowed", UA_SEVERITY_WARNING,
     "tables of the same name come before ours in the search path of the service account"},
    {"row-security", UA_SEVERITY_ERROR,
     "row-level security hides rows from the service account: logins and other requests fail"},
    {"row-policies", UA_SEVERITY_NOTE,
     "row-level security or its policies are there, but hide nothing from the service account yet"},
    {"trigger-disabled", UA_SEVERITY_ERROR,
     "triggers of foreign keys are off: rows can name customers, users and roles that do not exist"},
    {"trigger-extra", UA_SEVERITY_WARNING,
     "triggers and rules that no migration makes: they act within each change; drop them if you do not need "
     "them"},
    {"trigger-missing", UA_SEVERITY_ERROR,
     "triggers are missing that end sessions: changes through the API fail, other changes do not end "
     "sessions"},
    {"trigger-changed", UA_SEVERITY_ERROR,
     "triggers that end sessions differ from the migrations: changes through the API fail, other changes do "
     "not end sessions"},
    {"count-missing", UA_SEVERITY_WARNING,
     "triggers are missing that count users: lists and counts read every user of a customer"},
    {"count-changed", UA_SEVERITY_WARNING,
     "triggers that count users differ from the migrations: lists and counts read every user of a "
     "customer, or are wrong"},
    {"event-missing", UA_SEVERITY_ERROR,
     "triggers are missing that record what happened: changes leave no event"},
    {"event-changed", UA_SEVERITY_ERROR,
     "triggers that record what happened differ from the migrations: changes leave no event, or a "
     "wrong one"},
    {"months-missing", UA_SEVERITY_WARNING,
     "the table of events lacks partitions for months: their events are in the default partition, where "
     "old ones are deleted one by one"},
    {"months-mixed", UA_SEVERITY_WARNING,
     "events of coming months, or events that are too old to be kept, are in the default partition"},
    {"months-old", UA_SEVERITY_WARNING,
     "events are older than USER_API_EVENT_DAYS: no login has deleted them"},
    {"count-wrong", UA_SEVERITY_ERROR,
     "blocks of ids whose number of users or active users was counted wrongly: pages by offset, counts and "
     "quotas are wrong"},
    {"account-settings", UA_SEVERITY_ERROR,
     "settings of the service account's sessions that switch off foreign keys, or give it another role's "
     "rights"},
    {"account-read-only", UA_SEVERITY_WARNING,
     "the service account's transactions are read-only: changes fail; ignore this if you made the database "
     "read-only on purpose"},
    {"collation-version", UA_SEVERITY_WARNING,
     "collations have changed their version since indexes were made: emails are not found, or are taken "
     "twice"},
    {"database-encoding", UA_SEVERITY_WARNING,
     "the encoding is not UTF8: names in other scripts fail, and emails are compared without a normal "
     "form; dump the database, create it again, restore it"},
    {"column-missing", UA_SEVERITY_ERROR, "columns are missing that the service reads or writes"},
    {"column-type", UA_SEVERITY_WARNING,
     "columns have another type than the migrations make: texts fit or compare differently"},
    {"column-null", UA_SEVERITY_WARNING,
     "columns may be NULL that must not: a user without a hash cannot log in"},
    {"column-default", UA_SEVERITY_ERROR,
     "columns have another default than the migrations make: adding a user fails, or the user is wrong"},
    {"column-extra", UA_SEVERITY_ERROR,
     "columns that the service does not know must not be NULL: every new row fails"},
    {"constraint-missing", UA_SEVERITY_ERROR,
     "constraints are missing: rows contradict each other, or an answer names the wrong reason"},
    {"constraint-changed", UA_SEVERITY_ERROR,
     "constraints differ from the migrations: they allow rows that they should refuse"},
    {"constraint-invalid", UA_SEVERITY_WARNING,
     "constraints were not validated: older rows may violate them"},
    {"constraint-extra", UA_SEVERITY_NOTE,
     "constraints that no migration makes: a request or deletion that violates one fails"},
    {"email-missing", UA_SEVERITY_ERROR,
     "no index keeps emails unique: two users can have the same, and logins are slow"},
    {"email-changed", UA_SEVERITY_ERROR,
     "the index on emails differs from the migrations: two users can have the same, and logins are "
     "slow"},
    {"index-missing", UA_SEVERITY_WARNING, "indexes are missing: requests are slow with many users"},
    {"index-changed", UA_SEVERITY_WARNING,
     "indexes differ from the migrations: requests are slow with many users"},
    {"search-missing", UA_SEVERITY_WARNING,
     "no index for searches: each search by email or name reads all users of its customer"},
    {"search-changed", UA_SEVERITY_WARNING,
     "the index for searches differs from the migrations: a search by email or name may read all "
     "users of its customer"},
    {"index-invalid", UA_SEVERITY_ERROR,
     "indexes are not usable: what they keep unique is not, and requests are slow"},
    {"index-leftover", UA_SEVERITY_WARNING,
     "indexes that were not completed: they cost time at each change, and can refuse it"},
    {"index-extra", UA_SEVERITY_NOTE,
     "unique indexes that no migration makes: a row that violates one answers 409"},
    {"function-missing", UA_SEVERITY_ERROR, "functions are missing: logins or changes fail"},
    {"function-changed", UA_SEVERITY_ERROR,
     "functions differ from the migrations: passwords can be guessed without limit, sessions "
     "outlive changes, or requests fail"},
    {"sequence-absent", UA_SEVERITY_ERROR,
     "ids without a sequence of their own: new rows fail, or imports cannot reserve ids"},
    {"sequence-changed", UA_SEVERITY_ERROR, "sequences that give ids twice, or refuse the ids of an import"},
    {"sequence-behind", UA_SEVERITY_ERROR, "sequences that give ids which are taken: new rows fail"},
    {"sequence-full", UA_SEVERITY_ERROR, "sequences have no id left: new rows fail"},
    {"sequence-end", UA_SEVERITY_WARNING, "sequences have less than a tenth of their ids left"},
    {"sequence-unread", UA_SEVERITY_NOTE,
     "sequences that you may not read: connect as an owner of the tables"},
};

/* The columns of the queries. */
enum { ROW_CODE, ROW_EXAMPLE, ROW_FIX };

/* The finding to which rows are added; without a code there is none yet. */
typedef struct collection {
  ua_operator_finding finding;
  ua_operator_finding_sink sink;
} collection;

static void report(collection *found)
{
  if (found->finding.code != NULL) {
    found->sink.report(found->sink.context, &found->finding);
  }
  found->finding = (ua_operator_finding){.code = NULL};
}

static ua_status begin(collection *found, const char *code)
{
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (strcmp(kinds[i].code, code) == 0) {
      found->finding = (ua_operator_finding){
          .severity = kinds[i].severity, .code = kinds[i].code, .message = kinds[i].message};
      return UA_OK;
    }
  }
  return UA_INTERNAL;
}

/* Rows of one code are adjacent. */
static ua_status note_row(void *context, const char *const *values)
{
  collection *found = context;
  for (size_t i = ROW_CODE; i <= ROW_FIX; i++) {
    if (values[i] == NULL) {
      return UA_INTERNAL;
    }
  }
  if (found->finding.code == NULL || strcmp(found->finding.code, values[ROW_CODE]) != 0) {
    report(found);
    ua_status status = begin(found, values[ROW_CODE]);
    if (status != UA_OK) {
      return status;
    }
  }
  ua_operator_finding_add(&found->finding, values[ROW_EXAMPLE]);
  ua_operator_finding_add_fix(&found->finding, values[ROW_FIX]);
  return UA_OK;
}

/* `parameter` is NULL for queries without one. */
static ua_status ask(ua_operator_connection *connection, const char *sql, const char *parameter,
                     ua_operator_finding_sink sink, ua_error_line *error)
{
  collection found = {.sink = sink};
  ua_status status = ua_operator_connection_query(connection, sql, &parameter, parameter == NULL ? 0 : 1,
                                                  note_row, &found, error);
  if (status == UA_OK) {
    report(&found);
  }
  return status;
}

static ua_status ask_about_collations(ua_operator_connection *connection, ua_operator_finding_sink sink,
                                      ua_error_line *error)
{
  static const char knows_databases[] =
      "SELECT 1 FROM pg_proc WHERE proname = 'pg_database_collation_actual_version'";
  bool knows = false;
  ua_status status = ask(connection, ua_operator_sql_diagnosis_collations, NULL, sink, error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_operator_connection_exists(connection, knows_databases, NULL, 0, &knows, error);
  return status == UA_OK && knows
             ? ask(connection, ua_operator_sql_diagnosis_collation_database, NULL, sink, error)
             : status;
}

ua_status ua_operator_diagnosis_shape(ua_operator_connection *connection, const char *account,
                                      ua_operator_finding_sink sink, ua_error_line *error)
{
  ua_status status = ask(connection, ua_operator_sql_diagnosis_shape, account, sink, error);
  if (status == UA_OK) {
    status = ask(connection, ua_operator_sql_diagnosis_presets, account, sink, error);
  }
  return status == UA_OK ? ask_about_collations(connection, sink, error) : status;
}

static ua_status ask_about_counts(ua_operator_connection *connection, ua_operator_finding_sink sink,
                                  ua_error_line *error)
{
  bool kept = false;
  ua_status status =
      ua_operator_connection_exists(connection, ua_operator_sql_diagnosis_counts_kept, NULL, 0, &kept, error);
  return status == UA_OK && kept ? ask(connection, ua_operator_sql_diagnosis_counts, NULL, sink, error)
                                 : status;
}

ua_status ua_operator_diagnosis_events(ua_operator_connection *connection, int64_t days,
                                       ua_operator_finding_sink sink, ua_error_line *error)
{
  bool kept = false;
  char text[24];
  (void)snprintf(text, sizeof text, "%" PRId64, days);
  ua_status status =
      ua_operator_connection_exists(connection, ua_operator_sql_diagnosis_events_kept, NULL, 0, &kept, error);
  return status == UA_OK && kept ? ask(connection, ua_operator_sql_diagnosis_events, text, sink, error)
                                 : status;
}

ua_status ua_operator_diagnosis_made(ua_operator_connection *connection, ua_operator_finding_sink sink,
                                     ua_error_line *error)
{
  static const char *const questions[] = {
      ua_operator_sql_diagnosis_made_columns,  ua_operator_sql_diagnosis_made_constraints,
      ua_operator_sql_diagnosis_made_indexes,  ua_operator_sql_diagnosis_made_functions,
      ua_operator_sql_diagnosis_made_triggers, ua_operator_sql_diagnosis_sequences};
  ua_status status =
      ua_operator_connection_run(connection, ua_text_of(ua_operator_sql_diagnosis_sequences_read), error);
  for (size_t i = 0; status == UA_OK && i < sizeof questions / sizeof questions[0]; i++) {
    status = ask(connection, questions[i], NULL, sink, error);
  }
  return status == UA_OK ? ask_about_counts(connection, sink, error) : status;
}
