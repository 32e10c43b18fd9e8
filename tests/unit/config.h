/* Settings from flags, variables and files, for the tests of src/config/. */
#ifndef UA_TESTS_UNIT_CONFIG_H
#define UA_TESTS_UNIT_CONFIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "config/config.h"
#include "unit.h"

enum { PATH_ROOM = 64, TEXT_ROOM = 256, MOST_ARGUMENTS = 8 };

static char folder[] = "/tmp/ua-config-XXXXXX";
static char path[PATH_ROOM];
static char secret_path[PATH_ROOM];
static char error[TEXT_ROOM];
static ua_config config;
static ua_config_options options;

static inline int make_folder(void **state)
{
  (void)state;
  ua_log_set_level(UA_LOG_ERROR);
  if (mkdtemp(folder) == NULL) {
    return -1;
  }
  (void)snprintf(path, sizeof(path), "%s/conf", folder);
  (void)snprintf(secret_path, sizeof(secret_path), "%s/secret", folder);
  return 0;
}

static inline int remove_folder(void **state)
{
  (void)state;
  (void)unlink(path);
  (void)unlink(secret_path);
  return rmdir(folder);
}

static inline int clear(void **state)
{
  (void)state;
  ua_config_clear(&config);
  return 0;
}

static inline void write_file(const char *name, const char *content, size_t length)
{
  FILE *file = fopen(name, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(content, 1, length, file), length);
  assert_int_equal(fclose(file), 0);
}

/* `flags` and `variables` separated by '|', NULL for none. */
static inline ua_status load(const char *flags, const char *variables)
{
  char texts[2][2 * TEXT_ROOM] = {"user-api|", ""};
  char *lists[2][MOST_ARGUMENTS + 1] = {{NULL}, {NULL}};
  size_t counts[2] = {0, 0};
  (void)snprintf(texts[0], sizeof(texts[0]), "user-api%s%s", flags == NULL ? "" : "|",
                 flags == NULL ? "" : flags);
  (void)snprintf(texts[1], sizeof(texts[1]), "%s", variables == NULL ? "" : variables);
  for (size_t list = 0; list < 2; list++) {
    char *rest = texts[list];
    for (char *part = strsep(&rest, "|"); part != NULL && part[0] != '\0'; part = strsep(&rest, "|")) {
      assert_true(counts[list] < MOST_ARGUMENTS);
      lists[list][counts[list]++] = part;
    }
  }
  error[0] = '\0';
  return ua_config_load((int)counts[0], lists[0], lists[1], &config, &options, error, sizeof(error));
}

static inline void assert_loads(const char *flags, const char *variables)
{
  ua_status status = load(flags, variables);
  if (status != UA_OK) {
    fail_msg("%s", error);
  }
}

static inline void assert_refused(const char *flags, const char *variables, const char *said)
{
  if (load(flags, variables) != UA_BAD_REQUEST || strstr(error, said) == NULL ||
      strchr(error, '\n') != NULL) {
    fail_msg("%s %s: expected '%s', got '%s'", flags == NULL ? "" : flags, variables == NULL ? "" : variables,
             said, error);
  }
}

/* Loads settings from a file with this content. */
static inline ua_status load_file(const char *content, const char *variables)
{
  char flags[TEXT_ROOM];
  write_file(path, content, strlen(content));
  (void)snprintf(flags, sizeof(flags), "--config|%s", path);
  return load(flags, variables);
}

static inline void assert_file_refused(const char *content, const char *said)
{
  if (load_file(content, NULL) != UA_BAD_REQUEST || strstr(error, said) == NULL) {
    fail_msg("%s: expected '%s', got '%s'", content, said, error);
  }
}

#define TEST(name) cmocka_unit_test_teardown(name, clear)

#endif
