/* Faults that a new email or user name must not have, so that no two look alike. Pure. */
#ifndef UA_BASE_IDENTIFIER_H
#define UA_BASE_IDENTIFIER_H

#include "base/text.h"

/* Bits, in the order in which they are reported.
 *
 * CONTROL: U+0001 to U+001F, U+007F to U+009F. Without NUL, which every reader of texts refuses anyway.
 * INVISIBLE: U+200B to U+200F, U+202A to U+202E, U+2060 to U+2064, U+2066 to U+2069, U+FEFF.
 * BLANK: at an edge, white space of Unicode that is no control character. */
typedef enum ua_identifier_fault {
  UA_IDENTIFIER_EMPTY = 1 << 0,
  UA_IDENTIFIER_CONTROL = 1 << 1,
  UA_IDENTIFIER_INVISIBLE = 1 << 2,
  UA_IDENTIFIER_BLANK = 1 << 3
} ua_identifier_fault;

enum { UA_IDENTIFIER_FAULTS = 4 };

/* The faults of a text that is UTF-8, as a sum; 0 for none. */
unsigned ua_identifier_faults(ua_text text);

/* The message of the first fault of a sum, which is removed from the sum; absent when none is left. Static.
 */
ua_text ua_identifier_take_sentence(unsigned *faults);

/* The text, which is UTF-8, without the blanks at its end. */
ua_text ua_identifier_without_end_blanks(ua_text text);

#endif
