#include <string.h>

#include "base/limits.h"
#include "json/reader.h"
#include "unit.h"

static int open_arena(void **state)
{
  *state = ua_arena_create(4096, 8 << 20);
  return *state == NULL;
}

static int close_arena(void **state)
{
  ua_arena *arena = *state;
  ua_arena_destroy(&arena);
  return 0;
}

static const ua_json_value *parsed(void **state, const char *text)
{
  static ua_json_value value;
  if (ua_json_parse(*state, ua_text_of(text), &value) != UA_OK) {
    fail_msg("'%s' was refused", text);
  }
  return &value;
}

static void assert_refused(void **state, ua_text text)
{
  ua_json_value value;
  assert_int_equal(ua_json_parse(*state, text, &value), UA_WRONG_PAYLOAD);
}

static void assert_text(ua_text text, const char *expected)
{
  assert_true(ua_text_equal(text, ua_text_of(expected)));
}

static void a_document_is_read_whole(void **state)
{
  const ua_json_value *document =
      parsed(state, " {\"email\" : \"a@b\",\"active\":true,\n\"roles\":[{\"id\":1},{}],\"no\":false}\r\n\t");
  assert_int_equal(document->type, UA_JSON_OBJECT);
  assert_int_equal(document->count, 4);
  assert_text(document->members[0].name, "email");
  assert_text(ua_json_member_of(document, "email")->string, "a@b");
  assert_true(ua_json_member_of(document, "active")->boolean);
  assert_int_equal(ua_json_member_of(document, "no")->type, UA_JSON_BOOLEAN);
  assert_false(ua_json_member_of(document, "no")->boolean);
  const ua_json_value *roles = ua_json_member_of(document, "roles");
  assert_int_equal(roles->type, UA_JSON_ARRAY);
  assert_int_equal(roles->count, 2);
  assert_null(roles->members[0].name.data);
  assert_int_equal(ua_json_member_of(&roles->members[0].value, "id")->integer, 1);
  assert_int_equal(roles->members[1].value.count, 0);
}

static void absent_null_and_value_are_three_things(void **state)
{
  const ua_json_value *document = parsed(state, "{\"a\":null,\"b\":\"\"}");
  assert_int_equal(ua_json_member_of(document, "a")->type, UA_JSON_NULL);
  assert_int_equal(ua_json_member_of(document, "b")->type, UA_JSON_STRING);
  assert_non_null(ua_json_member_of(document, "b")->string.data);
  assert_null(ua_json_member_of(document, "c"));
  assert_null(ua_json_member_of(parsed(state, "[1]"), "a"));
  assert_null(ua_json_member_of(NULL, "a"));
}

static void null_alone_is_a_value_and_no_failure(void **state)
{
  assert_int_equal(parsed(state, "null")->type, UA_JSON_NULL);
  assert_int_equal(parsed(state, "12")->integer, 12);
  assert_text(parsed(state, "\"x\"")->string, "x");
}

static void what_is_not_json_is_refused(void **state)
{
  static const char *const wrong[] = {"",
                                      " ",
                                      "{",
                                      "}",
                                      "[",
                                      "nul",
                                      "nulll",
                                      "True",
                                      "{,}",
                                      "{a:1}",
                                      "{'a':1}",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "[1,]",
                                      "[,1]",
                                      "[1 2]",
                                      "{\"a\" 1}",
                                      "{1:2}",
                                      "[1}",
                                      "{\"a\":1]",
                                      "/**/{}",
                                      "{}//",
                                      "\v{}",
                                      "NaN",
                                      "nan",
                                      "Infinity",
                                      "-Infinity",
                                      "\"",
                                      "\"\\",
                                      "\"\\\"",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\u12G4\"",
                                      "\"\\U0041\"",
                                      "undefined",
                                      "\xEF\xBB\xBF{}",
                                      "{\"a\":\"b\" \"c\":1}"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_refused(state, ua_text_of(wrong[i]));
  }
  assert_refused(state, UA_TEXT_ABSENT);
  assert_refused(state, (ua_text){"{}\0", 3});
}

