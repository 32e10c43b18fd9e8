#include "http/uri.h"

void ua_http_uri_split(ua_text uri, ua_text *path_r, ua_text *query_r)
{
  ua_text rest = uri;
  if (!ua_text_split(&rest, '?', path_r)) {
    *path_r = UA_TEXT_ABSENT;
  }
  *query_r = rest;
}

/* Reads the escape at the beginning of `text` into *byte_r; false if it is incomplete. */
static bool read_escape(ua_text text, unsigned char *byte_r)
{
  if (text.length < 3) {
    return false;
  }
  return ua_text_unhex((ua_text){text.data + 1, 2}, byte_r, 1);
}

/* Decodes one segment to `out`, which has room for raw.length bytes. */
static bool decode_segment(ua_text raw, char *out, ua_text *segment_r)
{
  size_t length = 0;
  while (raw.length > 0) {
    unsigned char byte = (unsigned char)raw.data[0];
    size_t taken = 1;
    if (byte == '%') {
      if (!read_escape(raw, &byte) || byte == '/') {
        return false;
      }
      taken = 3;
    } else if (byte == ' ' || byte == '?' || byte == '#') {
      return false;
    }
    if (ua_text_is_control((char)byte) || byte == '\\') {
      return false;
    }
    out[length++] = (char)byte;
    raw.data += taken;
    raw.length -= taken;
  }
  *segment_r = (ua_text){out, length};
  return ua_text_is_utf8(*segment_r);
}

static bool is_dot_segment(ua_text segment)
{
  return ua_text_equal(segment, UA_TEXT(".")) || ua_text_equal(segment, UA_TEXT(".."));
}

ua_status ua_http_uri_parse_path(ua_arena *arena, ua_text raw, ua_path *path_r)
{
  if (raw.length == 0 || raw.data[0] != '/') {
    return UA_BAD_REQUEST;
  }
  ua_path path = {0};
  /* Decoding never lengthens: each segment fits in its old place, and the "/" after it becomes its NUL. */
  char *out = ua_arena_alloc(arena, raw.length + 1);
  if (out == NULL) {
    return UA_INTERNAL;
  }
  ua_text rest = {raw.data + 1, raw.length - 1};
  ua_text part;
  while (ua_text_split(&rest, '/', &part)) {
    if (part.length == 0) {
      if (rest.data != NULL) {
        return UA_BAD_REQUEST;
      }
      path.trailing_slash = true;
      break;
    }
    if (path.count == UA_MAX_PATH_SEGMENTS) {
      return UA_BAD_REQUEST;
    }
    ua_text *segment = &path.segment[path.count++];
    if (!decode_segment(part, out + (part.data - raw.data), segment)) {
      return UA_BAD_REQUEST;
    }
    if (is_dot_segment(*segment)) {
      return UA_BAD_REQUEST;
    }
  }
  *path_r = path;
  return UA_OK;
}

bool ua_http_uri_path_equals(const ua_path *path, ua_text decoded)
{
  for (size_t i = 0; i < path->count; i++) {
    ua_text segment = path->segment[i];
    if (!ua_text_starts_with(decoded, UA_TEXT("/"))) {
      return false;
    }
    decoded = (ua_text){decoded.data + 1, decoded.length - 1};
    if (!ua_text_starts_with(decoded, segment)) {
      return false;
    }
    decoded = (ua_text){decoded.data + segment.length, decoded.length - segment.length};
  }
  return path->trailing_slash ? ua_text_equal(decoded, UA_TEXT("/")) : decoded.length == 0;
}

/* Decodes one name or value to *out and moves *out behind it and a NUL. */
static bool decode_form(ua_text raw, char **out, ua_text *decoded_r)
{
  char *start = *out;
  char *to = start;
  while (raw.length > 0) {
    unsigned char byte = (unsigned char)raw.data[0];
    size_t taken = 1;
    if (byte == '+') {
      byte = ' ';
    }
    if (byte == '%') {
      if (!read_escape(raw, &byte)) {
        return false;
      }
      taken = 3;
    }
    *to++ = (char)byte;
    raw.data += taken;
    raw.length -= taken;
  }
  *decoded_r = (ua_text){start, (size_t)(to - start)};
  *out = to + 1;
  return true;
}

static size_t count_arguments(ua_text raw)
{
  size_t count = 0;
  ua_text part;
  while (ua_text_split(&raw, '&', &part)) {
    count += part.length > 0;
  }
  return count;
}

ua_status ua_http_uri_parse_query(ua_arena *arena, ua_text raw, ua_argument **arguments_r, size_t *count_r)
{
  size_t count = count_arguments(raw);
  if (count > UA_MAX_QUERY_ARGS) {
    return UA_BAD_REQUEST;
  }
  ua_argument *arguments = ua_arena_calloc(arena, count, sizeof *arguments);
  /* A name and a value each end in a NUL: each argument needs two more bytes. */
  char *out = ua_arena_alloc(arena, raw.length + 2 * count);
  if (arguments == NULL || out == NULL) {
    return UA_INTERNAL;
  }
  ua_argument *argument = arguments;
  ua_text part;
  while (ua_text_split(&raw, '&', &part)) {
    if (part.length == 0) {
      continue;
    }
    ua_text name = {0};
    if (!ua_text_split(&part, '=', &name)) {
      return UA_INTERNAL;
    }
    if (!decode_form(name, &out, &argument->name)) {
      return UA_BAD_REQUEST;
    }
    if (!decode_form(part, &out, &argument->value)) {
      return UA_BAD_REQUEST;
    }
    argument++;
  }
  *arguments_r = arguments;
  *count_r = count;
  return UA_OK;
}
