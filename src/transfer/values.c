#include "transfer/values.h"

static const struct {
  const char *name;
  ua_transfer_kind kind;
} fields[UA_USER_FIELDS] = {
    [UA_USER_ID] = {"id", UA_USER_INTEGER},
    [UA_USER_EMAIL] = {"email", UA_USER_TEXT},
    [UA_USER_NAME] = {"name", UA_USER_TEXT},
    [UA_USER_ACTIVE] = {"active", UA_USER_BOOLEAN},
    [UA_USER_CUSTOMER] = {"customer", UA_USER_INTEGER},
    [UA_USER_ROLES] = {"roles", UA_USER_LIST},
    [UA_USER_EPOCH] = {"epoch", UA_USER_INTEGER},
    [UA_USER_HASH] = {"hash", UA_USER_TEXT},
    [UA_USER_SALT] = {"salt", UA_USER_TEXT},
    [UA_USER_PASSWORD] = {"password", UA_USER_TEXT},
};

const char *ua_transfer_field_name(ua_transfer_field field)
{
  return fields[field].name;
}

bool ua_transfer_field_find(ua_text name, ua_transfer_field *field_r)
{
  for (size_t i = 0; i < UA_USER_FIELDS; i++) {
    if (ua_text_equal(name, ua_text_of(fields[i].name))) {
      *field_r = (ua_transfer_field)i;
      return true;
    }
  }
  return false;
}

/* Only the letters of `name`, in lower case. */
static ua_text letters_of(ua_text name, char *out, size_t room)
{
  size_t length = 0;
  for (size_t i = 0; i < name.length && length < room; i++) {
    char lower = (char)(name.data[i] | 0x20);
    if (lower >= 'a' && lower <= 'z') {
      out[length++] = lower;
    }
  }
  return (ua_text){out, length};
}

bool ua_transfer_field_resembles(ua_text name, ua_transfer_field *field_r)
{
  char letters[16];
  return ua_transfer_field_find(letters_of(name, letters, sizeof letters), field_r);
}

/* --- JSON --- */

static ua_status list_of_json(ua_arena *arena, const ua_json_value *list, ua_transfer_value *value_r)
{
  ua_text *items = ua_arena_calloc(arena, list->count, sizeof *items);
  if (items == NULL) {
    return UA_INTERNAL;
  }
  for (size_t i = 0; i < list->count; i++) {
    const ua_json_value *item = &list->members[i].value;
    items[i] = item->type == UA_JSON_STRING ? item->string : UA_TEXT_ABSENT;
  }
  *value_r = (ua_transfer_value){.kind = UA_USER_LIST, .items = items, .count = list->count};
  return UA_OK;
}

static ua_status value_of_json(ua_arena *arena, const ua_json_value *json, ua_transfer_value *value_r)
{
  switch (json->type) {
    case UA_JSON_NULL:
      *value_r = (ua_transfer_value){.kind = UA_USER_NULL};
      return UA_OK;
    case UA_JSON_STRING:
      *value_r = (ua_transfer_value){.kind = UA_USER_TEXT, .text = json->string};
      return UA_OK;
    case UA_JSON_INTEGER:
      *value_r = (ua_transfer_value){.kind = UA_USER_INTEGER, .integer = json->integer};
      return UA_OK;
    case UA_JSON_BOOLEAN:
      *value_r = (ua_transfer_value){.kind = UA_USER_BOOLEAN, .boolean = json->boolean};
      return UA_OK;
    case UA_JSON_ARRAY:
      return list_of_json(arena, json, value_r);
    default:
      *value_r = (ua_transfer_value){.kind = UA_USER_OTHER};
      return UA_OK;
  }
}

