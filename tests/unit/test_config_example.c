#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "unit.h"

enum { ROOM = 65536, ERROR_ROOM = 256 };

static char *print_example(size_t *length_r)
{
  char *printed = NULL;
  FILE *out = open_memstream(&printed, length_r);
  assert_non_null(out);
  ua_config_print_example(out);
  assert_int_equal(fclose(out), 0);
  return printed;
}

static void the_sample_file_is_the_one_that_the_table_prints(void **state)
{
  (void)state;
  static char shipped[ROOM];
  size_t length = 0;
  char *printed = print_example(&length);
  FILE *in = fopen("deploy/user-api.conf.example", "r");
  assert_non_null(in);
  assert_int_equal(fread(shipped, 1, sizeof(shipped), in), length);
  assert_int_equal(fclose(in), 0);
  assert_memory_equal(shipped, printed, length);
  free(printed);
}

static void the_sample_file_without_its_comment_signs_is_valid(void **state)
{
  (void)state;
  char path[] = "/tmp/ua-example-XXXXXX";
  char error[ERROR_ROOM] = "";
  size_t length = 0;
  char *printed = print_example(&length);
  for (char *at = strstr(printed, "#USER_API_"); at != NULL; at = strstr(at + 1, "#USER_API_")) {
    /* This number has no default, so its line has no value to uncomment. */
    if (strncmp(at, "#USER_API_WORKERS=\n", strlen("#USER_API_WORKERS=\n")) != 0) {
      *at = ' ';
    }
  }
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, printed, length), (ssize_t)length);
  assert_int_equal(close(fd), 0);
  char *arguments[] = {(char[]){"user-api"}, (char[]){"--config"}, path, NULL};
  ua_config config = {.max_requests = 0};
  ua_config_options options;
  ua_status status = ua_config_load(3, arguments, NULL, &config, &options, error, sizeof(error));
  assert_int_equal(unlink(path), 0);
  free(printed);
  assert_string_equal(error, "");
  assert_int_equal(status, UA_OK);
  assert_int_equal(config.max_requests, 100000);
  ua_config_clear(&config);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_sample_file_is_the_one_that_the_table_prints),
      cmocka_unit_test(the_sample_file_without_its_comment_signs_is_valid),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
