/* Strings as pointer and length, and the small strict parsers that all rooms use. */
#ifndef UA_BASE_TEXT_H
#define UA_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A view of bytes, not necessarily NUL-terminated, owned by other code.
 * .data == NULL means "absent", which differs from empty. */
typedef struct ua_text {
  const char *data;
  size_t length;
} ua_text;

#define UA_TEXT(literal) ((ua_text){(literal), sizeof(literal) - 1})
#define UA_TEXT_ABSENT   ((ua_text){NULL, 0})

/* printf("%.*s", UA_TEXT_ARGS(text)) for texts known to be shorter than INT_MAX. */
#define UA_TEXT_ARGS(text) (int)(text).length, (text).data

/* A view of a C string; absent for NULL. */
ua_text ua_text_of(const char *string);

bool ua_text_equal(ua_text a, ua_text b);

/* Equality without regard to the case of ASCII letters, and of those alone. */
bool ua_text_equal_nocase(ua_text a, ua_text b);

bool ua_text_starts_with(ua_text text, ua_text prefix);

/* Order by bytes; a text comes before a longer one that begins with it: <0, 0, >0. */
int ua_text_compare(ua_text a, ua_text b);

/* Without leading and trailing blanks and tabs. */
ua_text ua_text_trim(ua_text text);

/* Without the byte order mark of UTF-8 at its beginning, which some editors put there. */
ua_text ua_text_without_mark(ua_text text);

/* Takes the part before `separator` off the front of *rest into *part. When there is no separator,
 * the part is all of it and *rest becomes absent. False when *rest is absent already. */
bool ua_text_split(ua_text *rest, char separator, ua_text *part);

/* A decimal of digits only: no sign, no blanks, no leading zero except "0" itself, no more than
 * `maximum`. False and *value_r untouched otherwise. */
bool ua_text_to_uint(ua_text text, uint64_t maximum, uint64_t *value_r);

/* `value` as a decimal, in `out`, whose view is returned. */
enum { UA_DECIMAL_BYTES = sizeof "-9223372036854775808" - 1 };
ua_text ua_text_of_integer(int64_t value, char out[UA_DECIMAL_BYTES]);

/* Whether the bytes are UTF-8 as defined by RFC 3629: no overlong forms, no surrogates, nothing above
 * U+10FFFF. */
bool ua_text_is_utf8(ua_text text);

/* Length in bytes, 1 to 4, of the UTF-8 sequence that `text` begins with; 0 if it begins with none. */
size_t ua_text_utf8_sequence(ua_text text);

/* Number of code points of a text known to be UTF-8. */
size_t ua_text_utf8_count(ua_text text);

/* Whether one of the bytes is NUL. */
bool ua_text_has_nul(ua_text text);

/* Whether a byte is a control character of ASCII: 0x00 to 0x1F, or DEL. */
bool ua_text_is_control(char byte);

/* Whether one of the bytes is such a control character. */
bool ua_text_has_control(ua_text text);

/* A word of a command line as messages may repeat it: "…" in place of a URL or KEY=value, which may hold a
 * secret.
 */
const char *ua_text_shown(const char *word);

/* Lower-case hexadecimal of `length` bytes into `out`, which holds 2 * length + 1 characters. */
void ua_text_hex(const unsigned char *bytes, size_t length, char *out);

/* The value of a hexadecimal digit of either case, -1 for any other character. */
int ua_text_hex_digit(char character);

/* Bytes of the hexadecimal `text` (either case) into `out`; false unless it is exactly 2 * length
 * digits. */
bool ua_text_unhex(ua_text text, unsigned char *out, size_t length);

#endif
