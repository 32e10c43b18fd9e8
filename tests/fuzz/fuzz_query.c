/* Decoded arguments are never longer than the query, and end in a NUL. */
#include <stdint.h>
#include <stdlib.h>

#include "http/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  ua_arena *arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  if (arena == NULL) {
    return 0;
  }
  ua_argument *arguments = NULL;
  size_t count = 0;
  size_t length = 0;
  if (ua_http_uri_parse_query(arena, (ua_text){(const char *)data, size}, &arguments, &count) == UA_OK) {
    for (size_t i = 0; i < count; i++) {
      length += arguments[i].name.length + arguments[i].value.length;
      if (arguments[i].name.data[arguments[i].name.length] != '\0') {
        abort();
      }
      if (arguments[i].value.data[arguments[i].value.length] != '\0') {
        abort();
      }
    }
    if (count > UA_MAX_QUERY_ARGS || length > size) {
      abort();
    }
  }
  ua_arena_destroy(&arena);
  return 0;
}
