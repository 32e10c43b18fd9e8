#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/commands.h"
#include "admin/session.h"
#include "transfer/format.h"
#include "transfer/report.h"
#include "transfer/row.h"
#include "transfer/summary.h"

enum {
  OPTION_FORMAT = UA_ADMIN_SESSION_OPTIONS,
  OPTION_CUSTOMER,
  OPTION_SKIP_BAD,
  OPTION_DRY_RUN,
  OPTION_EXCLUSIVE,
  OPTION_REPORT
};

static const ua_cli_option options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    [OPTION_FORMAT] = {"--format", "jsonl|csv", "the file's format [by its name; jsonl for -]"},
    [OPTION_CUSTOMER] = {"--customer", "ID", "for rows that name none [the only customer]"},
    [OPTION_SKIP_BAD] = {"--skip-bad", NULL, "import good rows; exit with 3 if some are bad"},
    [OPTION_DRY_RUN] = {"--dry-run", NULL, "do everything, then undo it"},
    [OPTION_EXCLUSIVE] = {"--exclusive", NULL, "faster, but other users of the tables wait"},
    [OPTION_REPORT] = {"--report", "FILE", "write all findings to this file, as CSV"},
    {NULL, NULL, NULL},
};

static const char details[] =
    "Reads users from FILE (- is standard input): JSON lines, an object a line, or\n"
    "CSV with a header. The fields:\n"
    "\n"
    "  email, name  required\n"
    "  id           without it, the database gives the next one\n"
    "  active       true if it is missing\n"
    "  customer     its id; without it, that of --customer, or the only one\n"
    "  roles        codes: a JSON array, or in CSV with a \";\" between them\n"
    "  epoch        only tokens of this epoch count; 0 if it is missing\n"
    "  hash, salt   bcrypt, which needs no salt, or the Python original's; without a\n"
    "               hash the user cannot log in until a password is set\n"
    "\n"
    "An import is one transaction: a bad row, a failure or a signal leaves nothing\n"
    "behind. A file of another kind (a JSON array, CSV with semicolons, UTF-16, a\n"
    "workbook) is refused as a whole, also with --skip-bad. Standard error shows the\n"
    "first 20 findings with their lines. A row whose id or email exists already is\n"
    "bad: import adds users and changes none. With USER_API_ENFORCE_QUOTA=on it\n"
    "imports nothing if a customer would exceed its quota. --exclusive drops foreign\n"
    "keys and indexes and makes them again after the rows: use it for many new rows\n"
    "and few existing users, with the service stopped.\n"
    "\n"
    "Exit code: 0 imported, 1 nothing was changed, 2 a wrong command line, 3 imported\n"
    "without the bad rows.\n";

typedef struct import_run {
  const char *path;
  int fd;
  ua_transfer_format format;
  int32_t customer_id;
  ua_operator_import_rules rules;
  bool dry_run;
  ua_admin_session session;
  ua_transfer_reader *reader;
  ua_cli_progress progress;
  ua_transfer_report report;
  ua_transfer_summary summary;
  ua_transfer_row row;
  ua_error_line error;
} import_run;

/* Reads the file to its end, and stages its good rows. */
static ua_status stage(import_run *run, ua_operator_import *import)
{
  const ua_operator_import_known *known = ua_operator_import_knows(import);
  int32_t customer_id = 0;
  ua_status status = ua_operator_import_known_preset(known, run->customer_id, &customer_id, &run->error);
  while (status == UA_OK) {
    ua_transfer_values values;
    uint64_t line = 0;
    const char *reason = "";
    ua_transfer_outcome outcome = ua_transfer_reader_next(run->reader, &values, &line, &reason, &run->error);
    if (outcome == UA_ROW_END || outcome == UA_ROW_BROKEN) {
      return outcome == UA_ROW_END ? UA_OK : UA_BAD_REQUEST;
    }
    run->summary.read++;
    if (outcome == UA_ROW_BAD) {
      ua_transfer_report_add(&run->report, line, NULL, reason);
    } else if (ua_transfer_row_make(&values, line, customer_id, known, ua_transfer_report_add, &run->report,
                                    &run->row)) {
      status = ua_operator_import_add(import, &run->row.user, &run->error);
    }
    ua_cli_progress_set(&run->progress, run->summary.read, ua_transfer_reader_bytes(run->reader));
  }
  return status;
}

/* Bytes of the file, 0 for a pipe. */
static uint64_t size_of(int fd)
{
  struct stat status;
  return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
}

