#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 50, GRACE_LOOKS = 60 };

/* Runs in the child. Reports errors through the pipe, which a successful exec closes. */
static _Noreturn void become(const ua_cli_child *child, int report, pid_t parent)
{
  sigset_t none;
  int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
  (void)sigemptyset(&none);
  (void)setpgid(0, 0);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent && input >= 0 &&
      dup2(input, STDIN_FILENO) >= 0 && dup2(child->output, STDOUT_FILENO) >= 0 &&
      dup2(child->output, STDERR_FILENO) >= 0 && sigprocmask(SIG_SETMASK, &none, NULL) == 0) {
    (void)execvpe(child->argv[0], (char *const *)child->argv, (char *const *)child->environment);
  }
  int reason = errno;
  ssize_t ignored = write(report, &reason, sizeof reason);
  (void)ignored;
  _exit(127);
}

static void pause_a_little(void)
{
  const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
  (void)nanosleep(&pause, NULL);
}

/* Whether it has ended; checks `looks` times at most. */
static bool ended(pid_t pid, int looks, int *how_r)
{
  for (int i = 0; i < looks; i++) {
    if (waitpid(pid, how_r, WNOHANG) != 0) {
      return true;
    }
    pause_a_little();
  }
  return false;
}

static void end(pid_t pid, int *how_r)
{
  (void)kill(-pid, SIGTERM);
  if (!ended(pid, GRACE_LOOKS, how_r)) {
    (void)kill(-pid, SIGKILL);
    while (waitpid(pid, how_r, 0) < 0 && errno == EINTR) {
    }
  }
}

/* The errno if the program could not be started, else 0. */
static int start_failure(int report)
{
  int reason = 0;
  ssize_t got;
  do {
    got = read(report, &reason, sizeof reason);
  } while (got < 0 && errno == EINTR);
  return got == (ssize_t)sizeof reason ? reason : 0;
}

static ua_status outcome(const char *name, int how, ua_error_line *error)
{
  if (WIFEXITED(how) && WEXITSTATUS(how) == 0) {
    return UA_OK;
  }
  if (WIFEXITED(how)) {
    ua_error_line_set(error, "%s ended with exit code %d", name, WEXITSTATUS(how));
  } else {
    ua_error_line_set(error, "%s was ended by signal %d", name, WIFSIGNALED(how) ? WTERMSIG(how) : 0);
  }
  return UA_UNPROCESSABLE;
}

ua_status ua_cli_child_run(const ua_cli_child *child, ua_error_line *error)
{
  int report[2];
  int how = 0;
  pid_t parent = getpid();
  if (pipe2(report, O_CLOEXEC) != 0) {
    ua_error_line_set(error, "cannot start %s: %s", child->argv[0], strerror(errno));
    return UA_INTERNAL;
  }
  pid_t pid = fork();
  if (pid == 0) {
    become(child, report[1], parent);
  }
  int reason = pid < 0 ? errno : 0;
  (void)close(report[1]);
  if (pid > 0) {
    (void)setpgid(pid, pid);
    reason = start_failure(report[0]);
  }
  (void)close(report[0]);
  if (reason != 0) {
    if (pid > 0) {
      end(pid, &how);
    }
    ua_error_line_set(error, "cannot start %s: %s", child->argv[0], strerror(reason));
    return reason == ENOENT ? UA_NOT_FOUND : UA_INTERNAL;
  }
  while (!ended(pid, 4, &how)) {
    if (!child->wait(child->context)) {
      end(pid, &how);
      break;
    }
  }
  return outcome(child->argv[0], how, error);
}
