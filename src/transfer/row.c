#include "transfer/row.h"

#include <stdio.h>

#include "base/identifier.h"
#include "operator/customers.h"

enum { MAX_NAME_BYTES = 40 };

/* The context of checking one row. */
typedef struct check {
  const ua_transfer_values *values;
  const ua_operator_import_known *known;
  ua_operator_import_reject_fn *reject;
  void *context;
  uint64_t line;
  bool good;
} check;

static void complain(check *with, const char *field, const char *reason)
{
  with->reject(with->context, with->line, field, reason);
  with->good = false;
}

static void complain_of(check *with, ua_transfer_field field, const char *reason)
{
  complain(with, ua_transfer_field_name(field), reason);
}

/* The value, if the field has one of the right type; else NULL, after a complaint if that is an error. */
static const ua_transfer_value *take(check *with, ua_transfer_field field, ua_transfer_kind kind,
                                     bool required)
{
  static const char *const sentences[] = {[UA_USER_TEXT] = "must be of string type",
                                          [UA_USER_INTEGER] = "must be of integer type",
                                          [UA_USER_BOOLEAN] = "must be of boolean type",
                                          [UA_USER_LIST] = "must be of list type"};
  const ua_transfer_value *value = &with->values->field[field];
  if (value->kind == kind) {
    return value;
  }
  if (value->kind == UA_USER_NULL) {
    complain_of(with, field, "null value not allowed");
  } else if (value->kind != UA_USER_ABSENT) {
    complain_of(with, field, sentences[kind]);
  } else if (required) {
    complain_of(with, field, "required field");
  }
  return NULL;
}

static ua_text take_string(check *with, ua_transfer_field field)
{
  const ua_transfer_value *value = take(with, field, UA_USER_TEXT, true);
  if (value == NULL) {
    return UA_TEXT_ABSENT;
  }
  if (ua_text_has_nul(value->text)) {
    complain_of(with, field, "null character not allowed");
  }
  if (value->text.length > UA_MAX_STRING_CHARACTERS &&
      ua_text_utf8_count(value->text) > UA_MAX_STRING_CHARACTERS) {
    complain_of(with, field, "max length is 255");
  }
  unsigned faults = ua_identifier_faults(value->text);
  ua_text sentence = ua_identifier_take_sentence(&faults);
  for (; sentence.data != NULL; sentence = ua_identifier_take_sentence(&faults)) {
    complain_of(with, field, sentence.data);
  }
  return value->text;
}

static int32_t take_integer(check *with, ua_transfer_field field, int32_t minimum, int32_t preset)
{
  const ua_transfer_value *value = take(with, field, UA_USER_INTEGER, false);
  if (value == NULL) {
    return preset;
  }
  if (value->integer < minimum) {
    complain_of(with, field, minimum == 0 ? "min value is 0" : "min value is 1");
  } else if (value->integer > INT32_MAX) {
    complain_of(with, field, "max value is 2147483647");
  } else {
    return (int32_t)value->integer;
  }
  return preset;
}

static int32_t take_customer(check *with, int32_t preset)
{
  bool given = with->values->field[UA_USER_CUSTOMER].kind != UA_USER_ABSENT;
  int32_t id = take_integer(with, UA_USER_CUSTOMER, 1, given ? 0 : preset);
  if (!given && preset == 0) {
    complain_of(with, UA_USER_CUSTOMER, ua_operator_customers_unclear(with->known->customer_count));
  } else if (id != 0 && !ua_operator_import_known_customer(with->known, id)) {
    complain_of(with, UA_USER_CUSTOMER, "unknown customer");
  }
  return id;
}

static bool is_among(int32_t id, const int32_t *ids, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    if (ids[i] == id) {
      return true;
    }
  }
  return false;
}

static void take_roles(check *with, ua_transfer_row *row)
{
  const ua_transfer_value *list = take(with, UA_USER_ROLES, UA_USER_LIST, false);
  size_t count = 0;
  if (list != NULL && list->count > UA_MAX_ROLES) {
    complain_of(with, UA_USER_ROLES, "max length is 256");
    return;
  }
  for (size_t i = 0; list != NULL && i < list->count; i++) {
    char field[MAX_NAME_BYTES];
    int32_t id = 0;
    (void)snprintf(field, sizeof field, "roles[%zu]", i);
    if (list->items[i].data == NULL) {
      complain(with, field, "must be of string type");
    } else if (!ua_operator_import_known_role(with->known, list->items[i], &id)) {
      complain(with, field, "unknown role");
    } else if (!is_among(id, row->role_ids, count)) {
      row->role_ids[count++] = id;
    }
  }
  row->user.role_ids = row->role_ids;
  row->user.role_count = count;
}

