#include "legacy/adoption.h"

#include <stddef.h>

#include "legacy/sql.h"

/* The columns of adoption_count.sql, in the order of the record. */
static ua_status note_counts(void *context, const char *const *values)
{
  ua_legacy_adoption_counts *counts = context;
  uint64_t *const fields[] = {&counts->customers, &counts->users, &counts->roles, &counts->memberships,
                              &counts->repeated};
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    if (values[i] == NULL || !ua_text_to_uint(ua_text_of(values[i]), UINT64_MAX, fields[i])) {
      return UA_INTERNAL;
    }
  }
  return UA_OK;
}

ua_status ua_legacy_adoption_count(ua_operator_connection *connection, ua_legacy_adoption_counts *counts_r,
                                   ua_error_line *error)
{
  return ua_operator_connection_query(connection, ua_legacy_sql_adoption_count, NULL, 0, note_counts,
                                      counts_r, error);
}

ua_status ua_legacy_adoption_lock(ua_operator_connection *connection, ua_error_line *error)
{
  static const char lock[] =
      "LOCK TABLE customer, _user, role, user_has_role, schema_spec IN ACCESS EXCLUSIVE MODE";
  return ua_operator_connection_run(connection, UA_TEXT(lock), error);
}

ua_status ua_legacy_adoption_align(ua_operator_connection *connection, ua_error_line *error)
{
  return ua_operator_connection_run(connection, ua_text_of(ua_legacy_sql_adoption_align), error);
}

ua_status ua_legacy_adoption_finish(ua_operator_connection *connection, ua_error_line *error)
{
  return ua_operator_connection_run(connection, ua_text_of(ua_legacy_sql_adoption_finish), error);
}

ua_status ua_legacy_adoption_is_unfinished(ua_operator_connection *connection, bool *unfinished_r,
                                           ua_error_line *error)
{
  return ua_operator_connection_exists(connection, ua_legacy_sql_adoption_leftovers, NULL, 0, unfinished_r,
                                       error);
}

ua_status ua_legacy_adoption_veto(ua_operator_connection *connection, ua_error_line *error)
{
  bool unfinished;
  ua_status status = ua_legacy_adoption_is_unfinished(connection, &unfinished, error);
  if (status != UA_OK || !unfinished) {
    return status;
  }
  ua_error_line_set(error, "the tables are the original's, which was adopted: they are not dropped");
  return UA_FORBIDDEN;
}

static ua_status note_number(void *context, const char *const *values)
{
  return ua_text_to_uint(ua_text_of(values[0]), UINT64_MAX, context) ? UA_OK : UA_INTERNAL;
}

ua_status ua_legacy_adoption_legacy_hashes(ua_operator_connection *connection, uint64_t *count_r,
                                           ua_error_line *error)
{
  return ua_operator_connection_query(connection, ua_legacy_sql_adoption_legacy_hashes, NULL, 0, note_number,
                                      count_r, error);
}
