#include "json/writer.h"

#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Answers are small and many, so the text is written directly. Our own code adds names in order; if they are
 * out of order, json-c reads the object back and sorts them. */
enum { MAX_DEPTH = 32, SMALL_BYTES = 768 };

/* A container that has no end yet. */
typedef struct frame {
  size_t start; /* of its text */
  size_t last;  /* of the previous name, in the text */
  size_t last_length;
  bool is_object;
  bool is_empty;
  bool unsorted; /* its names did not come in order */
} frame;

struct ua_json_writer {
  char *text; /* `small`, or memory of its own */
  size_t length;
  size_t size;
  size_t depth;
  bool complete; /* the top value is there, or has begun */
  bool failed;
  frame open[MAX_DEPTH];
  char small[SMALL_BYTES];
};

ua_json_writer *ua_json_writer_create(void)
{
  ua_json_writer *writer = malloc(sizeof *writer);
  if (writer != NULL) {
    writer->text = writer->small;
    writer->length = 0;
    writer->size = sizeof writer->small;
    writer->depth = 0;
    writer->complete = false;
    writer->failed = false;
  }
  return writer;
}

static bool is_writable(const ua_json_writer *writer)
{
  return writer != NULL && !writer->failed;
}

/* --- the text --- */

static bool grow(ua_json_writer *writer, size_t need)
{
  bool was_small = writer->text == writer->small;
  size_t size = need > SIZE_MAX / 2 ? 0 : writer->size;
  while (size > 0 && size < need) {
    size *= 2;
  }
  char *larger = size == 0 ? NULL : realloc(was_small ? NULL : writer->text, size);
  if (larger == NULL) {
    return false;
  }
  if (was_small) {
    memcpy(larger, writer->small, writer->length);
  }
  writer->text = larger;
  writer->size = size;
  return true;
}

static void append(ua_json_writer *writer, ua_text bytes)
{
  if (bytes.length > writer->size - writer->length && !grow(writer, writer->length + bytes.length)) {
    writer->failed = true;
  } else if (bytes.length > 0) {
    memcpy(writer->text + writer->length, bytes.data, bytes.length);
    writer->length += bytes.length;
  }
}

/* How many bytes at the front of `text` need no escape in a string (RFC 8259 section 7). */
static size_t plain_length(ua_text text)
{
  size_t length = 0;
  while (length < text.length && (unsigned char)text.data[length] >= ' ' && text.data[length] != '"' &&
         text.data[length] != '\\') {
    length++;
  }
  return length;
}