ua_status ua_transfer_values_of_json(ua_arena *arena, ua_text line, ua_transfer_values *values_r)
{
  ua_json_value json;
  ua_status status = ua_json_parse(arena, line, &json);
  if (status == UA_OK && json.type != UA_JSON_OBJECT) {
    status = UA_WRONG_DOCUMENT;
  }
  *values_r = (ua_transfer_values){.unknown = UA_TEXT_ABSENT};
  for (size_t i = 0; status == UA_OK && i < json.count; i++) {
    ua_transfer_field field;
    if (ua_transfer_field_find(json.members[i].name, &field)) {
      status = value_of_json(arena, &json.members[i].value, &values_r->field[field]);
    } else {
      values_r->unknown = json.members[i].name;
    }
  }
  return status;
}

/* --- CSV --- */

static ua_transfer_value integer_of_text(ua_text text)
{
  uint64_t magnitude;
  bool negative = text.length > 1 && text.data[0] == '-';
  ua_text digits = {text.data + negative, text.length - negative};
  if (!ua_text_to_uint(digits, INT64_MAX, &magnitude)) {
    return (ua_transfer_value){.kind = UA_USER_OTHER};
  }
  return (ua_transfer_value){.kind = UA_USER_INTEGER,
                             .integer = negative ? -(int64_t)magnitude : (int64_t)magnitude};
}

/* Booleans as export, psql, spreadsheets and MySQL write them. */
static ua_transfer_value boolean_of_text(ua_text text)
{
  static const struct {
    const char *word;
    bool value;
  } words[] = {{"true", true}, {"false", false}, {"t", true}, {"f", false}, {"1", true}, {"0", false}};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    if (ua_text_equal_nocase(text, ua_text_of(words[i].word))) {
      return (ua_transfer_value){.kind = UA_USER_BOOLEAN, .boolean = words[i].value};
    }
  }
  return (ua_transfer_value){.kind = UA_USER_OTHER};
}

/* Codes separated by ";", with surrounding blanks removed: a code may contain blanks, but not only blanks. */
static ua_status list_of_text(ua_arena *arena, ua_text text, ua_transfer_value *value_r)
{
  size_t count = 1;
  ua_text rest = text;
  ua_text part;
  for (size_t i = 0; i < text.length; i++) {
    count += text.data[i] == ';';
  }
  ua_text *items = ua_arena_calloc(arena, count, sizeof *items);
  if (items == NULL) {
    return UA_INTERNAL;
  }
  *value_r = (ua_transfer_value){.kind = UA_USER_LIST, .items = items};
  while (ua_text_split(&rest, ';', &part)) {
    part = ua_text_trim(part);
    if (part.length > 0) {
      items[value_r->count++] = part;
    }
  }
  return UA_OK;
}

static ua_status value_of_text(ua_arena *arena, ua_transfer_field field, const ua_transfer_csv_field *from,
                               ua_transfer_value *value_r)
{
  if (from->text.length == 0 && (!from->quoted || fields[field].kind != UA_USER_TEXT)) {
    *value_r = (ua_transfer_value){.kind = UA_USER_ABSENT};
    return UA_OK;
  }
  switch (fields[field].kind) {
    case UA_USER_INTEGER:
      *value_r = integer_of_text(from->text);
      return UA_OK;
    case UA_USER_BOOLEAN:
      *value_r = boolean_of_text(from->text);
      return UA_OK;
    case UA_USER_LIST:
      return list_of_text(arena, from->text, value_r);
    default:
      *value_r = (ua_transfer_value){.kind = UA_USER_TEXT, .text = from->text};
      return UA_OK;
  }
}

ua_status ua_transfer_values_of_csv(ua_arena *arena, const ua_transfer_csv_header *header,
                                    const ua_transfer_csv_record *record, ua_transfer_values *values_r)
{
  ua_status status =
      record->count >= header->count && record->count <= header->width ? UA_OK : UA_WRONG_DOCUMENT;
  for (size_t i = header->count; status == UA_OK && i < record->count; i++) {
    status = record->field[i].text.length == 0 ? UA_OK : UA_WRONG_DOCUMENT;
  }
  *values_r = (ua_transfer_values){.unknown = UA_TEXT_ABSENT};
  for (size_t i = 0; status == UA_OK && i < header->count; i++) {
    status = value_of_text(arena, header->column[i], &record->field[i], &values_r->field[header->column[i]]);
  }
  return status;
}
