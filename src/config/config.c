#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "config/table.h"

enum { STRONG_SECRET_BYTES = 32, STRONG_COST = 10 };

static void wipe(char **string)
{
  if (*string != NULL) {
    explicit_bzero(*string, strlen(*string));
    free(*string);
    *string = NULL;
  }
}

void ua_config_clear(ua_config *config)
{
  for (size_t i = 0; i < UA_MAX_LISTENERS; i++) {
    free(config->listen[i]);
  }
  for (size_t i = 0; i < UA_MAX_SECRETS; i++) {
    wipe(&config->jwt_secret[i]);
  }
  wipe(&config->database_url);
  free(config->users_prefix);
  free(config->roles_prefix);
  free(config->guard_prefix);
  free(config->login_url);
  explicit_bzero(config, sizeof(*config));
}

static bool is_empty(const char *string)
{
  return string == NULL || string[0] == '\0';
}

static void warn_of_weakness(const ua_config *config)
{
  for (size_t i = 0; i < config->jwt_secret_count; i++) {
    if (strlen(config->jwt_secret[i]) < STRONG_SECRET_BYTES) {
      ua_log(UA_LOG_WARN, UA_EVENT("a JWT secret is shorter than 32 bytes and can be guessed"),
             ua_log_str("setting", i == 0 ? "USER_API_JWT_SECRET" : "USER_API_JWT_PREVIOUS_SECRETS"));
    }
  }
  if (config->bcrypt_cost < STRONG_COST) {
    ua_log(UA_LOG_WARN, UA_EVENT("USER_API_BCRYPT_COST is below 10: stolen hashes are cheap to try"));
  }
  if (config->watchdog_seconds > 0 && config->watchdog_seconds * 1000 <= config->database_timeout_ms) {
    ua_log(UA_LOG_WARN,
           UA_EVENT("USER_API_WATCHDOG_SECONDS is not above USER_API_DATABASE_TIMEOUT_MS: a slow statement "
                    "costs its worker"));
  }
}

ua_status ua_config_check(const ua_config *config, char *error, size_t error_size)
{
  const char *wrong = NULL;
  if (is_empty(config->database_url)) {
    wrong = "USER_API_DATABASE_URL is not set";
  } else if (config->jwt_secret_count == 0 || is_empty(config->jwt_secret[0])) {
    wrong = "USER_API_JWT_SECRET is empty: every token would be accepted";
  } else if (strcmp(config->users_prefix, config->roles_prefix) == 0 ||
             strcmp(config->guard_prefix, config->users_prefix) == 0 ||
             strcmp(config->guard_prefix, config->roles_prefix) == 0) {
    wrong = "two of USER_API_USERS_PREFIX, USER_API_ROLES_PREFIX and USER_API_GUARD_PREFIX are the same";
  }
  if (wrong != NULL) {
    (void)snprintf(error, error_size, "%s", wrong);
    return UA_BAD_REQUEST;
  }
  warn_of_weakness(config);
  return UA_OK;
}

static void print_range(FILE *out, const ua_config_setting *setting)
{
  if (setting->maximum > 0) {
    (void)fprintf(out, " (%lld to %lld)", (long long)setting->minimum, (long long)setting->maximum);
  }
}

void ua_config_print_help(FILE *out)
{
  (void)fprintf(out,
                "Settings. Later sources win: default, file, environment, flags. A flag --some-key is\n"
                "USER_API_SOME_KEY in the environment and in the file. Secrets are no flags.\n\n");
  for (size_t i = 0; i < ua_settings_count; i++) {
    const ua_config_setting *setting = &ua_config_settings[i];
    char flag[UA_FLAG_BYTES];
    ua_config_setting_flag(setting, flag);
    if (setting->secret) {
      (void)fprintf(out, "  USER_API_%s, USER_API_%s_FILE, --%s-file PATH\n", setting->key, setting->key,
                    flag);
    } else {
      (void)fprintf(out, "  --%s %s\n", flag, setting->placeholder);
    }
    (void)fprintf(out, "      %s", setting->help);
    print_range(out, setting);
    if (setting->preset != NULL) {
      (void)fprintf(out, " [%s]", setting->preset);
    }
    (void)fputc('\n', out);
  }
}

void ua_config_print_example(FILE *out)
{
  (void)fprintf(
      out,
      "# Settings of user-api: KEY=value, a value may stand in double quotes, nothing is expanded.\n"
      "# The commented values are the defaults. Keep this file from others when it holds secrets,\n"
      "# or name files that hold them: USER_API_JWT_SECRET_FILE=/run/secrets/jwt.\n");
  for (size_t i = 0; i < ua_settings_count; i++) {
    const ua_config_setting *setting = &ua_config_settings[i];
    (void)fprintf(out, "\n# %s", setting->help);
    print_range(out, setting);
    if (setting->choices != NULL) {
      (void)fprintf(out, " (%s)", setting->placeholder);
    }
    (void)fprintf(out, "\n#USER_API_%s=%s\n", setting->key, setting->preset == NULL ? "" : setting->preset);
  }
}
