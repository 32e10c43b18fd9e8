#include <string.h>

#include "auth/credentials.h"
#include "embed/instance.h"

static const char *hand_out(ua_arena *arena, ua_text text, size_t *length_r)
{
  if (text.data == NULL) {
    return NULL;
  }
  ua_text copy = ua_arena_copy(arena, text);
  if (copy.data != NULL && length_r != NULL) {
    *length_r = copy.length;
  }
  return copy.data;
}

user_api *user_api_request_instance(const user_api_request *request)
{
  return request == NULL ? NULL : request->route->api;
}

user_api_memory *user_api_request_memory(const user_api_request *request)
{
  return request == NULL ? NULL : ua_embed_memory(request->exchange->arena);
}

const char *user_api_request_method(const user_api_request *request)
{
  return request == NULL ? NULL
                         : hand_out(request->exchange->arena, request->exchange->request->method_name, NULL);
}

const char *user_api_request_path(const user_api_request *request)
{
  return request == NULL ? NULL
                         : hand_out(request->exchange->arena, request->exchange->request->raw_path, NULL);
}

const char *user_api_request_id(const user_api_request *request)
{
  return request == NULL ? NULL
                         : hand_out(request->exchange->arena, request->exchange->request->request_id, NULL);
}

static const ua_path_parameter *find(const user_api_request *request, const char *name)
{
  if (request == NULL || name == NULL) {
    return NULL;
  }
  const ua_match *match = request->exchange->match;
  for (size_t i = 0; i < match->parameter_count; i++) {
    const ua_path_parameter *parameter = &match->parameter[i];
    if (ua_text_equal((ua_text){parameter->name, parameter->name_length}, ua_text_of(name))) {
      return parameter;
    }
  }
  return NULL;
}

const char *user_api_request_text(const user_api_request *request, const char *name, size_t *length_r)
{
  const ua_path_parameter *parameter = find(request, name);
  return parameter == NULL ? NULL : hand_out(request->exchange->arena, parameter->text, length_r);
}

int32_t user_api_request_integer(const user_api_request *request, const char *name)
{
  const ua_path_parameter *parameter = find(request, name);
  return parameter == NULL ? 0 : parameter->integer;
}

const char *user_api_request_argument(const user_api_request *request, const char *name, size_t *length_r)
{
  for (size_t i = 0; request != NULL && name != NULL && i < request->argument_count; i++) {
    if (ua_text_equal(request->arguments[i].name, ua_text_of(name))) {
      return hand_out(request->exchange->arena, request->arguments[i].value, length_r);
    }
  }
  return NULL;
}

const char *user_api_request_parameter(const user_api_request *request, const char *name)
{
  if (request == NULL || name == NULL) {
    return NULL;
  }
  ua_text value = ua_http_request_param(request->exchange->request, name);
  if (strcmp(name, "HTTP_COOKIE") == 0 &&
      ua_http_request_joined(request->exchange->request, name, UA_TEXT("; "), &value) != UA_OK) {
    return NULL;
  }
  return hand_out(request->exchange->arena, value, NULL);
}

/* "Accept-Language" is HTTP_ACCEPT_LANGUAGE (RFC 3875 section 4.1.18). */
const char *user_api_request_header(const user_api_request *request, const char *name)
{
  static const char prefix[] = "HTTP_";
  enum { MOST_BYTES = 128, PREFIX = sizeof prefix - 1 };
  char parameter[PREFIX + MOST_BYTES + 1] = "HTTP_";
  if (request == NULL || name == NULL || strlen(name) > MOST_BYTES) {
    return NULL;
  }
  for (size_t i = 0; name[i] != '\0'; i++) {
    char letter = name[i];
    bool small = letter >= 'a' && letter <= 'z';
    parameter[PREFIX + i] = letter == '-' ? '_' : (char)(small ? letter - 'a' + 'A' : letter);
  }
  const char *bare = parameter + PREFIX;
  bool is_cgi = strcmp(bare, "CONTENT_TYPE") == 0 || strcmp(bare, "CONTENT_LENGTH") == 0;
  return user_api_request_parameter(request, is_cgi ? bare : parameter);
}

const char *user_api_request_body(const user_api_request *request, size_t *length_r)
{
  return request == NULL
             ? NULL
             : hand_out(request->exchange->arena, request->exchange->request->input->body, length_r);
}

const user_api_identity *user_api_request_identity(const user_api_request *request)
{
  return request == NULL || !request->has_identity ? NULL : &request->identity;
}

const char *user_api_request_token(const user_api_request *request)
{
  ua_text token;
  if (request == NULL || !request->has_identity ||
      ua_auth_credentials_find(request->exchange->request, &token) != UA_OK) {
    return NULL;
  }
  return hand_out(request->exchange->arena, token, NULL);
}

const char *const *user_api_request_roles(const user_api_request *request)
{
  return request == NULL ? NULL : request->roles;
}
