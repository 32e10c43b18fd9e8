#include "legacy/staging.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "legacy/sql.h"

/* staging_drop_stale.sql uses the same prefix. */
#define PREFIX "user_api_import_"

enum { RANDOM_BYTES = 8 };

/* --- the schema --- */

ua_status ua_legacy_staging_create(ua_operator_connection *connection, char name_r[UA_MAX_STAGING_NAME_BYTES],
                                   ua_error_line *error)
{
  unsigned char bytes[RANDOM_BYTES];
  char digits[2 * RANDOM_BYTES + 1];
  char name[UA_MAX_STAGING_NAME_BYTES];
  if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
    ua_error_line_set(error, "cannot get random bytes");
    return UA_INTERNAL;
  }
  ua_text_hex(bytes, sizeof bytes, digits);
  (void)snprintf(name, sizeof name, PREFIX "%s", digits);
  const char *const names[] = {name};
  ua_status status =
      ua_operator_connection_run(connection, ua_text_of(ua_legacy_sql_staging_drop_stale), error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_operator_connection_command(connection, "CREATE SCHEMA %I", names, error);
  if (status != UA_OK) {
    return status;
  }
  (void)snprintf(name_r, UA_MAX_STAGING_NAME_BYTES, "%s", name);
  return UA_OK;
}

ua_status ua_legacy_staging_drop(ua_operator_connection *connection, const char *name, ua_error_line *error)
{
  const char *const names[] = {name};
  return ua_operator_connection_command(connection, "DROP SCHEMA IF EXISTS %I CASCADE", names, error);
}

static ua_status note_number(void *context, const char *const *values)
{
  return values[0] != NULL && ua_text_to_uint(ua_text_of(values[0]), UINT64_MAX, context) ? UA_OK
                                                                                          : UA_INTERNAL;
}

ua_status ua_legacy_staging_size(ua_operator_connection *connection, const char *name, uint64_t *bytes_r,
                                 ua_error_line *error)
{
  const char *const parameters[] = {name};
  return ua_operator_connection_query(connection, ua_legacy_sql_staging_size, parameters, 1, note_number,
                                      bytes_r, error);
}

/* --- layouts --- */

static const char *const source_names[][UA_STAGING_TABLES] = {
    [UA_STAGING_CREATE_ALL] = {"customer", "_user", "role", "user_has_role"},
    [UA_STAGING_WORKBENCH] = {NULL, "user", "group", "user_in_group"},
    [UA_STAGING_USERS_ONLY] = {NULL, "user", NULL, NULL},
    [UA_STAGING_BOTH] = {NULL},
};

const char *ua_legacy_staging_source_name(ua_legacy_staging_layout layout, ua_legacy_staging_table table)
{
  return source_names[layout][table];
}

/* As staging_find_layout.sql and staging_columns.sql call them. */
static const char *const layout_names[] = {
    [UA_STAGING_UNKNOWN] = "unknown",     [UA_STAGING_CREATE_ALL] = "create_all",
    [UA_STAGING_WORKBENCH] = "workbench", [UA_STAGING_USERS_ONLY] = "users_only",
    [UA_STAGING_BOTH] = "both",
};

static ua_status note_layout(void *context, const char *const *values)
{
  for (size_t i = 0; i < sizeof layout_names / sizeof layout_names[0]; i++) {
    if (strcmp(layout_names[i], values[0]) == 0) {
      *(ua_legacy_staging_layout *)context = (ua_legacy_staging_layout)i;
      return UA_OK;
    }
  }
  return UA_INTERNAL;
}

ua_status ua_legacy_staging_find_layout(ua_operator_connection *connection, const char *name,
                                        ua_legacy_staging_layout *layout_r, ua_error_line *error)
{
  const char *const parameters[] = {name};
  return ua_operator_connection_query(connection, ua_legacy_sql_staging_find_layout, parameters, 1,
                                      note_layout, layout_r, error);
}

/* Settings of the transaction, for statements that take no parameters. */
static ua_status set(ua_operator_connection *connection, const char *setting, const char *value,
                     ua_error_line *error)
{
  const char *const parameters[] = {setting, value};
  return ua_operator_connection_query(connection, "SELECT set_config($1, $2, true)", parameters, 2, NULL,
                                      NULL, error);
}

ua_status ua_legacy_staging_check_columns(ua_operator_connection *connection, const char *name,
                                          ua_legacy_staging_layout layout, ua_operator_finding_sink sink,
                                          bool *found_r, ua_error_line *error)
{
  static const ua_operator_diagnosis_check check = {
      UA_SEVERITY_ERROR, "source-columns", "columns are missing, or have another type than the original's",
      ua_legacy_sql_staging_columns};
  ua_status status = set(connection, "user_api.staging", name, error);
  if (status != UA_OK) {
    return status;
  }
  status = set(connection, "user_api.staging_layout", layout_names[layout], error);
  if (status != UA_OK) {
    return status;
  }
  return ua_operator_diagnosis_ask(connection, &check, sink, found_r, error);
}

/* --- the rows in the form of the five tables --- */

static ua_status choose_customer(ua_operator_connection *connection, const char *customer,
                                 ua_error_line *error)
{
  const char *const parameters[] = {customer};
  bool exists = true;
  if (customer == NULL) {
    return set(connection, "user_api.staging_customer", "", error);
  }
  ua_status status = ua_operator_connection_exists(
      connection, "SELECT 1 FROM public.customer WHERE id = $1::bigint", parameters, 1, &exists, error);
  if (status != UA_OK) {
    return status;
  }
  if (!exists) {
    ua_error_line_set(error, "there is no customer %s", customer);
    return UA_NOT_FOUND;
  }
  return set(connection, "user_api.staging_customer", customer, error);
}

static ua_status run_all(ua_operator_connection *connection, const char *const *steps, ua_error_line *error)
{
  ua_status status = UA_OK;
  for (; status == UA_OK && *steps != NULL; steps++) {
    status = ua_operator_connection_run(connection, ua_text_of(*steps), error);
  }
  return status;
}

ua_status ua_legacy_staging_arrange(ua_operator_connection *connection, const char *name,
                                    ua_legacy_staging_layout layout, const char *customer,
                                    ua_error_line *error)
{
  static const char *const steps[][4] = {
      [UA_STAGING_CREATE_ALL] = {ua_legacy_sql_staging_arrange_create_all, ua_legacy_sql_staging_arrange_end},
      [UA_STAGING_WORKBENCH] = {ua_legacy_sql_staging_arrange_users, ua_legacy_sql_staging_arrange_groups,
                                ua_legacy_sql_staging_arrange_end},
      [UA_STAGING_USERS_ONLY] = {ua_legacy_sql_staging_arrange_users, ua_legacy_sql_staging_arrange_no_groups,
                                 ua_legacy_sql_staging_arrange_end},
      [UA_STAGING_BOTH] = {NULL},
  };
  ua_status status = layout == UA_STAGING_CREATE_ALL ? UA_OK : choose_customer(connection, customer, error);
  if (status != UA_OK) {
    return status;
  }
  status = set(connection, "search_path", name, error);
  if (status != UA_OK) {
    return status;
  }
  status = run_all(connection, steps[layout], error);
  return status == UA_OK ? set(connection, "search_path", "public", error) : status;
}

ua_status ua_legacy_staging_customer(ua_operator_connection *connection, uint64_t *id_r, ua_error_line *error)
{
  return ua_operator_connection_query(connection, "SELECT id FROM customer", NULL, 0, note_number, id_r,
                                      error);
}
