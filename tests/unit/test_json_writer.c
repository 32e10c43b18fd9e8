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
      cmocka_unit_test(a_writer_that_could_not_be_made_takes_every_call),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