static void judge_columns(check *with, const ua_auth_columns *columns)
{
  static const char *const sentences[] = {
      [UA_COLUMNS_UNKNOWN] = "is neither bcrypt ($2b$, $2a$, $2y$) nor the Python original's",
      [UA_COLUMNS_EDGES] = "has blanks or line ends around it or its salt: remove them",
      [UA_COLUMNS_2X] =
          "is of the faulty bcrypt $2x$, which is not accepted: leave it out, and set a password",
      [UA_COLUMNS_OTHER_SALT] = "does not begin with the salt",
      [UA_COLUMNS_MISSING_SALT] = "is the Python original's: it needs its salt of 64 hexadecimal digits"};
  char expensive[96];
  if (columns->kind < UA_COLUMNS_NONE) {
    complain_of(with, UA_USER_HASH, sentences[columns->kind]);
  } else if (columns->cost > UA_MAX_BCRYPT_COST) {
    (void)snprintf(expensive, sizeof expensive,
                   "has the bcrypt cost %d, and a login would take too long: at most %d is accepted",
                   columns->cost, UA_MAX_BCRYPT_COST);
    complain_of(with, UA_USER_HASH, expensive);
  }
}

static void take_password(check *with, ua_transfer_row *row)
{
  bool has_hash = with->values->field[UA_USER_HASH].kind != UA_USER_ABSENT;
  const ua_transfer_value *hash = take(with, UA_USER_HASH, UA_USER_TEXT, false);
  const ua_transfer_value *salt = take(with, UA_USER_SALT, UA_USER_TEXT, false);
  row->user.hash = row->user.salt = UA_TEXT(UA_PASSWORD_NONE);
  if (with->values->field[UA_USER_PASSWORD].kind != UA_USER_ABSENT) {
    complain_of(with, UA_USER_PASSWORD, "is not imported: give its hash, or set it afterwards");
  }
  if (!has_hash && salt != NULL) {
    complain_of(with, UA_USER_SALT, "there is no hash that it could belong to");
  }
  if (hash == NULL) {
    return;
  }
  ua_auth_columns_read(hash->text, salt == NULL ? UA_TEXT_ABSENT : salt->text, &row->columns);
  judge_columns(with, &row->columns);
  row->user.hash = ua_text_of(row->columns.record.hash);
  row->user.salt = ua_text_of(row->columns.record.salt);
}

static void complain_of_unknown(check *with)
{
  char name[MAX_NAME_BYTES];
  ua_text unknown = with->values->unknown;
  if (unknown.data != NULL) {
    size_t length = unknown.length < sizeof name ? unknown.length : sizeof name - 1;
    while (length < unknown.length && length > 0 && ((unsigned char)unknown.data[length] & 0xC0) == 0x80) {
      length--;
    }
    (void)snprintf(name, sizeof name, "%.*s", (int)length, unknown.data);
    complain(with, name, "unknown field");
  }
}

bool ua_transfer_row_make(const ua_transfer_values *values, uint64_t line, int32_t customer_id,
                          const ua_operator_import_known *known, ua_operator_import_reject_fn *reject,
                          void *context, ua_transfer_row *row_r)
{
  check with = {
      .values = values, .known = known, .reject = reject, .context = context, .line = line, .good = true};
  row_r->user.line = line;
  row_r->user.id = take_integer(&with, UA_USER_ID, 1, 0);
  row_r->user.email = take_string(&with, UA_USER_EMAIL);
  row_r->user.name = take_string(&with, UA_USER_NAME);
  const ua_transfer_value *active = take(&with, UA_USER_ACTIVE, UA_USER_BOOLEAN, false);
  row_r->user.active = active == NULL || active->boolean;
  row_r->user.customer_id = take_customer(&with, customer_id);
  row_r->user.epoch = take_integer(&with, UA_USER_EPOCH, 0, 0);
  take_roles(&with, row_r);
  take_password(&with, row_r);
  complain_of_unknown(&with);
  return with.good;
}
