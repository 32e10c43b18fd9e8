#include "api/problem.h"

#include "api/violations.h"
#include "json/writer.h"

typedef struct problem_row {
  int http_status;
  const char *code;
  const char *message;
  const char *header; /* the one that this answer has to carry; NULL: none */
  const char *value;
} problem_row;

static const problem_row table[UA_STATUS_COUNT] = {
    [UA_INTERNAL] = {500, "INTERNAL_SERVER_ERROR", "Internal server error.", NULL, NULL},
    [UA_BAD_REQUEST] = {400, "BAD_REQUEST", "Bad request.", NULL, NULL},
    [UA_NO_CREDENTIALS] = {401, "UNAUTHORIZED", "No credentials supplied.", "WWW-Authenticate", "Bearer"},
    [UA_INVALID_TOKEN] = {401, "UNAUTHORIZED", "Invalid token.", "WWW-Authenticate",
                          "Bearer error=\"invalid_token\""},
    [UA_WRONG_LOGIN] = {401, "UNAUTHORIZED", "Wrong login or / and password.", "WWW-Authenticate", "Bearer"},
    [UA_USER_INACTIVE] = {401, "UNAUTHORIZED", "User is not active.", "WWW-Authenticate", "Bearer"},
    [UA_FORBIDDEN] = {403, "FORBIDDEN", "You don't have the required role(s).", NULL, NULL},
    [UA_NOT_FOUND] = {404, "NOT_FOUND", "Not found.", NULL, NULL},
    [UA_METHOD_NOT_ALLOWED] = {405, "METHOD_NOT_ALLOWED", "Method not allowed.", NULL, NULL},
    [UA_PRECONDITION_FAILED] = {412, "PRECONDITION_FAILED", "The user has been changed in the meantime.",
                                NULL, NULL},
    [UA_CONFLICT] = {409, "CONFLICT", "Conflict.", NULL, NULL},
    [UA_QUOTA_EXCEEDED] = {409, "CONFLICT", "User quota exceeded.", NULL, NULL},
    [UA_PAYLOAD_TOO_LARGE] = {413, "PAYLOAD_TOO_LARGE", "The payload is too large.", NULL, NULL},
    [UA_WRONG_PAYLOAD_FORMAT] = {422, "WRONG_PAYLOAD_FORMAT", "The payload format is unknown.", NULL, NULL},
    [UA_WRONG_PAYLOAD] = {422, "WRONG_PAYLOAD", "Wrong payload.", NULL, NULL},
    [UA_WRONG_DOCUMENT] = {422, "WRONG_DOCUMENT_FORMAT",
                           "The submitted document doesn't have the right format.", NULL, NULL},
    [UA_WRONG_ARGS] = {422, "WRONG_ARGS", "Wrong args.", NULL, NULL},
    [UA_UNPROCESSABLE] = {422, "UNPROCESSABLE_ENTITY", "Unprocessable entity.", NULL, NULL},
    [UA_TOO_MANY_REQUESTS] = {429, "TOO_MANY_REQUESTS", "Too many requests.", "Retry-After", "1"},
    [UA_HEADERS_TOO_LARGE] = {431, "HEADERS_TOO_LARGE", "The request's headers are too large.", NULL, NULL},
    [UA_BUSY] = {503, "SERVICE_UNAVAILABLE", "The service is busy.", "Retry-After", "1"},
    [UA_UNAVAILABLE] = {503, "SERVICE_UNAVAILABLE", "The service is unavailable.", "Retry-After", "2"},
    [UA_OUTCOME_UNKNOWN] = {503, "SERVICE_UNAVAILABLE",
                            "The service is unavailable; whether the change was made is not known.",
                            "Retry-After", "2"},
    /* Sent only if a request had to wait where it cannot. */
    [UA_PENDING] = {503, "SERVICE_UNAVAILABLE", "The service is busy.", "Retry-After", "1"},
};

static const problem_row *row_of(ua_status status)
{
  bool known = (unsigned)status < UA_STATUS_COUNT && table[status].http_status != 0;
  return &table[known ? status : UA_INTERNAL];
}

int ua_api_problem_http_status(ua_status status)
{
  return row_of(status)->http_status;
}

/* The message of `row`, or the more specific one. */
static ua_text message_of(ua_arena *arena, const ua_refusal *refusal, const problem_row *row)
{
  ua_text message = refusal->message;
  if (message.data == NULL && refusal->missing_roles.data != NULL) {
    message =
        ua_arena_printf(arena, "You don't have the %.*s role(s).", UA_TEXT_ARGS(refusal->missing_roles));
  }
  return message.data == NULL ? ua_text_of(row->message) : message;
}

/* The header's value, or the more specific one. */
static ua_text value_of(ua_arena *arena, const ua_refusal *refusal, const problem_row *row)
{
  return row->http_status == 429 && refusal->retry_after_seconds > 0
             ? ua_arena_printf(arena, "%lld", (long long)refusal->retry_after_seconds)
             : ua_text_of(row->value);
}

ua_status ua_api_problem_render(ua_arena *arena, ua_status status, const ua_problem *problem,
                                ua_response *response)
{
  const problem_row *row = row_of(status);
  const ua_refusal *refusal = &problem->refusal;
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_json_add_text(writer, "error_code", ua_text_of(row->code));
  ua_json_add_text(writer, "message", message_of(arena, refusal, row));
  bool is_wrong = status == UA_WRONG_DOCUMENT || status == UA_WRONG_ARGS;
  if (is_wrong && refusal->violations.found > 0) {
    ua_api_violations_write(arena, writer, "payload", &refusal->violations);
  }
  ua_json_end(writer);
  response->status = row->http_status;
  if (row->header != NULL) {
    ua_http_response_add_header(response, row->header, value_of(arena, refusal, row));
  }
  if (problem->allow.data != NULL) {
    ua_http_response_add_header(response, "Allow", problem->allow);
  }
  if (problem->login.data != NULL) {
    ua_http_response_add_header(response, problem->redirect ? "Location" : "X-Login-Location",
                                problem->login);
    response->status = problem->redirect ? 302 : response->status;
  }
  ua_status finished = ua_json_finish(&writer, arena, true, &response->body);
  if (problem->silent) {
    response->body = UA_TEXT("");
  }
  return finished;
}
