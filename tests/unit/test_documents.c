#include <stdio.h>
#include <string.h>

#include "documents.h"

static const ua_document_rules rules = {.password_min_bytes = 8};

static void assert_login_errors(void **state, const char *json, const char *expected)
{
  ua_document document;
  assert_string_equal(errors_in_document(*state, &ua_document_login, &rules, json, &document), expected);
}

static void a_right_document_is_read_into_its_fields(void **state)
{
  ua_document document;
  assert_string_equal(
      errors_in_document(
          *state, &ua_document_register, &rules,
          "{\"active\":true,\"email\":\"a@b\",\"name\":\"Ann Smith\",\"password\":\"12345678\","
          "\"roles\":[{\"id\":3,\"code\":\"x\"},{\"id\":3}]}",
          &document),
      "");
  assert_true(document.user.active);
  assert_true(ua_text_equal(document.user.email, UA_TEXT("a@b")));
  assert_true(ua_text_equal(document.user.name, UA_TEXT("Ann Smith")));
  assert_int_equal(document.user.roles, UA_ROLES_REPLACE);
  assert_int_equal(document.user.role_count, 2);
  assert_int_equal(document.user.role_ids[1], 3);
}

static void every_wrong_field_is_reported_at_once(void **state)
{
  assert_login_errors(state, "{\"extra\":1,\"email\":null}",
                      "{\"payload\":{\"email\":[\"null value not allowed\"],\"extra\":[\"unknown field\"],"
                      "\"password\":[\"required field\"]}}");
}

static void a_new_users_email_and_name_have_their_form_and_all_that_is_wrong_is_said(void **state)
{
  ua_document document;
  assert_string_equal(
      errors_in_document(
          *state, &ua_document_register, &rules,
          "{\"active\":true,\"email\":\" a\\u200b\\u0000\\n\",\"name\":\"\",\"password\":\"12345678\","
          "\"roles\":[]}",
          &document),
      "{\"payload\":{\"email\":[\"null character not allowed\",\"control character not allowed\","
      "\"invisible character not allowed\",\"must not begin or end with a blank\"],"
      "\"name\":[\"empty values not allowed\"]}}");
}

static void what_is_sent_back_or_asked_for_has_any_form(void **state)
{
  ua_document document;
  assert_string_equal(errors_in_document(*state, &ua_document_update, &rules,
                                         "{\"active\":true,\"email\":\" a\",\"name\":\"\"}", &document),
                      "");
  assert_string_equal(errors_in_document(*state, &ua_document_reset_password, &rules,
                                         "{\"email\":\"a \",\"password\":\"12345678\"}", &document),
                      "");
  assert_login_errors(state, "{\"email\":\" \\n\",\"password\":\"\"}", "");
}

static void types_are_not_coerced(void **state)
{
  ua_document document;
  assert_login_errors(state, "{\"email\":1,\"password\":[\"x\"]}",
                      "{\"payload\":{\"email\":[\"must be of string type\"],"
                      "\"password\":[\"must be of string type\"]}}");
  assert_string_equal(
      errors_in_document(*state, &ua_document_update, &rules,
                         "{\"active\":1,\"email\":\"a\",\"name\":\"b\",\"id\":true,\"roles\":{}}", &document),
      "{\"payload\":{\"active\":[\"must be of boolean type\"],\"id\":[\"must be of integer type\"],"
      "\"roles\":[\"must be of list type\"]}}");
}

static void one_point_zero_is_no_integer(void **state)
{
  ua_document document;
  assert_string_equal(
      errors_in_document(*state, &ua_document_update, &rules,
                         "{\"active\":true,\"email\":\"a\",\"name\":\"b\",\"id\":1.0}", &document),
      "{\"payload\":{\"id\":[\"must be of integer type\"]}}");
}

static void items_of_a_list_are_reported_by_their_index(void **state)
{
  ua_document document;
  assert_string_equal(errors_in_document(*state, &ua_document_update, &rules,
                                         "{\"active\":true,\"email\":\"a\",\"name\":\"b\","
                                         "\"roles\":[{\"id\":1},5,{\"id\":\"1\"},{},null,{\"id\":null}]}",
                                         &document),
                      "{\"payload\":{\"roles\":[{\"1\":[\"must be of dict type\"],\"2\":[{\"id\":[\"must be "
                      "of integer type\"]}],"
                      "\"3\":[{\"id\":[\"required field\"]}],\"4\":[\"null value not allowed\"],"
                      "\"5\":[{\"id\":[\"null value not allowed\"]}]}]}}");
}

