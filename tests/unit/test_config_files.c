/* Settings in a file, and secrets in separate files. */
#include "config.h"

static void the_file_may_be_named_by_the_environment(void **state)
{
  (void)state;
  char variable[TEXT_ROOM];
  write_file(path, "USER_API_WORKERS=7\n", strlen("USER_API_WORKERS=7\n"));
  (void)snprintf(variable, sizeof(variable), "USER_API_CONFIG=%s", path);
  assert_loads(NULL, variable);
  assert_int_equal(config.workers, 7);
  ua_config_clear(&config);
  assert_loads("--config=", variable);
  assert_int_equal(config.workers, -1);
  ua_config_clear(&config);
  assert_loads(NULL, "USER_API_CONFIG=");
}

static void the_file_knows_comments_blank_lines_and_quotes_and_expands_nothing(void **state)
{
  (void)state;
  assert_int_equal(load_file("# comment\r\n\n  USER_API_BACKLOG = 5 \r\n"
                             "USER_API_DATABASE_URL=\"host=/tmp dbname=$HOME #x\"\nOTHER_KEY=anything\n"
                             "USER_API_ADMIN_EMAIL=a\nUSER_API_WORKERS=\"2\"",
                             NULL),
                   UA_OK);
  assert_int_equal(config.backlog, 5);
  assert_int_equal(config.workers, 2);
  assert_string_equal(config.database_url, "host=/tmp dbname=$HOME #x");
}

static void values_in_the_file_are_quoted_as_systemd_has_it(void **state)
{
  (void)state;
  assert_int_equal(load_file("; comment\nUSER_API_JWT_SECRET='a\\b'\nUSER_API_JWT_PREVIOUS_SECRETS=\"c\\\"d\n"
                             "e\"\nUSER_API_DATABASE_URL=x\\\ny",
                             NULL),
                   UA_OK);
  assert_int_equal(config.jwt_secret_count, 3);
  assert_string_equal(config.jwt_secret[0], "a\\b");
  assert_string_equal(config.jwt_secret[1], "c\"d");
  assert_string_equal(config.jwt_secret[2], "e");
  assert_string_equal(config.database_url, "xy");
}

static void a_file_that_windows_wrote_is_read_like_any_other(void **state)
{
  (void)state;
  assert_int_equal(
      load_file("\xEF\xBB\xBFUSER_API_JWT_SECRET=a b\r\n\r\nUSER_API_DATABASE_URL='c'\r\n", NULL), UA_OK);
  assert_string_equal(config.jwt_secret[0], "a b");
  assert_string_equal(config.database_url, "c");
}

static void mistakes_in_the_file_are_named_by_their_line(void **state)
{
  (void)state;
  assert_file_refused("USER_API_BACKLOG=5\nUSER_API_BACKLOGG=5\n",
                      "line 2: unknown setting USER_API_BACKLOGG");
  assert_file_refused("USER_API_WORKERS_FILE=/x\n", "line 1: unknown setting");
  assert_file_refused("\nUSER_API_BACKLOG\n", "line 2: not KEY=value");
  assert_file_refused("export USER_API_BACKLOG=5\n", "line 1: not KEY=value");
  assert_file_refused("=5\n", "line 1: not KEY=value");
  assert_file_refused("\nUSER_API_JWT_SECRET='hunter2\n", "line 2: a quote is not closed");
  assert_null(strstr(error, "hunter2"));
  assert_file_refused("USER_API_DATABASE_URL=\"x\n", "line 1: a quote is not closed");
}

static void a_file_that_is_missing_too_large_or_binary_is_refused(void **state)
{
  (void)state;
  assert_int_equal(load("--config|/nonexistent/conf", NULL), UA_UNAVAILABLE);
  assert_non_null(strstr(error, "/nonexistent/conf"));
  char *large = malloc(70000);
  char flags[TEXT_ROOM];
  assert_non_null(large);
  memset(large, '\n', 70000);
  write_file(path, large, 70000);
  free(large);
  (void)snprintf(flags, sizeof(flags), "--config|%s", path);
  assert_int_equal(load(flags, NULL), UA_UNAVAILABLE);
  write_file(path, "A=\0b\n", 5);
  assert_int_equal(load(flags, NULL), UA_UNAVAILABLE);
}

