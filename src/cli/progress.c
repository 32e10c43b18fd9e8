#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { DRAW_EVERY_MS = 200, BAR_CELLS = 24 };

static void draw(ua_cli_progress *progress, uint64_t rows, uint64_t done, int64_t now)
{
  char bar[BAR_CELLS + 1];
  int64_t elapsed = now - progress->started_ms;
  uint64_t rate = elapsed > 0 ? rows * 1000 / (uint64_t)elapsed : 0;
  (void)fprintf(stderr, "\r\033[K%s", progress->what);
  if (progress->total > 0) {
    uint64_t part = done < progress->total ? done : progress->total;
    size_t cells = (size_t)(part * BAR_CELLS / progress->total);
    memset(bar, '.', BAR_CELLS);
    memset(bar, '#', cells);
    bar[BAR_CELLS] = '\0';
    (void)fprintf(stderr, " [%s] %3" PRIu64 "%%", bar, part * 100 / progress->total);
  }
  if (rows > 0) {
    (void)fprintf(stderr, " %" PRIu64 " %s, %" PRIu64 "/s", rows, progress->unit, rate);
  }
  (void)fflush(stderr);
  progress->drawn = true;
  progress->drawn_ms = now;
}

void ua_cli_progress_begin(ua_cli_progress *progress, const char *what, const char *unit, uint64_t total)
{
  int64_t now = ua_clock_monotonic_ms();
  *progress = (ua_cli_progress){
      .shown = isatty(STDERR_FILENO) == 1, .what = what, .unit = unit, .total = total, .started_ms = now};
  if (progress->shown) {
    draw(progress, 0, 0, now);
  }
}

void ua_cli_progress_set(ua_cli_progress *progress, uint64_t rows, uint64_t done)
{
  if (!progress->shown) {
    return;
  }
  int64_t now = ua_clock_monotonic_ms();
  if (now - progress->drawn_ms >= DRAW_EVERY_MS || (progress->total > 0 && done >= progress->total)) {
    draw(progress, rows, done, now);
  }
}

void ua_cli_progress_clear(ua_cli_progress *progress)
{
  if (progress->drawn) {
    (void)fprintf(stderr, "\r\033[K");
    (void)fflush(stderr);
    progress->drawn = false;
  }
}
