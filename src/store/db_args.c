#include <inttypes.h>
#include <stdio.h>

#include "store/db.h"

static void add_string(ua_db_args *args, const char *value)
{
  if (args->count == UA_DB_MAX_ARGS) {
    args->failed = true;
    return;
  }
  args->arg[args->count++].value = value;
}

void ua_store_db_add_null(ua_db_args *args)
{
  add_string(args, NULL);
}

void ua_store_db_add_int(ua_db_args *args, int64_t value)
{
  if (args->count == UA_DB_MAX_ARGS) {
    args->failed = true;
    return;
  }
  char *buffer = args->arg[args->count++].buffer;
  (void)snprintf(buffer, sizeof args->arg[0].buffer, "%" PRId64, value);
}

void ua_store_db_add_bool(ua_db_args *args, bool value)
{
  add_string(args, value ? "t" : "f");
}

void ua_store_db_add_text(ua_db_args *args, ua_arena *arena, ua_text value)
{
  if (value.data == NULL) {
    add_string(args, NULL);
    return;
  }
  ua_text copy = ua_arena_copy(arena, value);
  if (copy.data == NULL || ua_text_has_nul(value)) {
    args->failed = true;
  }
  add_string(args, copy.data);
}

void ua_store_db_add_bytes(ua_db_args *args, ua_arena *arena, const unsigned char *bytes, size_t length)
{
  char *text = ua_arena_alloc(arena, 2 * length + 3);
  if (text == NULL) {
    args->failed = true;
  } else {
    text[0] = '\\';
    text[1] = 'x';
    ua_text_hex(bytes, length, text + 2);
  }
  add_string(args, text);
}

void ua_store_db_add_int_array(ua_db_args *args, ua_arena *arena, const int32_t *values, size_t count)
{
  enum { LONGEST = 12 }; /* "-2147483648," */
  size_t size = count * LONGEST + 3;
  size_t used = 1;
  char *text = ua_arena_alloc(arena, size);
  if (text == NULL) {
    args->failed = true;
    add_string(args, NULL);
    return;
  }
  text[0] = '{';
  for (size_t i = 0; i < count; i++) {
    int written = snprintf(text + used, size - used, "%s%" PRId32, i == 0 ? "" : ",", values[i]);
    used += written > 0 ? (size_t)written : 0;
  }
  text[used] = '}';
  add_string(args, text);
}
