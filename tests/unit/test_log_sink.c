#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/log_sink.h"
#include "unit.h"

enum { ROOM = 1 << 20, MANY = 3000, CYCLES = 400 };

static int kept_stderr = -1;
static int reader = -1;
static int launcher = -1; /* the standard error of the program that started this one */

static void become_stderr(int read_end, int write_end)
{
  reader = read_end;
  launcher = write_end;
  assert_true(dup2(write_end, STDERR_FILENO) == STDERR_FILENO);
  assert_return_code(fcntl(reader, F_SETFL, O_NONBLOCK), 0);
}

static void use_pipe(void)
{
  int ends[2];
  assert_return_code(pipe(ends), 0);
  become_stderr(ends[0], ends[1]);
}

static void use_socket(void)
{
  int ends[2];
  assert_return_code(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  become_stderr(ends[0], ends[1]);
}

/* Without the translation of "\n", so that the test reads exactly what was written. */
static void use_terminal(void)
{
  struct termios raw;
  int master = posix_openpt(O_RDWR | O_NOCTTY);
  assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
  int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
  assert_true(slave >= 0 && tcgetattr(slave, &raw) == 0);
  cfmakeraw(&raw);
  assert_return_code(tcsetattr(slave, TCSANOW, &raw), 0);
  become_stderr(master, slave);
}

static int keep(void **state)
{
  (void)state;
  kept_stderr = dup(STDERR_FILENO);
  return kept_stderr < 0;
}

/* Leaves a log that has lost no line and is not detached: a closed descriptor cannot be detached. */
static int release(void **state)
{
  (void)state;
  close(reader);
  close(launcher);
  close(STDERR_FILENO);
  ua_log_sink_detach();
  int nowhere = open("/dev/null", O_WRONLY);
  ua_log(UA_LOG_INFO, UA_EVENT("behind the rest of a line"));
  dup2(kept_stderr, STDERR_FILENO);
  close(kept_stderr);
  return nowhere != STDERR_FILENO || ua_log_sink_dropped() != 0;
}

static void log_number(int number)
{
  ua_log(UA_LOG_INFO, UA_EVENT("a line"), ua_log_int("number", number));
}

/* Reads on after the first `length` bytes, which are kept. */
static const char *read_behind(size_t length)
{
  static char bytes[ROOM];
  ssize_t got;
  while ((got = read(reader, bytes + length, sizeof bytes - 1 - length)) > 0) {
    length += (size_t)got;
  }
  bytes[length] = '\0';
  return bytes;
}

static const char *all_there_is(void)
{
  return read_behind(0);
}

/* The number of lines in a text, which must all be complete. */
static int whole_lines(const char *text)
{
  int count = 0;
  for (const char *end; *text != '\0'; text = end + 1, count++) {
    end = strchr(text, '\n');
    assert_non_null(end);
    assert_memory_equal(text, "{\"time\":\"", 9);
    assert_int_equal(end[-1], '}');
    assert_ptr_equal(memchr(text, '}', (size_t)(end - text)), end - 1);
    assert_null(memchr(text + 1, '{', (size_t)(end - text - 1)));
  }
  return count;
}

static long long dropped_of(const char *line)
{
  const char *found = strstr(line, ",\"dropped\":");
  return found == NULL ? 0 : strtoll(found + strlen(",\"dropped\":"), NULL, 10);
}

static void fill_and_look(void)
{
  for (int i = 0; i < MANY; i++) {
    log_number(i);
  }
  int arrived = whole_lines(all_there_is());
  assert_in_range(arrived, 10, MANY - 10);
  assert_int_equal(ua_log_sink_dropped(), MANY - arrived);
  log_number(MANY);
  log_number(MANY);
  const char *next = all_there_is();
  assert_int_equal(whole_lines(next), 2);
  assert_int_equal(dropped_of(next), MANY - arrived);
  assert_null(strstr(strchr(next, '\n'), "dropped"));
}

static void a_full_pipe_drops_lines_and_the_next_that_goes_counts_them(void **state)
{
  (void)state;
  use_pipe();
  ua_log_sink_detach();
  fill_and_look();
}

static void so_does_a_pipe_that_is_not_our_own(void **state)
{
  (void)state;
  use_pipe();
  fill_and_look();
}

static void so_does_a_socket(void **state)
{
  (void)state;
  use_socket();
  ua_log_sink_detach();
  fill_and_look();
}

static void at_most_half_of_a_pipe_that_is_not_our_own_is_used(void **state)
{
  int used = 0;
  (void)state;
  use_pipe();
  for (int i = 0; i < MANY; i++) {
    log_number(i);
  }
  assert_return_code(ioctl(reader, FIONREAD, &used), 0);
  assert_in_range(used, 1, fcntl(reader, F_GETPIPE_SZ) / 2);
}

static void the_launchers_descriptor_stays_as_it_was(void **state)
{
  (void)state;
  use_pipe();
  ua_log_sink_detach();
  assert_int_equal(fcntl(launcher, F_GETFL) & O_NONBLOCK, 0);
  assert_int_equal(fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
  assert_int_equal(fcntl(STDERR_FILENO, F_GETFD) & FD_CLOEXEC, 0);
}

/* A terminal accepts as many bytes as it has room for. */
static void a_line_that_was_cut_goes_on_before_the_next(void **state)
{
  const char *text = "";
  bool cut = false;
  (void)state;
  use_terminal();
  ua_log_sink_detach();
  for (int round = 0; round < 40; round++) {
    for (int i = 0; i < MANY / 10; i++) {
      log_number(i);
    }
    text = read_behind(strlen(text));
    cut = cut || text[strlen(text) - 1] != '\n';
  }
  log_number(0);
  text = read_behind(strlen(text));
  assert_true(cut);
  assert_in_range(whole_lines(text), 40, 40 * MANY / 10);
  assert_non_null(strstr(text, ",\"dropped\":"));
}

static void a_reader_that_is_gone_costs_lines_only(void **state)
{
  (void)state;
  use_pipe();
  close(reader);
  log_number(1);
  assert_int_equal(ua_log_sink_dropped(), 1);
  close(launcher);
  use_socket();
  ua_log_sink_detach();
  close(reader);
  log_number(2);
  assert_int_equal(ua_log_sink_dropped(), 2);
}

static void a_forked_process_counts_its_own(void **state)
{
  (void)state;
  use_pipe();
  ua_log_sink_detach();
  while (ua_log_sink_dropped() < 3) {
    log_number(0);
  }
  (void)all_there_is();
  pid_t child = fork();
  if (child == 0) {
    log_number(1);
    _exit(0);
  }
  assert_int_equal(waitpid(child, NULL, 0), child);
  assert_null(strstr(all_there_is(), "dropped"));
  log_number(2);
  assert_int_equal(dropped_of(all_there_is()), 3);
}

static void a_tally_counts_all_that_were_dropped_by_this_process_and_a_fork_has_none(void **state)
{
  static ua_tally dropped;
  (void)state;
  use_pipe();
  ua_log_sink_detach();
  ua_log_sink_count(&dropped);
  for (uint64_t turn = 1; turn <= 2; turn++) {
    while (ua_log_sink_dropped() < 3) {
      log_number(0);
    }
    assert_int_equal(ua_tally_read(&dropped), 3 * turn);
    pid_t child = fork();
    if (child == 0) {
      log_number(1);
      _exit(ua_log_sink_dropped() == 1 && ua_tally_read(&dropped) == 3 * turn ? 0 : 1);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    (void)all_there_is();
    log_number(2);
    assert_int_equal(ua_log_sink_dropped(), 0);
  }
  ua_log_sink_count(NULL);
}

/* Milliseconds of rounds; in each round one line is written and one is dropped. */
static int64_t duration_of_drops(void)
{
  char packet[UA_LOG_LINE_BYTES];
  int64_t begin = ua_clock_monotonic_ms();
  for (int i = 0; i < CYCLES; i++) {
    if (read(reader, packet, sizeof packet) <= 0) {
      return -1;
    }
    log_number(i);
    log_number(i);
  }
  return ua_clock_monotonic_ms() - begin;
}

/* In packet mode, each line takes a separate slot of the pipe. */
static void fill_with_packets(void)
{
  use_pipe();
  ua_log_sink_detach();
  assert_return_code(fcntl(STDERR_FILENO, F_SETFL, O_NONBLOCK | O_DIRECT), 0);
  while (ua_log_sink_dropped() == 0) {
    log_number(0);
  }
}

static void a_line_waits_for_room_for_a_few_milliseconds(void **state)
{
  (void)state;
  fill_with_packets();
  assert_true(duration_of_drops() >= CYCLES * UA_LOG_PATIENCE_MS);
}

static void a_process_that_must_not_wait_does_not(void **state)
{
  int status = 0;
  (void)state;
  fill_with_packets();
  pid_t child = fork();
  if (child == 0) {
    ua_log_sink_never_wait();
    int64_t duration = duration_of_drops();
    _exit(duration >= 0 && duration < CYCLES * UA_LOG_PATIENCE_MS ? 0 : 1);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

static void a_stuck_log_is_waited_for_once(void **state)
{
  (void)state;
  fill_with_packets();
  int64_t begin = ua_clock_monotonic_ms();
  for (int i = 0; i < MANY; i++) {
    log_number(i);
  }
  assert_true(ua_clock_monotonic_ms() - begin < MANY * UA_LOG_PATIENCE_MS);
}

#define KEPT(test) cmocka_unit_test_setup_teardown(test, keep, release)

int main(void)
{
  const struct CMUnitTest tests[] = {
      KEPT(a_full_pipe_drops_lines_and_the_next_that_goes_counts_them),
      KEPT(so_does_a_pipe_that_is_not_our_own),
      KEPT(so_does_a_socket),
      KEPT(at_most_half_of_a_pipe_that_is_not_our_own_is_used),
      KEPT(the_launchers_descriptor_stays_as_it_was),
      KEPT(a_line_that_was_cut_goes_on_before_the_next),
      KEPT(a_reader_that_is_gone_costs_lines_only),
      KEPT(a_forked_process_counts_its_own),
      KEPT(a_tally_counts_all_that_were_dropped_by_this_process_and_a_fork_has_none),
      KEPT(a_line_waits_for_room_for_a_few_milliseconds),
      KEPT(a_process_that_must_not_wait_does_not),
      KEPT(a_stuck_log_is_waited_for_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
