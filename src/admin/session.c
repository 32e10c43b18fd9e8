#include "admin/session.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "admin/database.h"
#include "base/identifier.h"
#include "base/limits.h"
#include "operator/connection_peer.h"
#include "operator/diagnosis.h"
#include "store/sqlstate.h"

/* The environment variables that such a command reads. */
static const char *const variables[] = {"USER_API_DATABASE_URL",
                                        "USER_API_DATABASE_TIMEOUT_MS",
                                        "USER_API_DATABASE_CONNECT_TIMEOUT_MS",
                                        "USER_API_DATABASE_PREPARED",
                                        "USER_API_JWT_SECRET",
                                        "USER_API_JWT_PREVIOUS_SECRETS",
                                        "USER_API_JWT_LIFETIME_SECONDS",
                                        "USER_API_BCRYPT_COST",
                                        "USER_API_PASSWORD_MIN_BYTES",
                                        "USER_API_PASSWORD_DENY_FILE",
                                        "USER_API_OPERATOR_ROLE",
                                        "USER_API_ENFORCE_QUOTA",
                                        "USER_API_EVENT_DAYS",
                                        NULL};

enum { CONNECTION_NEEDS = UA_ADMIN_NEEDS_DATABASE | UA_ADMIN_NEEDS_SERVICE | UA_ADMIN_DATABASE_IF_GIVEN };

static int open_connection(const char *url, unsigned needs, ua_admin_session *session)
{
  if ((needs & CONNECTION_NEEDS) == 0) {
    return UA_CLI_OK;
  }
  if (url == NULL) {
    return (needs & UA_ADMIN_DATABASE_IF_GIVEN) != 0 ? UA_CLI_OK
                                                     : ua_admin_database_missing(&session->settings);
  }
  if (ua_operator_connection_open(url, NULL, &session->connection, &session->error) != UA_OK ||
      ua_operator_diagnosis_demand_schema(session->connection, &session->error) != UA_OK) {
    return ua_cli_fail("%s", session->error.text);
  }
  return UA_CLI_OK;
}

static ua_status reach(void *service)
{
  ua_refusal refusal = {.message = UA_TEXT_ABSENT};
  return ua_service_schema_check(service, &refusal);
}

/* The service connects at its first statement. If root connects as another system user, it has to do so now.
 * Errors are ignored: the command's own statements will report them. */
static void reach_service(ua_admin_session *session)
{
  if (session->service.db != NULL) {
    ua_status reached = ua_operator_connection_as_its_user(session->connection, reach, &session->service);
    (void)reached;
  }
}

static int open_service(const char *url, unsigned needs, ua_admin_session *session)
{
  const ua_config *config = &session->config;
  const ua_db_settings database = {.url = url,
                                   .application_name = "user-api-admin",
                                   .connect_timeout_ms = (int)config->database_connect_timeout_ms,
                                   .statement_timeout_ms = (int)config->database_timeout_ms,
                                   .prepared = config->database_prepared};
  session->service = (ua_service){
      .secrets = {.secret = (const char *const *)config->jwt_secret, .count = config->jwt_secret_count},
      .token_lifetime_seconds = config->jwt_lifetime_seconds,
      .bcrypt_cost = (int)config->bcrypt_cost,
      .bcrypt_limit = UA_MAX_BCRYPT_COST,
      .password_policy = {.refuses = true, .denied = config->password_denied},
      .enforce_quota = config->enforce_quota,
      .event_days = config->event_days};
  if (config->jwt_secret_count > 0 && config->jwt_secret[0][0] == '\0') {
    session->service.secrets.count = 0;
  }
  if ((needs & UA_ADMIN_NEEDS_SECRETS) != 0 && session->service.secrets.count == 0) {
    const char *skipped = session->settings.skipped.text;
    return skipped[0] != '\0'
               ? ua_cli_misused("no JWT secret given, and %s: use sudo, or set USER_API_JWT_SECRET", skipped)
               : ua_cli_misused(
                     "no JWT secret given: set USER_API_JWT_SECRET or its _FILE, or pass --config");
  }
  if ((needs & UA_ADMIN_NEEDS_SERVICE) == 0) {
    return UA_CLI_OK;
  }
  session->service.db = ua_store_db_create(&database);
  if (session->service.db == NULL) {
    return ua_cli_fail("out of memory");
  }
  char name[UA_MAX_OPERATING_USER_BYTES];
  ua_operator_user_own_name(name);
  const ua_audit audit = {.operating_user = name};
  ua_service_audit(&session->service, &audit);
  return UA_CLI_OK;
}

