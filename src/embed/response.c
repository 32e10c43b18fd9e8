#include <string.h>

#include "embed/instance.h"

enum { MOST_HEADERS = 16, LOWEST_STATUS = 200, HIGHEST_STATUS = 599 };

/* A token (RFC 9110 section 5.6.2). */
static bool is_name(const char *name)
{
  static const char marks[] = "!#$%&'*+-.^_`|~0123456789";
  for (size_t i = 0; name[i] != '\0'; i++) {
    char letter = name[i];
    bool is_letter = (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
    if (!is_letter && strchr(marks, letter) == NULL) {
      return false;
    }
  }
  return name[0] != '\0';
}

/* Headers that describe the whole response or the connection: the library and the web server write them. */
static bool is_ours(const char *name)
{
  static const char *const names[] = {"Status", "Content-Type", "Content-Length", "Connection",
                                      "Transfer-Encoding"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (ua_text_equal_nocase(ua_text_of(name), ua_text_of(names[i]))) {
      return true;
    }
  }
  return false;
}

static user_api_status fill(user_api_response *response, int http_status, ua_text type, ua_text body)
{
  ua_arena *arena = response->exchange->arena;
  if (http_status < LOWEST_STATUS || http_status > HIGHEST_STATUS) {
    return USER_API_MISUSED;
  }
  ua_text kept_type = ua_arena_copy(arena, type);
  ua_text kept_body = ua_arena_copy(arena, body);
  if (kept_type.data == NULL || kept_body.data == NULL) {
    return USER_API_INTERNAL;
  }
  response->exchange->response.status = http_status;
  response->exchange->response.body = kept_body;
  response->content_type = kept_type;
  response->filled = true;
  return USER_API_OK;
}

user_api_status user_api_respond_json(user_api_response *response, int http_status, const char *json)
{
  if (response == NULL || json == NULL) {
    return USER_API_MISUSED;
  }
  return fill(response, http_status, UA_TEXT("application/json"), ua_text_of(json));
}

user_api_status user_api_respond_bytes(user_api_response *response, int http_status, const char *content_type,
                                       const void *bytes, size_t length)
{
  if (response == NULL || content_type == NULL || content_type[0] == '\0' || (bytes == NULL && length > 0) ||
      ua_text_has_control(ua_text_of(content_type))) {
    return USER_API_MISUSED;
  }
  ua_text body = {bytes == NULL ? "" : bytes, length};
  return fill(response, http_status, ua_text_of(content_type), body);
}

user_api_status user_api_respond_error(user_api_response *response, user_api_status status,
                                       const char *message)
{
  if (response == NULL || status == USER_API_OK ||
      (message != NULL && !ua_text_is_utf8(ua_text_of(message)))) {
    return USER_API_MISUSED;
  }
  response->exchange->problem.refusal.message =
      message == NULL ? UA_TEXT_ABSENT : ua_arena_copy(response->exchange->arena, ua_text_of(message));
  return status;
}

user_api_status user_api_respond_header(user_api_response *response, const char *name, const char *value)
{
  if (response == NULL || name == NULL || value == NULL || !is_name(name) || is_ours(name) ||
      ua_text_has_control(ua_text_of(value)) || response->header_count == MOST_HEADERS) {
    return USER_API_MISUSED;
  }
  ua_arena *arena = response->exchange->arena;
  ua_text kept_name = ua_arena_copy(arena, ua_text_of(name));
  ua_text kept_value = ua_arena_copy(arena, ua_text_of(value));
  if (kept_name.data == NULL || kept_value.data == NULL) {
    return USER_API_INTERNAL;
  }
  ua_http_response_add_header(&response->exchange->response, kept_name.data, kept_value);
  response->header_count++;
  return USER_API_OK;
}

user_api_status user_api_respond_session(user_api_response *response, const user_api_session *session)
{
  if (response == NULL || response->header_count == MOST_HEADERS ||
      (session != NULL && (session->token == NULL || ua_text_has_control(ua_text_of(session->token))))) {
    return USER_API_MISUSED;
  }
  ua_text token = session == NULL ? UA_TEXT_ABSENT : ua_text_of(session->token);
  int64_t expires_at = session == NULL ? 0 : session->identity.expires_at;
  response->header_count++;
  return ua_embed_status(ua_api_exchange_set_cookie(response->exchange, token, expires_at));
}
