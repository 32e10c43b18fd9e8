#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/log.h"
#include "config/table.h"
#include "config/weakness.h"

enum { STRONG_COST = 10 };

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
  wipe(&config->session_listen_url);
  free(config->users_prefix);
  free(config->roles_prefix);
  free(config->customers_prefix);
  free(config->account_prefix);
  free(config->events_prefix);
  free(config->guard_prefix);
  free(config->openapi_path);
  for (size_t i = 0; i < config->allowed_origin_count; i++) {
    free(config->allowed_origins[i]);
  }
  free(config->login_url);
  free(config->operator_role);
  free(config->password_deny_file);
  ua_word_list_destroy(&config->password_denied);
  explicit_bzero(config, sizeof(*config));
}

static bool is_empty(const char *string)
{
  return string == NULL || string[0] == '\0';
}

/* One accepted secret is enough to forge a token. */
static ua_status check_secrets(const ua_config *config, char *error, size_t error_size)
{
  for (size_t i = 0; i < config->jwt_secret_count; i++) {
    const char *setting = i == 0 ? "USER_API_JWT_SECRET" : "USER_API_JWT_PREVIOUS_SECRETS";
    const char *weak = ua_config_weakness_text(ua_config_secret_weakness(ua_text_of(config->jwt_secret[i])));
    if (weak != NULL && !config->allow_weak_secret) {
      (void)snprintf(error, error_size,
                     "%s: a secret %s: set one of 32 random bytes (openssl rand -base64 48), or set "
                     "USER_API_ALLOW_WEAK_SECRET=on",
                     setting, weak);
      return UA_BAD_REQUEST;
    }
    if (weak != NULL) {
      ua_log(UA_LOG_WARN, UA_EVENT("weak JWT secret allowed"), ua_log_str("setting", setting),
             ua_log_str("reason", weak));
    }
  }
  return UA_OK;
}

static void warn_of_weakness(const ua_config *config)
{
  if (config->bcrypt_cost < STRONG_COST) {
    ua_log(UA_LOG_WARN, UA_EVENT("USER_API_BCRYPT_COST is below 10: stolen hashes are cheap to try"));
  }
  if (config->watchdog_seconds > 0 && config->watchdog_seconds * 1000 <= config->database_timeout_ms) {
    ua_log(UA_LOG_WARN,
           UA_EVENT("USER_API_WATCHDOG_SECONDS is not above USER_API_DATABASE_TIMEOUT_MS: a slow statement "
                    "costs its worker"));
  }
}

static bool prefixes_differ(const ua_config *config)
{
  const char *const prefix[] = {config->users_prefix,   config->roles_prefix,  config->customers_prefix,
                                config->account_prefix, config->events_prefix, config->guard_prefix,
                                config->openapi_path};
  for (size_t i = 0; i < sizeof prefix / sizeof prefix[0]; i++) {
    for (size_t j = 0; j < i; j++) {
      if (strcmp(prefix[i], prefix[j]) == 0) {
        return false;
      }
    }
  }
  return true;
}

ua_status ua_config_check(const ua_config *config, char *error, size_t error_size)
{
  const char *wrong = NULL;
  if (is_empty(config->database_url)) {
    wrong = "USER_API_DATABASE_URL is not set";
  } else if (config->jwt_secret_count == 0 || is_empty(config->jwt_secret[0])) {
    wrong = "USER_API_JWT_SECRET is empty: every token would be accepted";
  } else if (!prefixes_differ(config)) {
    wrong = "two of the settings USER_API_…_PREFIX and USER_API_OPENAPI_PATH are the same";
  }
  if (wrong == NULL && config->worker_memory_mib > 0 && config->worker_memory_mib < UA_MIN_WORKER_MIB) {
    wrong = "USER_API_WORKER_MEMORY_MIB is too small for a worker: at least 16, or 0 for no bound";
  }
  if (wrong == NULL && config->bcrypt_cost > ua_crypto_bcrypt_limit(config->watchdog_seconds)) {
    wrong =
        "USER_API_BCRYPT_COST is too high for USER_API_WATCHDOG_SECONDS: a slow machine needs longer for a "
        "hash";
  }
  if (wrong != NULL) {
    (void)snprintf(error, error_size, "%s", wrong);
    return UA_BAD_REQUEST;
  }
  if (check_secrets(config, error, error_size) != UA_OK) {
    return UA_BAD_REQUEST;
  }
  warn_of_weakness(config);
  return UA_OK;
}

