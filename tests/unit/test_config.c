#include "config.h"

#define STRONG "b7Kq9XvZ2mLw4Rt8Yp1Nc6Hd3Jf5Gs0A"

static void assert_check_refuses(const char *variables, const char *said)
{
  assert_loads(NULL, variables);
  assert_int_equal(ua_config_check(&config, error, sizeof(error)), UA_BAD_REQUEST);
  assert_non_null(strstr(error, said));
  ua_config_clear(&config);
}

static void without_any_source_the_defaults_hold(void **state)
{
  (void)state;
  assert_loads(NULL, NULL);
  assert_int_equal(config.listen_count, 0);
  assert_int_equal(config.workers, -1);
  assert_int_equal(config.max_requests, 100000);
  assert_int_equal(config.watchdog_seconds, 30);
  assert_int_equal(config.worker_memory_mib, 256);
  assert_int_equal(config.drain_seconds, 30);
  assert_int_equal(config.io_timeout_seconds, 10);
  assert_int_equal(config.backlog, 1024);
  assert_int_equal(config.log_level, UA_LOG_INFO);
  assert_string_equal(config.users_prefix, "/api/users");
  assert_string_equal(config.roles_prefix, "/api/roles");
  assert_int_equal(config.body_limit, 65536);
  assert_int_equal(config.cookie_secure, UA_COOKIE_SECURE_AUTO);
  assert_null(config.database_url);
  assert_int_equal(config.database_timeout_ms, 5000);
  assert_int_equal(config.database_connect_timeout_ms, 3000);
  assert_true(config.database_prepared);
  assert_int_equal(config.jwt_secret_count, 0);
  assert_int_equal(config.jwt_lifetime_seconds, 1296000);
  assert_int_equal(config.bcrypt_cost, 12);
  assert_int_equal(config.password_min_bytes, 8);
  assert_int_equal(config.password_common, UA_PASSWORD_COMMON_ALLOW);
  assert_null(config.password_deny_file);
  assert_null(config.password_denied);
  assert_int_equal(config.hash_slots, 0);
  assert_int_equal(config.hash_wait_seconds, 10);
  assert_int_equal(config.login_attempts, 10);
  assert_int_equal(config.login_attempts_address, 100);
  assert_int_equal(config.login_window_seconds, 900);
  assert_int_equal(config.session_table_mib, 16);
  assert_int_equal(config.session_staleness_ms, 2000);
  assert_int_equal(config.session_grace_seconds, 0);
  assert_null(config.session_listen_url);
  assert_true(config.upgrade_hashes);
  assert_false(config.enforce_quota);
  assert_false(config.allow_weak_secret);
}

static void flags_win_over_the_environment_and_that_over_the_file(void **state)
{
  (void)state;
  char flags[TEXT_ROOM];
  static const char content[] =
      "USER_API_WORKERS=1\nUSER_API_BACKLOG=1\nUSER_API_BCRYPT_COST=5\nUSER_API_LISTEN=unix:/file\n";
  write_file(path, content, strlen(content));
  (void)snprintf(flags, sizeof(flags), "--workers=3|--listen|unix:/flag|--config|%s", path);
  assert_loads(flags, "USER_API_WORKERS=2|USER_API_BACKLOG=2|USER_API_LISTEN=unix:/environment");
  assert_int_equal(config.workers, 3);
  assert_int_equal(config.backlog, 2);
  assert_int_equal(config.bcrypt_cost, 5);
  assert_int_equal(config.listen_count, 1);
  assert_string_equal(config.listen[0], "unix:/flag");
}

static void listen_is_repeatable_as_a_flag_and_separated_by_blanks_elsewhere(void **state)
{
  (void)state;
  assert_loads("--listen|unix:/a|--listen=127.0.0.1:1", NULL);
  assert_int_equal(config.listen_count, 2);
  assert_string_equal(config.listen[0], "unix:/a");
  assert_string_equal(config.listen[1], "127.0.0.1:1");
  ua_config_clear(&config);
  assert_loads(NULL, "USER_API_LISTEN= unix:/a  [::1]:2\tunix:/c ");
  assert_int_equal(config.listen_count, 3);
  assert_string_equal(config.listen[2], "unix:/c");
}

