#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "json/reader.h"
#include "json/writer.h"
#include "unit.h"

typedef struct fixture {
  ua_arena *arena;
  ua_json_writer *writer;
} fixture;

static int open_writer(void **state)
{
  static fixture f;
  f = (fixture){ua_arena_create(4096, 1 << 20), ua_json_writer_create()};
  *state = &f;
  return f.arena == NULL || f.writer == NULL;
}

static int close_writer(void **state)
{
  fixture *f = *state;
  ua_arena_destroy(&f->arena);
  return f->writer != NULL;
}

static void assert_written(fixture *f, const char *expected)
{
  ua_text text;
  assert_int_equal(ua_json_finish(&f->writer, f->arena, false, &text), UA_OK);
  assert_string_equal(text.data, expected);
  assert_int_equal(text.length, strlen(expected));
  assert_null(f->writer);
}

static void assert_failed(fixture *f)
{
  ua_text text = UA_TEXT("untouched");
  assert_int_equal(ua_json_finish(&f->writer, f->arena, true, &text), UA_INTERNAL);
  assert_true(ua_text_equal(text, UA_TEXT("untouched")));
  assert_null(f->writer);
}

static void names_come_out_sorted_whatever_order_they_were_added_in(void **state)
{
  fixture *f = *state;
  ua_json_begin_object(f->writer, NULL);
  ua_json_add_text(f->writer, "name", UA_TEXT("admin"));
  ua_json_add_integer(f->writer, "id", 1);
  ua_json_begin_array(f->writer, "roles");
  ua_json_begin_object(f->writer, NULL);
  ua_json_add_text(f->writer, "code", UA_TEXT("admin"));
  ua_json_add_integer(f->writer, "id", 1);
  ua_json_add_text(f->writer, "Zeta", UA_TEXT(""));
  ua_json_end(f->writer);
  ua_json_end(f->writer);
  ua_json_begin_object(f->writer, "customer");
  ua_json_add_integer(f->writer, "id", -9223372036854775807 - 1);
  ua_json_end(f->writer);
  ua_json_add_boolean(f->writer, "active", true);
  ua_json_add_null(f->writer, "\xC3\xA4");
  ua_json_end(f->writer);
  assert_written(f,
                 "{\"active\":true,\"customer\":{\"id\":-9223372036854775808},\"id\":1,\"name\":\"admin\","
                 "\"roles\":[{\"Zeta\":\"\",\"code\":\"admin\",\"id\":1}],\"\xC3\xA4\":null}");
}

static void many_names_are_sorted(void **state)
{
  fixture *f = *state;
  ua_json_begin_object(f->writer, NULL);
  for (int i = 0; i < 500; i++) {
    char key[8];
    snprintf(key, sizeof key, "k%03d", i * 7 % 500);
    ua_json_add_integer(f->writer, key, i);
  }
  ua_json_end(f->writer);
  ua_text text;
  ua_json_value value;
  assert_int_equal(ua_json_finish(&f->writer, f->arena, false, &text), UA_OK);
  assert_int_equal(ua_json_parse(f->arena, text, &value), UA_OK);
  assert_int_equal(value.count, 500);
  for (size_t i = 1; i < 500; i++) {
    assert_true(ua_text_compare(value.members[i - 1].name, value.members[i].name) < 0);
  }
}

static void a_name_added_twice_counts_once(void **state)
{
  fixture *f = *state;
  ua_json_begin_object(f->writer, NULL);
  ua_json_add_integer(f->writer, "b", 1);
  ua_json_add_integer(f->writer, "b", 2);
  ua_json_add_integer(f->writer, "a", 3);
  ua_json_add_integer(f->writer, "b", 4);
  ua_json_end(f->writer);
  assert_written(f, "{\"a\":3,\"b\":4}");
}

static void names_are_copied(void **state)
{
  fixture *f = *state;
  char key[] = "key";
  ua_json_begin_object(f->writer, NULL);
  ua_json_add_boolean(f->writer, key, false);
  memset(key, 'x', sizeof key - 1);
  ua_json_end(f->writer);
  assert_written(f, "{\"key\":false}");
}