static void a_role_id_that_no_role_can_have_is_kept_as_zero(void **state)
{
  ua_document document;
  assert_string_equal(errors_in_document(*state, &ua_document_update, &rules,
                                         "{\"active\":true,\"email\":\"a\",\"name\":\"b\","
                                         "\"roles\":[{\"id\":4294967297},{\"id\":-1},{\"id\":0}]}",
                                         &document),
                      "");
  assert_int_equal(document.user.role_ids[0], 0);
  assert_int_equal(document.user.role_ids[1], 0);
  assert_int_equal(document.user.role_ids[2], 0);
}

static void absent_roles_differ_from_an_empty_list(void **state)
{
  ua_document document;
  (void)errors_in_document(*state, &ua_document_update, &rules,
                           "{\"active\":true,\"email\":\"a\",\"name\":\"b\"}", &document);
  assert_int_equal(document.user.roles, UA_ROLES_KEEP);
  assert_null(document.user.password.data);
  (void)errors_in_document(*state, &ua_document_update, &rules,
                           "{\"active\":true,\"email\":\"a\",\"name\":\"b\",\"roles\":[]}", &document);
  assert_int_equal(document.user.roles, UA_ROLES_REPLACE);
  assert_int_equal(document.user.role_count, 0);
}

static void strings_are_bounded_in_characters_and_hold_no_nul(void **state)
{
  char json[2048];
  char umlauts[2 * 256 + 1];
  for (size_t i = 0; i < 256; i++) {
    memcpy(umlauts + 2 * i, "\xC3\xBC", 2);
  }
  umlauts[2 * 255] = '\0';
  (void)snprintf(json, sizeof json, "{\"email\":\"%s\",\"password\":\"x\"}", umlauts);
  assert_login_errors(state, json, "");
  (void)snprintf(json, sizeof json, "{\"email\":\"%sx\",\"password\":\"x\"}", umlauts);
  assert_login_errors(state, json, "{\"payload\":{\"email\":[\"max length is 255\"]}}");
  assert_login_errors(state, "{\"email\":\"a\\u0000b\",\"password\":\"x\"}",
                      "{\"payload\":{\"email\":[\"null character not allowed\"]}}");
}

static void new_passwords_are_bounded_in_bytes(void **state)
{
  ua_document document;
  char json[512];
  const ua_document_schema *schema = &ua_document_reset_password;
  assert_string_equal(
      errors_in_document(*state, schema, &rules, "{\"email\":\"a\",\"password\":\"1234567\"}", &document),
      "{\"payload\":{\"password\":[\"min length is 8\"]}}");
  assert_string_equal(
      errors_in_document(*state, schema, &rules,
                         "{\"email\":\"a\",\"password\":\"\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\"}", &document),
      "");
  (void)snprintf(json, sizeof json, "{\"email\":\"a\",\"password\":\"%072d\"}", 0);
  assert_string_equal(errors_in_document(*state, schema, &rules, json, &document), "");
  (void)snprintf(json, sizeof json, "{\"email\":\"a\",\"password\":\"%073d\"}", 0);
  assert_string_equal(errors_in_document(*state, schema, &rules, json, &document),
                      "{\"payload\":{\"password\":[\"max length is 72\"]}}");
}

static void passwords_to_compare_have_any_length(void **state)
{
  char json[512];
  (void)snprintf(json, sizeof json, "{\"email\":\"a\",\"password\":\"%0300d\"}", 0);
  assert_login_errors(state, json, "");
  assert_login_errors(state, "{\"email\":\"a\",\"password\":\"\"}", "");
}

static void too_many_roles_are_refused(void **state)
{
  ua_document document;
  char json[8192] = "{\"active\":true,\"email\":\"a\",\"name\":\"b\",\"roles\":[{\"id\":1}";
  size_t used = strlen(json);
  for (int i = 0; i < 256; i++) {
    used += (size_t)snprintf(json + used, sizeof json - used, ",{\"id\":1}");
  }
  (void)snprintf(json + used, sizeof json - used, "]}");
  assert_string_equal(errors_in_document(*state, &ua_document_update, &rules, json, &document),
                      "{\"payload\":{\"roles\":[\"max length is 256\"]}}");
}

static void thousands_of_unknown_fields_are_reported_up_to_a_bound(void **state)
{
  ua_document document;
  ua_json_member *members = ua_arena_calloc(*state, 5000, sizeof *members);
  ua_json_value value = {.type = UA_JSON_OBJECT, .members = members, .count = 5000};
  ua_violations violations;
  for (size_t i = 0; i < value.count; i++) {
    members[i].name = ua_arena_printf(*state, "field%zu", i);
  }
  assert_int_equal(ua_api_document_read(*state, &ua_document_login, &rules, &value, &document, &violations),
                   UA_WRONG_DOCUMENT);
  assert_int_equal(violations.count, UA_MAX_VIOLATIONS);
}

