#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "unit.h"

enum { PATH_ROOM = 64 };

static char folder[] = "/tmp/ua-file-XXXXXX";
static char path[PATH_ROOM];
static ua_file file;
static ua_error_line error;

static int make_folder(void **state)
{
  (void)state;
  if (mkdtemp(folder) == NULL) {
    return -1;
  }
  (void)snprintf(path, sizeof path, "%s/secret", folder);
  return 0;
}

static int remove_folder(void **state)
{
  (void)state;
  return rmdir(folder);
}

static int remove_file(void **state)
{
  (void)state;
  ua_file_clear(&file);
  return unlink(path);
}

static void write_file(const char *content, size_t length)
{
  FILE *out = fopen(path, "w");
  assert_non_null(out);
  assert_int_equal(fwrite(content, 1, length, out), length);
  assert_int_equal(fclose(out), 0);
}

static void one_line_end_and_a_byte_order_mark_are_dropped(void **state)
{
  static const struct {
    const char *content, *line;
  } rows[] = {
      {"secret", "secret"},   {"secret\n", "secret"},     {"secret\r\n", "secret"},
      {"secret\r", "secret"}, {" secret \n", " secret "}, {"\xEF\xBB\xBFsecret\r\n", "secret"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    ua_text line;
    write_file(rows[i].content, strlen(rows[i].content));
    assert_int_equal(ua_file_read(path, 0, &file, &error), UA_OK);
    assert_int_equal(ua_file_line(&file, path, &line, &error), UA_OK);
    assert_true(ua_text_equal(line, ua_text_of(rows[i].line)));
    ua_file_clear(&file);
  }
}

static void assert_no_line(const char *content, const char *reason)
{
  ua_text line;
  write_file(content, strlen(content));
  assert_int_equal(ua_file_read(path, 0, &file, &error), UA_OK);
  assert_int_equal(ua_file_line(&file, path, &line, &error), UA_BAD_REQUEST);
  assert_non_null(strstr(error.text, path));
  assert_non_null(strstr(error.text, reason));
  assert_null(strstr(error.text, "hunter"));
  ua_file_clear(&file);
}

static void a_secret_is_exactly_one_line(void **state)
{
  (void)state;
  assert_no_line("", "is empty");
  assert_no_line("\r\n", "is empty");
  assert_no_line("\xEF\xBB\xBF", "is empty");
  assert_no_line("hunter2\n\n", "more than one line");
  assert_no_line("hunter2\r\nhunter3\r\n", "more than one line");
  assert_no_line("hunter2\rhunter3", "more than one line");
}

static void assert_unreadable(const char *name, const char *reason)
{
  assert_int_equal(ua_file_read(name, 0, &file, &error), UA_UNAVAILABLE);
  assert_non_null(strstr(error.text, name));
  if (strstr(error.text, reason) == NULL) {
    fail_msg("%s", error.text);
  }
  assert_null(file.bytes);
}

static void what_is_no_small_text_file_is_refused(void **state)
{
  static char large[UA_FILE_MAX_BYTES + 1];
  (void)state;
  write_file("a\0b", 3);
  assert_unreadable(path, "a NUL byte");
  memset(large, 'x', sizeof large);
  write_file(large, sizeof large);
  assert_unreadable(path, "larger than 64 KiB");
  assert_unreadable("/dev/zero", "larger than 64 KiB");
  assert_unreadable(folder, "Is a directory");
  assert_unreadable("/nonexistent/secret", "No such file");
  write_file(large, UA_FILE_MAX_BYTES);
  assert_int_equal(ua_file_read(path, 0, &file, &error), UA_OK);
  assert_int_equal(file.length, UA_FILE_MAX_BYTES);
}

static void a_pipe_is_read_to_its_end_and_not_waited_for_for_ever(void **state)
{
  int ends[2];
  ua_text line;
  (void)state;
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_unreadable(path, "nothing has come through the pipe");
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write(ends[1], "secret\r\n", 8), 8);
  assert_int_equal(ua_file_read_from(ends[0], "pipe", 0, &file, &error), UA_UNAVAILABLE);
  assert_int_equal(write(ends[1], "secret\r\n", 8), 8);
  assert_int_equal(close(ends[1]), 0);
  assert_int_equal(ua_file_read_from(ends[0], "pipe", 0, &file, &error), UA_OK);
  assert_int_equal(close(ends[0]), 0);
  assert_int_equal(ua_file_line(&file, "pipe", &line, &error), UA_OK);
  assert_true(ua_text_equal(line, UA_TEXT("secret")));
}

#define TEST(name) cmocka_unit_test_teardown(name, remove_file)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(one_line_end_and_a_byte_order_mark_are_dropped),
      TEST(a_secret_is_exactly_one_line),
      TEST(what_is_no_small_text_file_is_refused),
      TEST(a_pipe_is_read_to_its_end_and_not_waited_for_for_ever),
  };
  return cmocka_run_group_tests_name("file", tests, make_folder, remove_folder);
}
