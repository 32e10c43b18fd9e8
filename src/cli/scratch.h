/* A private temporary folder. */
#ifndef UA_CLI_SCRATCH_H
#define UA_CLI_SCRATCH_H

#include "base/error.h"
#include "base/error_line.h"
#include "base/text.h"

enum { UA_MAX_SCRATCH_BYTES = 256 };

typedef struct ua_cli_scratch {
  char path[UA_MAX_SCRATCH_BYTES]; /* "" when there is none */
} ua_cli_scratch;

/* Makes a folder, mode 0700, in TMPDIR or /tmp. */
UA_CHECK ua_status ua_cli_scratch_create(ua_cli_scratch *scratch_r, ua_error_line *error);

/* Removes it and everything in it; does nothing if it was not created. */
void ua_cli_scratch_remove(ua_cli_scratch *scratch);

/* The path of a file in it; `out` holds twice UA_MAX_SCRATCH_BYTES. */
void ua_cli_scratch_path(const ua_cli_scratch *scratch, const char *name, char out[2 * UA_MAX_SCRATCH_BYTES]);

/* Opens a new file in it, mode 0600; -1 on failure. */
UA_CHECK int ua_cli_scratch_open(const ua_cli_scratch *scratch, const char *name);

#endif
