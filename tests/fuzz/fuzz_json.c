/* The writer can write every document that the reader accepts, and the reader accepts the result. */
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "json/reader.h"
#include "json/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_value(ua_json_writer *writer, const char *key, const ua_json_value *value)
{
  if (value->type == UA_JSON_STRING) {
    ua_json_add_text(writer, key, value->string);
  }
  if (value->type == UA_JSON_INTEGER) {
    ua_json_add_integer(writer, key, value->integer);
  }
  if (value->type == UA_JSON_BOOLEAN) {
    ua_json_add_boolean(writer, key, value->boolean);
  }
  if (value->type == UA_JSON_NULL || value->type == UA_JSON_NUMBER) {
    ua_json_add_null(writer, key);
  }
  if (value->type != UA_JSON_OBJECT && value->type != UA_JSON_ARRAY) {
    return;
  }
  if (value->type == UA_JSON_OBJECT) {
    ua_json_begin_object(writer, key);
  }
  if (value->type == UA_JSON_ARRAY) {
    ua_json_begin_array(writer, key);
  }
  for (size_t i = 0; i < value->count; i++) {
    write_value(writer, value->members[i].name.data, &value->members[i].value);
  }
  ua_json_end(writer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  ua_arena *arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  if (arena == NULL) {
    return 0;
  }
  ua_json_value value;
  if (ua_json_parse(arena, (ua_text){(const char *)data, size}, &value) == UA_OK) {
    ua_text text;
    ua_json_writer *writer = ua_json_writer_create();
    write_value(writer, NULL, &value);
    if (ua_json_finish(&writer, arena, true, &text) != UA_OK) {
      abort();
    }
    if (ua_json_parse(arena, text, &value) != UA_OK) {
      abort();
    }
  }
  ua_arena_destroy(&arena);
  return 0;
}
