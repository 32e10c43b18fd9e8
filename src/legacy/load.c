#include "legacy/load.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "cli/progress.h"
#include "cli/report.h"

enum { LOOK_MS = 500 };

static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { DEADLY_COUNT = sizeof deadly / sizeof deadly[0] };

void ua_legacy_load_begin(ua_legacy_load *load)
{
  sigset_t blocked;
  (void)sigemptyset(&blocked);
  for (size_t i = 0; i < DEADLY_COUNT; i++) {
    (void)sigaddset(&blocked, deadly[i]);
  }
  (void)sigprocmask(SIG_BLOCK, &blocked, &load->usual);
}

bool ua_legacy_load_interrupted(void)
{
  sigset_t pending;
  bool found = false;
  (void)sigemptyset(&pending);
  (void)sigpending(&pending);
  for (size_t i = 0; i < DEADLY_COUNT; i++) {
    found = found || sigismember(&pending, deadly[i]) == 1;
  }
  return found;
}

typedef struct watch {
  const ua_legacy_load *load;
  int64_t started_ms;
  int64_t looked_ms;
  int64_t moved_ms;
  uint64_t bytes;
  ua_cli_progress progress;
  ua_error_line error; /* why the load was stopped; "" if it was not, or by a signal */
} watch;

static bool look(void *context)
{
  watch *state = context;
  uint64_t bytes = 0;
  int64_t now = ua_clock_monotonic_ms();
  if (ua_legacy_load_interrupted()) {
    ua_error_line_set(&state->error, "interrupted");
    return false;
  }
  if (now - state->looked_ms < LOOK_MS) {
    return true;
  }
  state->looked_ms = now;
  if (ua_legacy_staging_size(state->load->connection, state->load->schema, &bytes, &state->error) != UA_OK) {
    return false;
  }
  if (bytes != state->bytes) {
    state->bytes = bytes;
    state->moved_ms = now;
  }
  ua_cli_progress_set(&state->progress, bytes / 1024, 0);
  /* pgloader can wait for itself for ever (a known deadlock). */
  if (now - state->moved_ms > state->load->stall_seconds * 1000) {
    ua_error_line_set(&state->error, "pgloader has loaded nothing for %" PRId64 " seconds (see --stall)",
                      state->load->stall_seconds);
    return false;
  }
  return true;
}

ua_status ua_legacy_load_run(ua_legacy_load *load, const ua_legacy_mysql_url *source, ua_error_line *error)
{
  ua_operator_peer target;
  int64_t now = ua_clock_monotonic_ms();
  watch state = {.load = load, .started_ms = now, .looked_ms = now, .moved_ms = now};
  ua_operator_connection_peer_of(load->connection, &target);
  if (target.os_user[0] != '\0') {
    ua_error_line_set(
        error,
        "pgloader cannot log in to PostgreSQL as root: run this command as the operating system's user"
        " %s (runuser -u %s -- user-api-admin import-mysql …)",
        target.os_user, target.os_user);
    return UA_CONFLICT;
  }
  ua_status status = ua_legacy_staging_create(load->connection, load->schema, error);
  if (status != UA_OK) {
    return status;
  }
  const ua_legacy_pgloader_job job = {
      .source = source, .target = &target, .schema = load->schema, .wait = look, .context = &state};
  ua_cli_progress_begin(&state.progress, "loading", "KiB", 0);
  status = ua_legacy_pgloader_run(&job, &load->summary, error);
  ua_cli_progress_clear(&state.progress);
  if (state.error.text[0] != '\0') {
    *error = state.error;
    status = UA_UNPROCESSABLE;
  }
  load->took_ms = ua_clock_monotonic_ms() - state.started_ms;
  return status;
}

/* pgloader's sessions may hold their locks a moment longer: dropping waits for them. */
static ua_status drop(ua_legacy_load *load, ua_error_line *error)
{
  ua_operator_connection_rollback(load->connection);
  ua_status status = ua_legacy_staging_drop(load->connection, load->schema, error);
  if (status == UA_UNAVAILABLE) {
    ua_operator_connection_close(&load->connection);
    status =
        ua_operator_connection_open(load->target_url->value, load->target_database, &load->connection, error);
    if (status == UA_OK) {
      status = ua_legacy_staging_drop(load->connection, load->schema, error);
    }
  }
  return status;
}

void ua_legacy_load_end(ua_legacy_load *load)
{
  ua_error_line error = {""};
  if (load->schema[0] != '\0' && drop(load, &error) != UA_OK) {
    ua_cli_warn("the schema %s is left in the database until the next import: %s", load->schema, error.text);
  }
  load->schema[0] = '\0';
  (void)fflush(stdout);
  (void)sigprocmask(SIG_SETMASK, &load->usual, NULL);
}
