#include "operator/export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "admin/commands.h"
#include "admin/session.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "transfer/format.h"

enum { OPTION_FORMAT = UA_ADMIN_SESSION_OPTIONS, OPTION_CUSTOMER, OPTION_WITH_HASHES, OPTION_FORCE };

static const ua_cli_option options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    [OPTION_FORMAT] = {"--format", "jsonl|csv", "the file's format [by its name; jsonl for -]"},
    [OPTION_CUSTOMER] = {"--customer", "ID", "only the users of this customer"},
    [OPTION_WITH_HASHES] = {"--with-hashes", NULL, "include hashes; the file gets mode 0600"},
    [OPTION_FORCE] = {"--force", NULL, "replace a file that exists"},
    {NULL, NULL, NULL},
};

static const char details[] =
    "Writes all users to FILE (- is standard output), ordered by id and as of one\n"
    "moment: JSON lines, an object a line, or CSV with a header. `import` reads the\n"
    "file back; its help lists the fields. If you export without --with-hashes,\n"
    "users imported from the file cannot log in until a password is set. The file\n"
    "gets its name when it is complete: a failure or a signal leaves none behind.\n"
    "Texts are written as they are: a spreadsheet may take a name that begins with =,\n"
    "+, - or @ for a formula.\n";

typedef struct export_run {
  const char *path;
  ua_operator_export_wish wish;
  bool replace;
  ua_admin_session session;
  ua_cli_output_file file;
  ua_cli_progress progress;
  uint64_t bytes;
  ua_error_line error;
} export_run;

static bool is_standard_output(const export_run *run)
{
  return run->file.path == NULL;
}

static ua_status write_line(void *context, ua_text line)
{
  export_run *run = context;
  run->bytes += line.length;
  if (fwrite(line.data, 1, line.length, run->file.stream) != line.length) {
    ua_error_line_set(&run->error, "cannot write %s: %s", run->path, strerror(errno));
    return UA_BAD_REQUEST;
  }
  if (!is_standard_output(run)) {
    ua_cli_progress_set(&run->progress, run->bytes, 0);
  }
  return UA_OK;
}

static int print_summary(const export_run *run, uint64_t users)
{
  ua_json_writer *writer;
  if (!run->session.json) {
    (void)printf("exported: %" PRIu64 " users\n", users);
    return UA_CLI_OK;
  }
  writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_json_add_integer(writer, "exported", (int64_t)users);
  ua_json_end(writer);
  return ua_cli_print_json(&writer);
}

static int export_users(export_run *run)
{
  uint64_t users = 0;
  mode_t mode = run->wish.with_hashes ? S_IRUSR | S_IWUSR : 0666;
  ua_status status = ua_cli_output_file_begin(run->path, mode, run->replace, &run->file, &run->error);
  if (status != UA_OK) {
    return ua_cli_fail("%s", run->error.text);
  }
  if (!is_standard_output(run)) {
    ua_cli_progress_begin(&run->progress, "writing", "bytes", 0);
  }
  status =
      ua_operator_export_users(run->session.connection, &run->wish, write_line, run, &users, &run->error);
  ua_cli_progress_clear(&run->progress);
  if (status == UA_OK) {
    status = ua_cli_output_file_finish(&run->file, &run->error);
  } else {
    ua_cli_output_file_abandon(&run->file);
  }
  if (status != UA_OK) {
    return ua_cli_fail("%s", run->error.text);
  }
  return is_standard_output(run) ? UA_CLI_OK : print_summary(run, users);
}

static int run_export(const ua_cli_arguments *arguments)
{
  export_run run = {.path = arguments->positional[0],
                    .replace = arguments->option[OPTION_FORCE] != NULL,
                    .wish.with_hashes = arguments->option[OPTION_WITH_HASHES] != NULL};
  ua_transfer_format format = UA_ROWS_JSONL;
  int code = ua_transfer_format_of(arguments->option[OPTION_FORMAT], run.path, &format);
  if (code != UA_CLI_OK) {
    return code;
  }
  run.wish.csv = format == UA_ROWS_CSV;
  code = ua_transfer_customer_of(arguments->option[OPTION_CUSTOMER], &run.wish.customer_id);
  if (code != UA_CLI_OK) {
    return code;
  }
  if (strcmp(run.path, "-") == 0 && arguments->option[UA_ADMIN_SESSION_JSON] != NULL) {
    return ua_cli_misused("export: --json needs a file: users go to standard output");
  }
  code = ua_admin_session_open(arguments, UA_ADMIN_NEEDS_DATABASE, &run.session);
  if (code == UA_CLI_OK) {
    code = export_users(&run);
  }
  ua_admin_session_close(&run.session);
  return code;
}

const ua_cli_command ua_admin_export = {
    .name = "export",
    .synopsis = "[OPTIONS] FILE",
    .summary = "Writes users to a file of JSON lines or CSV",
    .details = details,
    .example = "users.csv --customer 2",
    .options = options,
    .required = 1,
    .positionals = 1,
    .run = run_export,
};
