#include "json/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

/* The position of the parser in a text known to be UTF-8. */
typedef struct parser {
  ua_arena *arena;
  const char *at;
  const char *end;
  unsigned depth;
} parser;

static ua_status parse_value(parser *in, ua_json_value *value_r);

static bool peek(const parser *in, char character)
{
  return in->at < in->end && *in->at == character;
}

static bool take(parser *in, char character)
{
  if (!peek(in, character)) {
    return false;
  }
  in->at++;
  return true;
}

static void skip_space(parser *in)
{
  while (peek(in, ' ') || peek(in, '\t') || peek(in, '\n') || peek(in, '\r')) {
    in->at++;
  }
}

static bool take_literal(parser *in, ua_text literal)
{
  if (!ua_text_starts_with((ua_text){in->at, (size_t)(in->end - in->at)}, literal)) {
    return false;
  }
  in->at += literal.length;
  return true;
}

static bool take_digits(parser *in)
{
  const char *from = in->at;
  while (in->at < in->end && *in->at >= '0' && *in->at <= '9') {
    in->at++;
  }
  return in->at > from;
}

static bool to_integer(bool negative, ua_text digits, int64_t *integer_r)
{
  uint64_t magnitude = 0;
  uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
  if (!ua_text_to_uint(digits, limit, &magnitude)) {
    return false;
  }
  if (negative && magnitude == 0) {
    return false; /* only floating-point numbers have -0 */
  }
  *integer_r = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
  return true;
}

static ua_status parse_number(parser *in, ua_json_value *value_r)
{
  bool negative = take(in, '-');
  ua_text digits = {in->at, 0};
  if (!take(in, '0') && !take_digits(in)) {
    return UA_WRONG_PAYLOAD;
  }
  digits.length = (size_t)(in->at - digits.data);
  bool whole = true;
  if (take(in, '.')) {
    whole = false;
    if (!take_digits(in)) {
      return UA_WRONG_PAYLOAD;
    }
  }
  if (take(in, 'e') || take(in, 'E')) {
    whole = false;
    (void)(take(in, '+') || take(in, '-'));
    if (!take_digits(in)) {
      return UA_WRONG_PAYLOAD;
    }
  }
  *value_r = (ua_json_value){.type = UA_JSON_NUMBER};
  if (whole && to_integer(negative, digits, &value_r->integer)) {
    value_r->type = UA_JSON_INTEGER;
  }
  return UA_OK;
}

static bool take_hex4(parser *in, uint32_t *unit_r)
{
  uint32_t unit = 0;
  if (in->end - in->at < 4) {
    return false;
  }
  for (int i = 0; i < 4; i++) {
    int digit = ua_text_hex_digit(*in->at++);
    if (digit < 0) {
      return false;
    }
    unit = unit << 4 | (uint32_t)digit;
  }
  *unit_r = unit;
  return true;
}

/* The code point of an escape behind its "\u". Half a surrogate pair is refused: it has no UTF-8, and with a
 * replacement character two different passwords would be equal. */
static bool take_code_point(parser *in, uint32_t *point_r)
{
  uint32_t high = 0;
  uint32_t low = 0;
  if (!take_hex4(in, &high)) {
    return false;
  }
  if (high < 0xD800 || high > 0xDFFF) {
    *point_r = high;
    return true;
  }
  if (high > 0xDBFF || !take_literal(in, UA_TEXT("\\u")) || !take_hex4(in, &low) || low < 0xDC00 ||
      low > 0xDFFF) {
    return false;
  }
  *point_r = 0x10000 + ((high - 0xD800) << 10 | (low - 0xDC00));
  return true;
}

