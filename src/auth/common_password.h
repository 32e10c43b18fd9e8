/* Which passwords libpasswdqc finds to be common; common_password.c alone includes it. Pure, and offline: its
 * lists are in the library.
 *
 * Its bounds are as lenient as possible, and still refuse the most frequent passwords in lists of stolen
 * ones. Results of libpasswdqc 2.0.2 on a corpus made for this test:
 *
 * - Refused are 85 of 96 of the usual kind: a repeated character or short piece ("11111111"), keyboard rows
 *   and counting ("qwertyuiop", "12345678"), an English word of up to eight letters, also with replaced
 *   letters ("p@ssword1") and with up to five digits or signs around it ("sunshine1", "Welcome123",
 *   "Winter2023!"), "iloveyou", "changeme1".
 * - Not refused, although lists have them: words of more than eight letters ("chocolate", "administrator"),
 *   most words of other languages ("motdepasse"), some names with a digit ("michael1"), patterns on a number
 *   pad ("147258369"), "P@ssw0rd". Your own list can refuse those.
 * - Accepted are sentences and several words ("correct horse", "blue-river-41", other scripts), and nearly
 *   all random strings of ten characters and more (of twelve hexadecimal digits 993 in 1000).
 * - Random strings of exactly eight characters may hold a piece of a word. It refuses one in nine of those
 *   with lower-case letters alone, one in 16 with both cases and digits, one in 160 with digits alone.
 *
 * Of passwords longer than 20 bytes, only a repeated piece of up to eight bytes is refused: lists hold few
 * others of that length, and the library's time grows with the length. A call takes 1 ms of CPU time, at most
 * 3; a hash takes 250. */
#ifndef UA_AUTH_COMMON_PASSWORD_H
#define UA_AUTH_COMMON_PASSWORD_H

#include <stdbool.h>

#include "base/text.h"

/* Whether a password without a NUL is common; true also when the library is out of memory. */
bool ua_auth_common_password_is(ua_text password);

#endif
