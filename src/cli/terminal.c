#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Signals that could otherwise leave the terminal without echo. */
static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { DEADLY_COUNT = sizeof deadly / sizeof deadly[0] };

static volatile sig_atomic_t caught;

static void note_signal(int number)
{
  caught = number;
}

typedef struct signal_state {
  struct sigaction actions[DEADLY_COUNT];
  sigset_t mask;
} signal_state;

/* Signals are blocked except while read_line waits. Otherwise the handler could record a signal just before a
 * read, and the read would still wait. */
static void catch_signals(signal_state *usual_r)
{
  struct sigaction action = {.sa_handler = note_signal};
  sigset_t blocked;
  caught = 0;
  (void)sigemptyset(&blocked);
  for (size_t i = 0; i < DEADLY_COUNT; i++) {
    (void)sigaddset(&blocked, deadly[i]);
  }
  (void)sigprocmask(SIG_BLOCK, &blocked, &usual_r->mask);
  for (size_t i = 0; i < DEADLY_COUNT; i++) {
    (void)sigaction(deadly[i], &action, &usual_r->actions[i]);
  }
}

/* Restores the signals, and raises the one that was caught. */
static void release_signals(const signal_state *usual)
{
  for (size_t i = 0; i < DEADLY_COUNT; i++) {
    (void)sigaction(deadly[i], &usual->actions[i], NULL);
  }
  (void)sigprocmask(SIG_SETMASK, &usual->mask, NULL);
  if (caught != 0) {
    (void)raise(caught);
  }
}

/* Whether there is something to read; false when a signal was caught instead. */
static bool wait_for_input(int fd, const sigset_t *mask)
{
  struct pollfd terminal = {.fd = fd, .events = POLLIN};
  int ready;
  do {
    ready = ppoll(&terminal, 1, NULL, mask);
  } while (ready < 0 && errno == EINTR && caught == 0);
  return ready > 0 && caught == 0;
}

/* One line without its newline. A line that does not fit is read to its end and refused. */
static ua_status read_line(int fd, const sigset_t *mask, char *line, size_t size, size_t *length_r)
{
  size_t length = 0;
  for (;;) {
    char character;
    if (!wait_for_input(fd, mask) || read(fd, &character, 1) != 1) {
      return UA_INTERNAL;
    }
    if (character == '\n') {
      *length_r = length;
      return length < size ? UA_OK : UA_BAD_REQUEST;
    }
    if (length < size) {
      line[length++] = character;
    }
  }
}

static ua_status ask_once(int fd, const sigset_t *mask, const char *what, const char *again,
                          ua_cli_secret *secret, ua_error_line *error)
{
  char line[UA_CLI_MAX_SECRET_BYTES];
  size_t length;
  (void)dprintf(fd, "%s%s: ", what, again);
  ua_status status = read_line(fd, mask, line, sizeof line, &length);
  (void)dprintf(fd, "\n");
  if (status == UA_OK) {
    status = ua_cli_secret_set(what, (ua_text){line, length}, secret, error);
  } else {
    ua_error_line_set(error, status == UA_BAD_REQUEST ? "%s: too long" : "%s: no answer", what);
  }
  explicit_bzero(line, sizeof line);
  return status;
}

static ua_status ask_twice(int fd, const sigset_t *mask, const char *what, ua_cli_secret *secret,
                           ua_error_line *error)
{
  ua_cli_secret again = {.given = false};
  ua_status status = ask_once(fd, mask, what, "", secret, error);
  if (status == UA_OK) {
    status = ask_once(fd, mask, what, " (again)", &again, error);
  }
  if (status == UA_OK && strcmp(secret->value, again.value) != 0) {
    ua_error_line_set(error, "%s: the two answers differ", what);
    status = UA_BAD_REQUEST;
  }
  ua_cli_secret_wipe(&again);
  return status;
}

ua_status ua_cli_terminal_ask(const char *what, ua_cli_secret *secret_r, ua_error_line *error)
{
  signal_state signals;
  struct termios usual;
  int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (fd < 0 || tcgetattr(fd, &usual) != 0) {
    ua_error_line_set(error, "%s: there is no terminal to ask on", what);
    if (fd >= 0) {
      (void)close(fd);
    }
    return UA_NOT_FOUND;
  }
  ua_status status = UA_INTERNAL;
  struct termios silent = usual;
  silent.c_lflag &= ~(tcflag_t)ECHO;
  silent.c_lflag |= ICANON | ISIG;
  catch_signals(&signals);
  if (tcsetattr(fd, TCSAFLUSH, &silent) == 0) {
    status = ask_twice(fd, &signals.mask, what, secret_r, error);
    (void)tcsetattr(fd, TCSAFLUSH, &usual);
  } else {
    ua_error_line_set(error, "%s: cannot silence the terminal", what);
  }
  release_signals(&signals);
  (void)close(fd);
  if (status != UA_OK) {
    ua_cli_secret_wipe(secret_r);
  }
  return status;
}

ua_status ua_cli_terminal_confirm(const char *question, bool *yes_r, ua_error_line *error)
{
  sigset_t mask;
  char line[8];
  size_t length;
  int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) {
    ua_error_line_set(error, "there is no terminal to ask on");
    return UA_NOT_FOUND;
  }
  (void)sigprocmask(SIG_SETMASK, NULL, &mask);
  (void)dprintf(fd, "%s [yes/no] ", question);
  /* A line that is too long or interrupted is not a yes. */
  *yes_r = read_line(fd, &mask, line, sizeof line, &length) == UA_OK && length == 3 &&
           memcmp(line, "yes", length) == 0;
  (void)close(fd);
  return UA_OK;
}
