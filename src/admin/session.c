#include "admin/session.h"

#include <inttypes.h>
#include <stdlib.h>

#include "admin/settings.h"
#include "base/limits.h"

/* Of the environment, what such a command may look at. */
static const char *const variables[] = {"USER_API_DATABASE_URL",
                                        "USER_API_DATABASE_TIMEOUT_MS",
                                        "USER_API_DATABASE_CONNECT_TIMEOUT_MS",
                                        "USER_API_DATABASE_PREPARED",
                                        "USER_API_JWT_SECRET",
                                        "USER_API_JWT_PREVIOUS_SECRETS",
                                        "USER_API_JWT_LIFETIME_SECONDS",
                                        "USER_API_BCRYPT_COST",
                                        "USER_API_PASSWORD_MIN_BYTES",
                                        "USER_API_ENFORCE_QUOTA",
                                        NULL};

static int open_connection(const char *url, unsigned needs, ua_admin_desk *desk)
{
  if ((needs & (UA_ADMIN_NEEDS_DATABASE | UA_ADMIN_NEEDS_SERVICE | UA_ADMIN_DATABASE_IF_GIVEN)) == 0) {
    return UA_ADMIN_OK;
  }
  if (url == NULL || url[0] == '\0') {
    return (needs & UA_ADMIN_DATABASE_IF_GIVEN) != 0
               ? UA_ADMIN_OK
               : ua_admin_misused("no database given: pass --database-url, or set USER_API_DATABASE_URL");
  }
  return ua_maintenance_open(url, NULL, &desk->connection, &desk->error) == UA_OK
             ? UA_ADMIN_OK
             : ua_admin_fail("%s", desk->error.text);
}

static int open_service(const char *url, unsigned needs, ua_admin_desk *desk)
{
  const ua_config *config = &desk->config;
  const ua_db_settings database = {.url = url,
                                   .application_name = "user-api-admin",
                                   .connect_timeout_ms = (int)config->database_connect_timeout_ms,
                                   .statement_timeout_ms = (int)config->database_timeout_ms,
                                   .prepared = config->database_prepared};
  desk->service = (ua_service){
      .secrets = {.secret = (const char *const *)config->jwt_secret, .count = config->jwt_secret_count},
      .token_lifetime_seconds = config->jwt_lifetime_seconds,
      .bcrypt_cost = (int)config->bcrypt_cost,
      .enforce_quota = config->enforce_quota};
  if (config->jwt_secret_count > 0 && config->jwt_secret[0][0] == '\0') {
    desk->service.secrets.count = 0;
  }
  if ((needs & UA_ADMIN_NEEDS_SECRETS) != 0 && desk->service.secrets.count == 0) {
    return ua_admin_misused("no JWT secret given: set USER_API_JWT_SECRET or its _FILE, or pass --config");
  }
  if ((needs & UA_ADMIN_NEEDS_SERVICE) != 0 && (desk->service.db = ua_db_create(&database)) == NULL) {
    return ua_admin_fail("out of memory");
  }
  return UA_ADMIN_OK;
}

int ua_admin_desk_open(const ua_admin_arguments *arguments, unsigned needs, ua_admin_desk *desk_r)
{
  *desk_r = (ua_admin_desk){.json = arguments->option[UA_ADMIN_DESK_JSON] != NULL};
  const char *url = arguments->option[UA_ADMIN_DESK_DATABASE_URL];
  if (ua_admin_service_settings(arguments->option[UA_ADMIN_DESK_CONFIG], variables, &desk_r->config,
                                &desk_r->error) != UA_OK) {
    return ua_admin_fail("%s", desk_r->error.text);
  }
  url = url == NULL ? desk_r->config.database_url : url;
  desk_r->arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  if (desk_r->arena == NULL) {
    return ua_admin_fail("out of memory");
  }
  int code = open_service(url, needs, desk_r);
  return code == UA_ADMIN_OK ? open_connection(url, needs, desk_r) : code;
}

