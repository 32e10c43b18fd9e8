/* Memory of one request: allocated in pieces, released all at once. */
#ifndef UA_BASE_ARENA_H
#define UA_BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

typedef struct ua_arena ua_arena;

/* An arena that takes memory in blocks of `block` bytes (larger when one allocation needs it)
 * and never holds more than `limit` bytes in all. NULL when out of memory, or when not even one block is
 * within the limit. */
ua_arena *ua_arena_create(size_t block, size_t limit);

/* Wipes and frees everything and sets *arena to NULL. *arena may be NULL. */
void ua_arena_destroy(ua_arena **arena);

/* Wipes what was used (requests carry passwords and tokens), keeps the first block for the next request and
 * frees the others. All pointers into the arena become invalid. */
void ua_arena_reset(ua_arena *arena);

/* Count the calls that use the arena. Code that hands out arenas must not reset or destroy one that is held;
 * the functions above do not check this. */
void ua_arena_hold(ua_arena *arena);
void ua_arena_release(ua_arena *arena);
bool ua_arena_is_held(const ua_arena *arena);

/* `size` zeroed bytes aligned for any type, or NULL when memory or the limit is exhausted.
 * A size of 0 gives a valid pointer. */
void *ua_arena_alloc(ua_arena *arena, size_t size);

/* As above for `count` elements, NULL when the product overflows. */
void *ua_arena_calloc(ua_arena *arena, size_t count, size_t size);

/* A NUL-terminated copy; an empty one of an absent text; .data is NULL when out of memory. */
ua_text ua_arena_copy(ua_arena *arena, ua_text text);

/* printf into the arena, NUL-terminated; .data is NULL when out of memory. */
__attribute__((format(printf, 2, 3))) ua_text ua_arena_printf(ua_arena *arena, const char *format, ...);

#endif
