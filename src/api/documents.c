#include "api/documents.h"

#include <inttypes.h>
#include <string.h>

#include "api/new_password.h"
#include "api/python.h"
#include "base/identifier.h"
#include "base/limits.h"

/* What one validation works on. */
typedef struct validation {
  ua_arena *arena;
  const ua_document_schema *schema;
  const ua_document_rules *rules;
  ua_document *document;
  ua_violations *violations;
  uint64_t given; /* a bit for each field of the schema that is there, right or wrong */
} validation;

static void *target_of(const validation *v, const ua_field *field)
{
  return (char *)v->document + field->offset;
}

static void note_seen(const validation *v, const ua_field *field)
{
  if (field->seen != 0) {
    *(bool *)((char *)v->document + field->seen) = true;
  }
}

static void complain(const validation *v, ua_text field, ua_text sentence)
{
  ua_service_violations_add(v->arena, v->violations,
                            (ua_violation){.field = field, .item = -1, .sentence = sentence});
}

/* The field of that name, which is marked as given; NULL for one that the caller may not know. */
static const ua_field *take_field(validation *v, ua_text name)
{
  for (size_t i = 0; i < v->schema->count; i++) {
    const ua_field *field = &v->schema->fields[i];
    if (ua_text_equal(name, ua_text_of(field->name))) {
      v->given |= UINT64_C(1) << i;
      return field->for_operators && !v->rules->is_operator ? NULL : field;
    }
  }
  return NULL;
}

static bool is_given(const validation *v, const char *name)
{
  for (size_t i = 0; i < v->schema->count; i++) {
    if (strcmp(v->schema->fields[i].name, name) == 0) {
      return (v->given >> i & 1) != 0;
    }
  }
  return false;
}

/* Checks the field that sets a password, if the document has one. */
static ua_status check_password(const validation *v)
{
  for (size_t i = 0; i < v->schema->count; i++) {
    const ua_field *field = &v->schema->fields[i];
    if (field->type == UA_FIELD_PASSWORD) {
      return ua_api_new_password_guess(v->arena, v->rules, ua_text_of(field->name), &v->document->user,
                                       v->violations);
    }
  }
  return UA_OK;
}

/* Empties the document, and fills in what the table presets. */
static void begin(const validation *v)
{
  *v->document = (ua_document){0};
  *v->violations = (ua_violations){0};
  for (size_t i = 0; i < v->schema->count; i++) {
    const ua_field *field = &v->schema->fields[i];
    if (field->type == UA_FIELD_INTEGER) {
      *(int64_t *)target_of(v, field) = field->preset;
    }
  }
}

/* Fields that have to be there, and those that must not be there together. */
static void check_presence(const validation *v)
{
  for (size_t i = 0; i < v->schema->count; i++) {
    const ua_field *field = &v->schema->fields[i];
    bool given = is_given(v, field->name);
    if (field->required && !given) {
      complain(v, ua_text_of(field->name), UA_TEXT("required field"));
    }
    if (given && field->excludes != NULL && is_given(v, field->excludes)) {
      complain(v, ua_text_of(field->name),
               ua_arena_printf(v->arena, "'%s' must not be present with '%s'", field->excludes, field->name));
    }
  }
}

static void check_code(const validation *v, ua_text name, ua_text code)
{
  if (code.length == 0) {
    complain(v, name, UA_TEXT("empty values not allowed"));
  }
  if (ua_text_has_control(code) && !ua_text_has_nul(code)) {
    complain(v, name, UA_TEXT("control character not allowed"));
  }
  if (!ua_text_equal(ua_text_trim(code), code)) {
    complain(v, name, UA_TEXT("must not begin or end with a blank"));
  }
  if (memchr(code.data, ',', code.length) != NULL) {
    complain(v, name, UA_TEXT("comma not allowed"));
  }
}

static void check_text(const validation *v, const ua_field *field, ua_text text)
{
  ua_text name = ua_text_of(field->name);
  if (ua_text_has_nul(text)) {
    complain(v, name, UA_TEXT("null character not allowed"));
  }
  if (field->type == UA_FIELD_STRING && ua_text_utf8_count(text) > UA_MAX_STRING_CHARACTERS) {
    complain(v, name, ua_arena_printf(v->arena, "max length is %d", UA_MAX_STRING_CHARACTERS));
  }
  if (field->form == UA_FORM_CODE) {
    check_code(v, name, text);
  }
  if (field->form == UA_FORM_IDENTIFIER) {
    ua_service_violations_add_faults(v->arena, v->violations, name, ua_identifier_faults(text));
  }
  *(ua_text *)target_of(v, field) = text;
}

