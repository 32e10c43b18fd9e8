/* What `import-mysql` keeps between its steps, and how it reports. Private to import_mysql*.c. */
#ifndef UA_ADMIN_IMPORT_MYSQL_RUN_H
#define UA_ADMIN_IMPORT_MYSQL_RUN_H

#include "admin/findings.h"
#include "legacy/load.h"

/* One run of the command. */
typedef struct ua_admin_import_mysql_run {
  const char *customer;
  bool json;
  bool dry_run;
  ua_legacy_mysql_url source;
  ua_legacy_load load;
  ua_legacy_staging_layout layout;
  ua_admin_findings findings;
  ua_legacy_staging_counts before;
  ua_legacy_staging_counts after;
  uint64_t one_customer; /* 0 if the source has its own customers */
  bool changed;
  ua_error_line error;
} ua_admin_import_mysql_run;

/* Examines the loaded rows and copies them, in one transaction. UA_FORBIDDEN if findings are errors: then
 * nothing was changed, and run->error is empty. */
UA_CHECK ua_status ua_admin_import_mysql_copy(ua_admin_import_mysql_run *run);

/* How many rows of a table pgloader has read. */
uint64_t ua_admin_import_mysql_rows_read(const ua_admin_import_mysql_run *run, ua_legacy_staging_table table);

/* "create_all", "workbench", … */
const char *ua_admin_import_mysql_layout(ua_legacy_staging_layout layout);

/* Print the summary at the end. The second returns an exit code. */
void ua_admin_import_mysql_print_lines(const ua_admin_import_mysql_run *run);
UA_CHECK int ua_admin_import_mysql_print_json(ua_admin_import_mysql_run *run);

#endif