static void allowed_origins_are_scheme_and_host(void **state)
{
  (void)state;
  static const char *const wrong[] = {"*", "null", "app.example.org", "https://app.example.org/",
                                      "https://a https://*.b"};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    char variable[TEXT_ROOM];
    (void)snprintf(variable, sizeof(variable), "USER_API_ALLOWED_ORIGINS=%s", wrong[i]);
    assert_refused(NULL, variable,
                   "USER_API_ALLOWED_ORIGINS: must be origins such as https://app.example.org");
  }
  assert_refused(
      NULL,
      "USER_API_ALLOWED_ORIGINS=x://1 x://2 x://3 x://4 x://5 x://6 x://7 x://8 x://9 x://10 x://11 "
      "x://12 x://13 x://14 x://15 x://16 x://17",
      "at most 16 origins");
  assert_loads(NULL, "USER_API_ALLOWED_ORIGINS=");
  assert_int_equal(config.allowed_origin_count, 0);
  ua_config_clear(&config);
  assert_loads("--allowed-origins|https://a.example|--allowed-origins=http://[::1]:8080", NULL);
  assert_int_equal(config.allowed_origin_count, 2);
  assert_string_equal(config.allowed_origins[1], "http://[::1]:8080");
}

static void every_value_is_checked_and_the_message_names_its_place(void **state)
{
  (void)state;
  assert_refused("--workers|many", NULL, "--workers: must be a whole number from 0 to 512");
  assert_refused("--workers|-1", NULL, "--workers");
  assert_refused(NULL, "USER_API_WORKERS=513", "USER_API_WORKERS: must be");
  assert_refused(NULL, "USER_API_WORKERS=", "USER_API_WORKERS: must be");
  assert_refused(NULL, "USER_API_WORKERS= 4", "USER_API_WORKERS: must be");
  assert_refused(NULL, "USER_API_BCRYPT_COST=3", "4 to 16");
  assert_refused(NULL, "USER_API_BCRYPT_COST=17", "4 to 16");
  assert_refused(NULL, "USER_API_BODY_LIMIT=1023", "1024 to 16777216");
  assert_refused(NULL, "USER_API_BODY_LIMIT=16777217", "1024 to 16777216");
  assert_refused(NULL, "USER_API_PASSWORD_MIN_BYTES=73", "1 to 72");
  assert_refused(NULL, "USER_API_LOG_LEVEL=loud", "debug|info|warn|error");
  assert_refused(NULL, "USER_API_COOKIE_SECURE=yes", "auto|on|off");
  assert_refused(NULL, "USER_API_DATABASE_PREPARED=1", "on|off");
  assert_file_refused("\n# a\nUSER_API_BACKLOG=0\n", "conf line 3: must be");
}

static void prefixes_are_absolute_paths_of_plain_segments(void **state)
{
  (void)state;
  static const char *const wrong[] = {"",     "/",    "users", "/api/", "/api//users", "/a/../b",
                                      "/a/.", "/a b", "/a%20", "/a?b",  "/a\\b",       "/\xC3\xA9"};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    char variable[TEXT_ROOM];
    (void)snprintf(variable, sizeof(variable), "USER_API_USERS_PREFIX=%s", wrong[i]);
    assert_refused(NULL, variable, "absolute path");
  }
  assert_loads(NULL, "USER_API_USERS_PREFIX=/v1.2/our_users-~");
  assert_string_equal(config.users_prefix, "/v1.2/our_users-~");
}

static void no_part_is_at_a_path_that_no_setting_moves(void **state)
{
  (void)state;
  assert_refused(NULL, "USER_API_GUARD_PREFIX=/metrics", "another path than");
  assert_refused(NULL, "USER_API_OPENAPI_PATH=/healthz", "another path than");
  assert_refused(NULL, "USER_API_USERS_PREFIX=/readyz", "another path than");
  assert_loads(NULL, "USER_API_GUARD_PREFIX=/metrics/guard|USER_API_USERS_PREFIX=/healthz1");
}