enum { HELP_COLUMNS = 80, HELP_BYTES = 1024, RANGE_BYTES = 64 };

/* " (1 to 9)", or nothing. */
static const char *range_of(const ua_config_setting *setting, char range_r[RANGE_BYTES])
{
  range_r[0] = '\0';
  if (setting->maximum > 0) {
    (void)snprintf(range_r, RANGE_BYTES, " (%lld to %lld)", (long long)setting->minimum,
                   (long long)setting->maximum);
  }
  return range_r;
}

/* Prints it on as many lines as it needs, each indented. */
static void print_wrapped(FILE *out, int indent, const char *text)
{
  int column = 0;
  ua_text rest = ua_text_of(text), word;
  while (ua_text_split(&rest, ' ', &word)) {
    if (column > 0 && column + 1 + (int)word.length > HELP_COLUMNS) {
      (void)fputc('\n', out);
      column = 0;
    }
    int gap = column == 0 ? indent : 1;
    (void)fprintf(out, "%*s%.*s", gap, "", UA_TEXT_ARGS(word));
    column += gap + (int)word.length;
  }
  (void)fputc('\n', out);
}

void ua_config_print_help(FILE *out)
{
  (void)fprintf(out,
                "Settings. Later sources win: default, file, environment, flags. A flag\n"
                "--some-key is USER_API_SOME_KEY in the environment and in the file. No flag\n"
                "holds a secret.\n\n");
  for (size_t i = 0; i < ua_settings_count; i++) {
    const ua_config_setting *setting = &ua_config_settings[i];
    char flag[UA_FLAG_BYTES], range[RANGE_BYTES], text[HELP_BYTES];
    const char *preset = setting->preset;
    ua_config_setting_flag(setting, flag);
    if (setting->secret) {
      (void)snprintf(text, sizeof text, "USER_API_%s, USER_API_%s_FILE, --%s-file PATH", setting->key,
                     setting->key, flag);
    } else {
      (void)snprintf(text, sizeof text, "--%s %s", flag, setting->placeholder);
    }
    print_wrapped(out, 2, text);
    (void)snprintf(text, sizeof text, "%s%s%s%s%s", setting->help, range_of(setting, range),
                   preset == NULL ? "" : " [", preset == NULL ? "" : preset, preset == NULL ? "" : "]");
    print_wrapped(out, 6, text);
  }
}

void ua_config_print_example(FILE *out)
{
  (void)fprintf(
      out,
      "# Settings of user-api, in the format of systemd's EnvironmentFile: KEY=value, a value may be in\n"
      "# single or double quotes, nothing is expanded. The commented values are the defaults. If this\n"
      "# file holds secrets, do not let other users read it, or name files that hold the secrets:\n"
      "# USER_API_JWT_SECRET_FILE=/run/secrets/jwt.\n");
  for (size_t i = 0; i < ua_settings_count; i++) {
    const ua_config_setting *setting = &ua_config_settings[i];
    char range[RANGE_BYTES];
    (void)fprintf(out, "\n# %s%s", setting->help, range_of(setting, range));
    if (setting->choices != NULL) {
      (void)fprintf(out, " (%s)", setting->placeholder);
    }
    if (setting->advised != NULL) {
      (void)fprintf(out,
                    ". The default is %s, which clients of the Python original may need\nUSER_API_%s=%s\n",
                    setting->preset, setting->key, setting->advised);
    } else {
      (void)fprintf(out, "\n#USER_API_%s=%s\n", setting->key, setting->preset == NULL ? "" : setting->preset);
    }
  }
}
