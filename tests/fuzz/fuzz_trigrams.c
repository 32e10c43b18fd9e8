/* For any pattern, each trigram is three characters of the pattern. None of them is special in a LIKE
 * pattern, or ends the item of PostgreSQL's array. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "store/trigrams.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Returns the first item of `rest`, without its quotes and percent signs, and removes it from `rest`. */
static ua_text take_item(ua_text *rest)
{
  const char *end = rest->length < 2 ? NULL : memchr(rest->data + 2, '"', rest->length - 2);
  if (end == NULL || memcmp(rest->data, "\"%", 2) != 0 || end[-1] != '%') {
    abort();
  }
  ua_text item = {rest->data + 2, (size_t)(end - 1 - rest->data) - 2};
  size_t taken = (size_t)(end + 1 - rest->data);
  *rest = (ua_text){end + 1, rest->length - taken};
  return item;
}

static void check_item(ua_text pattern, ua_text item)
{
  size_t characters = 0;
  if (memmem(pattern.data, pattern.length, item.data, item.length) == NULL || !ua_text_is_utf8(item)) {
    abort();
  }
  for (size_t i = 0; i < item.length; i++) {
    if (item.data[i] == '%' || item.data[i] == '_' || item.data[i] == '\\' || item.data[i] == '"') {
      abort();
    }
    characters += ((unsigned char)item.data[i] & 0xC0) != 0x80;
  }
  if (characters != 3) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  ua_text pattern = {(const char *)data, size};
  ua_text array;
  ua_arena *arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  if (arena != NULL && data != NULL && ua_store_trigrams_read(arena, pattern, &array) == UA_OK) {
    ua_text rest = {array.data + 1, array.length - 2};
    size_t count = 0;
    if (array.data[0] != '{' || array.data[array.length - 1] != '}') {
      abort();
    }
    for (; rest.length > 0; count++) {
      check_item(pattern, take_item(&rest));
      if (rest.length > 0 && rest.data[0] != ',') {
        abort();
      }
      rest = rest.length > 0 ? (ua_text){rest.data + 1, rest.length - 1} : rest;
    }
    if (count > UA_MAX_TRIGRAMS) {
      abort();
    }
  }
  ua_arena_destroy(&arena);
  return 0;
}
