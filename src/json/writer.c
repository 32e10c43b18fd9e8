#include "json/writer.h"

#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 32 };

typedef struct frame {
  json_object *value; /* borrowed: it belongs to its parent */
  bool unsorted;      /* an object whose names did not come in order */
} frame;

struct ua_json_writer {
  json_object *top;
  frame open[MAX_DEPTH];
  size_t depth;
  bool complete; /* the top value is there, with its end */
  bool failed;
};

ua_json_writer *ua_json_writer_create(void)
{
  return calloc(1, sizeof(ua_json_writer));
}

/* Where names come in order, which our own code sees to, the new one is compared with the last alone,
 * and json-c need not look for it. */
static int add_to_object(frame *object, const char *key, json_object *value)
{
  unsigned options = 0;
  if (!object->unsorted) {
    const struct lh_entry *last = json_object_get_object(object->value)->tail;
    int order = last == NULL ? -1 : strcmp((const char *)lh_entry_k(last), key);
    if (order < 0) {
      options = JSON_C_OBJECT_ADD_KEY_IS_NEW;
    }
    object->unsorted = order > 0;
  }
  return json_object_object_add_ex(object->value, key, value, options);
}

/* Hands `value` (NULL is JSON's null) to the innermost open container, which owns it from then on, or
 * makes it the top value. On failure it is released and the writer fails for good. */
static void attach(ua_json_writer *writer, const char *key, json_object *value)
{
  int added = -1;
  if (writer->depth > 0) {
    frame *parent = &writer->open[writer->depth - 1];
    bool keyed = json_object_is_type(parent->value, json_type_object);
    if (keyed && key != NULL && ua_text_is_utf8(ua_text_of(key))) {
      added = add_to_object(parent, key, value);
    }
    if (!keyed && key == NULL) {
      added = json_object_array_add(parent->value, value);
    }
  } else if (!writer->complete && key == NULL) {
    writer->top = value;
    writer->complete = true;
    added = 0;
  }
  if (added == 0) {
    return;
  }
  json_object_put(value); /* json-c takes the reference only on success */
  writer->failed = true;
}

static bool is_writable(const ua_json_writer *writer)
{
  return writer != NULL && !writer->failed;
}

static void begin(ua_json_writer *writer, const char *key, json_object *container)
{
  if (container == NULL || writer->depth == MAX_DEPTH) {
    json_object_put(container);
    writer->failed = true;
    return;
  }
  attach(writer, key, container);
  if (!writer->failed) {
    writer->open[writer->depth++] = (frame){.value = container};
  }
}

void ua_json_begin_object(ua_json_writer *writer, const char *key)
{
  if (is_writable(writer)) {
    begin(writer, key, json_object_new_object());
  }
}

void ua_json_begin_array(ua_json_writer *writer, const char *key)
{
  if (is_writable(writer)) {
    begin(writer, key, json_object_new_array());
  }
}

typedef struct entry {
  char *key;
  json_object *value;
} entry;

static int compare_entries(const void *a, const void *b)
{
  return strcmp(((const entry *)a)->key, ((const entry *)b)->key);
}

/* Takes all members out of `object` and puts them back in order. */
static bool sort_members(json_object *object)
{
  size_t room = (size_t)json_object_object_length(object);
  size_t count = 0;
  bool sorted = false;
  entry *entries = calloc(room, sizeof *entries);
  if (entries == NULL) {
    return false;
  }
  struct lh_entry *member;
  lh_foreach(json_object_get_object(object), member)
  {
    entries[count].key = strdup((const char *)lh_entry_k(member));
    entries[count].value = json_object_get((json_object *)lh_entry_v(member));
    if (entries[count++].key == NULL) {
      goto cleanup;
    }
  }
  for (size_t i = 0; i < count; i++) {
    json_object_object_del(object, entries[i].key);
  }
  qsort(entries, count, sizeof *entries, compare_entries);
  for (size_t i = 0; i < count; i++) {
    if (json_object_object_add(object, entries[i].key, entries[i].value) != 0) {
      goto cleanup;
    }
    entries[i].value = NULL;
  }
  sorted = true;
cleanup:
  for (size_t i = 0; i < count; i++) {
    json_object_put(entries[i].value);
    free(entries[i].key);
  }
  free(entries);
  return sorted;
}

void ua_json_end(ua_json_writer *writer)
{
  if (!is_writable(writer)) {
    return;
  }
  if (writer->depth == 0) {
    writer->failed = true;
    return;
  }
  const frame *closed = &writer->open[--writer->depth];
  if (closed->unsorted && !sort_members(closed->value)) {
    writer->failed = true;
  }
}

void ua_json_add_text(ua_json_writer *writer, const char *key, ua_text value)
{
  if (!is_writable(writer)) {
    return;
  }
  if (value.data == NULL) {
    attach(writer, key, NULL);
    return;
  }
  json_object *string = NULL;
  if (value.length <= INT_MAX && ua_text_is_utf8(value)) {
    string = json_object_new_string_len(value.data, (int)value.length);
  }
  if (string == NULL) {
    writer->failed = true;
    return;
  }
  attach(writer, key, string);
}

void ua_json_add_integer(ua_json_writer *writer, const char *key, int64_t value)
{
  if (!is_writable(writer)) {
    return;
  }
  json_object *integer = json_object_new_int64(value);
  if (integer == NULL) {
    writer->failed = true;
    return;
  }
  attach(writer, key, integer);
}

void ua_json_add_boolean(ua_json_writer *writer, const char *key, bool value)
{
  if (!is_writable(writer)) {
    return;
  }
  json_object *boolean = json_object_new_boolean(value);
  if (boolean == NULL) {
    writer->failed = true;
    return;
  }
  attach(writer, key, boolean);
}

void ua_json_add_null(ua_json_writer *writer, const char *key)
{
  if (is_writable(writer)) {
    attach(writer, key, NULL);
  }
}

static ua_status serialise(const ua_json_writer *writer, ua_arena *arena, bool newline, ua_text *text_r)
{
  if (writer->failed || !writer->complete || writer->depth > 0) {
    return UA_INTERNAL;
  }
  size_t length = 0;
  const char *bytes = json_object_to_json_string_length(
      writer->top, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
  char *copy = bytes == NULL ? NULL : ua_arena_alloc(arena, length + 2);
  if (copy == NULL) {
    return UA_INTERNAL;
  }
  memcpy(copy, bytes, length);
  if (newline) {
    copy[length++] = '\n';
  }
  *text_r = (ua_text){copy, length};
  return UA_OK;
}

ua_status ua_json_finish(ua_json_writer **writer, ua_arena *arena, bool newline, ua_text *text_r)
{
  ua_json_writer *finished = *writer;
  *writer = NULL;
  if (finished == NULL) {
    return UA_INTERNAL;
  }
  ua_status status = serialise(finished, arena, newline, text_r);
  ua_json_discard(&finished);
  return status;
}

void ua_json_discard(ua_json_writer **writer)
{
  if (*writer != NULL) {
    json_object_put((*writer)->top);
    free(*writer);
    *writer = NULL;
  }
}
