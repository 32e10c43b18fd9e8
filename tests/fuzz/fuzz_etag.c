/* Any tag is found in the lists that contain it, and in no others. A valid list stays valid when a tag is
 * added. */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/limits.h"
#include "http/etag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(ua_text header, ua_text tag, bool strong, bool weak)
{
  if (header.data != NULL && (ua_http_etag_is_named(header, tag, UA_ETAG_STRONG) != strong ||
                              ua_http_etag_is_named(header, tag, UA_ETAG_WEAK) != weak)) {
    abort();
  }
}

/* The input as an entity tag. Characters that a tag may not contain are replaced. */
static ua_text tag_of(ua_arena *arena, const uint8_t *data, size_t size)
{
  char *tag = ua_arena_alloc(arena, size + 2);
  if (tag == NULL) {
    return UA_TEXT_ABSENT;
  }
  for (size_t i = 0; i < size; i++) {
    tag[i + 1] = data[i] <= ' ' || data[i] == '"' || data[i] == 0x7F ? 'x' : (char)data[i];
  }
  tag[0] = tag[size + 1] = '"';
  return (ua_text){tag, size + 2};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  ua_text header = {(const char *)data, size};
  ua_text added = UA_TEXT("\"added\"");
  ua_arena *arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  ua_text tag = arena == NULL ? UA_TEXT_ABSENT : tag_of(arena, data, size);
  if (tag.data != NULL) {
    check(tag, tag, true, true);
    check(ua_arena_printf(arena, "W/%.*s", UA_TEXT_ARGS(tag)), tag, false, true);
    check(ua_arena_printf(arena, ", W/\"y,\" ,%.*s,", UA_TEXT_ARGS(tag)), tag, true, true);
    check(ua_arena_printf(arena, "%.*s, \"open", UA_TEXT_ARGS(tag)), tag, false, false);
    check(ua_arena_printf(arena, "%.*s %.*s", UA_TEXT_ARGS(tag), UA_TEXT_ARGS(tag)), tag, false, false);
    ua_text front = ua_arena_printf(arena, "\"added\",%.*s", UA_TEXT_ARGS(header));
    bool readable = ua_http_etag_is_named(front, added, UA_ETAG_STRONG);
    check(ua_arena_printf(arena, "%.*s,\"added\"", UA_TEXT_ARGS(header)), added, readable, readable);
  }
  ua_arena_destroy(&arena);
  return 0;
}