static void a_text_ends_in_one_newline_when_asked(void **state)
{
  fixture *f = *state;
  ua_text text;
  ua_json_begin_object(f->writer, NULL);
  ua_json_end(f->writer);
  assert_int_equal(ua_json_finish(&f->writer, f->arena, true, &text), UA_OK);
  assert_int_equal(text.length, 3);
  assert_string_equal(text.data, "{}\n");
}

static void strings_are_escaped_but_for_slashes(void **state)
{
  fixture *f = *state;
  ua_json_begin_array(f->writer, NULL);
  ua_json_add_text(f->writer, NULL, UA_TEXT("a/b\"\\\n\x1F\xC3\xA4"));
  ua_json_add_text(f->writer, NULL, UA_TEXT_ABSENT);
  ua_json_end(f->writer);
  assert_written(f, "[\"a/b\\\"\\\\\\n\\u001f\xC3\xA4\",null]");
}

static void a_nul_inside_a_string_is_written_not_the_end(void **state)
{
  fixture *f = *state;
  ua_json_begin_array(f->writer, NULL);
  ua_json_add_text(f->writer, NULL, (ua_text){"x\0y", 3});
  ua_json_end(f->writer);
  assert_written(f, "[\"x\\u0000y\"]");
}

static void names_are_escaped_too(void **state)
{
  fixture *f = *state;
  ua_json_begin_object(f->writer, NULL);
  ua_json_add_integer(f->writer, "a\"\n", 1);
  ua_json_end(f->writer);
  assert_written(f, "{\"a\\\"\\n\":1}");
}

static void bytes_that_are_not_utf8_fail_instead_of_making_bad_json(void **state)
{
  fixture *f = *state;
  ua_json_begin_array(f->writer, NULL);
  ua_json_add_text(f->writer, NULL, UA_TEXT("\xFF"));
  ua_json_end(f->writer);
  assert_failed(f);
  f->writer = ua_json_writer_create();
  ua_json_begin_object(f->writer, NULL);
  ua_json_add_integer(f->writer, "\xC3", 1);
  ua_json_end(f->writer);
  assert_failed(f);
}

static void a_begin_without_end_fails(void **state)
{
  fixture *f = *state;
  ua_json_begin_object(f->writer, NULL);
  ua_json_begin_array(f->writer, "a");
  ua_json_end(f->writer);
  assert_failed(f);
}

static void nothing_written_fails(void **state)
{
  assert_failed(*state);
}

static void an_end_without_begin_fails(void **state)
{
  fixture *f = *state;
  ua_json_begin_object(f->writer, NULL);
  ua_json_end(f->writer);
  ua_json_end(f->writer);
  assert_failed(f);
}

static void a_second_top_value_fails(void **state)
{
  fixture *f = *state;
  ua_json_add_integer(f->writer, NULL, 1);
  ua_json_add_integer(f->writer, NULL, 2);
  assert_failed(f);
}

static void a_name_missing_in_an_object_or_given_in_an_array_fails(void **state)
{
  fixture *f = *state;
  ua_json_begin_object(f->writer, NULL);
  ua_json_add_text(f->writer, NULL, UA_TEXT("x"));
  ua_json_end(f->writer);
  assert_failed(f);
  f->writer = ua_json_writer_create();
  ua_json_begin_array(f->writer, NULL);
  ua_json_begin_object(f->writer, "a");
  ua_json_end(f->writer);
  ua_json_end(f->writer);
  assert_failed(f);
}

static void nesting_without_bound_fails(void **state)
{
  fixture *f = *state;
  for (int i = 0; i < 100; i++) {
    ua_json_begin_array(f->writer, NULL);
  }
  for (int i = 0; i < 100; i++) {
    ua_json_end(f->writer);
  }
  assert_failed(f);
}

static void exhausted_memory_is_an_internal_error(void **state)
{
  fixture *f = *state;
  while (ua_arena_alloc(f->arena, 16) != NULL) {
    continue;
  }
  ua_json_add_integer(f->writer, NULL, 1);
  assert_failed(f);
}

