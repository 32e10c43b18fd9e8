#include "cli/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report.h"

enum { MOST_DESCRIPTORS = 16 };

ua_status ua_cli_scratch_create(ua_cli_scratch *scratch_r, ua_error_line *error)
{
  const char *parent = getenv("TMPDIR");
  ua_cli_scratch scratch;
  int length = snprintf(scratch.path, sizeof scratch.path, "%s/%s-XXXXXX",
                        parent != NULL && parent[0] == '/' ? parent : "/tmp", ua_cli_name());
  if (length < 0 || (size_t)length >= sizeof scratch.path || mkdtemp(scratch.path) == NULL) {
    ua_error_line_set(error, "cannot make a temporary folder: %s", strerror(errno));
    return UA_INTERNAL;
  }
  *scratch_r = scratch;
  return UA_OK;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
  (void)status;
  (void)kind;
  (void)walk;
  (void)remove(path);
  return 0;
}

void ua_cli_scratch_remove(ua_cli_scratch *scratch)
{
  if (scratch->path[0] != '\0') {
    (void)nftw(scratch->path, remove_one, MOST_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
    scratch->path[0] = '\0';
  }
}

void ua_cli_scratch_path(const ua_cli_scratch *scratch, const char *name, char out[2 * UA_MAX_SCRATCH_BYTES])
{
  (void)snprintf(out, 2 * UA_MAX_SCRATCH_BYTES, "%s/%s", scratch->path, name);
}

int ua_cli_scratch_open(const ua_cli_scratch *scratch, const char *name)
{
  char path[2 * UA_MAX_SCRATCH_BYTES];
  ua_cli_scratch_path(scratch, name, path);
  return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}
