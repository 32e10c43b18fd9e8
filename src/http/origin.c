#include "http/origin.h"

#include <string.h>

static bool consists_of(ua_text text, const char *others)
{
  for (size_t i = 0; i < text.length; i++) {
    char c = text.data[i];
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && (c == '\0' || strchr(others, c) == NULL)) {
      return false;
    }
  }
  return text.length > 0;
}

/* The length of the host that `text` begins with, without any port after it; 0 if it begins with none. */
static size_t host_length(ua_text text)
{
  bool bracketed = text.length > 0 && text.data[0] == '[';
  const char *end = text.length == 0 ? NULL : memchr(text.data, bracketed ? ']' : ':', text.length);
  if (!bracketed) {
    size_t length = end == NULL ? text.length : (size_t)(end - text.data);
    return consists_of((ua_text){text.data, length}, "-._") ? length : 0;
  }
  if (end == NULL || !consists_of((ua_text){text.data + 1, (size_t)(end - text.data) - 1}, ":.")) {
    return 0;
  }
  return (size_t)(end - text.data) + 1;
}

static uint64_t own_port(ua_text scheme)
{
  static const struct {
    const char *scheme;
    uint64_t port;
  } known[] = {{"http", 80}, {"https", 443}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    if (ua_text_equal_nocase(scheme, ua_text_of(known[i].scheme))) {
      return known[i].port;
    }
  }
  return 0;
}

/* Reads host[:port] into an origin whose scheme is known. */
static bool parse_host(ua_text text, ua_origin *origin)
{
  size_t length = host_length(text);
  if (length == 0) {
    return false;
  }
  origin->host = (ua_text){text.data, length};
  origin->port = 0;
  if (length == text.length) {
    return true;
  }
  ua_text port = {text.data + length + 1, text.length - length - 1};
  if (text.data[length] != ':' || !ua_text_to_uint(port, UINT16_MAX, &origin->port) || origin->port == 0) {
    return false;
  }
  if (origin->port == own_port(origin->scheme)) {
    origin->port = 0;
  }
  return true;
}

bool ua_http_origin_parse(ua_text text, ua_origin *origin_r)
{
  ua_text host = text;
  ua_origin origin = {0};
  if (!ua_text_split(&host, ':', &origin.scheme) || !consists_of(origin.scheme, "+-.") ||
      !ua_text_starts_with(host, UA_TEXT("//"))) {
    return false;
  }
  if (!parse_host((ua_text){host.data + 2, host.length - 2}, &origin)) {
    return false;
  }
  *origin_r = origin;
  return true;
}

bool ua_http_origin_equal(const ua_origin *a, const ua_origin *b)
{
  return ua_text_equal_nocase(a->scheme, b->scheme) && ua_text_equal_nocase(a->host, b->host) &&
         a->port == b->port;
}

bool ua_http_origin_is_host(const ua_origin *origin, ua_text host)
{
  ua_origin other = {.scheme = origin->scheme};
  return parse_host(host, &other) && ua_http_origin_equal(origin, &other);
}
