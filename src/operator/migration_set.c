#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "operator/migration_file.h"

static ua_status out_of_memory(ua_error_line *error)
{
  ua_error_line_set(error, "out of memory");
  return UA_INTERNAL;
}

static ua_status allocate(ua_operator_migration_set *set, ua_error_line *error)
{
  set->migrations = calloc(UA_MAX_MIGRATIONS, sizeof *set->migrations);
  set->owned = calloc(UA_MAX_MIGRATIONS, sizeof *set->owned);
  return set->migrations != NULL && set->owned != NULL ? UA_OK : out_of_memory(error);
}

void ua_operator_migration_set_clear(ua_operator_migration_set *set)
{
  for (size_t i = 0; i < set->count; i++) {
    free(set->owned[i]);
  }
  free(set->owned);
  free(set->migrations);
  *set = (ua_operator_migration_set){0};
}

/* Takes ownership of `owned`, also when it fails. Keeps the set ordered by name. */
static ua_status insert(ua_operator_migration_set *set, ua_text name, ua_text content, char *owned,
                        ua_error_line *error)
{
  ua_operator_migration migration;
  ua_status status = UA_BAD_REQUEST;
  if (set->count == UA_MAX_MIGRATIONS) {
    ua_error_line_set(error, "there are more than %d migrations", UA_MAX_MIGRATIONS);
  } else {
    status = ua_operator_migration_parse(name, content, &migration, error);
  }
  if (status != UA_OK) {
    free(owned);
    return status;
  }
  size_t at = set->count;
  for (; at > 0 && ua_text_compare(set->migrations[at - 1].name, name) > 0; at--) {
    set->migrations[at] = set->migrations[at - 1];
    set->owned[at] = set->owned[at - 1];
  }
  set->migrations[at] = migration;
  set->owned[at] = owned;
  set->count++;
  return UA_OK;
}

/* Two files of one version would share one row of the ledger. */
static ua_status check_versions(const ua_operator_migration_set *set, ua_error_line *error)
{
  for (size_t i = 1; i < set->count; i++) {
    if (ua_text_equal(set->migrations[i - 1].version, set->migrations[i].version)) {
      ua_error_line_set(error, "%.*s and %.*s have the same version",
                        UA_TEXT_ARGS(set->migrations[i - 1].name), UA_TEXT_ARGS(set->migrations[i].name));
      return UA_BAD_REQUEST;
    }
  }
  return UA_OK;
}

/* Passes the set to the caller if the status is UA_OK, otherwise frees it. */
static ua_status hand_over(ua_operator_migration_set *set, ua_status status, ua_operator_migration_set *set_r,
                           ua_error_line *error)
{
  if (status == UA_OK) {
    status = check_versions(set, error);
  }
  if (status != UA_OK) {
    ua_operator_migration_set_clear(set);
    return status;
  }
  *set_r = *set;
  return UA_OK;
}

ua_status ua_operator_migration_set_embedded(ua_operator_migration_set *set_r, ua_error_line *error)
{
  ua_operator_migration_set set = {0};
  ua_status status = allocate(&set, error);
  for (size_t i = 0; status == UA_OK && i < ua_embedded_migration_count; i++) {
    const ua_operator_migration_source *source = &ua_embedded_migrations[i];
    ua_text content = {(const char *)source->content, source->length};
    status = insert(&set, ua_text_of(source->name), content, NULL, error);
  }
  return hand_over(&set, status, set_r, error);
}

/* Reads the file to its end, or until it is one byte longer than a migration may be. */
static bool read_all(int fd, char *bytes, size_t *length_r)
{
  size_t used = 0;
  ssize_t got;
  do {
    got = read(fd, bytes + used, UA_MAX_MIGRATION_BYTES + 1 - used);
    used += got > 0 ? (size_t)got : 0;
  } while ((got > 0 && used <= UA_MAX_MIGRATION_BYTES) || (got < 0 && errno == EINTR));
  *length_r = used;
  return got >= 0;
}

/* Reads a whole file after its own name: "<name>\0<content>". */
static ua_status read_file(int folder, const char *name, char **owned_r, size_t *length_r,
                           ua_error_line *error)
{
  size_t name_size = strlen(name) + 1;
  char *owned = malloc(name_size + UA_MAX_MIGRATION_BYTES + 1);
  if (owned == NULL) {
    return out_of_memory(error);
  }
  int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  bool done = fd >= 0 && read_all(fd, owned + name_size, length_r);
  if (!done) {
    ua_error_line_set(error, "cannot read %s: %s", name, strerror(errno));
  }
  if (fd >= 0) {
    (void)close(fd);
  }
  if (!done) {
    free(owned);
    return UA_BAD_REQUEST;
  }
  memcpy(owned, name, name_size);
  *owned_r = owned;
  return UA_OK;
}

static ua_status load_all(DIR *folder, ua_operator_migration_set *set, ua_error_line *error)
{
  ua_status status = UA_OK;
  const struct dirent *entry;
  int fd = dirfd(folder);
  if (fd < 0) {
    ua_error_line_set(error, "cannot read the folder: %s", strerror(errno));
    return UA_BAD_REQUEST;
  }
  while (status == UA_OK && (errno = 0, entry = readdir(folder)) != NULL) {
    char *owned;
    size_t length;
    if (ua_operator_migration_version(ua_text_of(entry->d_name)).data == NULL) {
      continue;
    }
    status = read_file(fd, entry->d_name, &owned, &length, error);
    if (status == UA_OK) {
      ua_text name = ua_text_of(owned);
      char *tight = realloc(owned, name.length + 1 + length + 1);
      owned = tight != NULL ? tight : owned;
      name.data = owned;
      status = insert(set, name, (ua_text){owned + name.length + 1, length}, owned, error);
    }
  }
  return status;
}

ua_status ua_operator_migration_set_load(const char *folder, ua_operator_migration_set *set_r,
                                         ua_error_line *error)
{
  ua_operator_migration_set set = {0};
  DIR *opened = opendir(folder);
  if (opened == NULL) {
    ua_error_line_set(error, "cannot open the folder %s: %s", folder, strerror(errno));
    return UA_BAD_REQUEST;
  }
  ua_status status = allocate(&set, error);
  if (status == UA_OK) {
    status = load_all(opened, &set, error);
  }
  (void)closedir(opened);
  if (status == UA_OK && set.count == 0) {
    ua_error_line_set(error, "there is no migration in the folder %s", folder);
    status = UA_BAD_REQUEST;
  }
  return hand_over(&set, status, set_r, error);
}
