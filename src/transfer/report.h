/* Reports what is wrong with which row: the first few on standard error, all of them in a file if one is
 * requested. */
#ifndef UA_TRANSFER_REPORT_H
#define UA_TRANSFER_REPORT_H

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/error_line.h"
#include "cli/progress.h"

enum { UA_ROW_REPORT_SHOWN = 20 };

typedef struct ua_transfer_report {
  ua_cli_progress *progress; /* its bar is cleared before lines are written */
  const char *path;
  FILE *file; /* NULL: only standard error */
  uint64_t complaints;
  uint64_t rows; /* rows with complaints; those of a row come together */
  uint64_t last_line;
} ua_transfer_report;

/* `path` is NULL for no file; an existing file is replaced. CSV: line, field (empty: the whole row),
 * reason. */
UA_CHECK ua_status ua_transfer_report_open(const char *path, ua_cli_progress *progress,
                                           ua_transfer_report *report_r, ua_error_line *error);

/* A ua_operator_import_reject_fn whose context is a ua_transfer_report. `field` is NULL for the whole row. */
void ua_transfer_report_add(void *context, uint64_t line, const char *field, const char *reason);

/* Says how many were not shown, and closes the file: UA_INTERNAL when it could not be written. */
UA_CHECK ua_status ua_transfer_report_close(ua_transfer_report *report, ua_error_line *error);

#endif