static void trailing_garbage_is_refused(void **state)
{
  assert_refused(state, UA_TEXT("{}x"));
  assert_refused(state, UA_TEXT("{} {}"));
  assert_refused(state, UA_TEXT("1 2"));
  assert_refused(state, UA_TEXT("null,"));
  assert_int_equal(parsed(state, "{} \n\t\r")->type, UA_JSON_OBJECT);
}

static void of_a_repeated_name_the_last_counts(void **state)
{
  const ua_json_value *document = parsed(state, "{\"a\":1,\"b\":2,\"a\":3,\"\\u0061\":4,\"c\":5}");
  assert_int_equal(document->count, 3);
  assert_text(document->members[0].name, "a");
  assert_text(document->members[1].name, "b");
  assert_text(document->members[2].name, "c");
  assert_int_equal(ua_json_member_of(document, "a")->integer, 4);
}

static void bytes_that_are_not_utf8_are_refused(void **state)
{
  assert_refused(state, UA_TEXT("{\"a\":\"\xFF\"}"));
  assert_refused(state, UA_TEXT("{\"\xC3\":1}"));
  assert_refused(state, UA_TEXT("{\"a\":\"\xC0\x80\"}"));
  assert_refused(state, UA_TEXT("{\"a\":\"\xED\xA0\x80\"}"));
  assert_text(parsed(state, "\"\xC3\xA4\"")->string, "\xC3\xA4");
}

static void half_a_surrogate_pair_is_refused_not_replaced(void **state)
{
  assert_refused(state, UA_TEXT("\"\\ud83d\""));
  assert_refused(state, UA_TEXT("\"\\ude00\""));
  assert_refused(state, UA_TEXT("\"\\ud83dx\""));
  assert_refused(state, UA_TEXT("\"\\ud83d\\n\""));
  assert_refused(state, UA_TEXT("\"\\ud83d\\u0041\""));
  assert_refused(state, UA_TEXT("\"\\ud83d\\ud83d\""));
  assert_text(parsed(state, "\"\\ud83d\\uDE00\"")->string, "\xF0\x9F\x98\x80");
}

static void escapes_are_decoded(void **state)
{
  assert_text(parsed(state, "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"")->string, "\"\\/\b\f\n\r\t");
  assert_text(parsed(state, "\"\\u0041\\u00e4\\u20AC\\uffff\"")->string, "A\xC3\xA4\xE2\x82\xAC\xEF\xBF\xBF");
}

static void a_string_with_a_nul_keeps_its_length(void **state)
{
  ua_text string = parsed(state, "\"x\\u0000y\"")->string;
  assert_int_equal(string.length, 3);
  assert_memory_equal(string.data, "x\0y", 4);
}

static void a_name_with_a_nul_is_not_cut_to_another_name(void **state)
{
  const ua_json_value *document = parsed(state, "{\"email\\u0000x\":1}");
  assert_null(ua_json_member_of(document, "email"));
  assert_int_equal(document->members[0].name.length, 7);
}

static void raw_control_characters_in_strings_are_refused(void **state)
{
  assert_refused(state, UA_TEXT("\"a\nb\""));
  assert_refused(state, UA_TEXT("\"\x01\""));
  assert_refused(state, (ua_text){"\"\0\"", 3});
  assert_text(parsed(state, "\"\x7F\"")->string, "\x7F");
}

static void integers_are_taken_within_64_bits(void **state)
{
  assert_int_equal(parsed(state, "0")->type, UA_JSON_INTEGER);
  assert_int_equal(parsed(state, "-1")->integer, -1);
  assert_true(parsed(state, "9223372036854775807")->integer == INT64_MAX);
  assert_true(parsed(state, "-9223372036854775808")->integer == INT64_MIN);
  assert_int_equal(parsed(state, "-9223372036854775808")->type, UA_JSON_INTEGER);
}

static void numbers_that_are_no_64_bit_integer_are_not_clamped_or_cut(void **state)
{
  static const char *const numbers[] = {"9223372036854775808",
                                        "-9223372036854775809",
                                        "18446744073709551616",
                                        "99999999999999999999999",
                                        "-0",
                                        "1.0",
                                        "-1.9",
                                        "1e3",
                                        "1E+3",
                                        "5e-1",
                                        "0e1",
                                        "0.5",
                                        "1e999"};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    const ua_json_value *value = parsed(state, numbers[i]);
    assert_int_equal(value->type, UA_JSON_NUMBER);
    assert_int_equal(value->integer, 0);
  }
}

