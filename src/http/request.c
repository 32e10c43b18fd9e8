#include "http/request.h"

#include <string.h>
#include <sys/random.h>

/* Finds the next parameter of that name from *at on, and moves *at behind it. */
static bool next_param(const ua_request *request, ua_text name, size_t *at, ua_text *value_r)
{
  const ua_input *input = request->input;
  while (*at < input->param_count) {
    const ua_param *param = &input->params[(*at)++];
    if (ua_text_equal(param->name, name)) {
      *value_r = param->value;
      return true;
    }
  }
  return false;
}

/* Of two ids, the web server's log may use either: take over neither. */
static ua_text given_request_id(const ua_request *request)
{
  size_t at = 0;
  ua_text name = UA_TEXT("HTTP_X_REQUEST_ID");
  ua_text id = UA_TEXT_ABSENT;
  ua_text other;
  return next_param(request, name, &at, &id) && next_param(request, name, &at, &other) ? UA_TEXT_ABSENT : id;
}

static bool is_request_id(ua_text id)
{
  if (id.data == NULL || id.length == 0 || id.length > UA_MAX_REQUEST_ID_BYTES) {
    return false;
  }
  for (size_t i = 0; i < id.length; i++) {
    char c = id.data[i];
    bool allowed = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
                   c == '_' || c == '-';
    if (!allowed) {
      return false;
    }
  }
  return true;
}

/* Absent only when memory is exhausted. */
static ua_text choose_request_id(ua_arena *arena, ua_text given)
{
  if (is_request_id(given)) {
    return given;
  }
  unsigned char bytes[16] = {0};
  char *hex = ua_arena_alloc(arena, 2 * sizeof bytes + 1);
  if (hex == NULL) {
    return UA_TEXT_ABSENT;
  }
  /* The id only identifies log lines: if the kernel has no randomness yet, zeros are good enough. */
  if (getrandom(bytes, sizeof bytes, GRND_NONBLOCK) < 0) {
    memset(bytes, 0, sizeof bytes);
  }
  ua_text_hex(bytes, sizeof bytes, hex);
  return (ua_text){hex, 2 * sizeof bytes};
}

static ua_method method_of(ua_text name)
{
  static const struct {
    const char *name;
    ua_method method;
  } methods[] = {
      {"GET", UA_METHOD_GET},         {"HEAD", UA_METHOD_HEAD},     {"POST", UA_METHOD_POST},
      {"PUT", UA_METHOD_PUT},         {"DELETE", UA_METHOD_DELETE}, {"PATCH", UA_METHOD_PATCH},
      {"OPTIONS", UA_METHOD_OPTIONS},
  };
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    if (ua_text_equal(ua_text_of(methods[i].name), name)) {
      return methods[i].method;
    }
  }
  return UA_METHOD_OTHER;
}

static bool is_query(ua_text query)
{
  return query.length == 0 || (!ua_text_has_control(query) && memchr(query.data, '#', query.length) == NULL);
}

/* The web server applied its access rules to SCRIPT_NAME + PATH_INFO, we route by REQUEST_URI: both must name
 * the same path. An authorizer gets neither. */
static ua_status check_server_path(ua_arena *arena, const ua_path *path, const ua_input *input)
{
  ua_text script = input->single[UA_SINGLE_SCRIPT_NAME];
  ua_text info = input->single[UA_SINGLE_PATH_INFO];
  if (script.length == 0 && info.length == 0) {
    return UA_OK;
  }
  char *joined = ua_arena_alloc(arena, script.length + info.length);
  if (joined == NULL) {
    return UA_INTERNAL;
  }
  if (script.length > 0) {
    memcpy(joined, script.data, script.length);
  }
  if (info.length > 0) {
    memcpy(joined + script.length, info.data, info.length);
  }
  ua_text whole = {joined, script.length + info.length};
  return ua_http_uri_path_equals(path, whole) ? UA_OK : UA_BAD_REQUEST;
}

static ua_status parse_uri(const ua_input *input, ua_request *request)
{
  ua_text uri = input->single[UA_SINGLE_REQUEST_URI];
  if (input->role == UA_ROLE_AUTHORIZER) {
    ua_http_uri_split(uri, &request->raw_path, &request->raw_query);
    return UA_OK;
  }
  if (uri.length > UA_MAX_URI_BYTES) {
    return UA_HEADERS_TOO_LARGE;
  }
  ua_http_uri_split(uri, &request->raw_path, &request->raw_query);
  if (!is_query(request->raw_query)) {
    return UA_BAD_REQUEST;
  }
  ua_status status = ua_http_uri_parse_path(request->arena, request->raw_path, &request->path);
  if (status != UA_OK) {
    return status;
  }
  return check_server_path(request->arena, &request->path, input);
}

static bool is_https(const ua_input *input)
{
  ua_text https = input->single[UA_SINGLE_HTTPS];
  return ua_text_equal_nocase(https, UA_TEXT("on")) || ua_text_equal(https, UA_TEXT("1")) ||
         ua_text_equal_nocase(input->single[UA_SINGLE_REQUEST_SCHEME], UA_TEXT("https"));
}

