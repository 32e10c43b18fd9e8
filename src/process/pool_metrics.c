#include "process/pool_metrics.h"

#include "api/metrics.h"
#include "auth/session_table.h"
#include "base/clock.h"

enum { SILENT_MS = 2000 /* the watcher gives a sign twice a second */ };

static void count_workers(const ua_scoreboard *scoreboard, ua_pool_report *report)
{
  uint64_t none = 0;
  uint64_t *const counts[] = {[UA_WORKER_NONE] = &none,
                              [UA_WORKER_STARTING] = &report->starting,
                              [UA_WORKER_IDLE] = &report->idle,
                              [UA_WORKER_BUSY] = &report->busy,
                              [UA_WORKER_DRAINING] = &report->draining};
  for (size_t i = 0; i < ua_process_scoreboard_slots(scoreboard); i++) {
    int64_t busy_ms;
    ++*counts[ua_process_scoreboard_get(scoreboard, i, &busy_ms)];
  }
}

/* After the connection was lost, the last proof is invalid, but its age is still reported. */
static void look_at_sessions(const ua_worker_setup *setup, ua_pool_report *report)
{
  ua_session_board *board = ua_auth_session_table_board(setup->sessions);
  int64_t proved_ms = atomic_load(&board->proved_ms);
  int64_t known_ms = atomic_load(&board->known_ms);
  int64_t last_ms = proved_ms > known_ms ? proved_ms : known_ms;
  int64_t now_ms = ua_clock_boot_ms();
  report->has_sessions = true;
  report->is_stale = proved_ms <= 0 || now_ms - proved_ms > setup->config->session_staleness_ms;
  report->is_watched = ua_clock_monotonic_ms() - atomic_load(&board->alive_ms) < SILENT_MS;
  report->is_proved = last_ms > 0;
  report->proof_age_ms = now_ms > last_ms ? now_ms - last_ms : 0;
}

static void read_pool(void *context, ua_metrics *sum_r, ua_pool_report *report_r)
{
  const ua_worker_setup *setup = context;
  ua_scoreboard *scoreboard = setup->scoreboard;
  const ua_hash_board *hashing = ua_process_scoreboard_hashing(scoreboard);
  ua_pool_birth birth = ua_process_scoreboard_birth(scoreboard);
  ua_process_scoreboard_sum(scoreboard, sum_r);
  *report_r =
      (ua_pool_report){.started_seconds = birth.wall_seconds,
                       .uptime_ms = ua_clock_boot_ms() - birth.boot_ms,
                       .deaths = ua_tally_read(ua_process_scoreboard_deaths(scoreboard)),
                       .hash_slots = atomic_load(&hashing->slots),
                       .hash_slots_in_use = atomic_load(&hashing->in_use),
                       .log_dropped = ua_tally_read(ua_process_scoreboard_dropped_here(scoreboard)) +
                                      ua_tally_read(ua_process_scoreboard_dropped_by_watcher(scoreboard))};
  count_workers(scoreboard, report_r);
  if (setup->sessions != NULL) {
    look_at_sessions(setup, report_r);
  }
}

void ua_process_pool_metrics_open(const ua_worker_setup *setup, struct ua_pool_metrics *metrics_r)
{
  bool counts = setup->scoreboard != NULL && setup->config->metrics;
  *metrics_r = (ua_pool_metrics){0};
  if (counts) {
    metrics_r->own = ua_process_scoreboard_metrics(setup->scoreboard, setup->slot);
    metrics_r->read = read_pool;
    metrics_r->context = (void *)(uintptr_t)setup; /* which read_pool only reads */
  }
}
