#include "transfer/report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli/report.h"

ua_status ua_transfer_report_open(const char *path, ua_cli_progress *progress, ua_transfer_report *report_r,
                                  ua_error_line *error)
{
  *report_r = (ua_transfer_report){.progress = progress, .path = path};
  if (path == NULL) {
    return UA_OK;
  }
  report_r->file = fopen(path, "we");
  if (report_r->file == NULL) {
    ua_error_line_set(error, "cannot write %s: %s", path, strerror(errno));
    return UA_BAD_REQUEST;
  }
  (void)fputs("line,field,reason\r\n", report_r->file);
  return UA_OK;
}

/* Reasons are this program's own texts; a field's name may come from the file. */
static void write_quoted(FILE *file, const char *text)
{
  (void)fputc('"', file);
  for (; *text != '\0'; text++) {
    if (*text == '"') {
      (void)fputc('"', file);
    }
    (void)fputc(*text, file);
  }
  (void)fputc('"', file);
}

void ua_transfer_report_add(void *context, uint64_t line, const char *field, const char *reason)
{
  ua_transfer_report *report = context;
  report->rows += line != report->last_line;
  report->last_line = line;
  report->complaints++;
  if (report->file != NULL) {
    (void)fprintf(report->file, "%" PRIu64 ",", line);
    write_quoted(report->file, field == NULL ? "" : field);
    (void)fputc(',', report->file);
    write_quoted(report->file, reason);
    (void)fputs("\r\n", report->file);
  }
  if (report->complaints <= UA_ROW_REPORT_SHOWN) {
    ua_cli_progress_clear(report->progress);
    ua_cli_warn("line %" PRIu64 ": %s%s%s", line, field == NULL ? "" : field, field == NULL ? "" : ": ",
                reason);
  }
}

ua_status ua_transfer_report_close(ua_transfer_report *report, ua_error_line *error)
{
  ua_status status = UA_OK;
  if (report->complaints > UA_ROW_REPORT_SHOWN) {
    ua_cli_progress_clear(report->progress);
    ua_cli_warn("and %" PRIu64 " more%s%s", report->complaints - UA_ROW_REPORT_SHOWN,
                report->file == NULL ? ": --report FILE has them all" : ", all of them in ",
                report->file == NULL ? "" : report->path);
  }
  if (report->file != NULL) {
    bool failed = ferror(report->file) != 0;
    if (fclose(report->file) != 0 || failed) {
      ua_error_line_set(error, "cannot write %s", report->path);
      status = UA_INTERNAL;
    }
    report->file = NULL;
  }
  return status;
}