ua_status ua_http_request_parse(ua_arena *arena, const ua_input *input, ua_request *request_r)
{
  bool length_known;
  uint64_t length;
  bool trusted = !input->params_damaged && !input->params_too_large;
  *request_r = (ua_request){.arena = arena, .input = input};
  ua_text given_id = trusted ? given_request_id(request_r) : UA_TEXT_ABSENT;
  request_r->request_id = choose_request_id(arena, given_id);
  if (request_r->request_id.data == NULL) {
    return UA_INTERNAL;
  }
  if (!trusted) {
    return input->params_damaged ? UA_BAD_REQUEST : UA_HEADERS_TOO_LARGE;
  }
  request_r->method_name = input->single[UA_SINGLE_REQUEST_METHOD];
  request_r->method = method_of(request_r->method_name);
  if (input->repeated || request_r->method_name.length == 0 ||
      !ua_http_input_length(input, &length_known, &length)) {
    return UA_BAD_REQUEST;
  }
  if (input->body_damaged && !input->body_too_large) {
    return UA_BAD_REQUEST;
  }
  request_r->https = is_https(input);
  return parse_uri(input, request_r);
}

ua_text ua_http_request_param(const ua_request *request, const char *name)
{
  size_t at = 0;
  ua_text value;
  return next_param(request, ua_text_of(name), &at, &value) ? value : UA_TEXT_ABSENT;
}

ua_status ua_http_request_joined(const ua_request *request, const char *name, ua_text separator,
                                 ua_text *joined_r)
{
  ua_text wanted = ua_text_of(name);
  ua_text value;
  size_t size = 0;
  size_t values = 0;
  for (size_t at = 0; next_param(request, wanted, &at, &value); values++) {
    size += value.length + separator.length;
  }
  if (values < 2) {
    *joined_r = ua_http_request_param(request, name);
    return UA_OK;
  }
  char *joined = ua_arena_alloc(request->arena, size);
  if (joined == NULL) {
    return UA_INTERNAL;
  }
  char *end = joined;
  for (size_t at = 0; next_param(request, wanted, &at, &value);) {
    if (end > joined && value.length > 0) {
      end = mempcpy(end, separator.data, separator.length);
    }
    end = mempcpy(end, value.data, value.length);
  }
  *joined_r = (ua_text){joined, (size_t)(end - joined)};
  return UA_OK;
}

bool ua_http_request_is_json(const ua_request *request)
{
  ua_text rest = request->input->single[UA_SINGLE_CONTENT_TYPE];
  ua_text type = UA_TEXT_ABSENT;
  if (!ua_text_split(&rest, ';', &type)) {
    return false;
  }
  return ua_text_equal_nocase(ua_text_trim(type), UA_TEXT("application/json"));
}

static ua_text unquote(ua_text value)
{
  if (value.length < 2 || value.data[0] != '"' || value.data[value.length - 1] != '"') {
    return value;
  }
  return (ua_text){value.data + 1, value.length - 2};
}

/* The cookies of all lines, in their order. */
typedef struct cookies {
  const ua_request *request;
  size_t next_line;
  ua_text rest; /* of the line before */
} cookies;

/* Takes cookies off the front of `in` up to the next one named `wanted`; false if there is none. */
static bool next_cookie(cookies *in, ua_text wanted, ua_text *value_r)
{
  do {
    ua_text pair;
    ua_text key;
    while (ua_text_split(&in->rest, ';', &pair)) {
      bool is_pair = ua_text_split(&pair, '=', &key) && pair.data != NULL;
      if (is_pair && ua_text_equal(ua_text_trim(key), wanted)) {
        *value_r = unquote(ua_text_trim(pair));
        return true;
      }
    }
  } while (next_param(in->request, UA_TEXT("HTTP_COOKIE"), &in->next_line, &in->rest));
  return false;
}

ua_text ua_http_request_cookie(const ua_request *request, const char *name)
{
  cookies in = {.request = request};
  ua_text value;
  return next_cookie(&in, ua_text_of(name), &value) ? value : UA_TEXT_ABSENT;
}

ua_status ua_http_request_cookies(const ua_request *request, const char *name, char separator,
                                  ua_text *joined_r)
{
  ua_text value;
  size_t size = 0;
  *joined_r = UA_TEXT_ABSENT;
  for (cookies in = {.request = request}; next_cookie(&in, ua_text_of(name), &value);) {
    size += value.length + 1;
  }
  if (size == 0) {
    return UA_OK;
  }
  char *joined = ua_arena_alloc(request->arena, size);
  if (joined == NULL) {
    return UA_INTERNAL;
  }
  char *end = joined;
  for (cookies in = {.request = request}; next_cookie(&in, ua_text_of(name), &value);) {
    memcpy(end, value.data, value.length);
    end += value.length;
    *end++ = separator;
  }
  *joined_r = (ua_text){joined, size - 1};
  return UA_OK;
}

bool ua_http_request_cookie_is_disputed(const ua_request *request, const char *name)
{
  ua_text wanted = ua_text_of(name);
  cookies in = {.request = request};
  ua_text first;
  ua_text other;
  bool disputed = false;
  if (next_cookie(&in, wanted, &first)) {
    while (!disputed && next_cookie(&in, wanted, &other)) {
      disputed = !ua_text_equal(first, other);
    }
  }
  return disputed;
}
