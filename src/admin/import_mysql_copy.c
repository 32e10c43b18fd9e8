/* The second half of `import-mysql`: copies the loaded rows into the target's tables, in one transaction. */
#include "admin/import_mysql_run.h"
#include "legacy/adoption.h"

/* Every staged row was repeated, already present, or added. Afterwards no row is left to add, and the target
 * has grown by the number of added rows. */
static bool agree(const ua_legacy_staging_count *before, const ua_legacy_staging_count *after)
{
  return before->staged == before->repeated + before->present + before->added && after->added == 0 &&
         after->present == before->present + before->added && after->target == before->target + before->added;
}

/* The rows that were staged are those that pgloader read: none was lost or added. */
static ua_status compare(ua_admin_import_mysql_run *run)
{
  bool same = true;
  for (ua_legacy_staging_table i = UA_STAGING_CUSTOMER; i < UA_STAGING_TABLES; i++) {
    const ua_legacy_staging_count *before = &run->before.table[i];
    bool loaded = ua_legacy_staging_source_name(run->layout, i) != NULL;
    same = same && (!loaded || before->staged == ua_admin_import_mysql_rows_read(run, i)) &&
           agree(before, &run->after.table[i]);
    run->changed = run->changed || before->added > 0;
  }
  if (!same) {
    ua_error_line_set(&run->error, "the numbers of rows do not agree");
    return UA_INTERNAL;
  }
  return UA_OK;
}

/* Examines the staged rows as `doctor` does, and compares them with the target's. Rows with wrong columns
 * cannot be arranged: then the columns are the finding. */
static ua_status examine(ua_admin_import_mysql_run *run)
{
  ua_operator_connection *connection = run->load.connection;
  ua_operator_finding_sink sink = {ua_admin_findings_report, &run->findings};
  bool found = false;
  ua_status status =
      ua_legacy_staging_check_columns(connection, run->load.schema, run->layout, sink, &found, &run->error);
  if (status != UA_OK || found) {
    return status;
  }
  status = ua_legacy_staging_arrange(connection, run->load.schema, run->layout, run->customer, &run->error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_operator_diagnosis_tables(connection, sink, &found, &run->error);
  return status == UA_OK ? ua_legacy_staging_check_rows(connection, sink, &run->error) : status;
}

/* Copies the rows, and counts before and after. */
static ua_status copy_rows(ua_admin_import_mysql_run *run)
{
  ua_operator_connection *connection = run->load.connection;
  ua_status status = ua_legacy_staging_count_rows(connection, &run->before, &run->error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_legacy_staging_copy(connection, &run->error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_legacy_staging_count_rows(connection, &run->after, &run->error);
  return status == UA_OK ? compare(run) : status;
}

static ua_status commit(ua_admin_import_mysql_run *run)
{
  ua_operator_connection *connection = run->load.connection;
  if (run->layout != UA_STAGING_CREATE_ALL) {
    ua_status status = ua_legacy_staging_customer(connection, &run->one_customer, &run->error);
    if (status != UA_OK) {
      return status;
    }
  }
  /* The last moment to stop: if a signal has arrived since the load began, nothing is changed. */
  if (ua_legacy_load_interrupted()) {
    ua_error_line_set(&run->error, "interrupted");
    return UA_UNPROCESSABLE;
  }
  return run->changed && !run->dry_run ? ua_operator_connection_commit(connection, &run->error) : UA_OK;
}

static ua_status copy(ua_admin_import_mysql_run *run)
{
  ua_status status = ua_legacy_adoption_lock(run->load.connection, &run->error);
  if (status != UA_OK) {
    return status;
  }
  status = examine(run);
  if (status != UA_OK) {
    return status;
  }
  if (run->findings.count[UA_SEVERITY_ERROR] > 0) {
    return UA_FORBIDDEN;
  }
  status = copy_rows(run);
  return status == UA_OK ? commit(run) : status;
}

ua_status ua_admin_import_mysql_copy(ua_admin_import_mysql_run *run)
{
  ua_status status = ua_operator_connection_begin(run->load.connection, &run->error);
  if (status == UA_OK) {
    status = copy(run);
  }
  ua_operator_connection_rollback(run->load.connection);
  return status;
}
