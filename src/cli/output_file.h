/* A file that appears completely or not at all: it gets its name when it is finished. */
#ifndef UA_CLI_OUTPUT_FILE_H
#define UA_CLI_OUTPUT_FILE_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/error_line.h"

enum { UA_MAX_OUTPUT_PATH_BYTES = 4096 };

typedef struct ua_cli_output_file {
  FILE *stream;
  const char *path; /* NULL: standard output */
  bool replace;
} ua_cli_output_file;

/* Creates a file with `mode` in the directory of `path` ("-": standard output). UA_CONFLICT when `path`
 * exists already, unless it is to be replaced. Until the file is finished or abandoned, INT, TERM and HUP
 * remove it before they end the program. One file at a time. */
UA_CHECK ua_status ua_cli_output_file_begin(const char *path, mode_t mode, bool replace,
                                            ua_cli_output_file *file_r, ua_error_line *error);

/* Gives it its name. UA_CONFLICT when another process has taken the name meanwhile. */
UA_CHECK ua_status ua_cli_output_file_finish(ua_cli_output_file *file, ua_error_line *error);

/* Removes an unfinished file. */
void ua_cli_output_file_abandon(ua_cli_output_file *file);

#endif