static void secrets_are_no_flags_and_never_in_a_message(void **state)
{
  (void)state;
  assert_refused("--jwt-secret|hunter2", NULL, "pass it by environment or file");
  assert_null(strstr(error, "hunter2"));
  assert_refused("--jwt-secret=hunter2", NULL, "pass it by environment or file");
  assert_null(strstr(error, "hunter2"));
  assert_refused("--database-url=hunter2", NULL, "pass it by environment or file");
}

static void previous_secrets_stand_behind_the_signing_one(void **state)
{
  (void)state;
  assert_loads(NULL, "USER_API_JWT_PREVIOUS_SECRETS=b\nc d|USER_API_JWT_SECRET=a");
  assert_int_equal(config.jwt_secret_count, 4);
  assert_string_equal(config.jwt_secret[0], "a");
  assert_string_equal(config.jwt_secret[1], "b");
  assert_string_equal(config.jwt_secret[3], "d");
  ua_config_clear(&config);
  assert_refused(NULL, "USER_API_JWT_SECRET=a|USER_API_JWT_PREVIOUS_SECRETS=1 2 3 4 5 6 7 8", "at most 7");
}

static void previous_secrets_alone_sign_nothing(void **state)
{
  (void)state;
  assert_check_refuses("USER_API_DATABASE_URL=x|USER_API_JWT_PREVIOUS_SECRETS=a", "USER_API_JWT_SECRET");
}

static void a_server_needs_a_database_and_a_secret(void **state)
{
  (void)state;
  assert_check_refuses("USER_API_JWT_SECRET=0123456789012345678901234567890123456789",
                       "USER_API_DATABASE_URL");
  assert_check_refuses("USER_API_DATABASE_URL=x", "USER_API_JWT_SECRET");
  assert_check_refuses("USER_API_DATABASE_URL=x|USER_API_JWT_SECRET=", "USER_API_JWT_SECRET");
  assert_loads(NULL, "USER_API_DATABASE_URL=x|USER_API_JWT_SECRET=" STRONG);
  assert_int_equal(ua_config_check(&config, error, sizeof(error)), UA_OK);
}

static void a_secret_that_can_be_guessed_is_refused_unless_it_is_allowed(void **state)
{
  static const char *const weak[] = {
      "USER_API_JWT_SECRET=short",
      "USER_API_JWT_SECRET=b7Kq9XvZ2mLw4Rt8Yp1Nc6Hd3Jf5Gs0",
      "USER_API_JWT_SECRET=ssssssssssssssssssssssssssssssssssssssss",
      "USER_API_JWT_SECRET=changeme-changeme-changeme-changeme",
      "USER_API_JWT_SECRET=" STRONG "|USER_API_JWT_PREVIOUS_SECRETS=A" STRONG " short",
  };
  (void)state;
  for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++) {
    char variables[TEXT_ROOM];
    (void)snprintf(variables, sizeof(variables), "USER_API_DATABASE_URL=x|%s", weak[i]);
    assert_check_refuses(variables, i == 4 ? "USER_API_JWT_PREVIOUS_SECRETS: " : "USER_API_JWT_SECRET: ");
    assert_non_null(strstr(error, "USER_API_ALLOW_WEAK_SECRET=on"));
    (void)snprintf(variables, sizeof(variables), "USER_API_DATABASE_URL=x|%s|USER_API_ALLOW_WEAK_SECRET=on",
                   weak[i]);
    assert_loads(NULL, variables);
    assert_int_equal(ua_config_check(&config, error, sizeof(error)), UA_OK);
    ua_config_clear(&config);
  }
}

static void the_two_prefixes_differ(void **state)
{
  (void)state;
  assert_check_refuses(
      "USER_API_DATABASE_URL=x|USER_API_JWT_SECRET=s|USER_API_USERS_PREFIX=/a|USER_API_ROLES_PREFIX=/a",
      "are the same");
  assert_check_refuses("USER_API_DATABASE_URL=x|USER_API_JWT_SECRET=s|USER_API_OPENAPI_PATH=/api/users",
                       "are the same");
}

