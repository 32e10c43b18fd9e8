/* Runs another program to its end, never through a shell. */
#ifndef UA_CLI_CHILD_H
#define UA_CLI_CHILD_H

#include <stdbool.h>

#include "base/error.h"
#include "base/error_line.h"

typedef struct ua_cli_child {
  const char *const *argv; /* found by PATH; NULL at the end */
  const char *const *environment;
  int output; /* where its standard output and error go; its input is empty */
  /* Called several times a second while it runs; false ends it. */
  bool (*wait)(void *context);
  void *context;
} ua_cli_child;

/* Runs it in a process group of its own, which ends with this process. UA_OK when it has exited with code 0,
 * UA_UNPROCESSABLE when it ended otherwise, UA_NOT_FOUND when there is no such program. The line says how it
 * ended. */
UA_CHECK ua_status ua_cli_child_run(const ua_cli_child *child, ua_error_line *error);

#endif