int ua_admin_session_open(const ua_cli_arguments *arguments, unsigned needs, ua_admin_session *session_r)
{
  *session_r = (ua_admin_session){.json = arguments->option[UA_ADMIN_SESSION_JSON] != NULL};
  if (ua_admin_service_settings(arguments->option[UA_ADMIN_SESSION_CONFIG], variables, &session_r->config,
                                &session_r->settings, &session_r->error) != UA_OK) {
    return ua_cli_fail("%s", session_r->error.text);
  }
  const char *url = ua_admin_database_choose(arguments->option[UA_ADMIN_SESSION_DATABASE_URL],
                                             &session_r->config, &session_r->settings);
  session_r->arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  if (session_r->arena == NULL) {
    return ua_cli_fail("out of memory");
  }
  int code = open_service(url, needs, session_r);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = open_connection(url, needs, session_r);
  if (code == UA_CLI_OK) {
    reach_service(session_r);
  }
  return code;
}

void ua_admin_session_close(ua_admin_session *session)
{
  ua_store_db_destroy(&session->service.db);
  ua_operator_connection_close(&session->connection);
  ua_arena_destroy(&session->arena);
  ua_config_clear(&session->config);
}

int ua_admin_session_run(const ua_cli_arguments *arguments, unsigned needs, ua_admin_session_fn *work)
{
  ua_admin_session session;
  int code = ua_admin_session_open(arguments, needs, &session);
  if (code == UA_CLI_OK) {
    code = work(arguments, &session);
  }
  ua_admin_session_close(&session);
  return code;
}

int ua_admin_session_list(const ua_cli_arguments *arguments, const char *name, const ua_cli_column *columns,
                          ua_admin_list_fn *ask)
{
  ua_admin_session session;
  const char *after = arguments->option[UA_ADMIN_PAGE_AFTER];
  const char *limit = arguments->option[UA_ADMIN_PAGE_LIMIT];
  int code = ua_admin_check_page(arguments);
  if (code != UA_CLI_OK) {
    return code;
  }
  code = ua_admin_session_open(arguments, UA_ADMIN_NEEDS_DATABASE, &session);
  if (code == UA_CLI_OK) {
    ua_cli_list *list = ua_cli_list_begin(session.json, name, columns);
    ua_status status = list == NULL ? UA_INTERNAL
                                    : ask(session.connection, after == NULL ? "0" : after, limit,
                                          ua_cli_list_row, list, &session.error);
    code = ua_cli_list_end(&list, status, &session.error);
  }
  ua_admin_session_close(&session);
  return code;
}

ua_status ua_admin_row_keep(void *context, const char *const *values)
{
  ua_admin_row *row = context;
  for (size_t i = 0; i < row->columns; i++) {
    row->value[i] = values[i] == NULL ? NULL : ua_arena_copy(row->arena, ua_text_of(values[i])).data;
    if (values[i] != NULL && row->value[i] == NULL) {
      return UA_INTERNAL;
    }
  }
  row->found = true;
  return UA_OK;
}

/* --- outcomes --- */

static const char *const reasons[UA_STATUS_COUNT] = {
    [UA_WRONG_LOGIN] = "there is no such user",
    [UA_USER_INACTIVE] = "the user is not active",
    [UA_NOT_FOUND] = "there is no such user",
    [UA_INVALID_TOKEN] = "the token is not valid",
    [UA_CONFLICT] = "there is one already",
    [UA_QUOTA_EXCEEDED] = "the customer has as many users as it may have",
    [UA_UNPROCESSABLE] = "it names something that does not exist",
    [UA_UNAVAILABLE] = "the database cannot be reached: nothing was changed",
    [UA_OUTCOME_UNKNOWN] = "the connection to the database broke: check whether the change was made",
};

