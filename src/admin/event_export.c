#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/commands.h"
#include "admin/event_session.h"
#include "cli/output_file.h"
#include "cli/progress.h"

enum { OPTION_OUTPUT = UA_ADMIN_EVENT_OPTIONS, OPTION_FORCE };

static const ua_cli_option options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    UA_ADMIN_EVENT_CHOICE_ROWS,
    [UA_ADMIN_EVENT_AFTER] = {"--after", "ID", "only newer events than this one"},
    [OPTION_OUTPUT] = {"--output", "FILE", "the file to write, instead of standard output"},
    [OPTION_FORCE] = {"--force", NULL, "replace a file that exists"},
    {NULL, NULL, NULL},
};

static const char details[] =
    "Writes events as JSON lines, oldest first: each line is the object that\n"
    "GET /api/events/ answers. The export contains the events from before it began.\n"
    "If a transaction that has written events is still open, the export ends before\n"
    "them: so there are no gaps. For the next export, give the last id with --after.\n"
    "The file gets its name when it is complete: a failure or a signal leaves no\n"
    "file.\n";

typedef struct export_run {
  const char *path;
  bool replace;
  ua_event_search search;
  ua_cli_output_file file;
  ua_cli_progress progress;
  ua_arena *arena; /* of one event */
  uint64_t events;
  uint64_t bytes;
  ua_error_line *error;
} export_run;

static bool is_standard_output(const export_run *run)
{
  return run->file.path == NULL;
}

static ua_status write_event(void *context, const ua_event *event)
{
  export_run *run = context;
  ua_text line;
  ua_arena_reset(run->arena);
  ua_status status = ua_admin_event_render(run->arena, event, true, &line);
  if (status != UA_OK) {
    return status;
  }
  if (fwrite(line.data, 1, line.length, run->file.stream) != line.length) {
    ua_error_line_set(run->error, "cannot write %s: %s", run->path, strerror(errno));
    return UA_BAD_REQUEST;
  }
  run->events++;
  run->bytes += line.length;
  if (!is_standard_output(run)) {
    ua_cli_progress_set(&run->progress, run->bytes, 0);
  }
  return UA_OK;
}

static int print_summary(const ua_admin_session *session, uint64_t events)
{
  ua_json_writer *writer;
  if (!session->json) {
    (void)printf("exported: %" PRIu64 " events\n", events);
    return UA_CLI_OK;
  }
  writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_json_add_integer(writer, "exported", (int64_t)events);
  ua_json_end(writer);
  return ua_cli_print_json(&writer);
}

/* Up to the events that are final now: later ones are not exported. */
static ua_status write_all(export_run *run, const ua_service *service)
{
  ua_status status = ua_service_events_final(service, &run->search.until);
  return status == UA_OK && run->search.until > run->search.after
             ? ua_admin_event_each(service, run->search, INT64_MAX, write_event, run)
             : status;
}

static int export_events(export_run *run, ua_admin_session *session)
{
  ua_status status = ua_cli_output_file_begin(run->path, 0666, run->replace, &run->file, &session->error);
  if (status != UA_OK) {
    return ua_cli_fail("%s", session->error.text);
  }
  if (!is_standard_output(run)) {
    ua_cli_progress_begin(&run->progress, "writing", "bytes", 0);
  }
  status = write_all(run, &session->service);
  ua_cli_progress_clear(&run->progress);
  if (status == UA_OK) {
    status = ua_cli_output_file_finish(&run->file, &session->error);
  } else {
    ua_cli_output_file_abandon(&run->file);
    if (session->error.text[0] == '\0') {
      ua_admin_event_explain(session, status);
    }
  }
  if (status != UA_OK) {
    return ua_cli_fail("%s", session->error.text);
  }
  return is_standard_output(run) ? UA_CLI_OK : print_summary(session, run->events);
}

static int work(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  const char *path = arguments->option[OPTION_OUTPUT];
  export_run run = {.path = path == NULL ? "-" : path,
                    .replace = arguments->option[OPTION_FORCE] != NULL,
                    .arena = session->arena,
                    .error = &session->error};
  int code = ua_admin_event_search(arguments, &run.search);
  run.search.by_after = true;
  return code == UA_CLI_OK ? export_events(&run, session) : code;
}

static int run_export(const ua_cli_arguments *arguments)
{
  ua_event_search search;
  const char *path = arguments->option[OPTION_OUTPUT];
  int code = ua_admin_event_search(arguments, &search);
  if (code == UA_CLI_OK && arguments->option[UA_ADMIN_SESSION_JSON] != NULL &&
      (path == NULL || strcmp(path, "-") == 0)) {
    code = ua_cli_misused("event export: --json needs --output: events go to standard output");
  }
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_SERVICE, work) : code;
}

const ua_cli_command ua_admin_event_export = {
    .name = "event export",
    .synopsis = "[OPTIONS]",
    .summary = "Writes events as JSON lines, oldest first",
    .details = details,
    .example = "--customer 2 --output events.jsonl",
    .options = options,
    .run = run_export,
};
