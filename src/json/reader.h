/* Reading JSON documents into plain structs of the arena.
 *
 * Written by hand: json-c's strictest reading takes NaN, -01 and raw control characters, cuts names at
 * a NUL, clamps large integers and lets overlong UTF-8 through. */
#ifndef UA_JSON_READER_H
#define UA_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef enum ua_json_type {
  UA_JSON_NULL,
  UA_JSON_BOOLEAN,
  UA_JSON_INTEGER, /* written without fraction and exponent, and within 64 bits */
  UA_JSON_NUMBER,  /* any other number */
  UA_JSON_STRING,
  UA_JSON_ARRAY,
  UA_JSON_OBJECT
} ua_json_type;

typedef struct ua_json_value {
  ua_json_type type;
  bool boolean;
  int64_t integer;
  ua_text string;                 /* may hold NUL bytes */
  struct ua_json_member *members; /* of an object or array (names absent there), in order */
  size_t count;
} ua_json_value;

typedef struct ua_json_member {
  ua_text name;
  ua_json_value value;
} ua_json_member;

/* Parses one JSON text (RFC 8259). UA_WRONG_PAYLOAD when it is empty, not JSON, not UTF-8 (an escaped half of
 * a surrogate pair included), followed by anything but white space, or nested deeper than UA_MAX_JSON_DEPTH.
 * The last value of a repeated name counts, as in the original. Strings are NUL-terminated copies.
 * UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_json_parse(ua_arena *arena, ua_text text, ua_json_value *value_r);

/* The member of an object, NULL if there is none (or `value` is no object). */
const ua_json_value *ua_json_member_of(const ua_json_value *value, const char *name);

#endif
