/* The file of settings that `init` writes: KEY=value lines that only the owner can read. */
#ifndef UA_CLI_ENV_FILE_H
#define UA_CLI_ENV_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/error_line.h"
#include "base/file.h"

typedef struct ua_cli_env_file {
  const char *path; /* the caller's */
  ua_file content;  /* without bytes for a file that does not exist yet */
} ua_cli_env_file;

typedef struct ua_cli_env_entry {
  const char *key;
  const char *value; /* NULL: keep the file's own line */
} ua_cli_env_entry;

/* Reads the file, and refuses what base/assignment.h refuses. A missing file is accepted, a symbolic link is
 * refused. */
UA_CHECK ua_status ua_cli_env_file_read(const char *path, ua_cli_env_file *file_r, ua_error_line *error);

/* Whether the file does not exist yet. */
bool ua_cli_env_file_is_new(const ua_cli_env_file *file);

/* Whether the file sets the key, or sets KEY_FILE to the path of a file that contains it. */
bool ua_cli_env_file_has(const ua_cli_env_file *file, const char *key);

/* Replaces the lines of these keys, adds those that are missing, keeps all others. The file gets mode 0600; a
 * new one is created exclusively. An old one is replaced atomically, so no reader ever sees half of it. */
UA_CHECK ua_status ua_cli_env_file_write(const ua_cli_env_file *file, const ua_cli_env_entry *entries,
                                         size_t count, ua_error_line *error);

/* Wipes and frees. */
void ua_cli_env_file_clear(ua_cli_env_file *file);

#endif
