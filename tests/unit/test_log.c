#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "unit.h"

enum { ROOM = 16384 };

static int kept_stderr = -1;
static int channel[2] = {-1, -1};

/* stderr becomes a pipe in packet mode: each read returns the bytes of one write. */
static int capture(void **state)
{
  (void)state;
  kept_stderr = dup(STDERR_FILENO);
  if (kept_stderr < 0 || pipe2(channel, O_DIRECT) != 0) {
    return -1;
  }
  return dup2(channel[1], STDERR_FILENO) < 0;
}

static int release(void **state)
{
  (void)state;
  ua_log_set_level(UA_LOG_INFO);
  ua_log_set_request_id(UA_TEXT_ABSENT);
  dup2(kept_stderr, STDERR_FILENO);
  close(kept_stderr);
  close(channel[0]);
  close(channel[1]);
  return 0;
}

static const char *written(void)
{
  static char bytes[ROOM];
  dup2(kept_stderr, STDERR_FILENO);
  close(channel[1]);
  size_t length = 0;
  ssize_t got;
  while ((got = read(channel[0], bytes + length, sizeof bytes - 1 - length)) > 0) {
    length += (size_t)got;
  }
  channel[1] = dup(kept_stderr);
  bytes[length] = '\0';
  return bytes;
}

static void a_line_is_one_json_object_with_time_level_and_pid(void **state)
{
  (void)state;
  ua_log(UA_LOG_WARN, UA_EVENT("worker died"), ua_log_int("child", -42), ua_log_str("why", NULL));
  const char *line = written();
  char expected[200];
  snprintf(expected, sizeof expected,
           "Z\",\"level\":\"warn\",\"pid\":%ld,\"event\":\"worker died\",\"child\":-42,\"why\":null}\n",
           (long)getpid());
  assert_memory_equal(line, "{\"time\":\"20", 11);
  assert_string_equal(line + strlen("{\"time\":\"2026-01-01T00:00:00.000"), expected);
}

static void a_client_cannot_forge_a_line(void **state)
{
  (void)state;
  ua_log(UA_LOG_INFO, ua_log_str("email", "x\"}\n{\"level\":\"error\\\r\x1B[2J\x7F"));
  const char *line = written();
  assert_non_null(
      strstr(line, "\"email\":\"x\\\"}\\u000a{\\\"level\\\":\\\"error\\\\\\u000d\\u001b[2J\\u007f\"}\n"));
  assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void bytes_that_are_not_utf8_become_replacement_characters(void **state)
{
  (void)state;
  ua_log(UA_LOG_INFO, ua_log_text("path", (ua_text){"\xFF\xC3\xA4\0\xC2\x9B\xE2\x82", 8}));
  assert_non_null(strstr(written(), "\"path\":\"\\ufffd\xC3\xA4\\u0000\\u009b\\ufffd\\ufffd\"}\n"));
}

static void a_value_is_cut_at_256_bytes(void **state)
{
  (void)state;
  char value[400];
  memset(value, 'v', sizeof value);
  ua_log(UA_LOG_INFO, ua_log_text("value", (ua_text){value, sizeof value}), ua_log_int("next", 1));
  const char *start = strstr(written(), "\"value\":\"");
  assert_non_null(start);
  assert_int_equal(strspn(start + strlen("\"value\":\""), "v"), 256);
  assert_non_null(strstr(start, "\",\"next\":1}\n"));
}

static void a_line_too_long_for_one_write_leaves_fields_out_and_says_so(void **state)
{
  (void)state;
  char value[256];
  memset(value, '\n', sizeof value);
  ua_text noise = {value, sizeof value};
  ua_log(UA_LOG_INFO, ua_log_text("a", noise), ua_log_text("b", noise), ua_log_text("c", noise),
         ua_log_int("d", 4));
  const char *line = written();
  assert_in_range(strlen(line), 3000, 4096);
  assert_non_null(strstr(line, "\"b\":\""));
  assert_null(strstr(line, "\"c\":\""));
  assert_non_null(strstr(line, ",\"d\":4,\"truncated\":true}\n"));
}

static void lines_below_the_level_are_not_written(void **state)
{
  (void)state;
  ua_log(UA_LOG_DEBUG, UA_EVENT("hidden"));
  ua_log_set_level(UA_LOG_ERROR);
  ua_log(UA_LOG_WARN, UA_EVENT("hidden"));
  ua_log_set_level(UA_LOG_DEBUG);
  ua_log(UA_LOG_DEBUG, UA_EVENT("shown"));
  const char *line = written();
  assert_null(strstr(line, "hidden"));
  assert_non_null(strstr(line, "\"level\":\"debug\""));
}

static void lines_carry_the_request_id_until_it_is_taken_away(void **state)
{
  (void)state;
  char id[] = "abc-1";
  ua_log_set_request_id(ua_text_of(id));
  memset(id, 'x', sizeof id - 1);
  ua_log(UA_LOG_INFO, UA_EVENT("first"));
  ua_log_set_request_id(UA_TEXT_ABSENT);
  ua_log(UA_LOG_INFO, UA_EVENT("second"));
  const char *line = written();
  assert_non_null(strstr(line, ",\"request_id\":\"abc-1\",\"event\":\"first\"}\n"));
  assert_null(strstr(strstr(line, "first"), "request_id"));
}

static void every_line_is_a_single_write(void **state)
{
  (void)state;
  char packet[4096];
  for (int i = 0; i < 3; i++) {
    ua_log(UA_LOG_INFO, UA_EVENT("worker started"), ua_log_int("slot", i));
  }
  for (int i = 0; i < 3; i++) {
    ssize_t length = read(channel[0], packet, sizeof packet);
    assert_in_range(length, 2, sizeof packet - 1);
    assert_int_equal(packet[0], '{');
    assert_memory_equal(packet + length - 2, "}\n", 2);
  }
}

static void logging_leaves_errno_alone(void **state)
{
  (void)state;
  close(STDERR_FILENO);
  errno = ENOENT;
  ua_log(UA_LOG_ERROR, UA_EVENT("nobody listens"));
  assert_int_equal(errno, ENOENT);
}

#define CAPTURED(test) cmocka_unit_test_setup_teardown(test, capture, release)

int main(void)
{
  const struct CMUnitTest tests[] = {
      CAPTURED(a_line_is_one_json_object_with_time_level_and_pid),
      CAPTURED(a_client_cannot_forge_a_line),
      CAPTURED(bytes_that_are_not_utf8_become_replacement_characters),
      CAPTURED(a_value_is_cut_at_256_bytes),
      CAPTURED(a_line_too_long_for_one_write_leaves_fields_out_and_says_so),
      CAPTURED(lines_below_the_level_are_not_written),
      CAPTURED(lines_carry_the_request_id_until_it_is_taken_away),
      CAPTURED(every_line_is_a_single_write),
      CAPTURED(logging_leaves_errno_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
