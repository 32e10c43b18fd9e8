/* Texts in NFC (Unicode Standard Annex #15), and in lower case for comparison. The same letter can be typed
 * as one character or as a letter and its accent; in NFC it is one character. Pure; normal_form.c alone
 * includes libunistring. */
#ifndef UA_BASE_NORMAL_FORM_H
#define UA_BASE_NORMAL_FORM_H

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/* A text in its own memory, perhaps a password: clear it. */
typedef struct ua_normal_form {
  char *bytes; /* NUL-terminated; NULL for none */
  size_t length;
  size_t size; /* of the memory */
} ua_normal_form;

/* The text in NFC: at most three times as long. UA_BAD_REQUEST when it is not UTF-8, UA_INTERNAL when out of
 * memory. The stack is wiped. If more than 64 accents follow one letter, libunistring allocates memory that
 * it does not wipe. */
UA_CHECK ua_status ua_normal_form_nfc(ua_text text, ua_normal_form *form_r);

/* The same of its lower case, letter by letter: two texts that differ only in case become equal. "ß" and "ss"
 * stay different. */
UA_CHECK ua_status ua_normal_form_folded(ua_text text, ua_normal_form *form_r);

/* A view of it. */
ua_text ua_normal_form_text(const ua_normal_form *form);

/* Wipes and frees. Does nothing to a zeroed one. */
void ua_normal_form_clear(ua_normal_form *form);

#endif