static void append_escape(ua_json_writer *writer, char byte)
{
  static const char hex[] = "0123456789abcdef";
  static const char escaped[] = "\"\\\b\f\n\r\t";
  static const char letters[] = "\"\\bfnrt";
  const char *found = byte == '\0' ? NULL : strchr(escaped, byte);
  if (found != NULL) {
    append(writer, (ua_text){(const char[]){'\\', letters[found - escaped]}, 2});
  } else {
    append(writer, (ua_text){(const char[]){'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]}, 6});
  }
}

static void append_string(ua_json_writer *writer, ua_text string)
{
  append(writer, UA_TEXT("\""));
  while (string.length > 0) {
    size_t plain = plain_length(string);
    append(writer, (ua_text){string.data, plain});
    if (plain < string.length) {
      append_escape(writer, string.data[plain++]);
    }
    string = (ua_text){string.data + plain, string.length - plain};
  }
  append(writer, UA_TEXT("\""));
}

/* --- values --- */

/* A name that has to be escaped counts as out of order, without a comparison. */
static void append_name(ua_json_writer *writer, frame *object, ua_text name)
{
  ua_text before = {writer->text + object->last, object->last_length};
  object->unsorted = object->unsorted || plain_length(name) < name.length ||
                     (!object->is_empty && ua_text_compare(before, name) >= 0);
  append(writer, object->is_empty ? UA_TEXT("") : UA_TEXT(","));
  object->last = writer->length + 1;
  object->last_length = name.length;
  append_string(writer, name);
  append(writer, UA_TEXT(":"));
}

/* Writes what comes before a value. False, and the writer fails for good, if none is allowed. */
static bool begin_value(ua_json_writer *writer, const char *key)
{
  ua_text name = ua_text_of(key);
  if (!is_writable(writer)) {
    return false;
  }
  frame *parent = writer->depth == 0 ? NULL : &writer->open[writer->depth - 1];
  bool is_named = parent != NULL && parent->is_object;
  if ((parent == NULL && writer->complete) || is_named != (key != NULL) || !ua_text_is_utf8(name)) {
    writer->failed = true;
    return false;
  }
  if (is_named) {
    append_name(writer, parent, name);
  } else if (parent != NULL && !parent->is_empty) {
    append(writer, UA_TEXT(","));
  }
  if (parent != NULL) {
    parent->is_empty = false;
  }
  writer->complete = true;
  return !writer->failed;
}

static void add(ua_json_writer *writer, const char *key, ua_text value)
{
  if (begin_value(writer, key)) {
    append(writer, value);
  }
}

void ua_json_add_text(ua_json_writer *writer, const char *key, ua_text value)
{
  if (value.data == NULL) {
    ua_json_add_null(writer, key);
  } else if (begin_value(writer, key)) {
    writer->failed = !ua_text_is_utf8(value);
    append_string(writer, value);
  }
}

void ua_json_add_integer(ua_json_writer *writer, const char *key, int64_t value)
{
  char digits[UA_DECIMAL_BYTES];
  add(writer, key, ua_text_of_integer(value, digits));
}

void ua_json_add_boolean(ua_json_writer *writer, const char *key, bool value)
{
  add(writer, key, value ? UA_TEXT("true") : UA_TEXT("false"));
}

void ua_json_add_null(ua_json_writer *writer, const char *key)
{
  add(writer, key, UA_TEXT("null"));
}

/* --- containers --- */

static void begin(ua_json_writer *writer, const char *key, bool is_object)
{
  if (!begin_value(writer, key)) {
    return;
  }
  if (writer->depth == MAX_DEPTH) {
    writer->failed = true;
    return;
  }
  writer->open[writer->depth++] = (frame){.start = writer->length, .is_object = is_object, .is_empty = true};
  append(writer, is_object ? UA_TEXT("{") : UA_TEXT("["));
}

void ua_json_begin_object(ua_json_writer *writer, const char *key)
{
  begin(writer, key, true);
}

void ua_json_begin_array(ua_json_writer *writer, const char *key)
{
  begin(writer, key, false);
}

static int compare_entries(const void *a, const void *b)
{
  const struct lh_entry *const *one = a;
  const struct lh_entry *const *other = b;
  return strcmp(lh_entry_k(*one), lh_entry_k(*other));
}

/* Of a name that was added twice, json-c keeps the last value. */
static bool append_sorted(ua_json_writer *writer, json_object *object)
{
  size_t count = 0;
  struct lh_entry *entry;
  struct lh_entry **entries = calloc((size_t)json_object_object_length(object), sizeof *entries);
  if (entries == NULL) {
    return false;
  }
  lh_foreach(json_object_get_object(object), entry)
  {
    entries[count++] = entry;
  }
  qsort(entries, count, sizeof *entries, compare_entries);
  bool well = true;
  for (size_t i = 0; well && i < count; i++) {
    const char *value = json_object_to_json_string_ext(
        lh_entry_v(entries[i]), JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
    well = value != NULL;
    append(writer, i == 0 ? UA_TEXT("{") : UA_TEXT(","));
    append_string(writer, ua_text_of(lh_entry_k(entries[i])));
    append(writer, UA_TEXT(":"));
    append(writer, ua_text_of(value));
  }
  append(writer, UA_TEXT("}"));
  free(entries);
  return well;
}

static bool sort(ua_json_writer *writer, size_t start)
{
  size_t length = writer->length - start;
  json_tokener *tokener = length > INT_MAX ? NULL : json_tokener_new_ex(2 * MAX_DEPTH);
  json_object *object =
      tokener == NULL ? NULL : json_tokener_parse_ex(tokener, writer->text + start, (int)length);
  writer->length = start;
  bool sorted = object != NULL && append_sorted(writer, object);
  json_object_put(object);
  if (tokener != NULL) {
    json_tokener_free(tokener);
  }
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
  append(writer, closed->is_object ? UA_TEXT("}") : UA_TEXT("]"));
  if (!writer->failed && closed->unsorted) {
    writer->failed = !sort(writer, closed->start) || writer->failed;
  }
}

/* --- the end --- */

static ua_status take_text(const ua_json_writer *writer, ua_arena *arena, bool newline, ua_text *text_r)
{
  if (writer->failed || !writer->complete || writer->depth > 0) {
    return UA_INTERNAL;
  }
  char *copy = ua_arena_alloc(arena, writer->length + 2);
  if (copy == NULL) {
    return UA_INTERNAL;
  }
  memcpy(copy, writer->text, writer->length);
  size_t length = writer->length;
  if (newline) {
    copy[length++] = '\n';
  }
  *text_r = (ua_text){copy, length};
  return UA_OK;
}

ua_status ua_json_finish(ua_json_writer **writer, ua_arena *arena, bool newline, ua_text *text_r)
{
  ua_status status = *writer == NULL ? UA_INTERNAL : take_text(*writer, arena, newline, text_r);
  ua_json_discard(writer);
  return status;
}

void ua_json_discard(ua_json_writer **writer)
{
  ua_json_writer *gone = *writer;
  *writer = NULL;
  if (gone != NULL && gone->text != gone->small) {
    free(gone->text);
  }
  free(gone);
}
