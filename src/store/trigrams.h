/* The trigrams (three characters in a row) of a LIKE pattern, by which an index finds users. Pure. */
#ifndef UA_STORE_TRIGRAMS_H
#define UA_STORE_TRIGRAMS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum { UA_MAX_TRIGRAMS = 16 };

/* The first UA_MAX_TRIGRAMS of them, each as a pattern "%abc%", in the text form of a PostgreSQL array: "{}"
 * for a pattern without any, and absent text for absent text. They contain no wildcards, no escapes, and of
 * ASCII only letters and digits. They contain all other characters, because only the database knows which of
 * them are letters. UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_store_trigrams_read(ua_arena *arena, ua_text pattern, ua_text *array_r);

#endif
