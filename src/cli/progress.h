/* Shows the progress of a long command on the user's terminal. */
#ifndef UA_CLI_PROGRESS_H
#define UA_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ua_cli_progress {
  bool shown; /* standard error is a terminal */
  bool drawn;
  const char *what; /* "reading" */
  const char *unit; /* "rows" */
  uint64_t total;   /* of what `done` counts; 0 if unknown: no bar then */
  int64_t started_ms;
  int64_t drawn_ms;
} ua_cli_progress;

/* Begins a step; `what` and `unit` are literals. Shows nothing unless standard error is a terminal. A step
 * before it ends. */
void ua_cli_progress_begin(ua_cli_progress *progress, const char *what, const char *unit, uint64_t total);

/* Reports that `rows` rows were processed, and `done` of the total. Draws a few times a second at most. */
void ua_cli_progress_set(ua_cli_progress *progress, uint64_t rows, uint64_t done);

/* Removes the bar from the screen. May be repeated; call it before you write anything else there. */
void ua_cli_progress_clear(ua_cli_progress *progress);

#endif
