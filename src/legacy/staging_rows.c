#include "legacy/sql.h"
#include "legacy/staging.h"
#include "operator/bulk.h"

/* The arranged tables hide the target's, so the target's are named with their schema. */
static const ua_operator_diagnosis_check checks[] = {
    {UA_SEVERITY_ERROR, "id-range", "rows whose id is not from 1 to 2147483647",
     ua_legacy_sql_staging_rows_id_range},
    {UA_SEVERITY_ERROR, "customer-taken", "customers whose id the target has, with another quota",
     ua_legacy_sql_staging_rows_customer_taken},
    {UA_SEVERITY_ERROR, "user-taken", "users whose id the target has, for another user or changed since",
     ua_legacy_sql_staging_rows_user_taken},
    {UA_SEVERITY_ERROR, "email-taken", "users whose email the target has, for another id",
     ua_legacy_sql_staging_rows_email_taken},
    {UA_SEVERITY_ERROR, "role-taken", "roles whose id the target has, for another code",
     ua_legacy_sql_staging_rows_role_taken},
    {UA_SEVERITY_ERROR, "membership-extra", "roles that the target gives to users who have not got them",
     ua_legacy_sql_staging_rows_membership_extra},
    {UA_SEVERITY_WARNING, "text-encoding", "rows whose text looks like UTF-8 that was taken for latin1",
     ua_legacy_sql_staging_rows_text_encoding},
    {UA_SEVERITY_NOTE, "role-moved", "roles that the target has under another id: their users get that one",
     ua_legacy_sql_staging_rows_role_moved},
};

ua_status ua_legacy_staging_check_rows(ua_operator_connection *connection, ua_operator_finding_sink sink,
                                       ua_error_line *error)
{
  ua_status status = UA_OK;
  bool found;
  for (size_t i = 0; status == UA_OK && i < sizeof checks / sizeof checks[0]; i++) {
    status = ua_operator_diagnosis_ask(connection, &checks[i], sink, &found, error);
  }
  return status;
}

typedef struct counting {
  ua_legacy_staging_counts *counts;
  size_t row;
} counting;

static ua_status note_counts(void *context, const char *const *values)
{
  counting *state = context;
  if (state->row == UA_STAGING_TABLES) {
    return UA_INTERNAL;
  }
  ua_legacy_staging_count *count = &state->counts->table[state->row++];
  uint64_t *const fields[] = {&count->staged, &count->repeated, &count->present, &count->added,
                              &count->target};
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    if (values[i] == NULL || !ua_text_to_uint(ua_text_of(values[i]), UINT64_MAX, fields[i])) {
      return UA_INTERNAL;
    }
  }
  return UA_OK;
}

ua_status ua_legacy_staging_count_rows(ua_operator_connection *connection, ua_legacy_staging_counts *counts_r,
                                       ua_error_line *error)
{
  counting state = {.counts = counts_r};
  return ua_operator_connection_query(connection, ua_legacy_sql_staging_rows_count, NULL, 0, note_counts,
                                      &state, error);
}

ua_status ua_legacy_staging_copy(ua_operator_connection *connection, ua_error_line *error)
{
  ua_status status = ua_operator_bulk_begin(connection, error);
  return status == UA_OK
             ? ua_operator_connection_run(connection, ua_text_of(ua_legacy_sql_staging_rows_copy), error)
             : status;
}
