/* An accepted path equals the path that a web server makes of the decoded segments. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  ua_arena *arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  if (arena == NULL) {
    return 0;
  }
  ua_path path;
  ua_text raw;
  ua_text query;
  ua_http_uri_split((ua_text){(const char *)data, size}, &raw, &query);
  if (ua_http_uri_parse_path(arena, raw, &path) == UA_OK) {
    ua_text decoded = UA_TEXT("");
    for (size_t i = 0; i < path.count; i++) {
      decoded = ua_arena_printf(arena, "%s/%s", decoded.data, path.segment[i].data);
    }
    if (path.trailing_slash) {
      decoded = ua_arena_printf(arena, "%s/", decoded.data);
    }
    if (!ua_http_uri_path_equals(&path, decoded) || strstr(decoded.data, "//") != NULL) {
      abort();
    }
  }
  ua_arena_destroy(&arena);
  return 0;
}