static void check_integer(const validation *v, const ua_field *field, int64_t integer)
{
  ua_text name = ua_text_of(field->name);
  if (integer < field->minimum) {
    complain(v, name, ua_arena_printf(v->arena, "min value is %" PRId64, field->minimum));
  } else if (integer > field->maximum) {
    complain(v, name, ua_arena_printf(v->arena, "max value is %" PRId64, field->maximum));
  } else {
    *(int64_t *)target_of(v, field) = integer;
  }
}

static void complain_of_item(const validation *v, const char *field, long item, const char *item_field,
                             ua_text sentence)
{
  ua_service_violations_add(
      v->arena, v->violations,
      (ua_violation){
          .field = ua_text_of(field), .item = item, .item_field = item_field, .sentence = sentence});
}

/* The id of an object, which is item `item` of a list or, with -1, the field itself; 0, which nothing has,
 * for numbers beyond the column's range. */
static int32_t check_id_of(const validation *v, const char *field, long item, const ua_json_value *object)
{
  const ua_json_value *id = ua_json_member_of(object, "id");
  if (object->type == UA_JSON_NULL) {
    complain_of_item(v, field, item, NULL, UA_TEXT("null value not allowed"));
  } else if (object->type != UA_JSON_OBJECT) {
    complain_of_item(v, field, item, NULL, UA_TEXT("must be of dict type"));
  } else if (id == NULL) {
    complain_of_item(v, field, item, "id", UA_TEXT("required field"));
  } else if (id->type == UA_JSON_NULL) {
    complain_of_item(v, field, item, "id", UA_TEXT("null value not allowed"));
  } else if (id->type != UA_JSON_INTEGER) {
    complain_of_item(v, field, item, "id", UA_TEXT("must be of integer type"));
  } else if (id->integer > 0 && id->integer <= INT32_MAX) {
    return (int32_t)id->integer;
  }
  return 0;
}

static ua_status check_roles(const validation *v, const ua_json_value *list)
{
  if (list->count > UA_MAX_ROLES) {
    complain(v, UA_TEXT("roles"), ua_arena_printf(v->arena, "max length is %d", UA_MAX_ROLES));
    return UA_OK;
  }
  int32_t *ids = ua_arena_calloc(v->arena, list->count, sizeof *ids);
  if (ids == NULL) {
    return UA_INTERNAL;
  }
  for (size_t i = 0; i < list->count; i++) {
    ids[i] = check_id_of(v, "roles", (long)i, &list->members[i].value);
  }
  v->document->user.roles = UA_ROLES_REPLACE;
  v->document->user.role_ids = ids;
  v->document->user.role_count = list->count;
  return UA_OK;
}

static const struct {
  ua_json_type type;
  const char *complaint;
} expected[] = {
    [UA_FIELD_STRING] = {UA_JSON_STRING, "must be of string type"},
    [UA_FIELD_SECRET] = {UA_JSON_STRING, "must be of string type"},
    [UA_FIELD_PASSWORD] = {UA_JSON_STRING, "must be of string type"},
    [UA_FIELD_BOOLEAN] = {UA_JSON_BOOLEAN, "must be of boolean type"},
    [UA_FIELD_INTEGER] = {UA_JSON_INTEGER, "must be of integer type"},
    [UA_FIELD_CUSTOMER] = {UA_JSON_OBJECT, "must be of dict type"},
    [UA_FIELD_ROLES] = {UA_JSON_ARRAY, "must be of list type"},
};

static ua_status check_value(const validation *v, const ua_field *field, const ua_json_value *value)
{
  ua_text name = ua_text_of(field->name);
  if (field->type == UA_FIELD_IGNORED) {
    return UA_OK;
  }
  if (value->type == UA_JSON_NULL && !field->nullable) {
    complain(v, name, UA_TEXT("null value not allowed"));
    return UA_OK;
  }
  if (value->type == UA_JSON_NULL) {
    note_seen(v, field);
    return UA_OK;
  }
  if (value->type != expected[field->type].type) {
    complain(v, name, ua_text_of(expected[field->type].complaint));
    return UA_OK;
  }
  note_seen(v, field);
  switch (field->type) {
    case UA_FIELD_BOOLEAN:
      *(bool *)target_of(v, field) = value->boolean;
      return UA_OK;
    case UA_FIELD_INTEGER:
      check_integer(v, field, value->integer);
      return UA_OK;
    case UA_FIELD_CUSTOMER:
      *(int64_t *)target_of(v, field) = check_id_of(v, field->name, -1, value);
      return UA_OK;
    case UA_FIELD_ROLES:
      return check_roles(v, value);
    case UA_FIELD_PASSWORD:
      return ua_api_new_password_read(v->arena, v->rules, name, value->string, v->violations,
                                      target_of(v, field));
    default:
      check_text(v, field, value->string);
      return UA_OK;
  }
}