static void what_is_no_object_is_no_document(void **state)
{
  ua_document document;
  ua_violations violations;
  ua_json_value value = {.type = UA_JSON_ARRAY};
  assert_int_equal(ua_api_document_read(*state, &ua_document_login, &rules, &value, &document, &violations),
                   UA_WRONG_PAYLOAD);
}

static void arguments_have_presets(void **state)
{
  ua_document document;
  assert_string_equal(errors_in_arguments(*state, &rules, "", &document), "");
  assert_int_equal(document.search.page.limit, 20);
  assert_int_equal(document.search.page.offset, 0);
  assert_null(document.user.email.data);
}

static void integer_arguments_are_coerced_as_pythons_int_does(void **state)
{
  ua_document document;
  assert_string_equal(errors_in_arguments(*state, &rules, "limit=+1_0&offset=%20007+", &document), "");
  assert_int_equal(document.search.page.limit, 10);
  assert_int_equal(document.search.page.offset, 7);
  assert_string_equal(
      errors_in_arguments(*state, &rules, "limit=abc", &document),
      "{\"payload\":{\"limit\":[\"field 'limit' cannot be coerced: invalid literal for int() with "
      "base 10: 'abc'\",\"must be of integer type\"]}}");
  assert_string_equal(
      errors_in_arguments(*state, &rules, "limit=1.0", &document),
      "{\"payload\":{\"limit\":[\"field 'limit' cannot be coerced: invalid literal for int() with "
      "base 10: '1.0'\",\"must be of integer type\"]}}");
}

static void integer_arguments_are_bounded(void **state)
{
  ua_document document;
  assert_string_equal(errors_in_arguments(*state, &rules, "limit=1000&offset=2147483647", &document), "");
  assert_string_equal(
      errors_in_arguments(*state, &rules, "limit=-1&offset=2147483648", &document),
      "{\"payload\":{\"limit\":[\"min value is 0\"],\"offset\":[\"max value is 2147483647\"]}}");
  assert_string_equal(errors_in_arguments(*state, &rules, "limit=99999999999999999999999", &document),
                      "{\"payload\":{\"limit\":[\"max value is 1000\"]}}");
}

static void of_a_repeated_argument_the_first_counts(void **state)
{
  ua_document document;
  assert_string_equal(errors_in_arguments(*state, &rules, "limit=5&limit=abc&email=a&email=b", &document),
                      "");
  assert_int_equal(document.search.page.limit, 5);
  assert_true(ua_text_equal(document.user.email, UA_TEXT("a")));
}

static void text_arguments_hold_neither_nul_nor_wrong_utf8(void **state)
{
  ua_document document;
  assert_string_equal(errors_in_arguments(*state, &rules, "email=%00&name=%FF&foo=1", &document),
                      "{\"payload\":{\"email\":[\"null character not allowed\"],\"foo\":[\"unknown field\"],"
                      "\"name\":[\"must be of string type\"]}}");
}

static void an_argument_name_that_is_not_utf8_is_a_bad_request(void **state)
{
  ua_document document;
  ua_violations violations;
  ua_argument argument = {.name = UA_TEXT("\xFF"), .value = UA_TEXT("")};
  assert_int_equal(
      ua_api_arguments_read(*state, &ua_arguments_list_users, &rules, &argument, 1, &document, &violations),
      UA_BAD_REQUEST);
}

static void assert_code_errors(void **state, const char *code, const char *expected)
{
  ua_document document;
  char json[512], errors[512];
  (void)snprintf(json, sizeof json, "{\"code\":\"%s\",\"name\":\"n\"}", code);
  (void)snprintf(errors, sizeof errors, "{\"payload\":{\"code\":[\"%s\"]}}", expected);
  assert_string_equal(errors_in_document(*state, &ua_document_add_role, &rules, json, &document),
                      expected[0] == '\0' ? "" : errors);
}

static void the_code_of_a_role_is_one_that_a_list_of_codes_can_name(void **state)
{
  assert_code_errors(state, "a b\xC3\xA4/", "");
  assert_code_errors(state, "\xC2\xA0", ""); /* a no-break space is allowed */
  assert_code_errors(state, "", "empty values not allowed");
  assert_code_errors(state, "a,b", "comma not allowed");
  assert_code_errors(state, "a\\u001fb", "control character not allowed");
  assert_code_errors(state, "a\x7F", "control character not allowed");
  assert_code_errors(state, "a\\u0000b", "null character not allowed");
  assert_code_errors(state, " a", "must not begin or end with a blank");
  assert_code_errors(state, "a ", "must not begin or end with a blank");
  assert_code_errors(
      state, "\\t,",
      "control character not allowed\",\"must not begin or end with a blank\",\"comma not allowed");
}

