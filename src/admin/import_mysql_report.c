#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/import_mysql_run.h"
#include "cli/report.h"

static const char *const table_names[] = {
    [UA_STAGING_CUSTOMER] = "customer",
    [UA_STAGING_USER] = "_user",
    [UA_STAGING_ROLE] = "role",
    [UA_STAGING_MEMBERSHIP] = "user_has_role",
};

const char *ua_admin_import_mysql_layout(ua_legacy_staging_layout layout)
{
  static const char *const names[] = {[UA_STAGING_UNKNOWN] = "unknown",
                                      [UA_STAGING_CREATE_ALL] = "create_all",
                                      [UA_STAGING_WORKBENCH] = "workbench",
                                      [UA_STAGING_USERS_ONLY] = "users alone",
                                      [UA_STAGING_BOTH] = "both"};
  return names[layout];
}

uint64_t ua_admin_import_mysql_rows_read(const ua_admin_import_mysql_run *run, ua_legacy_staging_table table)
{
  const char *name = ua_legacy_staging_source_name(run->layout, table);
  for (size_t i = 0; name != NULL && i < run->load.summary.count; i++) {
    if (strcmp(run->load.summary.table[i].name, name) == 0) {
      return run->load.summary.table[i].read;
    }
  }
  return 0;
}

static const char *verdict(const ua_admin_import_mysql_run *run)
{
  if (!run->changed) {
    return "nothing to do: the target already has all rows";
  }
  return run->dry_run ? "dry run: everything was undone" : "imported: the numbers of rows agree";
}

static void print_table(const ua_admin_import_mysql_run *run)
{
  (void)printf("%-14s %9s %9s %9s %9s %9s\n", "table", "source", "staged", "imported", "present", "repeated");
  for (ua_legacy_staging_table i = UA_STAGING_CUSTOMER; i < UA_STAGING_TABLES; i++) {
    const ua_legacy_staging_count *count = &run->before.table[i];
    (void)printf("%-14s ", table_names[i]);
    if (ua_legacy_staging_source_name(run->layout, i) == NULL) {
      (void)printf("%9s", "-");
    } else {
      (void)printf("%9" PRIu64, ua_admin_import_mysql_rows_read(run, i));
    }
    (void)printf(" %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "\n", count->staged, count->added,
                 count->present, count->repeated);
  }
}

void ua_admin_import_mysql_print_lines(const ua_admin_import_mysql_run *run)
{
  print_table(run);
  if (run->one_customer > 0) {
    (void)printf("all users belong to customer %" PRIu64 "\n", run->one_customer);
  }
  (void)printf("%s\n", verdict(run));
  if (run->changed && !run->dry_run) {
    (void)printf(
        "next: start user-api with the original's JWT secret, and USER_API_UPGRADE_HASHES=off as long\n"
        "      as you may want to go back (and USER_API_ALLOW_WEAK_SECRET=on if that secret is weak,\n"
        "      below 32 bytes)\n");
  }
}

int ua_admin_import_mysql_print_json(ua_admin_import_mysql_run *run)
{
  ua_json_writer *writer = run->findings.writer;
  int findings = ua_admin_findings_sum(&run->findings, ua_admin_import_mysql_layout(run->layout));
  ua_json_add_text(writer, "result", ua_text_of(verdict(run)));
  ua_json_add_boolean(writer, "changed", run->changed && !run->dry_run);
  ua_json_add_integer(writer, "load_ms", run->load.took_ms);
  if (run->one_customer > 0) {
    ua_json_add_integer(writer, "customer", (int64_t)run->one_customer);
  }
  ua_json_begin_array(writer, "tables");
  for (ua_legacy_staging_table i = UA_STAGING_CUSTOMER; i < UA_STAGING_TABLES; i++) {
    const ua_legacy_staging_count *count = &run->before.table[i];
    ua_json_begin_object(writer, NULL);
    ua_json_add_text(writer, "table", ua_text_of(table_names[i]));
    if (ua_legacy_staging_source_name(run->layout, i) == NULL) {
      ua_json_add_null(writer, "source");
    } else {
      ua_json_add_integer(writer, "source", (int64_t)ua_admin_import_mysql_rows_read(run, i));
    }
    ua_json_add_integer(writer, "staged", (int64_t)count->staged);
    ua_json_add_integer(writer, "imported", (int64_t)count->added);
    ua_json_add_integer(writer, "present", (int64_t)count->present);
    ua_json_add_integer(writer, "repeated", (int64_t)count->repeated);
    ua_json_end(writer);
  }
  ua_json_end(writer);
  return findings == UA_CLI_FAILED ? findings : ua_admin_findings_print(&run->findings);
}
