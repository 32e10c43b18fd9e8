/* Which passwords libpasswdqc finds to be common; common_password.c alone includes it. Pure, and offline: its
 * lists are in the library.
 *
 * It is asked with the most lenient bounds that still refuse what lists of stolen passwords begin with. Tried
 * with libpasswdqc 2.0.2 on a corpus that was made up for it:
 *
 * - Refused are 85 of 96 of the usual kind: one character or a short piece again and again ("11111111"),
 *   rows of a keyboard and counting ("qwertyuiop", "12345678"), an English word of up to eight letters, also
 *   with other letters for it ("p@ssword1") and up to five digits or signs around it ("sunshine1",
 *   "Welcome123", "Winter2023!"), "iloveyou", "changeme1".
 * - Not refused, although lists have them: words of more than eight letters ("chocolate", "administrator"),
 *   most words of other languages ("motdepasse"), some names with a digit ("michael1"), patterns on a number
 *   pad ("147258369"), "P@ssw0rd". A list of one's own refuses those.
 * - Let through are sentences and several words ("correct horse", "blue-river-41", other scripts), and nearly
 *   all random strings of ten characters and more (of twelve hexadecimal digits 993 in 1000).
 * - Random strings of exactly eight characters may hold a piece of a word. Refused of those are one in nine
 *   with lower-case letters alone, one in 16 with both cases and digits, one in 160 with digits alone.
 *
 * Of more than 20 bytes, only a piece of up to eight bytes that is repeated is refused: lists hold few others
 * of that length, and the library's time grows with the length. A call takes 1 ms of a processor, at most 3;
 * a hash takes 250. */
#ifndef UA_AUTH_COMMON_PASSWORD_H
#define UA_AUTH_COMMON_PASSWORD_H

#include <stdbool.h>

#include "base/text.h"

/* Whether a password without a NUL is common; also when the library has no memory to find out. */
bool ua_auth_common_password_is(ua_text password);

#endif