static ua_status put_in_place(import_run *run, ua_operator_import *import)
{
  ua_operator_import_counts counts = {0};
  run->rules.bad_before = run->report.rows;
  ua_cli_progress_begin(&run->progress, "writing", "rows", 0);
  ua_status status = ua_operator_import_apply(import, &run->rules, ua_transfer_report_add, &run->report,
                                              &counts, &run->error);
  run->summary.bad = run->rules.bad_before + counts.rejected;
  if (status == UA_OK && !run->dry_run) {
    status = ua_operator_connection_commit(run->session.connection, &run->error);
  }
  if (status == UA_OK) {
    run->summary.imported = counts.users;
    run->summary.memberships = counts.memberships;
  } else if (status == UA_CONFLICT) {
    ua_error_line_set(&run->error, "%" PRIu64 " of %" PRIu64 " rows are bad (--skip-bad imports the others)",
                      run->summary.bad, run->summary.read);
  }
  return status;
}

static ua_status stage_and_apply(import_run *run)
{
  ua_operator_import *import = NULL;
  ua_status status = ua_operator_import_begin(run->session.connection, &import, &run->error);
  if (status == UA_OK) {
    ua_cli_progress_begin(&run->progress, "reading", "rows", size_of(run->fd));
    status = stage(run, import);
  }
  if (status == UA_OK) {
    status = put_in_place(run, import);
  }
  ua_operator_import_end(&import);
  return status;
}

static int import_rows(import_run *run)
{
  ua_error_line late = {""};
  ua_status status = stage_and_apply(run);
  ua_cli_progress_clear(&run->progress);
  if (status == UA_OK && run->summary.read == 0) {
    ua_cli_warn(run->format == UA_ROWS_CSV ? "the file has a header and no rows" : "the file is empty");
  }
  if (status != UA_OK && run->summary.bad == 0) {
    run->summary.bad = run->report.rows;
  }
  if (ua_transfer_report_close(&run->report, &late) != UA_OK && status == UA_OK) {
    ua_cli_warn("%s", late.text);
  }
  int code = ua_transfer_summary_print(&run->summary, status == UA_OK, run->dry_run, run->session.json);
  return status == UA_OK ? code : ua_cli_fail("nothing was changed: %s", run->error.text);
}

static int open_file(import_run *run)
{
  run->fd = strcmp(run->path, "-") == 0 ? STDIN_FILENO : open(run->path, O_RDONLY | O_CLOEXEC);
  if (run->fd < 0) {
    return ua_cli_fail("cannot read %s: %s", run->path, strerror(errno));
  }
  run->reader = ua_transfer_reader_create(run->fd, run->format);
  return run->reader == NULL ? ua_cli_fail("out of memory") : UA_CLI_OK;
}

static int read_options(import_run *run, const ua_cli_arguments *arguments)
{
  run->path = arguments->positional[0];
  run->dry_run = arguments->option[OPTION_DRY_RUN] != NULL;
  run->rules.skip_bad = arguments->option[OPTION_SKIP_BAD] != NULL;
  run->rules.exclusive = arguments->option[OPTION_EXCLUSIVE] != NULL;
  int code = ua_transfer_format_of(arguments->option[OPTION_FORMAT], run->path, &run->format);
  return code == UA_CLI_OK ? ua_transfer_customer_of(arguments->option[OPTION_CUSTOMER], &run->customer_id)
                           : code;
}

static int run_import(const ua_cli_arguments *arguments)
{
  import_run run = {.fd = -1};
  int code = read_options(&run, arguments);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = open_file(&run);
  if (code != UA_CLI_OK) {
    goto done;
  }
  code = ua_admin_session_open(arguments, UA_ADMIN_NEEDS_DATABASE, &run.session);
  if (code != UA_CLI_OK) {
    goto done;
  }
  run.rules.enforce_quota = run.session.config.enforce_quota;
  if (ua_transfer_report_open(arguments->option[OPTION_REPORT], &run.progress, &run.report, &run.error) !=
      UA_OK) {
    code = ua_cli_fail("%s", run.error.text);
    goto done;
  }
  code = import_rows(&run);
done:
  ua_admin_session_close(&run.session);
  ua_transfer_reader_destroy(&run.reader);
  if (run.fd > STDIN_FILENO) {
    (void)close(run.fd);
  }
  return code;
}

const ua_cli_command ua_admin_import = {
    .name = "import",
    .synopsis = "[OPTIONS] FILE",
    .summary = "Adds users from a file of JSON lines or CSV",
    .details = details,
    .example = "users.csv --dry-run --report findings.csv",
    .options = options,
    .required = 1,
    .positionals = 1,
    .run = run_import,
};
