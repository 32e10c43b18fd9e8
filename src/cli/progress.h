/* How far a long command is, on the terminal of the person who waits for it. */
#ifndef UA_CLI_PROGRESS_H
#define UA_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ua_cli_progress {
  bool shown; /* standard error is a terminal */
  bool drawn;
  const char *what; /* "reading" */
  const char *unit; /* "rows" */
  uint64_t total;   /* of what `done` counts, 0 where nobody knows: no bar then */
  int64_t started_ms;
  int64_t drawn_ms;
} ua_cli_progress;

/* Begins a step; `what` and `unit` are literals. Shows nothing unless standard error is a terminal. A step
 * before it ends. */
void ua_cli_progress_begin(ua_cli_progress *progress, const char *what, const char *unit, uint64_t total);

/* So many rows were dealt with, and `done` of the total. Draws a few times a second at most. */
void ua_cli_progress_set(ua_cli_progress *progress, uint64_t rows, uint64_t done);

/* Takes the bar off the screen. May be repeated; to be called before anything else is written there. */
void ua_cli_progress_clear(ua_cli_progress *progress);

#endif
