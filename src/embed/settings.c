#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embed/instance.h"
#include "embed/versions.h"

enum { MOST_VARIABLES = 48 };

typedef struct builder {
  const user_api_settings *settings;
  char **variable;
  size_t count;
  const char *wrong; /* NULL so far */
} builder;

static const char out_of_memory[] = "out of memory";

#define AT(member) offsetof(user_api_settings, member)

/* No padding after the last member: if a later version put a member there, it could not distinguish it from
 * random bytes of a program of this version. */
static_assert(AT(event_days) + sizeof(int64_t) == sizeof(user_api_settings),
              "user_api_settings ends in a member, not in padding");

/* Numbers for which zero means the default. */
static const struct {
  const char *key;
  size_t offset;
  bool has_none; /* USER_API_SINGLE_PROCESS and USER_API_UNBOUNDED, -1, mean 0 in the setting */
} numbers[] = {
    {"WORKERS", AT(workers), true},
    {"WORKER_MEMORY_MIB", AT(worker_memory_mib), true},
    {"JWT_LIFETIME_SECONDS", AT(jwt_lifetime_seconds), false},
    {"MAX_REQUESTS", AT(max_requests), false},
    {"WATCHDOG_SECONDS", AT(watchdog_seconds), false},
    {"DRAIN_SECONDS", AT(drain_seconds), false},
    {"BEGIN_TIMEOUT_SECONDS", AT(begin_timeout_seconds), false},
    {"IO_TIMEOUT_SECONDS", AT(io_timeout_seconds), false},
    {"TRANSFER_TIMEOUT_SECONDS", AT(transfer_timeout_seconds), false},
    {"BACKLOG", AT(backlog), false},
    {"BODY_LIMIT", AT(body_limit), false},
    {"DATABASE_TIMEOUT_MS", AT(database_timeout_ms), false},
    {"DATABASE_CONNECT_TIMEOUT_MS", AT(database_connect_timeout_ms), false},
    {"BCRYPT_COST", AT(bcrypt_cost), false},
    {"PASSWORD_MIN_BYTES", AT(password_min_bytes), false},
    {"HASH_SLOTS", AT(hash_slots), false},
    {"HASH_WAIT_SECONDS", AT(hash_wait_seconds), false},
    {"LOGIN_ATTEMPTS", AT(login_attempts), true},
    {"LOGIN_ATTEMPTS_ADDRESS", AT(login_attempts_address), true},
    {"LOGIN_WINDOW_SECONDS", AT(login_window_seconds), false},
    {"SESSION_TABLE_MIB", AT(session_table_mib), true},
    {"SESSION_STALENESS_MS", AT(session_staleness_ms), false},
    {"SESSION_GRACE_SECONDS", AT(session_grace_seconds), false},
    {"EVENT_DAYS", AT(event_days), false},
};

static void put(builder *self, const char *key, const char *value)
{
  char *variable = NULL;
  if (self->wrong != NULL) {
    return;
  }
  if (self->count + 1 >= MOST_VARIABLES || asprintf(&variable, "USER_API_%s=%s", key, value) < 0) {
    self->wrong = out_of_memory;
    return;
  }
  self->variable[self->count++] = variable;
}

static void put_number(builder *self, const char *key, int64_t number)
{
  char text[24];
  (void)snprintf(text, sizeof text, "%lld", (long long)number);
  put(self, key, text);
}

/* A list as one value, separated by blanks. */
static void put_list(builder *self, const char *key, const char *const *list)
{
  size_t size = 1;
  for (size_t i = 0; list[i] != NULL; i++) {
    size += strlen(list[i]) + 1;
    if (list[i][0] == '\0' || strpbrk(list[i], " \t\r\n") != NULL) {
      self->wrong = "an address, an origin, or a JWT secret behind the first, is empty or holds a blank";
      return;
    }
  }
  char *joined = calloc(size, 1);
  if (joined == NULL) {
    self->wrong = out_of_memory;
    return;
  }
  char *end = joined;
  for (size_t i = 0; list[i] != NULL; i++) {
    end = stpcpy(stpcpy(end, i == 0 ? "" : " "), list[i]);
  }
  put(self, key, joined);
  explicit_bzero(joined, size);
  free(joined);
}

