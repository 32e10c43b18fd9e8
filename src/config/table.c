#include "config/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "http/origin.h"

static const char *const boolean_choices[] = {"off", "on", NULL};
static const char *const level_choices[] = {
    [UA_LOG_DEBUG] = "debug", [UA_LOG_INFO] = "info", [UA_LOG_WARN] = "warn", [UA_LOG_ERROR] = "error", NULL};
static const char *const secure_choices[] = {
    [UA_COOKIE_SECURE_AUTO] = "auto", [UA_COOKIE_SECURE_ON] = "on", [UA_COOKIE_SECURE_OFF] = "off", NULL};

static const char *const common_choices[] = {
    [UA_PASSWORD_COMMON_ALLOW] = "allow", [UA_PASSWORD_COMMON_REFUSE] = "refuse", NULL};

static const char out_of_memory[] = "no memory for it";

static ua_setting_apply apply_integer, apply_choice, apply_boolean, apply_text, apply_prefix, apply_listen,
    apply_secret, apply_previous_secrets, apply_login_url, apply_role, apply_origins, apply_listen_url,
    apply_deny_file;

/* clang-format off */
#define AT(field) .offset = offsetof(ua_config, field)
#define INTEGER(field, low, high) .apply = apply_integer, .placeholder = "N", AT(field), .minimum = (low), .maximum = (high)
#define CHOICE(field, of, names)  .apply = apply_choice, .placeholder = (names), AT(field), .choices = (of)
#define BOOLEAN(field)            .apply = apply_boolean, .placeholder = "on|off", AT(field), .choices = boolean_choices

