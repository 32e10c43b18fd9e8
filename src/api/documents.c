#include "api/documents.h"

#include <inttypes.h>

#include "api/python.h"
#include "base/limits.h"

#define FIELD(member) offsetof(ua_document, member)
#define SCHEMA(table) {(table), sizeof(table) / sizeof((table)[0])}

static const ua_field login_fields[] = {
    {.name = "email", .type = UA_FIELD_STRING, .required = true, .offset = FIELD(user.email)},
    {.name = "password", .type = UA_FIELD_SECRET, .required = true, .offset = FIELD(user.password)},
};

static const ua_field reset_password_fields[] = {
    {.name = "email", .type = UA_FIELD_STRING, .required = true, .offset = FIELD(user.email)},
    {.name = "password", .type = UA_FIELD_PASSWORD, .required = true, .offset = FIELD(user.password)},
};

static const ua_field register_fields[] = {
    {.name = "active", .type = UA_FIELD_BOOLEAN, .required = true, .offset = FIELD(user.active)},
    {.name = "email", .type = UA_FIELD_STRING, .required = true, .offset = FIELD(user.email)},
    {.name = "name", .type = UA_FIELD_STRING, .required = true, .offset = FIELD(user.name)},
    {.name = "password", .type = UA_FIELD_PASSWORD, .required = true, .offset = FIELD(user.password)},
    {.name = "roles", .type = UA_FIELD_ROLES, .required = true, .offset = FIELD(user.role_ids)},
};

static const ua_field update_fields[] = {
    {.name = "active", .type = UA_FIELD_BOOLEAN, .required = true, .offset = FIELD(user.active)},
    {.name = "email", .type = UA_FIELD_STRING, .required = true, .offset = FIELD(user.email)},
    {.name = "id", .type = UA_FIELD_INTEGER, .offset = FIELD(id), .minimum = INT64_MIN, .maximum = INT64_MAX},
    {.name = "name", .type = UA_FIELD_STRING, .required = true, .offset = FIELD(user.name)},
    {.name = "password", .type = UA_FIELD_PASSWORD, .offset = FIELD(user.password)},
    {.name = "roles", .type = UA_FIELD_ROLES, .offset = FIELD(user.role_ids)},
};

#define LIMIT_FIELD              \
  {.name = "limit",              \
   .type = UA_FIELD_INTEGER,     \
   .offset = FIELD(limit),       \
   .maximum = UA_MAX_LIST_LIMIT, \
   .preset = 20}
#define OFFSET_FIELD \
  {.name = "offset", .type = UA_FIELD_INTEGER, .offset = FIELD(offset), .maximum = INT32_MAX}

static const ua_field list_users_fields[] = {
    {.name = "email", .type = UA_FIELD_STRING, .offset = FIELD(user.email)},
    LIMIT_FIELD,
    {.name = "name", .type = UA_FIELD_STRING, .offset = FIELD(user.name)},
    OFFSET_FIELD,
};

static const ua_field list_roles_fields[] = {LIMIT_FIELD, OFFSET_FIELD};

const ua_document_schema ua_document_login = SCHEMA(login_fields);
const ua_document_schema ua_document_reset_password = SCHEMA(reset_password_fields);
const ua_document_schema ua_document_register = SCHEMA(register_fields);
const ua_document_schema ua_document_update = SCHEMA(update_fields);
const ua_document_schema ua_arguments_list_users = SCHEMA(list_users_fields);
const ua_document_schema ua_arguments_list_roles = SCHEMA(list_roles_fields);

/* What one validation works on. */
typedef struct validation {
  ua_arena *arena;
  const ua_document_schema *schema;
  size_t password_min;
  ua_document *document;
  ua_violations *violations;
} validation;

static void *target_of(const validation *v, const ua_field *field)
{
  return (char *)v->document + field->offset;
}

static void complain(const validation *v, ua_text field, ua_text sentence)
{
  ua_service_violations_add(v->arena, v->violations,
                            (ua_violation){.field = field, .item = -1, .sentence = sentence});
}

