/* Files that are read whole: settings, files that hold a secret, lists. */
#ifndef UA_BASE_FILE_H
#define UA_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/error_line.h"
#include "base/text.h"

enum {
  UA_FILE_MAX_BYTES = 64 * 1024,
  UA_FILE_WAIT_SECONDS = 5, /* how long to wait for data from a pipe, unless a person starts the program */
  UA_FILE_WAIT_FOREVER = -1
};

typedef struct ua_file {
  char *bytes; /* NUL-terminated; NULL for none */
  size_t length;
  size_t size; /* of the memory */
  mode_t mode;
  uid_t owner;
  gid_t group;
} ua_file;

/* Whether messages may repeat the path in a setting such as USER_API_JWT_SECRET_FILE. A text that names no
 * file, and does not begin like a path, may be the secret itself. */
bool ua_file_is_path(const char *text);

/* Reads the file or pipe at `path`: at most UA_FILE_MAX_BYTES, without a NUL. Waits `wait_seconds` for a
 * pipe. UA_UNAVAILABLE otherwise, with a line that names the path and the reason. */
UA_CHECK ua_status ua_file_read(const char *path, int wait_seconds, ua_file *file_r, ua_error_line *error);

/* The same of a larger file, of at most `most` bytes, a multiple of 1024. */
UA_CHECK ua_status ua_file_read_large(const char *path, int wait_seconds, size_t most, ua_file *file_r,
                                      ua_error_line *error);

/* As ua_file_read, of an open descriptor, which stays open; `name` is for the line. */
UA_CHECK ua_status ua_file_read_from(int fd, const char *name, int wait_seconds, ua_file *file_r,
                                     ua_error_line *error);

/* The content without a byte order mark and without one final line end ("\n" or "\r\n"). */
ua_text ua_file_text(const ua_file *file);

/* That content, which must be a single line: a secret. UA_BAD_REQUEST when it is empty, or has more lines. */
UA_CHECK ua_status ua_file_line(const ua_file *file, const char *name, ua_text *line_r, ua_error_line *error);

/* Wipes and frees. */
void ua_file_clear(ua_file *file);

#endif
