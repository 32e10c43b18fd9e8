/* Arguments of lists, and of the customer in documents: from operators, and from others. */
#include "documents.h"

static const ua_document_rules for_admins = {.password_min_bytes = 8};
static const ua_document_rules for_operators = {.password_min_bytes = 8, .is_operator = true};

static void truth_values_among_the_arguments_are_two_words(void **state)
{
  static const char *const wrong[] = {"", "1", "0", "True", "TRUE", "yes", "%20true", "true%20", "tru"};
  ua_document document;
  assert_string_equal(errors_in_arguments(*state, &for_admins, "active=false&count=true", &document), "");
  assert_true(document.search.by_active);
  assert_false(document.search.active);
  assert_true(document.search.count);
  assert_string_equal(errors_in_arguments(*state, &for_admins, "active=true&count=false", &document), "");
  assert_true(document.search.by_active);
  assert_true(document.search.active);
  assert_false(document.search.count);
  assert_string_equal(errors_in_arguments(*state, &for_admins, "", &document), "");
  assert_false(document.search.by_active);
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    ua_text query = ua_arena_printf(*state, "active=%s", wrong[i]);
    assert_string_equal(errors_in_arguments(*state, &for_admins, query.data, &document),
                        "{\"payload\":{\"active\":[\"must be of boolean type\"]}}");
  }
}

static void after_and_offset_are_not_given_together(void **state)
{
  ua_document document;
  assert_string_equal(errors_in_arguments(*state, &for_admins, "after=0", &document), "");
  assert_int_equal(document.search.page.after, 0);
  assert_string_equal(errors_in_arguments(*state, &for_admins, "", &document), "");
  assert_int_equal(document.search.page.after, UA_PAGE_FROM_THE_START);
  assert_string_equal(errors_in_arguments(*state, &for_admins, "after=-1", &document),
                      "{\"payload\":{\"after\":[\"min value is 0\"]}}");
  assert_string_equal(errors_in_arguments(*state, &for_admins, "offset=0&after=5", &document),
                      "{\"payload\":{\"after\":[\"'offset' must not be present with 'after'\"]}}");
  assert_string_equal(
      errors_in_arguments(*state, &for_admins, "after=2147483648&offset=x", &document),
      "{\"payload\":{\"after\":[\"max value is 2147483647\",\"'offset' must not be present with 'after'\"],"
      "\"offset\":[\"field 'offset' cannot be coerced: invalid literal for int() with base 10: "
      "'x'\",\"must be of integer type\"]}}");
}

/* The errors of a document that registers a user, with this customer. */
static const char *errors_of_customer(ua_arena *arena, const ua_document_rules *by, const char *customer,
                                      ua_document *document)
{
  ua_text json = ua_arena_printf(arena,
                                 "{\"active\":true,\"customer\":%s,\"email\":\"a@b\",\"name\":\"n\","
                                 "\"password\":\"12345678\",\"roles\":[]}",
                                 customer);
  return errors_in_document(arena, &ua_document_register, by, json.data, document);
}

static void an_operators_customer_is_an_object_with_an_id(void **state)
{
  static const struct {
    const char *customer;
    const char *complaint;
  } wrong[] = {
      {"null", "\"null value not allowed\""},
      {"2", "\"must be of dict type\""},
      {"\"2\"", "\"must be of dict type\""},
      {"[]", "\"must be of dict type\""},
      {"{}", "{\"id\":[\"required field\"]}"},
      {"{\"id\":null}", "{\"id\":[\"null value not allowed\"]}"},
      {"{\"id\":\"2\"}", "{\"id\":[\"must be of integer type\"]}"},
      {"{\"id\":2.0}", "{\"id\":[\"must be of integer type\"]}"},
  };
  ua_document document;
  assert_string_equal(errors_of_customer(*state, &for_operators, "{\"id\":2,\"name\":[5]}", &document), "");
  assert_true(document.has_customer);
  assert_int_equal(document.customer, 2);
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    ua_text expected = ua_arena_printf(*state, "{\"payload\":{\"customer\":[%s]}}", wrong[i].complaint);
    assert_string_equal(errors_of_customer(*state, &for_operators, wrong[i].customer, &document),
                        expected.data);
  }
}

static void a_customer_that_nobody_can_have_is_kept_as_zero(void **state)
{
  static const char *const ids[] = {"0", "-1", "2147483648", "4294967298"};
  ua_document document;
  for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
    ua_text customer = ua_arena_printf(*state, "{\"id\":%s}", ids[i]);
    assert_string_equal(errors_of_customer(*state, &for_operators, customer.data, &document), "");
    assert_true(document.has_customer);
    assert_int_equal(document.customer, 0);
  }
}

static void among_the_arguments_an_operators_customer_is_its_id(void **state)
{
  ua_document document;
  assert_string_equal(errors_in_arguments(*state, &for_operators, "customer=2", &document), "");
  assert_true(document.has_customer);
  assert_int_equal(document.customer, 2);
  assert_string_equal(errors_in_arguments(*state, &for_operators, "customer=4294967298", &document), "");
  assert_int_equal(document.customer, 4294967298);
  assert_string_equal(errors_in_arguments(*state, &for_operators, "", &document), "");
  assert_false(document.has_customer);
  assert_string_equal(
      errors_in_arguments(*state, &for_operators, "customer=b", &document),
      "{\"payload\":{\"customer\":[\"field 'customer' cannot be coerced: invalid literal for int() with "
      "base 10: 'b'\",\"must be of integer type\"]}}");
}

static void to_everybody_else_a_customer_is_unknown_whatever_it_is(void **state)
{
  static const char unknown[] = "{\"payload\":{\"customer\":[\"unknown field\"]}}";
  ua_document document;
  assert_string_equal(errors_of_customer(*state, &for_admins, "{\"id\":2}", &document), unknown);
  assert_string_equal(errors_of_customer(*state, &for_admins, "5", &document), unknown);
  assert_string_equal(errors_in_arguments(*state, &for_admins, "customer=2", &document), unknown);
  assert_string_equal(errors_in_arguments(*state, &for_admins, "customer=b", &document), unknown);
  assert_false(document.has_customer);
  assert_string_equal(
      errors_in_document(*state, &ua_document_update, &for_operators,
                         "{\"active\":true,\"customer\":{\"id\":2},\"email\":\"a\",\"name\":\"b\"}",
                         &document),
      unknown);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(truth_values_among_the_arguments_are_two_words),
      cmocka_unit_test(after_and_offset_are_not_given_together),
      cmocka_unit_test(an_operators_customer_is_an_object_with_an_id),
      cmocka_unit_test(a_customer_that_nobody_can_have_is_kept_as_zero),
      cmocka_unit_test(among_the_arguments_an_operators_customer_is_its_id),
      cmocka_unit_test(to_everybody_else_a_customer_is_unknown_whatever_it_is),
  };
  return cmocka_run_group_tests_name("documents of operators", tests, open_arena, close_arena);
}