static void a_secret_may_come_from_the_one_line_of_a_file_of_its_own(void **state)
{
  (void)state;
  char variables[TEXT_ROOM];
  write_file(secret_path, "s1\n", 3);
  (void)snprintf(variables, sizeof(variables), "USER_API_JWT_SECRET_FILE=%s", secret_path);
  assert_loads(NULL, variables);
  assert_int_equal(config.jwt_secret_count, 1);
  assert_string_equal(config.jwt_secret[0], "s1");
  ua_config_clear(&config);
  (void)snprintf(variables, sizeof(variables), "USER_API_JWT_SECRET=x|USER_API_JWT_SECRET_FILE=%s",
                 secret_path);
  assert_refused(NULL, variables, "USER_API_JWT_SECRET and USER_API_JWT_SECRET_FILE are both given");
  (void)snprintf(variables, sizeof(variables), "--jwt-secret-file|%s", secret_path);
  assert_loads(variables, "USER_API_JWT_SECRET=x");
  assert_string_equal(config.jwt_secret[0], "s1");
  assert_int_equal(load(NULL, "USER_API_JWT_SECRET_FILE=/nonexistent"), UA_UNAVAILABLE);
  assert_int_equal(load(NULL, "USER_API_JWT_SECRET_FILE=/tmp"), UA_UNAVAILABLE);
  assert_non_null(strstr(error, "'/tmp': Is a directory"));
}

static void a_secret_in_place_of_its_file_is_not_repeated(void **state)
{
  (void)state;
  static const char said[] = "there is no such file; the secret itself goes into USER_API_";
  assert_refused(NULL, "USER_API_JWT_SECRET_FILE=hunter2+b7Kq9XvZ2mLw4Rt8Yp1Nc6Hd3Jf5G", said);
  assert_null(strstr(error, "hunter2"));
  assert_refused("--database-url-file|postgresql://u:hunter2@h/d", NULL, said);
  assert_null(strstr(error, "hunter2"));
  assert_int_equal(load("--config|postgresql://u:hunter2@h/d", NULL), UA_UNAVAILABLE);
  assert_null(strstr(error, "hunter2"));
}

static void files_of_secrets_may_have_line_ends_of_windows(void **state)
{
  (void)state;
  char variables[TEXT_ROOM];
  write_file(secret_path, "\xEF\xBB\xBFs1\r\n", 7);
  (void)snprintf(variables, sizeof(variables), "USER_API_JWT_SECRET_FILE=%s|USER_API_DATABASE_URL_FILE=%s",
                 secret_path, secret_path);
  assert_loads(NULL, variables);
  assert_string_equal(config.jwt_secret[0], "s1");
  assert_string_equal(config.database_url, "s1");
  ua_config_clear(&config);
  write_file(secret_path, "\xEF\xBB\xBFs1\r\ns2\r\n", 11);
  assert_refused(NULL, variables, "USER_API_DATABASE_URL_FILE: '");
  assert_non_null(strstr(error, "more than one line"));
  (void)snprintf(variables, sizeof(variables), "USER_API_JWT_SECRET=x|USER_API_JWT_PREVIOUS_SECRETS_FILE=%s",
                 secret_path);
  assert_loads(NULL, variables);
  assert_int_equal(config.jwt_secret_count, 3);
  assert_string_equal(config.jwt_secret[1], "s1");
  assert_string_equal(config.jwt_secret[2], "s2");
}

static void an_empty_file_is_no_secret_and_no_previous_secrets(void **state)
{
  (void)state;
  char variables[TEXT_ROOM];
  write_file(secret_path, "\r\n", 2);
  (void)snprintf(variables, sizeof(variables), "USER_API_JWT_SECRET_FILE=%s", secret_path);
  assert_refused(NULL, variables, "USER_API_JWT_SECRET_FILE: '");
  assert_non_null(strstr(error, "is empty"));
  (void)snprintf(variables, sizeof(variables), "USER_API_JWT_SECRET=x|USER_API_JWT_PREVIOUS_SECRETS_FILE=%s",
                 secret_path);
  assert_loads(NULL, variables);
  assert_int_equal(config.jwt_secret_count, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(the_file_may_be_named_by_the_environment),
      TEST(the_file_knows_comments_blank_lines_and_quotes_and_expands_nothing),
      TEST(values_in_the_file_are_quoted_as_systemd_has_it),
      TEST(a_file_that_windows_wrote_is_read_like_any_other),
      TEST(mistakes_in_the_file_are_named_by_their_line),
      TEST(a_file_that_is_missing_too_large_or_binary_is_refused),
      TEST(a_secret_may_come_from_the_one_line_of_a_file_of_its_own),
      TEST(a_secret_in_place_of_its_file_is_not_repeated),
      TEST(files_of_secrets_may_have_line_ends_of_windows),
      TEST(an_empty_file_is_no_secret_and_no_previous_secrets),
  };
  return cmocka_run_group_tests_name("config_files", tests, make_folder, remove_folder);
}