static const ua_field *find_field(const ua_document_schema *schema, ua_text name)
{
  for (size_t i = 0; i < schema->count; i++) {
    if (ua_text_equal(name, ua_text_of(schema->fields[i].name))) {
      return &schema->fields[i];
    }
  }
  return NULL;
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

static void check_text(const validation *v, const ua_field *field, ua_text text)
{
  ua_text name = ua_text_of(field->name);
  if (ua_text_has_nul(text)) {
    complain(v, name, UA_TEXT("null character not allowed"));
  }
  if (field->type == UA_FIELD_STRING && ua_text_utf8_count(text) > UA_MAX_STRING_CHARACTERS) {
    complain(v, name, ua_arena_printf(v->arena, "max length is %d", UA_MAX_STRING_CHARACTERS));
  }
  if (field->type == UA_FIELD_PASSWORD && text.length < v->password_min) {
    complain(v, name, ua_arena_printf(v->arena, "min length is %zu", v->password_min));
  }
  if (field->type == UA_FIELD_PASSWORD && text.length > UA_MAX_PASSWORD_BYTES) {
    complain(v, name, ua_arena_printf(v->arena, "max length is %d", UA_MAX_PASSWORD_BYTES));
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

static void complain_of_item(const validation *v, size_t item, const char *item_field, ua_text sentence)
{
  ua_service_violations_add(
      v->arena, v->violations,
      (ua_violation){
          .field = UA_TEXT("roles"), .item = (long)item, .item_field = item_field, .sentence = sentence});
}

/* The id of one role object; 0, which no role has, for numbers beyond the column's range. */
static int32_t check_role(const validation *v, size_t item, const ua_json_value *role)
{
  const ua_json_value *id = ua_json_member_of(role, "id");
  if (role->type == UA_JSON_NULL) {
    complain_of_item(v, item, NULL, UA_TEXT("null value not allowed"));
  } else if (role->type != UA_JSON_OBJECT) {
    complain_of_item(v, item, NULL, UA_TEXT("must be of dict type"));
  } else if (id == NULL) {
    complain_of_item(v, item, "id", UA_TEXT("required field"));
  } else if (id->type == UA_JSON_NULL) {
    complain_of_item(v, item, "id", UA_TEXT("null value not allowed"));
  } else if (id->type != UA_JSON_INTEGER) {
    complain_of_item(v, item, "id", UA_TEXT("must be of integer type"));
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
    ids[i] = check_role(v, i, &list->members[i].value);
  }
  v->document->user.has_roles = true;
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
    [UA_FIELD_ROLES] = {UA_JSON_ARRAY, "must be of list type"},
};

static ua_status check_value(const validation *v, const ua_field *field, const ua_json_value *value)
{
  ua_text name = ua_text_of(field->name);
  if (value->type == UA_JSON_NULL) {
    complain(v, name, UA_TEXT("null value not allowed"));
    return UA_OK;
  }
  if (value->type != expected[field->type].type) {
    complain(v, name, ua_text_of(expected[field->type].complaint));
    return UA_OK;
  }
  switch (field->type) {
    case UA_FIELD_BOOLEAN:
      *(bool *)target_of(v, field) = value->boolean;
      return UA_OK;
    case UA_FIELD_INTEGER:
      check_integer(v, field, value->integer);
      return UA_OK;
    case UA_FIELD_ROLES:
      return check_roles(v, value);
    default:
      check_text(v, field, value->string);
      return UA_OK;
  }
}

ua_status ua_api_document_read(ua_arena *arena, const ua_document_schema *schema, int64_t password_min_bytes,
                               const ua_json_value *value, ua_document *document_r,
                               ua_violations *violations_r)
{
  validation v = {arena, schema, (size_t)password_min_bytes, document_r, violations_r};
  if (value->type != UA_JSON_OBJECT) {
    return UA_WRONG_PAYLOAD;
  }
  begin(&v);
  for (size_t i = 0; i < value->count; i++) {
    const ua_field *field = find_field(schema, value->members[i].name);
    if (field == NULL) {
      complain(&v, value->members[i].name, UA_TEXT("unknown field"));
    } else if (check_value(&v, field, &value->members[i].value) != UA_OK) {
      return UA_INTERNAL;
    }
  }
  for (size_t i = 0; i < schema->count; i++) {
    if (schema->fields[i].required && ua_json_member_of(value, schema->fields[i].name) == NULL) {
      complain(&v, ua_text_of(schema->fields[i].name), UA_TEXT("required field"));
    }
  }
  return violations_r->found > 0 ? UA_WRONG_DOCUMENT : UA_OK;
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

static void check_argument(const validation *v, const ua_field *field, ua_text text)
{
  ua_text name = ua_text_of(field->name);
  if (field->type == UA_FIELD_INTEGER) {
    int64_t integer;
    if (ua_api_python_int(text, &integer)) {
      check_integer(v, field, integer);
    } else {
      complain(v, name,
               ua_arena_printf(v->arena,
                               "field '%s' cannot be coerced: invalid literal for int() with base 10: %s",
                               field->name, ua_api_python_repr(v->arena, text)));
      complain(v, name, UA_TEXT("must be of integer type"));
    }
  } else if (!ua_text_is_utf8(text)) {
    complain(v, name, UA_TEXT("must be of string type"));
  } else {
    check_text(v, field, text);
  }
}

ua_status ua_api_arguments_read(ua_arena *arena, const ua_document_schema *schema,
                                const ua_argument *arguments, size_t count, ua_document *document_r,
                                ua_violations *violations_r)
{
  validation v = {arena, schema, 0, document_r, violations_r};
  begin(&v);
  for (size_t i = 0; i < count; i++) {
    const ua_field *field = find_field(schema, arguments[i].name);
    if (!ua_text_is_utf8(arguments[i].name)) {
      return UA_BAD_REQUEST;
    }
    if (is_repeated(arguments, i)) {
      continue;
    }
    if (field == NULL) {
      complain(&v, arguments[i].name, UA_TEXT("unknown field"));
    } else {
      check_argument(&v, field, arguments[i].value);
    }
  }
  return violations_r->found > 0 ? UA_WRONG_ARGS : UA_OK;
}
