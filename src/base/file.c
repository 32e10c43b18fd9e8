#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

enum { KIB = 1024, SPARE = 2 /* one byte beyond the limit, to detect a file that is too long, and a NUL */ };

void ua_file_clear(ua_file *file)
{
  if (file->bytes != NULL) {
    explicit_bzero(file->bytes, file->size);
    free(file->bytes);
  }
  *file = (ua_file){0};
}

static ua_status fail(const char *name, const char *reason, ua_error_line *error)
{
  const char *shown = strstr(name, "://") == NULL ? name : "…"; /* a URL can hold a password */
  ua_error_line_set(error, "cannot read '%.256s': %s", shown, reason);
  return UA_UNAVAILABLE;
}

/* Waits until there is something to read, or the end. Also waits for a pipe without a writer: reading that
 * would look like an empty file. */
static bool await(int fd, int64_t deadline)
{
  struct pollfd poller = {.fd = fd, .events = POLLIN};
  int ready = 0;
  do {
    int64_t left = deadline - ua_clock_monotonic_ms();
    int most = left > 0 ? (int)left : 0;
    ready = poll(&poller, 1, deadline == UA_FILE_WAIT_FOREVER ? -1 : most);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

static ua_status fill(int fd, const char *name, int64_t deadline, ua_file *file, ua_error_line *error)
{
  const size_t most = file->size - SPARE;
  char reason[64];
  ssize_t got = 1;
  while (got != 0 && file->length <= most) {
    if (!await(fd, deadline)) {
      return fail(name, "nothing has come through the pipe", error);
    }
    got = read(fd, file->bytes + file->length, most + 1 - file->length);
    if (got < 0 && errno != EINTR && errno != EAGAIN) {
      return fail(name, strerror(errno), error);
    }
    file->length += got > 0 ? (size_t)got : 0;
  }
  if (file->length > most) {
    (void)snprintf(reason, sizeof reason, "it is larger than %zu KiB", most / KIB);
    return fail(name, reason, error);
  }
  if (ua_text_has_nul((ua_text){file->bytes, file->length})) {
    return fail(name, "it holds a NUL byte: save it as UTF-8 text", error);
  }
  return UA_OK;
}

static ua_status read_from(int fd, const char *name, int wait_seconds, size_t most, ua_file *file_r,
                           ua_error_line *error)
{
  struct stat status;
  int64_t deadline = wait_seconds == UA_FILE_WAIT_FOREVER ? UA_FILE_WAIT_FOREVER
                                                          : ua_clock_monotonic_ms() + wait_seconds * 1000L;
  if (fstat(fd, &status) != 0) {
    return fail(name, strerror(errno), error);
  }
  if (S_ISDIR(status.st_mode)) {
    return fail(name, strerror(EISDIR), error);
  }
  ua_file file = {.bytes = calloc(1, most + SPARE),
                  .size = most + SPARE,
                  .mode = status.st_mode,
                  .owner = status.st_uid,
                  .group = status.st_gid};
  if (file.bytes == NULL) {
    return fail(name, "out of memory", error);
  }
  ua_status read = fill(fd, name, deadline, &file, error);
  if (read != UA_OK) {
    ua_file_clear(&file);
    return read;
  }
  *file_r = file;
  return UA_OK;
}

ua_status ua_file_read_from(int fd, const char *name, int wait_seconds, ua_file *file_r, ua_error_line *error)
{
  return read_from(fd, name, wait_seconds, UA_FILE_MAX_BYTES, file_r, error);
}

bool ua_file_is_path(const char *text)
{
  return text[0] == '/' || text[0] == '.' || access(text, F_OK) == 0;
}

ua_status ua_file_read_large(const char *path, int wait_seconds, size_t most, ua_file *file_r,
                             ua_error_line *error)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) {
    return fail(path, strerror(errno), error);
  }
  ua_status status = read_from(fd, path, wait_seconds, most, file_r, error);
  (void)close(fd);
  return status;
}

ua_status ua_file_read(const char *path, int wait_seconds, ua_file *file_r, ua_error_line *error)
{
  return ua_file_read_large(path, wait_seconds, UA_FILE_MAX_BYTES, file_r, error);
}

ua_text ua_file_text(const ua_file *file)
{
  ua_text text = ua_text_without_mark((ua_text){file->bytes, file->length});
  text.length -= text.length > 0 && text.data[text.length - 1] == '\n';
  text.length -= text.length > 0 && text.data[text.length - 1] == '\r';
  return text;
}

ua_status ua_file_line(const ua_file *file, const char *name, ua_text *line_r, ua_error_line *error)
{
  ua_text line = ua_file_text(file);
  if (line.length == 0) {
    ua_error_line_set(error, "'%.256s' is empty", name);
    return UA_BAD_REQUEST;
  }
  if (memchr(line.data, '\n', line.length) != NULL || memchr(line.data, '\r', line.length) != NULL) {
    ua_error_line_set(error, "'%.256s' has more than one line", name);
    return UA_BAD_REQUEST;
  }
  *line_r = line;
  return UA_OK;
}