static void a_hash_does_not_outlast_the_watchdog(void **state)
{
  (void)state;
  static const char wanted[] = "USER_API_BCRYPT_COST is too high for USER_API_WATCHDOG_SECONDS";
#define NEEDED "USER_API_DATABASE_URL=x|USER_API_JWT_SECRET=" STRONG "|"
  assert_check_refuses(NEEDED "USER_API_BCRYPT_COST=14|USER_API_WATCHDOG_SECONDS=1", wanted);
  assert_check_refuses(NEEDED "USER_API_BCRYPT_COST=16|USER_API_WATCHDOG_SECONDS=7", wanted);
  static const char *const good[] = {NEEDED "USER_API_BCRYPT_COST=13|USER_API_WATCHDOG_SECONDS=1",
                                     NEEDED "USER_API_BCRYPT_COST=16|USER_API_WATCHDOG_SECONDS=8",
                                     NEEDED "USER_API_BCRYPT_COST=16",
                                     NEEDED "USER_API_BCRYPT_COST=16|USER_API_WATCHDOG_SECONDS=0"};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    assert_loads(NULL, good[i]);
    assert_int_equal(ua_config_check(&config, error, sizeof(error)), UA_OK);
    ua_config_clear(&config);
  }
}

static void the_bound_of_a_workers_memory_leaves_it_room(void **state)
{
  (void)state;
  assert_check_refuses(NEEDED "USER_API_WORKER_MEMORY_MIB=15", "USER_API_WORKER_MEMORY_MIB is too small");
  static const char *const good[] = {NEEDED "USER_API_WORKER_MEMORY_MIB=16",
                                     NEEDED "USER_API_WORKER_MEMORY_MIB=0"};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    assert_loads(NULL, good[i]);
    assert_int_equal(ua_config_check(&config, error, sizeof(error)), UA_OK);
    ua_config_clear(&config);
  }
}

static void unknown_flags_and_arguments_are_refused(void **state)
{
  (void)state;
  assert_refused("--worker|4", NULL, "unknown flag --worker");
  assert_refused("--body_limit|4096", NULL, "unknown flag");
  assert_refused("--BODY-LIMIT|4096", NULL, "unknown flag");
  assert_refused("start", NULL, "unexpected argument 'start'");
  assert_refused("postgresql://u:hunter2@h/d", NULL, "unexpected argument '…'");
  assert_refused("USER_API_JWT_SECRET=hunter2", NULL, "unexpected argument '…'");
  assert_refused("--database-url:postgresql://u:hunter2@h/d", NULL, "unknown flag …");
  assert_refused("--workers", NULL, "--workers: its value is missing");
}

static void help_is_given_even_when_the_settings_are_wrong(void **state)
{
  (void)state;
  assert_loads("--help", "USER_API_WORKERS=wrong|USER_API_CONFIG=/nonexistent");
  assert_true(options.help);
  assert_loads("--version", "USER_API_WORKERS=wrong");
  assert_true(options.version);
}

static void clearing_leaves_nothing(void **state)
{
  (void)state;
  static const ua_config empty;
  assert_loads("--listen|unix:/a", "USER_API_JWT_SECRET=a|USER_API_DATABASE_URL=b");
  ua_config_clear(&config);
  assert_memory_equal(&config, &empty, sizeof(config));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(allowed_origins_are_scheme_and_host),
      TEST(without_any_source_the_defaults_hold),
      TEST(flags_win_over_the_environment_and_that_over_the_file),
      TEST(listen_is_repeatable_as_a_flag_and_separated_by_blanks_elsewhere),
      TEST(every_value_is_checked_and_the_message_names_its_place),
      TEST(prefixes_are_absolute_paths_of_plain_segments),
      TEST(no_part_is_at_a_path_that_no_setting_moves),
      TEST(secrets_are_no_flags_and_never_in_a_message),
      TEST(previous_secrets_stand_behind_the_signing_one),
      TEST(previous_secrets_alone_sign_nothing),
      TEST(a_server_needs_a_database_and_a_secret),
      TEST(a_secret_that_can_be_guessed_is_refused_unless_it_is_allowed),
      TEST(the_two_prefixes_differ),
      TEST(a_hash_does_not_outlast_the_watchdog),
      TEST(the_bound_of_a_workers_memory_leaves_it_room),
      TEST(unknown_flags_and_arguments_are_refused),
      TEST(help_is_given_even_when_the_settings_are_wrong),
      TEST(clearing_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