static void a_writer_that_could_not_be_made_takes_every_call(void **state)
{
  (void)state;
  ua_json_writer *none = NULL;
  ua_text text;
  ua_json_begin_object(none, NULL);
  ua_json_begin_array(none, "a");
  ua_json_add_text(none, NULL, UA_TEXT("x"));
  ua_json_add_integer(none, NULL, 1);
  ua_json_add_boolean(none, NULL, true);
  ua_json_add_null(none, NULL);
  ua_json_end(none);
  assert_int_equal(ua_json_finish(&none, NULL, true, &text), UA_INTERNAL);
}

static void nesting_up_to_the_bound_is_sorted_too(void **state)
{
  enum { DEPTH = 32 };
  fixture *f = *state;
  ua_text text;
  for (int i = 0; i < DEPTH; i++) {
    ua_json_begin_object(f->writer, i == 0 ? NULL : "b");
    ua_json_add_integer(f->writer, "z", i);
    ua_json_add_integer(f->writer, "a", i);
  }
  for (int i = 0; i < DEPTH; i++) {
    ua_json_end(f->writer);
  }
  assert_int_equal(ua_json_finish(&f->writer, f->arena, false, &text), UA_OK);
  for (int i = 0; i < DEPTH; i++) {
    static const char begin[] = "{\"a\":";
    const char *found = strstr(text.data, begin);
    assert_non_null(found);
    text.data = found + 1;
  }
  assert_null(strstr(text.data, "{"));
}

/* --- beside json-c --- */

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

/* Writes the value, and makes the same of json-c. */
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

/* json-c reads the same value out of it as it was told, and would write it the same way. */
static void whatever_is_written_json_c_writes_alike(void **state)
{
  enum { VALUES = 4000 };
  fixture *f = *state;
  size_t longest = 0;
  for (int i = 0; i < VALUES; i++) {
    ua_text text;
    size_t length;
    json_object *told = draw_container(f->writer, NULL, 8);
    assert_int_equal(ua_json_finish(&f->writer, f->arena, false, &text), UA_OK);
    json_object *read = json_tokener_parse(text.data);
    assert_true(json_object_equal(told, read));
    assert_in_order(read);
    const char *again = json_object_to_json_string_length(
        read, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
    assert_true(ua_text_equal(text, (ua_text){again, length}));
    longest = length > longest ? length : longest;
    json_object_put(read);
    json_object_put(told);
    ua_arena_reset(f->arena);
    f->writer = ua_json_writer_create();
  }
  assert_true(longest > 2048); /* beyond what a writer has by itself */
  ua_json_discard(&f->writer);
}

#define WITH_WRITER(test) cmocka_unit_test_setup_teardown(test, open_writer, close_writer)

int main(void)
{
  const struct CMUnitTest tests[] = {
      WITH_WRITER(names_come_out_sorted_whatever_order_they_were_added_in),
      WITH_WRITER(many_names_are_sorted),
      WITH_WRITER(a_name_added_twice_counts_once),
      WITH_WRITER(names_are_copied),
      WITH_WRITER(a_text_ends_in_one_newline_when_asked),
      WITH_WRITER(strings_are_escaped_but_for_slashes),
      WITH_WRITER(a_nul_inside_a_string_is_written_not_the_end),
      WITH_WRITER(names_are_escaped_too),
      WITH_WRITER(bytes_that_are_not_utf8_fail_instead_of_making_bad_json),
      WITH_WRITER(a_begin_without_end_fails),
      WITH_WRITER(nothing_written_fails),
      WITH_WRITER(an_end_without_begin_fails),
      WITH_WRITER(a_second_top_value_fails),
      WITH_WRITER(a_name_missing_in_an_object_or_given_in_an_array_fails),
      WITH_WRITER(nesting_without_bound_fails),
      WITH_WRITER(exhausted_memory_is_an_internal_error),
      WITH_WRITER(nesting_up_to_the_bound_is_sorted_too),
      WITH_WRITER(whatever_is_written_json_c_writes_alike),
      cmocka_unit_test(a_writer_that_could_not_be_made_takes_every_call),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