ua_status ua_api_document_read(ua_arena *arena, const ua_document_schema *schema,
                               const ua_document_rules *rules, const ua_json_value *value,
                               ua_document *document_r, ua_violations *violations_r)
{
  validation v = {arena, schema, rules, document_r, violations_r, .given = 0};
  if (value->type != UA_JSON_OBJECT) {
    return UA_WRONG_PAYLOAD;
  }
  begin(&v);
  for (size_t i = 0; i < value->count; i++) {
    const ua_field *field = take_field(&v, value->members[i].name);
    if (field == NULL) {
      complain(&v, value->members[i].name, UA_TEXT("unknown field"));
    } else if (check_value(&v, field, &value->members[i].value) != UA_OK) {
      return UA_INTERNAL;
    }
  }
  check_presence(&v);
  ua_status status = check_password(&v);
  return status == UA_OK && violations_r->found > 0 ? UA_WRONG_DOCUMENT : status;
}

static bool is_repeated(const ua_argument *arguments, size_t index)
{
  for (size_t i = 0; i < index; i++) {
    if (ua_text_equal(arguments[i].name, arguments[index].name)) {
      return true;
    }
  }
  return false;
}

static void check_integer_argument(const validation *v, const ua_field *field, ua_text text)
{
  int64_t integer;
  ua_text name = ua_text_of(field->name);
  if (!ua_api_python_int(text, &integer)) {
    complain(
        v, name,
        ua_arena_printf(v->arena, "field '%s' cannot be coerced: invalid literal for int() with base 10: %s",
                        field->name, ua_api_python_repr(v->arena, text)));
    complain(v, name, UA_TEXT("must be of integer type"));
  } else if (field->type == UA_FIELD_CUSTOMER) {
    *(int64_t *)target_of(v, field) = integer;
  } else {
    check_integer(v, field, integer);
  }
}

static void check_argument(const validation *v, const ua_field *field, ua_text text)
{
  ua_text name = ua_text_of(field->name);
  note_seen(v, field);
  if (field->type == UA_FIELD_INTEGER || field->type == UA_FIELD_CUSTOMER) {
    check_integer_argument(v, field, text);
  } else if (field->type == UA_FIELD_BOOLEAN) {
    bool is_true = ua_text_equal(text, UA_TEXT("true"));
    if (!is_true && !ua_text_equal(text, UA_TEXT("false"))) {
      complain(v, name, UA_TEXT("must be of boolean type"));
    }
    *(bool *)target_of(v, field) = is_true;
  } else if (!ua_text_is_utf8(text)) {
    complain(v, name, UA_TEXT("must be of string type"));
  } else {
    check_text(v, field, text);
  }
}

ua_status ua_api_arguments_read(ua_arena *arena, const ua_document_schema *schema,
                                const ua_document_rules *rules, const ua_argument *arguments, size_t count,
                                ua_document *document_r, ua_violations *violations_r)
{
  validation v = {arena, schema, rules, document_r, violations_r, .given = 0};
  begin(&v);
  for (size_t i = 0; i < count; i++) {
    const ua_field *field = take_field(&v, arguments[i].name);
    if (!ua_text_is_utf8(arguments[i].name)) {
      return UA_BAD_REQUEST;
    }
    if (is_repeated(arguments, i)) {
      continue; /* the first counts */
    }
    if (field == NULL) {
      complain(&v, arguments[i].name, UA_TEXT("unknown field"));
    } else {
      check_argument(&v, field, arguments[i].value);
    }
  }
  check_presence(&v);
  return violations_r->found > 0 ? UA_WRONG_ARGS : UA_OK;
}

ua_customer_change ua_api_document_customer(const ua_document *document)
{
  return (ua_customer_change){.name = document->customer_name,
                              .has_quota = document->has_quota,
                              .quota = {.limited = document->max_user_quota != UA_NO_QUOTA,
                                        .users = (int32_t)document->max_user_quota}};
}
