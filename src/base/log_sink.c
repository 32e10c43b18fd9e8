#include "base/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static enum { LOOK_FIRST, WRITE, SEND } way;

static struct {
  pid_t pid; /* whose lines these are */
  int patience_ms;
  bool stuck; /* the last line was not written, or not completely */
  int64_t dropped;
  ua_tally *counter; /* of all that were dropped; NULL: none */
  size_t rest_length;
  char rest[UA_LOG_LINE_BYTES]; /* of a line that the kernel accepted in part */
} own;

/* After a fork, only the parent writes what the parent could not write. */
static void begin(void)
{
  own.pid = getpid();
  own.patience_ms = UA_LOG_PATIENCE_MS;
  own.stuck = false;
  own.dropped = 0;
  own.counter = NULL;
  own.rest_length = 0;
}

static void begin_once(void)
{
  if (own.pid == 0) {
    begin();
    (void)pthread_atfork(NULL, NULL, begin);
  }
}

pid_t ua_log_sink_pid(void)
{
  begin_once();
  return own.pid;
}

/* Through /dev/tty, our own terminal can be opened even after a change of the user. */
static bool open_once_more(void)
{
  static const int flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  int fd = open("/proc/self/fd/2", flags);
  if (fd < 0 && tcgetsid(STDERR_FILENO) == getsid(0)) {
    fd = open("/dev/tty", flags);
  }
  bool well = fd >= 0 && dup2(fd, STDERR_FILENO) >= 0;
  if (fd >= 0) {
    (void)close(fd);
  }
  return well;
}

void ua_log_sink_detach(void)
{
  struct stat what = {.st_mode = 0};
  (void)fstat(STDERR_FILENO, &what);
  if (S_ISSOCK(what.st_mode)) {
    way = SEND;
  } else {
    way = S_ISREG(what.st_mode) || open_once_more() ? WRITE : LOOK_FIRST;
  }
}

void ua_log_sink_never_wait(void)
{
  begin_once();
  own.patience_ms = 0;
}

int64_t ua_log_sink_dropped(void)
{
  begin_once();
  return own.dropped;
}

void ua_log_sink_count(ua_tally *dropped)
{
  begin_once();
  own.counter = dropped;
}

/* Also false when the pipe has no reader: a write would cause SIGPIPE. */
static bool has_room(size_t length)
{
  struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};
  if (poll(&room, 1, 0) != 1 || room.revents != POLLOUT) {
    return false;
  }
  int size = fcntl(STDERR_FILENO, F_GETPIPE_SZ);
  int used = 0;
  if (size < 0) {
    return true; /* no pipe */
  }
  return ioctl(STDERR_FILENO, FIONREAD, &used) == 0 && used >= 0 && (size_t)used + length <= (size_t)size / 2;
}

static ssize_t write_now(const char *bytes, size_t length)
{
  if (way == SEND) {
    return send(STDERR_FILENO, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  if (way == LOOK_FIRST && !has_room(length)) {
    errno = EAGAIN;
    return -1;
  }
  return write(STDERR_FILENO, bytes, length);
}

/* poll cannot wait until half of a pipe is free. */
static void wait_for_room(void)
{
  struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};
  (void)poll(&room, way == LOOK_FIRST ? 0 : 1, own.patience_ms);
}

/* How many bytes were written. */
static size_t put(const char *bytes, size_t length)
{
  bool may_wait = !own.stuck && own.patience_ms > 0;
  size_t done = 0;
  while (done < length) {
    ssize_t written = write_now(bytes + done, length - done);
    if (written > 0) {
      done += (size_t)written;
    } else if (written < 0 && errno == EAGAIN && may_wait) {
      may_wait = false;
      wait_for_room();
    } else if (written == 0 || errno != EINTR) {
      break;
    }
  }
  own.stuck = done < length;
  return done;
}

static bool put_rest(void)
{
  if (own.rest_length == 0) {
    return true;
  }
  size_t done = put(own.rest, own.rest_length);
  own.rest_length -= done;
  memmove(own.rest, own.rest + done, own.rest_length);
  return own.rest_length == 0;
}

void ua_log_sink_write(const char *line, size_t length)
{
  begin_once();
  size_t done = put_rest() ? put(line, length) : 0;
  if (done == 0) {
    own.dropped++;
    ua_tally_add(own.counter, 1);
    return;
  }
  own.dropped = 0;
  own.rest_length = length - done;
  memcpy(own.rest, line + done, own.rest_length);
}