static void values_are_not_coerced_from_one_type_to_another(void **state)
{
  assert_int_equal(parsed(state, "\"12\"")->type, UA_JSON_STRING);
  assert_int_equal(parsed(state, "true")->type, UA_JSON_BOOLEAN);
  assert_int_equal(parsed(state, "true")->integer, 0);
  assert_int_equal(parsed(state, "1")->type, UA_JSON_INTEGER);
  assert_false(parsed(state, "1")->boolean);
}

static void badly_written_numbers_are_refused(void **state)
{
  static const char *const wrong[] = {"-",   "+1",   "01",    "-01",   "00",  "01.5", "1.", ".5",   "1e",
                                      "1e+", "0x10", "1.0.0", "1e5e5", "--1", "1-2",  "-a", "1_000"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_refused(state, ua_text_of(wrong[i]));
  }
}

static void nesting_is_limited(void **state)
{
  char text[2 * (UA_MAX_JSON_DEPTH + 1)];
  memset(text, '[', UA_MAX_JSON_DEPTH + 1);
  memset(text + UA_MAX_JSON_DEPTH + 1, ']', UA_MAX_JSON_DEPTH + 1);
  ua_json_value value;
  assert_refused(state, (ua_text){text, sizeof text});
  assert_int_equal(ua_json_parse(*state, (ua_text){text + 1, sizeof text - 2}, &value), UA_OK);
  assert_int_equal(parsed(state, "[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]")->count, 18);
}

static void a_payload_of_very_many_names_is_read(void **state)
{
  static char text[64 * 1024];
  size_t length = 0;
  text[length++] = '{';
  while (length < sizeof text - 8) {
    memcpy(text + length, "\"a\":1,", 6);
    text[length + 1] = (char)('a' + length % 26);
    length += 6;
  }
  text[length - 1] = '}';
  ua_json_value value;
  assert_int_equal(ua_json_parse(*state, (ua_text){text, length}, &value), UA_OK);
  assert_int_equal(value.count, 13);
}

static void exhausted_memory_is_an_internal_error(void **state)
{
  ua_json_value value;
  while (ua_arena_alloc(*state, 16) != NULL) {
    continue;
  }
  assert_int_equal(ua_json_parse(*state, UA_TEXT("{\"a\":[1]}"), &value), UA_INTERNAL);
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

int main(void)
{
  const struct CMUnitTest tests[] = {
      WITH_ARENA(a_document_is_read_whole),
      WITH_ARENA(absent_null_and_value_are_three_things),
      WITH_ARENA(null_alone_is_a_value_and_no_failure),
      WITH_ARENA(what_is_not_json_is_refused),
      WITH_ARENA(trailing_garbage_is_refused),
      WITH_ARENA(of_a_repeated_name_the_last_counts),
      WITH_ARENA(bytes_that_are_not_utf8_are_refused),
      WITH_ARENA(half_a_surrogate_pair_is_refused_not_replaced),
      WITH_ARENA(escapes_are_decoded),
      WITH_ARENA(a_string_with_a_nul_keeps_its_length),
      WITH_ARENA(a_name_with_a_nul_is_not_cut_to_another_name),
      WITH_ARENA(raw_control_characters_in_strings_are_refused),
      WITH_ARENA(integers_are_taken_within_64_bits),
      WITH_ARENA(numbers_that_are_no_64_bit_integer_are_not_clamped_or_cut),
      WITH_ARENA(values_are_not_coerced_from_one_type_to_another),
      WITH_ARENA(badly_written_numbers_are_refused),
      WITH_ARENA(nesting_is_limited),
      WITH_ARENA(a_payload_of_very_many_names_is_read),
      WITH_ARENA(exhausted_memory_is_an_internal_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
