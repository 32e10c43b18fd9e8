#include "http/response.h"

#include <string.h>

typedef struct reason {
  int status;
  const char *phrase;
} reason;

static const reason reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

const char *ua_http_response_reason(int status)
{
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
    if (reasons[i].status == status) {
      return reasons[i].phrase;
    }
  }
  return "Unknown";
}

static bool may_stand_in_a_header(ua_text value)
{
  return value.data != NULL && !ua_text_has_control(value);
}

/* Also clears a header's name: a status that is set afterwards must not make the response sendable again. */
static void spoil(ua_response *response)
{
  response->status = 0;
  response->header[0].name = UA_TEXT_ABSENT;
  if (response->header_count == 0) {
    response->header_count = 1;
  }
}

void ua_http_response_add_header(ua_response *response, const char *name, ua_text value)
{
  if (response->header_count >= UA_MAX_RESPONSE_HEADERS || name == NULL || !may_stand_in_a_header(value)) {
    spoil(response);
    return;
  }
  response->header[response->header_count].name = ua_text_of(name);
  response->header[response->header_count].value = value;
  response->header_count++;
}

bool ua_http_response_has_content(const ua_response *response)
{
  return response->status != 204 && response->status != 304;
}

static char *put(char *out, ua_text text)
{
  if (text.length > 0) {
    memcpy(out, text.data, text.length);
  }
  return out + text.length;
}

static bool is_sendable(const ua_response *response)
{
  if (response->status < 100 || response->status > 599) {
    return false;
  }
  if (response->header_count > UA_MAX_RESPONSE_HEADERS) {
    return false;
  }
  for (size_t i = 0; i < response->header_count; i++) {
    if (response->header[i].name.data == NULL) {
      return false;
    }
  }
  return true;
}

static char *put_header(char *out, ua_text name, ua_text value)
{
  out = put(out, name);
  out = put(out, UA_TEXT(": "));
  out = put(out, value);
  return put(out, UA_TEXT("\r\n"));
}

ua_status ua_http_response_serialise(ua_arena *arena, const ua_response *response, ua_text *bytes_r)
{
  if (!is_sendable(response)) {
    return UA_INTERNAL;
  }
  char digits[UA_DECIMAL_BYTES];
  ua_text phrase = ua_text_of(ua_http_response_reason(response->status));
  bool empty = response->bare || !ua_http_response_has_content(response);
  ua_text body = response->head || empty ? UA_TEXT_ABSENT : response->body;

  size_t size =
      sizeof "Status: 200 \r\nContent-Length: \r\n\r\n" + phrase.length + sizeof digits + body.length;
  for (size_t i = 0; i < response->header_count; i++) {
    size += response->header[i].name.length + response->header[i].value.length + sizeof ": \r\n" - 1;
  }
  char *bytes = ua_arena_alloc(arena, size);
  if (bytes == NULL) {
    return UA_INTERNAL;
  }

  char *out = put(bytes, UA_TEXT("Status: "));
  out = put(out, ua_text_of_integer(response->status, digits));
  out = put(out, UA_TEXT(" "));
  out = put(out, phrase);
  out = put(out, UA_TEXT("\r\n"));
  for (size_t i = 0; i < response->header_count; i++) {
    out = put_header(out, response->header[i].name, response->header[i].value);
  }
  if (!empty) {
    out = put_header(out, UA_TEXT("Content-Length"),
                     ua_text_of_integer((int64_t)response->body.length, digits));
  }
  out = put(out, UA_TEXT("\r\n"));
  out = put(out, body);
  *bytes_r = (ua_text){bytes, (size_t)(out - bytes)};
  return UA_OK;
}
