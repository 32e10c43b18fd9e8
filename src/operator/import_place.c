#include "operator/import_place.h"

#include <inttypes.h>
#include <stdio.h>

#include "operator/bulk.h"
#include "operator/sql.h"

ua_status ua_operator_import_reserve(ua_operator_connection *connection,
                                     const ua_operator_import_rules *rules, int32_t highest, uint64_t without,
                                     ua_error_line *error)
{
  static const char set[] =
      "SELECT set_config('user_api.import_highest', $1, true), set_config('user_api.import_without', $2, "
      "true)";
  char highest_text[16];
  char without_text[24];
  const char *const parameters[] = {highest_text, without_text};
  (void)snprintf(highest_text, sizeof highest_text, "%" PRId32, highest);
  (void)snprintf(without_text, sizeof without_text, "%" PRIu64, without);
  ua_status status =
      rules->enforce_quota
          ? ua_operator_connection_run(connection, ua_text_of(ua_operator_sql_import_lock_customers), error)
          : UA_OK;
  if (status != UA_OK) {
    return status;
  }
  status = ua_operator_connection_query(connection, set, parameters, 2, NULL, NULL, error);
  if (status != UA_OK) {
    return status;
  }
  return ua_operator_connection_run(connection, ua_text_of(ua_operator_sql_import_reserve), error);
}

ua_status ua_operator_import_place(ua_operator_connection *connection, bool exclusive, ua_error_line *error)
{
  static const char *const alone[] = {ua_operator_sql_import_take_down, ua_operator_sql_import_place,
                                      ua_operator_sql_import_put_back,  ua_operator_sql_import_set_sequence,
                                      ua_operator_sql_import_record,    NULL};
  static const char *const beside_others[] = {ua_operator_sql_import_trust,
                                              ua_operator_sql_import_collect,
                                              ua_operator_sql_import_place,
                                              ua_operator_sql_import_settle,
                                              ua_operator_sql_import_set_sequence,
                                              ua_operator_sql_import_record,
                                              NULL};
  ua_status status = ua_operator_bulk_begin(connection, error);
  for (const char *const *step = exclusive ? alone : beside_others; status == UA_OK && *step != NULL;
       step++) {
    status = ua_operator_connection_run(connection, ua_text_of(*step), error);
  }
  return status;
}

/* The columns of the cursor that import_find_taken.sql opens. */
enum { TAKEN_LINE, TAKEN_FIELD, TAKEN_REASON };

/* Passes the cursor's rows to the caller. */
typedef struct taken_rows {
  ua_operator_import_reject_fn *reject;
  void *context;
  uint64_t last_line;
  uint64_t lines;
  uint64_t fetched;
} taken_rows;

static ua_status pass_taken(void *context, const char *const *values)
{
  taken_rows *rows = context;
  uint64_t line;
  if (!ua_text_to_uint(ua_text_of(values[TAKEN_LINE]), INT64_MAX, &line)) {
    return UA_INTERNAL;
  }
  rows->lines += line != rows->last_line;
  rows->last_line = line;
  rows->fetched++;
  rows->reject(rows->context, line, values[TAKEN_FIELD], values[TAKEN_REASON]);
  return UA_OK;
}

ua_status ua_operator_import_find_taken(ua_operator_connection *connection,
                                        ua_operator_import_reject_fn *reject, void *context,
                                        uint64_t *rejected_r, ua_error_line *error)
{
  static const char fetch[] = "FETCH 1000 FROM ua_import_cursor";
  taken_rows rows = {.reject = reject, .context = context};
  ua_status status =
      ua_operator_connection_run(connection, ua_text_of(ua_operator_sql_import_find_taken), error);
  if (status != UA_OK) {
    return status;
  }
  do {
    rows.fetched = 0;
    status = ua_operator_connection_query(connection, fetch, NULL, 0, pass_taken, &rows, error);
  } while (status == UA_OK && rows.fetched > 0);
  *rejected_r = rows.lines;
  return status == UA_OK ? ua_operator_connection_run(connection, UA_TEXT("CLOSE ua_import_cursor"), error)
                         : status;
}

/* The columns of import_quota_exceeded.sql. */
enum { EXCEEDED_CUSTOMER, EXCEEDED_USERS, EXCEEDED_QUOTA };

static ua_status note_exceeded(void *context, const char *const *values)
{
  ua_error_line *line = context;
  ua_error_line_set(line, "customer %s would have %s users, and may have %s", values[EXCEEDED_CUSTOMER],
                    values[EXCEEDED_USERS], values[EXCEEDED_QUOTA]);
  return UA_OK;
}

ua_status ua_operator_import_check_quota(ua_operator_connection *connection, ua_error_line *error)
{
  ua_error_line exceeded = {""};
  ua_status status = ua_operator_connection_query(connection, ua_operator_sql_import_quota_exceeded, NULL, 0,
                                                  note_exceeded, &exceeded, error);
  if (status == UA_OK && exceeded.text[0] != '\0') {
    *error = exceeded;
    status = UA_FORBIDDEN;
  }
  return status;
}

/* The columns of ua_operator_import_count. */
enum { COUNT_USERS, COUNT_MEMBERSHIPS };

static ua_status note_counts(void *context, const char *const *values)
{
  ua_operator_import_counts *counts = context;
  return ua_text_to_uint(ua_text_of(values[COUNT_USERS]), INT64_MAX, &counts->users) &&
                 ua_text_to_uint(ua_text_of(values[COUNT_MEMBERSHIPS]), INT64_MAX, &counts->memberships)
             ? UA_OK
             : UA_INTERNAL;
}

ua_status ua_operator_import_count(ua_operator_connection *connection, ua_operator_import_counts *counts,
                                   ua_error_line *error)
{
  return ua_operator_connection_query(
      connection, "SELECT count(*), coalesce(sum(cardinality(roles)), 0) FROM ua_operator_import", NULL, 0,
      note_counts, counts, error);
}
