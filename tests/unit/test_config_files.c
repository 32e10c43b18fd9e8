/* Settings that stand in a file, and secrets in files of their own. */
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

static void mistakes_in_the_file_are_named_by_their_line(void **state)
{
  (void)state;
  assert_file_refused("USER_API_BACKLOG=5\nUSER_API_BACKLOGG=5\n",
                      "line 2: unknown setting USER_API_BACKLOGG");
  assert_file_refused("USER_API_WORKERS_FILE=/x\n", "line 1: unknown setting");
  assert_file_refused("\nUSER_API_BACKLOG\n", "line 2: not KEY=value");
  assert_file_refused("export USER_API_BACKLOG=5\n", "line 1: not KEY=value");
  assert_file_refused("=5\n", "line 1: not KEY=value");
  assert_file_refused("USER_API_DATABASE_URL=\"x\n", "line 1: a double quote is missing");
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

static void a_secret_may_come_from_a_file_of_its_own_less_one_newline(void **state)
{
  (void)state;
  char variables[TEXT_ROOM];
  write_file(secret_path, "s1\n\n", 4);
  (void)snprintf(variables, sizeof(variables), "USER_API_JWT_SECRET_FILE=%s", secret_path);
  assert_loads(NULL, variables);
  assert_int_equal(config.jwt_secret_count, 1);
  assert_string_equal(config.jwt_secret[0], "s1\n");
  ua_config_clear(&config);
  (void)snprintf(variables, sizeof(variables), "USER_API_JWT_SECRET=x|USER_API_JWT_SECRET_FILE=%s",
                 secret_path);
  assert_refused(NULL, variables, "USER_API_JWT_SECRET and USER_API_JWT_SECRET_FILE are both given");
  (void)snprintf(variables, sizeof(variables), "--jwt-secret-file|%s", secret_path);
  assert_loads(variables, "USER_API_JWT_SECRET=x");
  assert_string_equal(config.jwt_secret[0], "s1\n");
  assert_int_equal(load(NULL, "USER_API_JWT_SECRET_FILE=/nonexistent"), UA_UNAVAILABLE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(the_file_may_be_named_by_the_environment),
      TEST(the_file_knows_comments_blank_lines_and_quotes_and_expands_nothing),
      TEST(mistakes_in_the_file_are_named_by_their_line),
      TEST(a_file_that_is_missing_too_large_or_binary_is_refused),
      TEST(a_secret_may_come_from_a_file_of_its_own_less_one_newline),
  };
  return cmocka_run_group_tests_name("config_files", tests, make_folder, remove_folder);
}