void ua_admin_desk_close(ua_admin_desk *desk)
{
  ua_db_destroy(&desk->service.db);
  ua_maintenance_close(&desk->connection);
  ua_arena_destroy(&desk->arena);
  ua_config_clear(&desk->config);
}

ua_status ua_admin_desk_keep(void *context, const char *const *values)
{
  ua_admin_desk *desk = context;
  for (size_t i = 0; i < desk->columns; i++) {
    desk->row[i] = values[i] == NULL ? NULL : ua_arena_copy(desk->arena, ua_text_of(values[i])).data;
    if (values[i] != NULL && desk->row[i] == NULL) {
      return UA_INTERNAL;
    }
  }
  desk->found = true;
  return UA_OK;
}

/* --- outcomes --- */

static const char *const reasons[UA_STATUS_COUNT] = {
    [UA_WRONG_LOGIN] = "there is no such user",
    [UA_USER_INACTIVE] = "the user is not active",
    [UA_NOT_FOUND] = "there is no such user",
    [UA_INVALID_TOKEN] = "the token does not count",
    [UA_CONFLICT] = "there is one already",
    [UA_QUOTA_EXCEEDED] = "the customer has as many users as it may have",
    [UA_UNPROCESSABLE] = "it names something that is not there",
    [UA_UNAVAILABLE] = "the database is away: nothing was changed",
    [UA_OUTCOME_UNKNOWN] = "the connection to the database broke: look whether it was done",
};

int ua_admin_desk_fail(const ua_admin_desk *desk, ua_status status)
{
  if (desk->error.text[0] != '\0') {
    return ua_admin_fail("%s", desk->error.text);
  }
  const char *reason = (unsigned)status < UA_STATUS_COUNT ? reasons[status] : NULL;
  return ua_admin_fail("%s", reason != NULL ? reason
                                            : "the database refused: is its schema current, are the rights "
                                              "there (see: user-api-admin doctor)?");
}

/* --- arguments --- */

int ua_admin_read_number(const char *what, const char *given, uint64_t least, uint64_t most,
                         uint64_t *number_r)
{
  uint64_t number;
  if (!ua_text_to_uint(ua_text_of(given), most, &number) || number < least) {
    return ua_admin_misused("%s has to be a number from %" PRIu64 " to %" PRIu64, what, least, most);
  }
  *number_r = number;
  return UA_ADMIN_OK;
}

int ua_admin_check_id(const char *what, const char *given)
{
  uint64_t id;
  return ua_admin_read_number(what, given, 1, INT32_MAX, &id);
}

int ua_admin_check_string(const char *what, const char *given, size_t least)
{
  ua_text text = ua_text_of(given);
  if (!ua_text_is_utf8(text)) {
    return ua_admin_misused("%s has to be UTF-8", what);
  }
  size_t count = ua_text_utf8_count(text);
  if (count < least || count > UA_MAX_STRING_CHARACTERS) {
    return ua_admin_misused("%s has to be %zu to %d characters long", what, least, UA_MAX_STRING_CHARACTERS);
  }
  return UA_ADMIN_OK;
}

int ua_admin_read_page(const ua_admin_arguments *arguments, ua_admin_page *page_r)
{
  uint64_t number;
  const char *limit = arguments->option[UA_ADMIN_PAGE_LIMIT];
  const char *after = arguments->option[UA_ADMIN_PAGE_AFTER];
  int code = limit == NULL ? UA_ADMIN_OK : ua_admin_read_number("--limit", limit, 0, INT32_MAX, &number);
  if (code == UA_ADMIN_OK && after != NULL) {
    code = ua_admin_read_number("--after", after, 0, INT32_MAX, &number);
  }
  if (code == UA_ADMIN_OK) {
    *page_r = (ua_admin_page){{after == NULL ? "0" : after, limit}};
  }
  return code;
}
