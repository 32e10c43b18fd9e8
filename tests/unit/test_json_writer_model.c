/* The writer compared with json-c: random values, given to both. */
#include <json-c/json.h>
#include <string.h>

#include "json/writer.h"
#include "unit.h"

static uint32_t drawn = 1;

static uint32_t draw(uint32_t below)
{
  drawn = drawn * 1664525 + 1013904223;
  return (drawn >> 8) % below;
}

static ua_text draw_string(char bytes[64])
{
  static const char *const others[] = {"\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xEF\xBF\xBF",
                                       "\x7F"};
  size_t length = 0;
  for (uint32_t count = draw(12); count > 0; count--) {
    if (draw(4) == 0) {
      const char *other = others[draw(5)];
      memcpy(bytes + length, other, strlen(other));
      length += strlen(other);
    } else {
      bytes[length++] = (char)draw(128);
    }
  }
  return (ua_text){bytes, length};
}

static const char *draw_name(void)
{
  static const char *const names[] = {"",         "a",        "aa",           "b",   "B",
                                      "id",       "name",     "\"",           "\\n", "new\nline",
                                      "\x01\x1F", "\xC3\xA4", "\xEF\xBF\xBF", "/"};
  return names[draw(sizeof names / sizeof names[0])];
}

static json_object *draw_container(ua_json_writer *writer, const char *key, uint32_t depth);

/* Writes a random value, and builds the same one with json-c. */
static json_object *draw_value(ua_json_writer *writer, const char *key, uint32_t depth)
{
  static const int64_t integers[] = {0, -1, 1, 42, INT32_MIN, INT64_MAX, INT64_MIN};
  char bytes[64];
  bool flag = draw(2) == 0;
  int64_t integer = integers[draw(7)];
  ua_text string = draw_string(bytes);
  switch (draw(depth > 0 ? 6 : 4)) {
    case 0:
      ua_json_add_null(writer, key);
      return NULL;
    case 1:
      ua_json_add_boolean(writer, key, flag);
      return json_object_new_boolean(flag);
    case 2:
      ua_json_add_integer(writer, key, integer);
      return json_object_new_int64(integer);
    case 3:
      ua_json_add_text(writer, key, string);
      return json_object_new_string_len(string.data, (int)string.length);
    default:
      return draw_container(writer, key, depth - 1);
  }
}

static json_object *draw_container(ua_json_writer *writer, const char *key, uint32_t depth)
{
  bool is_object = draw(2) == 0;
  json_object *made = is_object ? json_object_new_object() : json_object_new_array();
  if (is_object) {
    ua_json_begin_object(writer, key);
  } else {
    ua_json_begin_array(writer, key);
  }
  for (uint32_t count = draw(7); count > 0; count--) {
    const char *name = is_object ? draw_name() : NULL;
    json_object *value = draw_value(writer, name, depth);
    assert_int_equal(
        is_object ? json_object_object_add(made, name, value) : json_object_array_add(made, value), 0);
  }
  ua_json_end(writer);
  return made;
}

static void assert_in_order(const json_object *value)
{
  const char *last = NULL;
  if (json_object_is_type(value, json_type_object)) {
    struct json_object_iterator at = json_object_iter_begin((json_object *)(uintptr_t)value);
    struct json_object_iterator end = json_object_iter_end(value);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
      const char *name = json_object_iter_peek_name(&at);
      assert_true(last == NULL || strcmp(last, name) < 0);
      assert_in_order(json_object_iter_peek_value(&at));
      last = name;
    }
  } else if (json_object_is_type(value, json_type_array)) {
    for (size_t i = 0; i < json_object_array_length(value); i++) {
      assert_in_order(json_object_array_get_idx(value, i));
    }
  }
}

/* json-c reads back the same value, and would write it in the same way. */
static void whatever_is_written_json_c_writes_alike(void **state)
{
  enum { VALUES = 4000 };
  ua_arena *arena = ua_arena_create(4096, 1 << 20);
  size_t longest = 0;
  (void)state;
  for (int i = 0; i < VALUES; i++) {
    ua_text text;
    size_t length;
    ua_json_writer *writer = ua_json_writer_create();
    json_object *told = draw_container(writer, NULL, 8);
    assert_int_equal(ua_json_finish(&writer, arena, false, &text), UA_OK);
    json_object *read = json_tokener_parse(text.data);
    assert_true(json_object_equal(told, read));
    assert_in_order(read);
    const char *again = json_object_to_json_string_length(
        read, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
    assert_true(ua_text_equal(text, (ua_text){again, length}));
    longest = length > longest ? length : longest;
    json_object_put(read);
    json_object_put(told);
    ua_arena_reset(arena);
  }
  assert_true(longest > 2048); /* longer than a writer's own buffer */
  ua_arena_destroy(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whatever_is_written_json_c_writes_alike),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