/* Why the server refused the service's statement; its message was not kept. */
static int fail_refused(const ua_admin_session *session, const ua_db_refusal *refusal)
{
  const char *hint = ua_store_sqlstate_hint(refusal->sqlstate);
  ua_operator_peer peer;
  if (refusal->meaning.violated != UA_VIOLATED_NOTHING) {
    return ua_cli_fail("nothing was changed: %s (SQLSTATE %s)", refusal->meaning.reason, refusal->sqlstate);
  }
  if (strcmp(refusal->sqlstate, "42501") == 0) {
    ua_operator_connection_peer_of(session->connection, &peer);
    return ua_cli_fail("permission denied (SQLSTATE 42501): connect as a role that may do this, %s may not",
                       peer.user);
  }
  return ua_cli_fail("nothing was changed (SQLSTATE %s): %s", refusal->sqlstate,
                     hint == NULL ? "the database refused; try again" : hint);
}

int ua_admin_session_fail(const ua_admin_session *session, ua_status status)
{
  if (session->error.text[0] != '\0') {
    return ua_cli_fail("%s", session->error.text);
  }
  const ua_db_refusal *refusal =
      session->service.db == NULL ? NULL : ua_store_db_failure(session->service.db);
  bool is_refused = refusal != NULL && refusal->sqlstate[0] != '\0';
  if (is_refused && (status == UA_UNAVAILABLE || refusal->meaning.violated != UA_VIOLATED_NOTHING ||
                     (status == UA_INTERNAL && ua_store_sqlstate_hint(refusal->sqlstate) != NULL))) {
    return fail_refused(session, refusal);
  }
  const char *reason = (unsigned)status < UA_STATUS_COUNT ? reasons[status] : NULL;
  return ua_cli_fail("%s", reason != NULL ? reason
                                          : "the database refused: check its schema and its rights with "
                                            "user-api-admin doctor");
}

/* --- arguments --- */

int ua_admin_read_number(const char *what, const char *given, uint64_t least, uint64_t most,
                         uint64_t *number_r)
{
  uint64_t number;
  if (given == NULL) {
    return UA_CLI_OK;
  }
  if (!ua_text_to_uint(ua_text_of(given), most, &number) || number < least) {
    return ua_cli_misused("%s has to be a number from %" PRIu64 " to %" PRIu64, what, least, most);
  }
  *number_r = number;
  return UA_CLI_OK;
}

int ua_admin_check_id(const char *what, const char *given)
{
  uint64_t id;
  return ua_admin_read_number(what, given, 1, INT32_MAX, &id);
}

int ua_admin_check_string(const char *what, const char *given, size_t least)
{
  ua_text text = ua_text_of(given);
  if (given == NULL) {
    return UA_CLI_OK;
  }
  if (!ua_text_is_utf8(text)) {
    return ua_cli_misused("%s has to be UTF-8", what);
  }
  size_t count = ua_text_utf8_count(text);
  if (count < least || count > UA_MAX_STRING_CHARACTERS) {
    return ua_cli_misused("%s has to be %zu to %d characters long", what, least, UA_MAX_STRING_CHARACTERS);
  }
  return UA_CLI_OK;
}

int ua_admin_check_identifier(const char *what, const char *given)
{
  int code = ua_admin_check_string(what, given, 1);
  unsigned faults = code == UA_CLI_OK ? ua_identifier_faults(ua_text_of(given)) : 0;
  ua_text sentence = ua_identifier_take_sentence(&faults);
  return sentence.data == NULL ? code : ua_cli_misused("%s: %.*s", what, UA_TEXT_ARGS(sentence));
}

int ua_admin_check_page(const ua_cli_arguments *arguments)
{
  uint64_t number;
  const char *const *option = arguments->option;
  int code = ua_admin_read_number("--limit", option[UA_ADMIN_PAGE_LIMIT], 0, INT32_MAX, &number);
  return code == UA_CLI_OK
             ? ua_admin_read_number("--after", option[UA_ADMIN_PAGE_AFTER], 0, INT32_MAX, &number)
             : code;
}
