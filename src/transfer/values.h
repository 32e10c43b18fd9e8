/* A user as read from a line of a file: the same for JSON and CSV, not validated yet. Pure. */
#ifndef UA_TRANSFER_VALUES_H
#define UA_TRANSFER_VALUES_H

#include "base/arena.h"
#include "json/reader.h"
#include "transfer/csv.h"

typedef enum ua_transfer_field {
  UA_USER_ID,
  UA_USER_EMAIL,
  UA_USER_NAME,
  UA_USER_ACTIVE,
  UA_USER_CUSTOMER,
  UA_USER_ROLES,
  UA_USER_EPOCH,
  UA_USER_HASH,
  UA_USER_SALT,
  UA_USER_PASSWORD, /* a known name only so that it can be refused */
  UA_USER_FIELDS
} ua_transfer_field;

typedef enum ua_transfer_kind {
  UA_USER_ABSENT,
  UA_USER_NULL,
  UA_USER_TEXT,
  UA_USER_INTEGER,
  UA_USER_BOOLEAN,
  UA_USER_LIST,
  UA_USER_OTHER /* another type */
} ua_transfer_kind;

typedef struct ua_transfer_value {
  ua_transfer_kind kind;
  ua_text text;
  int64_t integer;
  bool boolean;
  const ua_text *items; /* of a list; absent for an item that is not a text */
  size_t count;
} ua_transfer_value;

typedef struct ua_transfer_values {
  ua_transfer_value field[UA_USER_FIELDS];
  ua_text unknown; /* the name of an unknown field, absent for none */
} ua_transfer_values;

/* Which column holds which field. */
typedef struct ua_transfer_csv_header {
  ua_transfer_field column[UA_CSV_MAX_FIELDS];
  size_t count; /* of the columns with a name */
  size_t width; /* of all columns, also trailing ones without a name: at most UA_CSV_MAX_FIELDS */
} ua_transfer_csv_header;

/* The field's name in a file. Static. */
const char *ua_transfer_field_name(ua_transfer_field field);

/* The field of this name in a file. */
UA_CHECK bool ua_transfer_field_find(ua_text name, ua_transfer_field *field_r);

/* The field whose name this resembles: ignores case, blanks, and all characters that are not letters. */
UA_CHECK bool ua_transfer_field_resembles(ua_text name, ua_transfer_field *field_r);

/* A JSON text. UA_WRONG_PAYLOAD if it is not JSON, UA_WRONG_DOCUMENT if it is not an object, UA_INTERNAL if
 * the arena is too small. The texts live in the arena. */
UA_CHECK ua_status ua_transfer_values_of_json(ua_arena *arena, ua_text line, ua_transfer_values *values_r);

/* A record under such a header. UA_WRONG_DOCUMENT if it has more or fewer fields, or a value in a column
 * without a name; UA_INTERNAL if the arena is too small. An empty field that was not quoted counts as
 * absent. */
UA_CHECK ua_status ua_transfer_values_of_csv(ua_arena *arena, const ua_transfer_csv_header *header,
                                             const ua_transfer_csv_record *record,
                                             ua_transfer_values *values_r);

#endif
