/* Which three characters in a row a LIKE pattern asks for: what an index of trigrams finds users by. Pure. */
#ifndef UA_STORE_TRIGRAMS_H
#define UA_STORE_TRIGRAMS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum { UA_MAX_TRIGRAMS = 16 };

/* The first UA_MAX_TRIGRAMS of them, each as a pattern "%abc%", as the text of an array of PostgreSQL's: "{}"
 * for a pattern without any, and absent text for absent text. Wildcards, escapes and ASCII characters but
 * letters and digits are in none; every other character is, because only the database knows whether it is a
 * letter. UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_store_trigrams_read(ua_arena *arena, ua_text pattern, ua_text *array_r);

#endif