/* The enumerations, for which zero means the default as well. */
static void put_choices(builder *self)
{
  static const char *const secure[] = {"auto", "on", "off"};
  static const char *const levels[] = {"info", "debug", "info", "warn", "error"};
  unsigned choice = (unsigned)self->settings->cookie_secure;
  unsigned level = (unsigned)self->settings->log_level;
  if (choice >= sizeof secure / sizeof secure[0] || level >= sizeof levels / sizeof levels[0]) {
    self->wrong = "cookie_secure or log_level is none of its values";
    return;
  }
  put(self, "COOKIE_SECURE", secure[choice]);
  put(self, "LOG_LEVEL", levels[level]);
  put(self, "DATABASE_PREPARED", self->settings->unprepared ? "off" : "on");
  put(self, "UPGRADE_HASHES", self->settings->keep_old_hashes ? "off" : "on");
  put(self, "ENFORCE_QUOTA", self->settings->enforce_quota ? "on" : "off");
  put(self, "PASSWORD_COMMON", self->settings->refuse_common_passwords ? "refuse" : "allow");
  put(self, "METRICS", self->settings->metrics ? "on" : "off");
  put(self, "ALLOW_WEAK_SECRET", self->settings->allow_weak_secret ? "on" : "off");
}

static void put_all(builder *self)
{
  const user_api_settings *settings = self->settings;
  put_choices(self);
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    int64_t number = *(const int64_t *)(const void *)((const char *)settings + numbers[i].offset);
    if (number != 0) {
      put_number(self, numbers[i].key, numbers[i].has_none && number == -1 ? 0 : number);
    }
  }
  if (settings->operator_role != NULL) {
    put(self, "OPERATOR_ROLE", settings->operator_role);
  }
  if (settings->allowed_origins != NULL) {
    put_list(self, "ALLOWED_ORIGINS", settings->allowed_origins);
  }
  if (settings->login_url != NULL) {
    put(self, "LOGIN_URL", settings->login_url);
  }
  if (settings->database_url != NULL) {
    put(self, "DATABASE_URL", settings->database_url);
  }
  if (settings->session_listen_url != NULL) {
    put(self, "SESSION_LISTEN_URL", settings->session_listen_url);
  }
  if (settings->password_deny_file != NULL) {
    put(self, "PASSWORD_DENY_FILE", settings->password_deny_file);
  }
  if (settings->jwt_secrets != NULL && settings->jwt_secrets[0] != NULL) {
    put(self, "JWT_SECRET", settings->jwt_secrets[0]);
    put_list(self, "JWT_PREVIOUS_SECRETS", settings->jwt_secrets + 1);
  }
  if (settings->listen != NULL) {
    put_list(self, "LISTEN", settings->listen);
  }
}

/* Copies the members that the program knows; the rest stays zero. False if it uses members that we do not
 * know. */
static bool read_known(const user_api_settings *settings, user_api_settings *known)
{
  size_t size = settings->size < sizeof *known ? settings->size : sizeof *known;
  if (!ua_embed_is_known(settings, settings->size, AT(jwt_lifetime_seconds), sizeof *known)) {
    return false;
  }
  memcpy(known, settings, size);
  return ua_embed_is_unused(known->reserved, sizeof known->reserved);
}

user_api_status ua_embed_environment(const user_api_settings *settings, char ***environment_r, char *error,
                                     size_t error_size)
{
  user_api_settings known = {.size = sizeof known};
  builder self = {.settings = &known, .variable = calloc(MOST_VARIABLES, sizeof(char *))};
  if (!read_known(settings, &known)) {
    self.wrong = "size is not that of user_api_settings, or a member is newer than the library";
  } else if (self.variable == NULL) {
    self.wrong = out_of_memory;
  } else {
    put_all(&self);
  }
  if (self.wrong == NULL) {
    *environment_r = self.variable;
    return USER_API_OK;
  }
  (void)snprintf(error, error_size, "%s", self.wrong);
  ua_embed_free_strings(&self.variable);
  return self.wrong == out_of_memory ? USER_API_INTERNAL : USER_API_BAD_REQUEST;
}

void ua_embed_free_strings(char ***list)
{
  for (size_t i = 0; *list != NULL && (*list)[i] != NULL; i++) {
    explicit_bzero((*list)[i], strlen((*list)[i]));
    free((*list)[i]);
  }
  free(*list);
  *list = NULL;
}
