#include "base/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/sanitizer.h"

/* Under AddressSanitizer the rest of a block is poisoned and every allocation followed by a gap, so
 * that an overflow inside the arena is found like one on the heap. */
#ifdef UA_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
enum { GAP = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
enum { GAP = 0 };
#endif

enum { ALIGNMENT = alignof(max_align_t) };

/* Bytes of `data` from `used` on are always zero: fresh from calloc, or wiped. */
typedef struct block {
  struct block *next;
  size_t size;
  size_t used;
  alignas(max_align_t) unsigned char data[];
} block;

struct ua_arena {
  size_t block_size;
  size_t limit;
  size_t held;    /* bytes of all blocks, including their headers */
  block *first;   /* kept across resets */
  block *others;  /* newest first */
  block *current; /* where small allocations come from */
  unsigned holds;
};

static block *take_block(ua_arena *arena, size_t size)
{
  if (size > SIZE_MAX - sizeof(block)) {
    return NULL;
  }
  size_t total = size + sizeof(block);
  if (total > arena->limit - arena->held) {
    return NULL;
  }
  block *taken = calloc(1, total);
  if (taken == NULL) {
    ua_log(UA_LOG_ERROR, UA_EVENT("out of memory"), ua_log_int("bytes", (int64_t)total));
    return NULL;
  }
  taken->size = size;
  arena->held += total;
  ASAN_POISON_MEMORY_REGION(taken->data, size);
  return taken;
}

static void wipe_block(block *wiped)
{
  ASAN_UNPOISON_MEMORY_REGION(wiped->data, wiped->size);
  explicit_bzero(wiped->data, wiped->used);
  wiped->used = 0;
}

ua_arena *ua_arena_create(size_t block_size, size_t limit)
{
  ua_arena *arena = calloc(1, sizeof *arena);
  if (arena == NULL) {
    return NULL;
  }
  arena->block_size = block_size;
  arena->limit = limit;
  arena->first = take_block(arena, block_size);
  arena->current = arena->first;
  if (arena->first == NULL) {
    free(arena);
    return NULL;
  }
  return arena;
}

static void drop_others(ua_arena *arena)
{
  while (arena->others != NULL) {
    block *dropped = arena->others;
    arena->others = dropped->next;
    arena->held -= dropped->size + sizeof(block);
    wipe_block(dropped);
    free(dropped);
  }
}

void ua_arena_destroy(ua_arena **arena)
{
  ua_arena *gone = *arena;
  *arena = NULL;
  if (gone == NULL) {
    return;
  }
  drop_others(gone);
  wipe_block(gone->first);
  free(gone->first);
  free(gone);
}

void ua_arena_reset(ua_arena *arena)
{
  drop_others(arena);
  wipe_block(arena->first);
  ASAN_POISON_MEMORY_REGION(arena->first->data, arena->first->size);
  arena->current = arena->first;
}

void ua_arena_hold(ua_arena *arena)
{
  arena->holds++;
}

void ua_arena_release(ua_arena *arena)
{
  arena->holds--;
}

bool ua_arena_is_held(const ua_arena *arena)
{
  return arena->holds > 0;
}

/* A block with room for `need` bytes. An allocation larger than a usual block gets its own block; the current
 * one stays in use for small allocations. */
static block *block_for(ua_arena *arena, size_t need)
{
  if (need <= arena->current->size - arena->current->used) {
    return arena->current;
  }
  block *added = NULL;
  if (need <= arena->block_size) {
    added = take_block(arena, arena->block_size);
  }
  bool usual = added != NULL;
  if (!usual) {
    added = take_block(arena, need);
  }
  if (added == NULL) {
    return NULL;
  }
  added->next = arena->others;
  arena->others = added;
  if (usual) {
    arena->current = added;
  }
  return added;
}

void *ua_arena_alloc(ua_arena *arena, size_t size)
{
  if (size > SIZE_MAX / 2) {
    return NULL;
  }
  size_t wanted = (size == 0 ? 1 : size) + GAP;
  size_t need = (wanted + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  block *from = block_for(arena, need);
  if (from == NULL) {
    return NULL;
  }
  void *bytes = from->data + from->used;
  from->used += need;
  ASAN_UNPOISON_MEMORY_REGION(bytes, size);
  return bytes;
}

void *ua_arena_calloc(ua_arena *arena, size_t count, size_t size)
{
  size_t total = 0;
  if (__builtin_mul_overflow(count, size, &total)) {
    return NULL;
  }
  return ua_arena_alloc(arena, total);
}

ua_text ua_arena_copy(ua_arena *arena, ua_text text)
{
  if (text.length == SIZE_MAX) {
    return UA_TEXT_ABSENT;
  }
  char *copy = ua_arena_alloc(arena, text.length + 1);
  if (copy == NULL) {
    return UA_TEXT_ABSENT;
  }
  if (text.length > 0) {
    memcpy(copy, text.data, text.length);
  }
  return (ua_text){copy, text.length};
}

ua_text ua_arena_printf(ua_arena *arena, const char *format, ...)
{
  ua_text result = UA_TEXT_ABSENT;
  va_list arguments;
  va_list again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  char *out = length < 0 ? NULL : ua_arena_alloc(arena, (size_t)length + 1);
  if (out != NULL && vsnprintf(out, (size_t)length + 1, format, again) == length) {
    result = (ua_text){out, (size_t)length};
  }
  va_end(again);
  va_end(arguments);
  return result;
}
