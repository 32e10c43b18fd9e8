#include "cli/env_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

void ua_cli_env_file_clear(ua_cli_env_file *file)
{
  if (file->content != NULL) {
    explicit_bzero(file->content, UA_CLI_MAX_ENV_FILE_BYTES + 1);
    free(file->content);
  }
  *file = (ua_cli_env_file){0};
}

static ua_status complain(const char *what, const char *path, ua_error_line *error)
{
  ua_error_line_set(error, "cannot %s %s: %s", what, path, strerror(errno));
  return UA_BAD_REQUEST;
}

/* Reads an open file into file->content, which it allocates. */
static ua_status read_content(int fd, ua_cli_env_file *file, ua_error_line *error)
{
  struct stat status;
  ssize_t got;
  file->content = calloc(1, UA_CLI_MAX_ENV_FILE_BYTES + 1);
  if (file->content == NULL || fstat(fd, &status) != 0) {
    return complain("read", file->path, error);
  }
  do {
    got = read(fd, file->content + file->length, UA_CLI_MAX_ENV_FILE_BYTES + 1 - file->length);
    file->length += got > 0 ? (size_t)got : 0;
  } while ((got > 0 && file->length <= UA_CLI_MAX_ENV_FILE_BYTES) || (got < 0 && errno == EINTR));
  if (got < 0) {
    return complain("read", file->path, error);
  }
  if (!S_ISREG(status.st_mode) || file->length > UA_CLI_MAX_ENV_FILE_BYTES) {
    ua_error_line_set(error, "%s is not a file of settings", file->path);
    return UA_BAD_REQUEST;
  }
  file->owner = status.st_uid;
  file->group = status.st_gid;
  return UA_OK;
}

ua_status ua_cli_env_file_read(const char *path, ua_cli_env_file *file_r, ua_error_line *error)
{
  ua_cli_env_file file = {.path = path};
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) {
    *file_r = file;
    return errno == ENOENT ? UA_OK : complain("read", path, error);
  }
  ua_status status = read_content(fd, &file, error);
  (void)close(fd);
  if (status != UA_OK) {
    ua_cli_env_file_clear(&file);
    return status;
  }
  *file_r = file;
  return UA_OK;
}

/* Whether a line sets the key, or KEY_FILE. */
static bool sets(ua_text line, const char *key)
{
  ua_text value = line;
  ua_text name;
  if (!ua_text_split(&value, '=', &name) || value.data == NULL) {
    return false;
  }
  name = ua_text_trim(name);
  if (!ua_text_starts_with(name, ua_text_of(key))) {
    return false;
  }
  ua_text rest = {name.data + strlen(key), name.length - strlen(key)};
  return rest.length == 0 || ua_text_equal(rest, UA_TEXT("_FILE"));
}

bool ua_cli_env_file_has(const ua_cli_env_file *file, const char *key)
{
  ua_text rest = {file->content, file->length};
  ua_text line;
  while (ua_text_split(&rest, '\n', &line)) {
    if (sets(line, key)) {
      return true;
    }
  }
  return false;
}

/* Quotes what a shell, too, would read otherwise; our own reader takes off one pair of double quotes. */
static void put_entry(FILE *out, const ua_cli_env_entry *entry)
{
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~%:/@?=+,[]";
  const char *quote = entry->value[strspn(entry->value, plain)] == '\0' ? "" : "\"";
  (void)fprintf(out, "%s=%s%s%s\n", entry->key, quote, entry->value, quote);
}

static const ua_cli_env_entry *entry_of(ua_text line, const ua_cli_env_entry *entries, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    if (entries[i].value != NULL && sets(line, entries[i].key)) {
      return &entries[i];
    }
  }
  return NULL;
}

static void put_content(FILE *out, const ua_cli_env_file *file, const ua_cli_env_entry *entries, size_t count)
{
  ua_text rest = {file->content, file->length};
  ua_text line;
  while (ua_text_split(&rest, '\n', &line)) {
    bool is_end = rest.data == NULL && line.length == 0;
    if (!is_end && entry_of(line, entries, count) == NULL) {
      (void)fprintf(out, "%.*s\n", UA_TEXT_ARGS(line));
    }
  }
  for (size_t i = 0; i < count; i++) {
    if (entries[i].value != NULL) {
      put_entry(out, &entries[i]);
    }
  }
}

/* Creates `path`, which must not be there, and fills it. */
static ua_status create(const char *path, const ua_cli_env_file *file, const ua_cli_env_entry *entries,
                        size_t count, ua_error_line *error)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
  if (out == NULL) {
    ua_status status = complain("create", path, error);
    if (fd >= 0) {
      (void)close(fd);
      (void)unlink(path);
    }
    return status;
  }
  /* A service account that owns the file keeps it; only root can give files away. */
  bool well = file->content == NULL || geteuid() != 0 || fchown(fd, file->owner, file->group) == 0;
  put_content(out, file, entries, count);
  well = fchmod(fd, 0600) == 0 && fflush(out) == 0 && fsync(fd) == 0 && ferror(out) == 0 && well;
  well = fclose(out) == 0 && well;
  if (!well) {
    ua_status status = complain("write", path, error);
    (void)unlink(path);
    return status;
  }
  return UA_OK;
}

ua_status ua_cli_env_file_write(const ua_cli_env_file *file, const ua_cli_env_entry *entries, size_t count,
                                ua_error_line *error)
{
  char beside[PATH_MAX];
  if (file->content == NULL) {
    return create(file->path, file, entries, count, error);
  }
  int length = snprintf(beside, sizeof beside, "%s.new.%ld", file->path, (long)getpid());
  if (length < 0 || (size_t)length >= sizeof beside) {
    ua_error_line_set(error, "%s: the name is too long", file->path);
    return UA_BAD_REQUEST;
  }
  ua_status status = create(beside, file, entries, count, error);
  if (status == UA_OK && rename(beside, file->path) != 0) {
    status = complain("replace", file->path, error);
    (void)unlink(beside);
  }
  return status;
}
