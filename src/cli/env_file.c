#include "cli/env_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assignment.h"

void ua_cli_env_file_clear(ua_cli_env_file *file)
{
  ua_file_clear(&file->content);
  *file = (ua_cli_env_file){0};
}

static ua_status complain(const char *what, const char *path, ua_error_line *error)
{
  ua_error_line_set(error, "cannot %s %s: %s", what, path, strerror(errno));
  return UA_BAD_REQUEST;
}

/* Reads the assignments of a file one by one. If `visit` returns false, reading stops and the result is
 * false. */
typedef bool visitor(void *context, const ua_assignment *read);

static bool visit_all(const ua_cli_env_file *file, visitor *visit, void *context)
{
  char room[UA_FILE_MAX_BYTES + 1];
  ua_assignments lines;
  ua_assignment read;
  bool well = true;
  ua_assignments_begin(&lines, (ua_text){file->content.bytes, file->content.length}, room);
  while (well && ua_assignments_next(&lines, &read)) {
    well = visit(context, &read);
  }
  explicit_bzero(room, sizeof room);
  return well;
}

typedef struct judgement {
  const char *path;
  ua_error_line *error;
} judgement;

static bool judge(void *context, const ua_assignment *read)
{
  const judgement *self = context;
  if (read->wrong != NULL) {
    ua_error_line_set(self->error, "%s line %zu: %s", self->path, read->line, read->wrong);
  }
  return read->wrong == NULL;
}

ua_status ua_cli_env_file_read(const char *path, ua_cli_env_file *file_r, ua_error_line *error)
{
  ua_cli_env_file file = {.path = path};
  judgement rules = {path, error};
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) {
    *file_r = file;
    return errno == ENOENT ? UA_OK : complain("read", path, error);
  }
  ua_status status = ua_file_read_from(fd, path, 0, &file.content, error);
  (void)close(fd);
  if (status == UA_OK && !S_ISREG(file.content.mode)) {
    ua_error_line_set(error, "%s is not a file of settings", path);
    status = UA_BAD_REQUEST;
  }
  if (status == UA_OK && !visit_all(&file, judge, &rules)) {
    status = UA_BAD_REQUEST;
  }
  if (status != UA_OK) {
    ua_cli_env_file_clear(&file);
    return status;
  }
  *file_r = file;
  return UA_OK;
}

/* Whether an assignment sets the key, or KEY_FILE. */
static bool sets(const ua_assignment *read, const char *key)
{
  if (!ua_text_starts_with(read->key, ua_text_of(key))) {
    return false;
  }
  ua_text rest = {read->key.data + strlen(key), read->key.length - strlen(key)};
  return rest.length == 0 || ua_text_equal(rest, UA_TEXT("_FILE"));
}

static bool is_another(void *context, const ua_assignment *read)
{
  const char *const *key = context;
  return !sets(read, *key);
}

bool ua_cli_env_file_is_new(const ua_cli_env_file *file)
{
  return file->content.length == 0;
}

bool ua_cli_env_file_has(const ua_cli_env_file *file, const char *key)
{
  return !visit_all(file, is_another, &key);
}

typedef struct update {
  FILE *out;
  const ua_cli_env_entry *entries;
  size_t count;
} update;

/* Copies a line, or the lines of one value, that none of the entries replaces. */
static bool keep(void *context, const ua_assignment *read)
{
  const update *self = context;
  ua_text source = read->source;
  for (size_t i = 0; i < self->count; i++) {
    if (self->entries[i].value != NULL && sets(read, self->entries[i].key)) {
      return true;
    }
  }
  bool ends = source.length > 0 && source.data[source.length - 1] == '\n';
  (void)fprintf(self->out, "%.*s%s", UA_TEXT_ARGS(source), ends ? "" : "\n");
  return true;
}

static void put_content(FILE *out, const ua_cli_env_file *file, const ua_cli_env_entry *entries, size_t count)
{
  update self = {out, entries, count};
  (void)visit_all(file, keep, &self);
  for (size_t i = 0; i < count; i++) {
    if (entries[i].value != NULL) {
      ua_assignment_put(out, entries[i].key, entries[i].value);
    }
  }
}

/* Creates `path`, which must not exist, and fills it. */
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
  /* A service account that owns the file stays its owner; only root can change owners. */
  bool well = file->content.bytes == NULL || geteuid() != 0 ||
              fchown(fd, file->content.owner, file->content.group) == 0;
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
  if (file->content.bytes == NULL) {
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