const ua_config_setting ua_config_settings[] = {
  {.key = "LISTEN", .apply = apply_listen, .placeholder = "ADDRESS", .repeatable = true,
   .help = "unix:/path[,mode=0660][,owner=NAME][,group=NAME], 127.0.0.1:9000 or [::1]:9000; several are "
           "separated by blanks. Not given: the sockets that systemd passes, or the one on standard input "
           "(descriptor 0)"},
  {.key = "WORKERS", INTEGER(workers, 0, UA_MAX_WORKERS),
   .help = "processes; 0 serves in a single process. Not given: 4, or 0 if descriptor 0 is a socket"},
  {.key = "MAX_REQUESTS", INTEGER(max_requests, 0, 1000000000), .preset = "100000",
   .help = "requests after which a worker is replaced; 0: never"},
  {.key = "WATCHDOG_SECONDS", INTEGER(watchdog_seconds, 0, 86400), .preset = "30",
   .help = "a worker that is busy with one request for longer than this is killed and replaced; 0: never"},
  {.key = "WORKER_MEMORY_MIB", INTEGER(worker_memory_mib, 0, 1048576), .preset = "256",
   .help = "MiB of memory that a worker may take, at least 16: a request that needs more gets an error. 0: no bound"},
  {.key = "DRAIN_SECONDS", INTEGER(drain_seconds, 1, 3600), .preset = "30",
   .help = "time for requests in flight when the server stops"},
  {.key = "BEGIN_TIMEOUT_SECONDS", INTEGER(begin_timeout_seconds, 1, 600), .preset = "2",
   .help = "a web server's connection that has not begun a request in this time is dropped"},
  {.key = "IO_TIMEOUT_SECONDS", INTEGER(io_timeout_seconds, 1, 600), .preset = "10",
   .help = "a web server's connection on which nothing is sent or read for this time is dropped"},
  {.key = "TRANSFER_TIMEOUT_SECONDS", INTEGER(transfer_timeout_seconds, 1, 3600), .preset = "30",
   .help = "time for a whole request to arrive from the web server, and for a whole answer to leave"},
  {.key = "BACKLOG", INTEGER(backlog, 1, 65535), .preset = "1024",
   .help = "connections that may queue on an address"},
  {.key = "LOG_LEVEL", CHOICE(log_level, level_choices, "debug|info|warn|error"), .preset = "info",
   .help = "lines below this level are not written"},
  {.key = "METRICS", BOOLEAN(metrics), .preset = "off",
   .help = "on: a pool counts what it does and answers GET /metrics, for Prometheus. Make the web server "
           "deny other clients access to that path"},
  {.key = "USERS_PREFIX", .apply = apply_prefix, .placeholder = "PATH", AT(users_prefix), .preset = "/api/users",
   .help = "where users are mounted"},
  {.key = "ROLES_PREFIX", .apply = apply_prefix, .placeholder = "PATH", AT(roles_prefix), .preset = "/api/roles",
   .help = "where roles are mounted"},
  {.key = "CUSTOMERS_PREFIX", .apply = apply_prefix, .placeholder = "PATH", AT(customers_prefix),
   .preset = "/api/customers", .help = "where customers are mounted"},
  {.key = "ACCOUNT_PREFIX", .apply = apply_prefix, .placeholder = "PATH", AT(account_prefix), .preset = "/api/account",
   .help = "where the caller's own account is mounted"},
  {.key = "EVENTS_PREFIX", .apply = apply_prefix, .placeholder = "PATH", AT(events_prefix), .preset = "/api/events",
   .help = "where events are mounted"},
  {.key = "GUARD_PREFIX", .apply = apply_prefix, .placeholder = "PATH", AT(guard_prefix), .preset = "/api/guard",
   .help = "where web servers ask whether a request to another application may pass"},
  {.key = "OPENAPI_PATH", .apply = apply_prefix, .placeholder = "PATH", AT(openapi_path), .preset = "/api/openapi.json",
   .help = "where the OpenAPI document of the API is"},
  {.key = "LOGIN_URL", .apply = apply_login_url, .placeholder = "URL", AT(login_url),
   .help = "page to log in, such as /login/: guards redirect clients without a session to it; the argument next "
           "holds the page to return to. Not given: they answer 401"},
  {.key = "ALLOWED_ORIGINS", .apply = apply_origins, .placeholder = "ORIGINS", .repeatable = true,
   .help = "other origins whose pages may write, such as https://app.example.org, separated by blanks. Not given: "
           "only pages of the site of the API"},
  {.key = "BODY_LIMIT", INTEGER(body_limit, 1024, 16777216), .preset = "65536",
   .help = "bytes of a request's body"},
  {.key = "COOKIE_SECURE", CHOICE(cookie_secure, secure_choices, "auto|on|off"), .preset = "auto",
   .help = "the cookie's Secure attribute; auto: when the request came over HTTPS"},
  {.key = "DATABASE_URL", .apply = apply_secret, .placeholder = "URL", AT(database_url), .secret = true,
   .help = "PostgreSQL, as libpq reads it: postgresql://user:password@host/name"},
  {.key = "DATABASE_TIMEOUT_MS", INTEGER(database_timeout_ms, 10, 3600000), .preset = "5000",
   .help = "milliseconds for one statement"},
  {.key = "DATABASE_CONNECT_TIMEOUT_MS", INTEGER(database_connect_timeout_ms, 2000, 3600000), .preset = "3000",
   .help = "milliseconds for one attempt to connect"},
  {.key = "DATABASE_PREPARED", BOOLEAN(database_prepared), .preset = "on",
   .help = "use named prepared statements; set it to off behind a transaction pooler that does not track them"},
  {.key = "JWT_SECRET", .apply = apply_secret, .placeholder = "SECRET", AT(jwt_secret[0]), .secret = true,
   .help = "signs the tokens; at least 32 random bytes"},
  {.key = "JWT_PREVIOUS_SECRETS", .apply = apply_previous_secrets, .placeholder = "SECRETS", .secret = true,
   .many = true,
   .help = "old secrets, separated by blanks or newlines: the service accepts tokens signed with them, but signs none "
           "with them"},
  {.key = "ALLOW_WEAK_SECRET", BOOLEAN(allow_weak_secret), .preset = "off",
   .help = "on: the service warns of JWT secrets that can be guessed, and starts. Off: it refuses secrets below "
           "32 bytes, and samples"},
  {.key = "JWT_LIFETIME_SECONDS", INTEGER(jwt_lifetime_seconds, 1, 315360000), .preset = "1296000",
   .help = "how long a login lasts"},
  {.key = "BCRYPT_COST", INTEGER(bcrypt_cost, 4, UA_MAX_BCRYPT_COST), .preset = "12",
   .help = "cost of a password hash: one more doubles the time of a login"},
  {.key = "PASSWORD_MIN_BYTES", INTEGER(password_min_bytes, 1, UA_MAX_PASSWORD_BYTES), .preset = "8",
   .help = "shortest password that is accepted for a user"},
  {.key = "PASSWORD_COMMON", CHOICE(password_common, common_choices, "allow|refuse"), .preset = "allow",
   .advised = "refuse",
   .help = "whether a new password may be easy to guess: a common one, or the user's email or name"},
  {.key = "PASSWORD_DENY_FILE", .apply = apply_deny_file, .placeholder = "FILE", AT(password_deny_file),
   .help = "one password a line, in UTF-8, at most 16 MiB: these are refused as common. Not given: those that "
           "libpasswdqc knows"},
  {.key = "HASH_SLOTS", INTEGER(hash_slots, 0, UA_MAX_WORKERS), .preset = "0",
   .help = "passwords hashed at a time; 0: one for each CPU"},
  {.key = "HASH_WAIT_SECONDS", INTEGER(hash_wait_seconds, 1, 600), .preset = "10",
   .help = "a login that has waited this long for its turn to be hashed answers 503"},
  {.key = "UPGRADE_HASHES", BOOLEAN(upgrade_hashes), .preset = "on",
   .help = "replace the Python original's hashes by bcrypt at login; off while it runs on the same database"},
  {.key = "LOGIN_ATTEMPTS", INTEGER(login_attempts, 0, 1000000), .preset = "10",
   .help = "failed logins of an account within a window: further ones are answered 429. 0: any number"},
  {.key = "LOGIN_ATTEMPTS_ADDRESS", INTEGER(login_attempts_address, 0, 1000000), .preset = "100",
   .help = "failed logins from an address (an IPv6 address: from its /64) within a window. 0: any number"},
  {.key = "LOGIN_WINDOW_SECONDS", INTEGER(login_window_seconds, 1, 86400), .preset = "900",
   .help = "how long failed logins are counted, from the first failure on"},
  {.key = "SESSION_TABLE_MIB", INTEGER(session_table_mib, 0, 4096), .preset = "16",
   .help = "MiB that a pool shares to remember which tokens the database has accepted: checks of these tokens do not "
           "ask the database. 0: every check asks"},
  {.key = "SESSION_STALENESS_MS", INTEGER(session_staleness_ms, 200, 60000), .preset = "2000",
   .help = "milliseconds after which a change made elsewhere counts here at the latest. If the pool has had no proof "
           "for this time that it missed no change, every check asks the database"},
  {.key = "SESSION_GRACE_SECONDS", INTEGER(session_grace_seconds, 0, 86400), .preset = "0",
   .help = "while the database cannot be reached, guards and token checks accept sessions that were known as "
           "valid at most this long ago. 0: they answer 503"},
  {.key = "SESSION_LISTEN_URL", .apply = apply_listen_url, .placeholder = "URL", AT(session_listen_url), .secret = true,
   .help = "the database of DATABASE_URL without a pooler in between: poolers do not pass on notifications of changes. "
           "Not given: DATABASE_URL"},
  {.key = "EVENT_DAYS", INTEGER(event_days, 1, 36500), .preset = "400",
   .help = "days for which events are kept. Whole months are deleted, so events stay up to a month longer"},
  {.key = "OPERATOR_ROLE", .apply = apply_role, .placeholder = "CODE", AT(operator_role),
   .help = "code of the role whose holders are operators: they manage the users of all customers, customers and roles. "
           "Not given: there are no operators"},
  {.key = "ENFORCE_QUOTA", BOOLEAN(enforce_quota), .preset = "off",
   .help = "on: registering a user beyond customer.max_user_quota answers 409. All users of the customer count, "
           "inactive ones too"},
};
/* clang-format on */

