#include "cli/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STREAM_BYTES = 64 * 1024 };

static const int deadly[] = {SIGINT, SIGTERM, SIGHUP};

/* The file that a signal handler must remove; "" for none. */
static char unfinished[UA_MAX_OUTPUT_PATH_BYTES];
static volatile sig_atomic_t is_unfinished;

static void remove_unfinished(int number)
{
  if (is_unfinished != 0) {
    (void)unlink(unfinished);
  }
  (void)signal(number, SIG_DFL);
  (void)raise(number);
}

/* A signal that was ignored when the program started stays ignored. */
static void watch_signals(void)
{
  struct sigaction action = {.sa_handler = remove_unfinished, .sa_flags = SA_RESTART};
  struct sigaction usual;
  (void)sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++) {
    if (sigaction(deadly[i], NULL, &usual) == 0 && usual.sa_handler != SIG_IGN) {
      (void)sigaction(deadly[i], &action, NULL);
    }
  }
}

/* Blocks signals, so that none arrives after the file was created and before its path is recorded. */
static int create_unfinished(mode_t mode)
{
  sigset_t waiting;
  sigset_t before;
  (void)sigemptyset(&waiting);
  for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++) {
    (void)sigaddset(&waiting, deadly[i]);
  }
  (void)sigprocmask(SIG_BLOCK, &waiting, &before);
  int fd = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
  int reason = errno;
  is_unfinished = fd >= 0;
  (void)sigprocmask(SIG_SETMASK, &before, NULL);
  errno = reason;
  return fd;
}

static ua_status make_file(const char *path, mode_t mode, ua_cli_output_file *file, ua_error_line *error)
{
  int length = snprintf(unfinished, sizeof unfinished, "%s.%ld.part", path, (long)getpid());
  if (length < 0 || (size_t)length >= sizeof unfinished) {
    ua_error_line_set(error, "the path is too long");
    return UA_BAD_REQUEST;
  }
  watch_signals();
  int fd = create_unfinished(mode);
  file->stream = fd < 0 ? NULL : fdopen(fd, "w");
  if (file->stream == NULL) {
    ua_error_line_set(error, "cannot write %s: %s", path, strerror(errno));
    if (fd >= 0) {
      (void)close(fd);
      ua_cli_output_file_abandon(file);
    }
    return UA_BAD_REQUEST;
  }
  return UA_OK;
}

ua_status ua_cli_output_file_begin(const char *path, mode_t mode, bool replace, ua_cli_output_file *file_r,
                                   ua_error_line *error)
{
  struct stat there;
  *file_r = (ua_cli_output_file){.stream = stdout, .replace = replace};
  if (strcmp(path, "-") == 0) {
    return UA_OK;
  }
  if (!replace && lstat(path, &there) == 0) {
    ua_error_line_set(error, "%s is there already (--force replaces it)", path);
    return UA_CONFLICT;
  }
  file_r->path = path;
  ua_status status = make_file(path, mode, file_r, error);
  if (status == UA_OK) {
    (void)setvbuf(file_r->stream, NULL, _IOFBF, STREAM_BYTES);
  }
  return status;
}

/* Without --force uses link, which never replaces a file. */
static int give_name(const ua_cli_output_file *file)
{
  if (file->replace) {
    return rename(unfinished, file->path);
  }
  return link(unfinished, file->path) == 0 ? unlink(unfinished) : -1;
}

ua_status ua_cli_output_file_finish(ua_cli_output_file *file, ua_error_line *error)
{
  bool failed = fflush(file->stream) != 0 || ferror(file->stream) != 0;
  if (file->path == NULL) {
    if (failed) {
      ua_error_line_set(error, "cannot write to standard output");
    }
    return failed ? UA_INTERNAL : UA_OK;
  }
  failed = failed || fsync(fileno(file->stream)) != 0;
  failed = fclose(file->stream) != 0 || failed;
  file->stream = NULL;
  if (failed || give_name(file) != 0) {
    bool taken = !failed && errno == EEXIST;
    ua_error_line_set(error, "cannot write %s: %s", file->path, strerror(errno));
    ua_cli_output_file_abandon(file);
    return taken ? UA_CONFLICT : UA_INTERNAL;
  }
  is_unfinished = 0;
  return UA_OK;
}

void ua_cli_output_file_abandon(ua_cli_output_file *file)
{
  if (file->path != NULL && file->stream != NULL) {
    (void)fclose(file->stream);
  }
  if (is_unfinished != 0) {
    (void)unlink(unfinished);
    is_unfinished = 0;
  }
  file->stream = NULL;
}
