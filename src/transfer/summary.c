#include "transfer/summary.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/output.h"
#include "cli/report.h"

static int print_json(const ua_transfer_summary *summary, uint64_t skipped, bool dry_run)
{
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_json_add_integer(writer, "read", (int64_t)summary->read);
  ua_json_add_integer(writer, "bad", (int64_t)summary->bad);
  ua_json_add_integer(writer, "imported", (int64_t)summary->imported);
  ua_json_add_integer(writer, "memberships", (int64_t)summary->memberships);
  ua_json_add_integer(writer, "skipped", (int64_t)skipped);
  ua_json_add_boolean(writer, "dry_run", dry_run);
  ua_json_end(writer);
  return ua_cli_print_json(&writer);
}

int ua_transfer_summary_print(const ua_transfer_summary *summary, bool done, bool dry_run, bool json)
{
  uint64_t skipped = done ? summary->bad : 0;
  int code = UA_CLI_OK;
  if (json) {
    code = print_json(summary, skipped, dry_run);
  } else if (done) {
    (void)printf("%s: %" PRIu64 " users, %" PRIu64 " memberships; read: %" PRIu64 ", skipped: %" PRIu64 "\n",
                 dry_run ? "would be imported" : "imported", summary->imported, summary->memberships,
                 summary->read, skipped);
  }
  return code == UA_CLI_OK && skipped > 0 ? UA_CLI_SKIPPED : code;
}