static char *put_utf8(char *out, uint32_t point)
{
  if (point < 0x80) {
    *out++ = (char)point;
    return out;
  }
  if (point < 0x800) {
    *out++ = (char)(0xC0 | point >> 6);
  } else if (point < 0x10000) {
    *out++ = (char)(0xE0 | point >> 12);
    *out++ = (char)(0x80 | (point >> 6 & 0x3F));
  } else {
    *out++ = (char)(0xF0 | point >> 18);
    *out++ = (char)(0x80 | (point >> 12 & 0x3F));
    *out++ = (char)(0x80 | (point >> 6 & 0x3F));
  }
  *out++ = (char)(0x80 | (point & 0x3F));
  return out;
}

static bool take_escape(parser *in, char **out)
{
  static const char from[] = "\"\\/bfnrt";
  static const char to[] = "\"\\/\b\f\n\r\t";
  if (in->at == in->end) {
    return false;
  }
  char kind = *in->at++;
  if (kind == 'u') {
    uint32_t point = 0;
    if (!take_code_point(in, &point)) {
      return false;
    }
    *out = put_utf8(*out, point);
    return true;
  }
  const char *found = memchr(from, kind, sizeof from - 1);
  if (found == NULL) {
    return false;
  }
  *(*out)++ = to[found - from];
  return true;
}

static ua_status parse_string(parser *in, ua_text *string_r)
{
  if (!take(in, '"')) {
    return UA_WRONG_PAYLOAD;
  }
  const char *close = in->at;
  while (close < in->end && *close != '"') {
    close += *close == '\\' && in->end - close > 1 ? 2 : 1;
  }
  if (close >= in->end) {
    return UA_WRONG_PAYLOAD;
  }
  /* No escape is shorter than the bytes it decodes to. */
  char *bytes = ua_arena_alloc(in->arena, (size_t)(close - in->at) + 1);
  if (bytes == NULL) {
    return UA_INTERNAL;
  }
  char *out = bytes;
  while (in->at < close) {
    char character = *in->at++;
    bool escape = character == '\\';
    if ((unsigned char)character < 0x20 || (escape && !take_escape(in, &out))) {
      return UA_WRONG_PAYLOAD;
    }
    if (!escape) {
      *out++ = character;
    }
  }
  in->at = close + 1;
  *string_r = (ua_text){bytes, (size_t)(out - bytes)};
  return UA_OK;
}

typedef struct members {
  ua_json_member *items;
  size_t count;
  size_t room;
} members;

static ua_json_member *add_member(parser *in, members *to)
{
  if (to->count == to->room) {
    size_t room = to->room == 0 ? 8 : to->room * 2;
    ua_json_member *items = ua_arena_calloc(in->arena, room, sizeof *items);
    if (items == NULL) {
      return NULL;
    }
    if (to->count > 0) {
      memcpy(items, to->items, to->count * sizeof *items);
    }
    to->items = items;
    to->room = room;
  }
  return &to->items[to->count++];
}

static int compare_members(const void *a, const void *b)
{
  const ua_json_member *first = *(const ua_json_member *const *)a;
  const ua_json_member *second = *(const ua_json_member *const *)b;
  int order = ua_text_compare(first->name, second->name);
  return order != 0 ? order : (first > second) - (first < second);
}

/* Of a repeated name the last value counts, at the place of the first. Sorting avoids quadratic time for a
 * payload with thousands of names. */
static ua_status drop_repeated(parser *in, members *object)
{
  ua_json_member **sorted = ua_arena_calloc(in->arena, object->count, sizeof(ua_json_member *));
  if (sorted == NULL) {
    return UA_INTERNAL;
  }
  for (size_t i = 0; i < object->count; i++) {
    sorted[i] = &object->items[i];
  }
  qsort(sorted, object->count, sizeof(ua_json_member *), compare_members);
  ua_json_member *first = NULL;
  for (size_t i = 0; i < object->count; i++) {
    if (first != NULL && ua_text_equal(first->name, sorted[i]->name)) {
      first->value = sorted[i]->value;
      sorted[i]->name = UA_TEXT_ABSENT;
    } else {
      first = sorted[i];
    }
  }
  size_t kept = 0;
  for (size_t i = 0; i < object->count; i++) {
    if (object->items[i].name.data != NULL) {
      object->items[kept++] = object->items[i];
    }
  }
  object->count = kept;
  return UA_OK;
}