static void a_new_role_says_whether_it_was_given_to_be_assignable(void **state)
{
  ua_document document;
  assert_string_equal(
      errors_in_document(*state, &ua_document_add_role, &rules, "{\"code\":\"c\",\"name\":\"\"}", &document),
      "");
  assert_false(document.role.has_assignable);
  assert_string_equal(errors_in_document(*state, &ua_document_change_role, &rules,
                                         "{\"assignable\":false,\"name\":\"n\"}", &document),
                      "");
  assert_true(document.role.has_assignable);
  assert_false(document.role.assignable);
}

static void ignored_fields_are_of_any_type(void **state)
{
  ua_document document;
  assert_string_equal(
      errors_in_document(*state, &ua_document_change_role, &rules,
                         "{\"code\":null,\"id\":[],\"name\":\"n\",\"users\":{\"a\":1.5}}", &document),
      "");
  assert_null(document.role.code.data);
  assert_string_equal(errors_in_document(*state, &ua_document_change_customer, &rules,
                                         "{\"id\":\"x\",\"name\":\"n\",\"users\":true}", &document),
                      "");
}

static void a_quota_is_a_number_or_null_or_left_alone(void **state)
{
  static const struct {
    const char *json;
    bool has_quota, limited;
    int32_t users;
  } cases[] = {{"{\"name\":\"n\"}", false, false, 0},
               {"{\"name\":\"n\",\"max_user_quota\":null}", true, false, 0},
               {"{\"name\":\"n\",\"max_user_quota\":0}", true, true, 0},
               {"{\"name\":\"n\",\"max_user_quota\":2147483647}", true, true, INT32_MAX}};
  ua_document document;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_string_equal(
        errors_in_document(*state, &ua_document_change_customer, &rules, cases[i].json, &document), "");
    ua_customer_change change = ua_api_document_customer(&document);
    assert_int_equal(change.has_quota, cases[i].has_quota);
    assert_int_equal(change.quota.limited, cases[i].limited);
    if (cases[i].limited) {
      assert_int_equal(change.quota.users, cases[i].users);
    }
  }
  assert_string_equal(errors_in_document(*state, &ua_document_add_customer, &rules,
                                         "{\"name\":\"n\",\"max_user_quota\":-1}", &document),
                      "{\"payload\":{\"max_user_quota\":[\"min value is 0\"]}}");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_right_document_is_read_into_its_fields),
      cmocka_unit_test(every_wrong_field_is_reported_at_once),
      cmocka_unit_test(a_new_users_email_and_name_have_their_form_and_all_that_is_wrong_is_said),
      cmocka_unit_test(what_is_sent_back_or_asked_for_has_any_form),
      cmocka_unit_test(types_are_not_coerced),
      cmocka_unit_test(one_point_zero_is_no_integer),
      cmocka_unit_test(items_of_a_list_are_reported_by_their_index),
      cmocka_unit_test(a_role_id_that_no_role_can_have_is_kept_as_zero),
      cmocka_unit_test(absent_roles_differ_from_an_empty_list),
      cmocka_unit_test(strings_are_bounded_in_characters_and_hold_no_nul),
      cmocka_unit_test(new_passwords_are_bounded_in_bytes),
      cmocka_unit_test(passwords_to_compare_have_any_length),
      cmocka_unit_test(too_many_roles_are_refused),
      cmocka_unit_test(thousands_of_unknown_fields_are_reported_up_to_a_bound),
      cmocka_unit_test(what_is_no_object_is_no_document),
      cmocka_unit_test(arguments_have_presets),
      cmocka_unit_test(integer_arguments_are_coerced_as_pythons_int_does),
      cmocka_unit_test(integer_arguments_are_bounded),
      cmocka_unit_test(of_a_repeated_argument_the_first_counts),
      cmocka_unit_test(text_arguments_hold_neither_nul_nor_wrong_utf8),
      cmocka_unit_test(an_argument_name_that_is_not_utf8_is_a_bad_request),
      cmocka_unit_test(the_code_of_a_role_is_one_that_a_list_of_codes_can_name),
      cmocka_unit_test(a_new_role_says_whether_it_was_given_to_be_assignable),
      cmocka_unit_test(ignored_fields_are_of_any_type),
      cmocka_unit_test(a_quota_is_a_number_or_null_or_left_alone),
  };
  return cmocka_run_group_tests_name("documents", tests, open_arena, close_arena);
}