const size_t ua_settings_count = sizeof(ua_config_settings) / sizeof(ua_config_settings[0]);

void ua_config_setting_flag(const ua_config_setting *setting, char *flag)
{
  size_t i = 0;
  for (; setting->key[i] != '\0' && i + 1 < UA_FLAG_BYTES; i++) {
    char letter = setting->key[i];
    flag[i] = letter == '_' ? '-' : (char)(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
  }
  flag[i] = '\0';
}

static void *field(const ua_config_setting *setting, ua_config *config)
{
  return (char *)config + setting->offset;
}

static const char *apply_integer(const ua_config_setting *setting, ua_config *config, ua_text value)
{
  uint64_t number = 0;
  if (!ua_text_to_uint(value, (uint64_t)setting->maximum, &number) || (int64_t)number < setting->minimum) {
    return "a whole number";
  }
  *(int64_t *)field(setting, config) = (int64_t)number;
  return NULL;
}

static int64_t find_choice(const ua_config_setting *setting, ua_text value)
{
  for (int64_t i = 0; setting->choices[i] != NULL; i++) {
    if (ua_text_equal(ua_text_of(setting->choices[i]), value)) {
      return i;
    }
  }
  return -1;
}

static const char *apply_choice(const ua_config_setting *setting, ua_config *config, ua_text value)
{
  int64_t choice = find_choice(setting, value);
  if (choice < 0) {
    return setting->placeholder;
  }
  *(int64_t *)field(setting, config) = choice;
  return NULL;
}

static const char *apply_boolean(const ua_config_setting *setting, ua_config *config, ua_text value)
{
  int64_t choice = find_choice(setting, value);
  if (choice < 0) {
    return setting->placeholder;
  }
  *(bool *)field(setting, config) = choice == 1;
  return NULL;
}

static const char *apply_text(const ua_config_setting *setting, ua_config *config, ua_text value)
{
  char *copy = strndup(value.data, value.length);
  if (copy == NULL) {
    return out_of_memory;
  }
  *(char **)field(setting, config) = copy;
  return NULL;
}

static const char *apply_deny_file(const ua_config_setting *setting, ua_config *config, ua_text value)
{
  return value.length == 0 ? NULL : apply_text(setting, config, value);
}

static bool is_plain_segment(ua_text segment)
{
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~.";
  size_t dots = 0;
  for (size_t i = 0; i < segment.length; i++) {
    if (strchr(plain, segment.data[i]) == NULL) {
      return false;
    }
    dots += segment.data[i] == '.';
  }
  return dots < segment.length;
}

/* Whether it is the path of a route that no setting moves. Another part at that path would conflict with it.
 */
static bool is_fixed_path(ua_text path)
{
  return ua_text_equal(path, UA_TEXT("/healthz")) || ua_text_equal(path, UA_TEXT("/readyz")) ||
         ua_text_equal(path, UA_TEXT("/metrics"));
}

static const char *apply_prefix(const ua_config_setting *setting, ua_config *config, ua_text value)
{
  static const char wanted[] = "an absolute path of plain segments without a slash at its end";
  enum { MOST_SEGMENTS = UA_MAX_PATH_SEGMENTS / 2, MOST_BYTES = 255 };
  ua_text rest = value, segment;
  if (value.length > MOST_BYTES || !ua_text_split(&rest, '/', &segment) || segment.length != 0 ||
      rest.data == NULL) {
    return wanted;
  }
  for (size_t count = 0; ua_text_split(&rest, '/', &segment); count++) {
    if (count == MOST_SEGMENTS || !is_plain_segment(segment)) {
      return wanted;
    }
  }
  return is_fixed_path(value) ? "another path than /healthz, /readyz and /metrics"
                              : apply_text(setting, config, value);
}

/* It becomes a Location, with an argument added. */
static const char *apply_login_url(const ua_config_setting *setting, ua_config *config, ua_text value)
{
  static const char wanted[] = "a path such as /login/, or a URL that begins with https:// or http://";
  enum { MOST_BYTES = 1024 };
  if (value.length == 0) {
    return NULL;
  }
  bool path = ua_text_starts_with(value, UA_TEXT("/")) && !ua_text_starts_with(value, UA_TEXT("//"));
  bool url =
      ua_text_starts_with(value, UA_TEXT("https://")) || ua_text_starts_with(value, UA_TEXT("http://"));
  if (value.length > MOST_BYTES || (!path && !url)) {
    return wanted;
  }
  for (size_t i = 0; i < value.length; i++) {
    if (value.data[i] <= ' ' || value.data[i] > '~' || strchr("\\\"<>#", value.data[i]) != NULL) {
      return wanted;
    }
  }
  return apply_text(setting, config, value);
}

/* A code that guards can require; never `admin`, whose holders manage one customer each. */
static const char *apply_role(const ua_config_setting *setting, ua_config *config, ua_text value)
{
  if (value.length == 0) {
    return NULL;
  }
  if (ua_text_equal(value, UA_TEXT("admin"))) {
    return "another role than admin, which administrators of single customers hold";
  }
  if (!ua_text_is_utf8(value) || ua_text_utf8_count(value) > UA_MAX_STRING_CHARACTERS ||
      ua_text_has_control(value) || memchr(value.data, ',', value.length) != NULL ||
      ua_text_trim(value).length < value.length) {
    return "a role's code: up to 255 characters, without commas, control characters, and blanks at its edges";
  }
  return apply_text(setting, config, value);
}

static bool next_word(ua_text *rest, ua_text *word_r)
{
  static const char blanks[] = " \t\r\n";
  while (rest->length > 0 && strchr(blanks, rest->data[0]) != NULL) {
    *rest = (ua_text){rest->data + 1, rest->length - 1};
  }
  size_t length = 0;
  while (length < rest->length && strchr(blanks, rest->data[length]) == NULL) {
    length++;
  }
  *word_r = (ua_text){rest->data, length};
  *rest = (ua_text){rest->data + length, rest->length - length};
  return length > 0;
}

static const char *apply_listen(const ua_config_setting *setting, ua_config *config, ua_text value)
{
  (void)setting;
  ua_text word;
  while (next_word(&value, &word)) {
    if (config->listen_count == UA_MAX_LISTENERS) {
      return "at most 16 addresses";
    }
    char *copy = strndup(word.data, word.length);
    if (copy == NULL) {
      return out_of_memory;
    }
    config->listen[config->listen_count++] = copy;
  }
  return NULL;
}

static const char *apply_origins(const ua_config_setting *setting, ua_config *config, ua_text value)
{
  (void)setting;
  ua_text word;
  ua_origin origin;
  while (next_word(&value, &word)) {
    if (!ua_http_origin_parse(word, &origin)) {
      return "origins such as https://app.example.org, separated by blanks: without a slash or path behind "
             "the host";
    }
    if (config->allowed_origin_count == UA_MAX_ORIGINS) {
      return "at most 16 origins";
    }
    char *copy = strndup(word.data, word.length);
    if (copy == NULL) {
      return out_of_memory;
    }
    config->allowed_origins[config->allowed_origin_count++] = copy;
  }
  return NULL;
}

static const char *apply_listen_url(const ua_config_setting *setting, ua_config *config, ua_text value)
{
  return value.length == 0 ? NULL : apply_text(setting, config, value);
}

static const char *apply_secret(const ua_config_setting *setting, ua_config *config, ua_text value)
{
  const char *wrong = apply_text(setting, config, value);
  if (wrong == NULL && config->jwt_secret[0] != NULL) {
    config->jwt_secret_count = 1;
  }
  return wrong;
}

/* Comes after JWT_SECRET in the table: [0] is the signing one, empty if it is missing. */
static const char *apply_previous_secrets(const ua_config_setting *setting, ua_config *config, ua_text value)
{
  (void)setting;
  ua_text word;
  while (next_word(&value, &word)) {
    if (config->jwt_secret_count == 0) {
      config->jwt_secret[0] = strdup("");
      config->jwt_secret_count = config->jwt_secret[0] == NULL ? 0 : 1;
    }
    if (config->jwt_secret_count == UA_MAX_SECRETS) {
      return "at most 7 secrets";
    }
    char *copy = strndup(word.data, word.length);
    if (copy == NULL || config->jwt_secret_count == 0) {
      free(copy);
      return out_of_memory;
    }
    config->jwt_secret[config->jwt_secret_count++] = copy;
  }
  return NULL;
}