static ua_status parse_member(parser *in, bool named, members *to)
{
  ua_json_member *member = add_member(in, to);
  if (member == NULL) {
    return UA_INTERNAL;
  }
  skip_space(in);
  if (named) {
    ua_status status = parse_string(in, &member->name);
    if (status != UA_OK) {
      return status;
    }
    skip_space(in);
    if (!take(in, ':')) {
      return UA_WRONG_PAYLOAD;
    }
  }
  return parse_value(in, &member->value);
}

static ua_status parse_container(parser *in, bool named, ua_json_value *value_r)
{
  char closing = named ? '}' : ']';
  members found = {0};
  ua_status status = UA_OK;
  if (in->depth == UA_MAX_JSON_DEPTH) {
    return UA_WRONG_PAYLOAD;
  }
  in->depth++;
  in->at++;
  skip_space(in);
  if (!take(in, closing)) {
    do {
      status = parse_member(in, named, &found);
      if (status != UA_OK) {
        return status;
      }
      skip_space(in);
    } while (take(in, ','));
    if (!take(in, closing)) {
      return UA_WRONG_PAYLOAD;
    }
  }
  in->depth--;
  if (named && found.count > 1) {
    status = drop_repeated(in, &found);
  }
  *value_r = (ua_json_value){
      .type = named ? UA_JSON_OBJECT : UA_JSON_ARRAY,
      .members = found.items,
      .count = found.count,
  };
  return status;
}

static ua_status parse_literal(parser *in, ua_json_value *value_r)
{
  if (take_literal(in, UA_TEXT("null"))) {
    *value_r = (ua_json_value){.type = UA_JSON_NULL};
  } else if (take_literal(in, UA_TEXT("true"))) {
    *value_r = (ua_json_value){.type = UA_JSON_BOOLEAN, .boolean = true};
  } else if (take_literal(in, UA_TEXT("false"))) {
    *value_r = (ua_json_value){.type = UA_JSON_BOOLEAN};
  } else {
    return UA_WRONG_PAYLOAD;
  }
  return UA_OK;
}

static ua_status parse_value(parser *in, ua_json_value *value_r)
{
  skip_space(in);
  if (in->at == in->end) {
    return UA_WRONG_PAYLOAD;
  }
  switch (*in->at) {
    case '{':
      return parse_container(in, true, value_r);
    case '[':
      return parse_container(in, false, value_r);
    case '"':
      *value_r = (ua_json_value){.type = UA_JSON_STRING};
      return parse_string(in, &value_r->string);
    case 'n':
    case 't':
    case 'f':
      return parse_literal(in, value_r);
    default:
      return parse_number(in, value_r);
  }
}

ua_status ua_json_parse(ua_arena *arena, ua_text text, ua_json_value *value_r)
{
  if (text.length == 0 || !ua_text_is_utf8(text)) {
    return UA_WRONG_PAYLOAD;
  }
  parser in = {.arena = arena, .at = text.data, .end = text.data + text.length};
  ua_json_value value = {0};
  ua_status status = parse_value(&in, &value);
  if (status != UA_OK) {
    return status;
  }
  skip_space(&in);
  if (in.at != in.end) {
    return UA_WRONG_PAYLOAD;
  }
  *value_r = value;
  return UA_OK;
}

const ua_json_value *ua_json_member_of(const ua_json_value *value, const char *name)
{
  if (value == NULL || value->type != UA_JSON_OBJECT) {
    return NULL;
  }
  ua_text wanted = ua_text_of(name);
  for (size_t i = 0; i < value->count; i++) {
    if (ua_text_equal(value->members[i].name, wanted)) {
      return &value->members[i].value;
    }
  }
  return NULL;
}
