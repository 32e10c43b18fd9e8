#include <string.h>

#include "auth/common_password.h"
#include "auth/guessable.h"
#include "unit.h"

static const ua_password_policy refusing = {.refuses = true};
static const ua_password_owner ann = {.email = {"Ann.Kovacs@example.org", 22},
                                      .name = {"\xC3\x84nne Kov\xC3\xA1"
                                               "cs",
                                               13}};

static void what_lists_of_stolen_passwords_begin_with_is_common(void **state)
{
  (void)state;
  static const char *const common[] = {"password",
                                       "Password1",
                                       "password123",
                                       "passw0rd",
                                       "Passw0rd!",
                                       "12345678",
                                       "123456789",
                                       "1234567890",
                                       "87654321",
                                       "11111111",
                                       "aaaaaaaa",
                                       "qwertyui",
                                       "qwerty123",
                                       "qwertyuiop",
                                       "asdfghjkl",
                                       "1q2w3e4r",
                                       "1qaz2wsx",
                                       "iloveyou",
                                       "iloveyou1",
                                       "sunshine",
                                       "sunshine1",
                                       "princess",
                                       "football",
                                       "baseball",
                                       "superman",
                                       "computer",
                                       "welcome1",
                                       "Welcome123",

                                       "changeme",
                                       "admin123",
                                       "abcd1234",
                                       "abcdefgh",
                                       "abcabcab",
                                       "monkey123",
                                       "Summer2024",
                                       "Winter2023!",
                                       "test1234",
                                       "testtest",
                                       "qweqweqwe",
                                       "123123123",
                                       "trustno1",
                                       "11111111111111111111111111",
                                       "passwordpasswordpasswordpassword"};
  for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
    if (!ua_auth_common_password_is(ua_text_of(common[i]))) {
      fail_msg("%s is let through", common[i]);
    }
  }
}

static void sentences_several_words_and_random_strings_are_not(void **state)
{
  (void)state;
  static const char *const others[] = {
      "correct horse",
      "battery staple",
      "correct horse battery staple",
      "correcthorsebatterystaple",
      "purple monkey dishwasher",
      "my dog eats shoes",
      "blue-river-41",
      "eine lange Nacht",
      "new password",
      ("vogelk\xC3\xA4"
       "fig"), /* in two pieces, because f is a digit */
      "\xD0\xBC\xD0\xBE\xD0\xB9 \xD1\x81\xD0\xB5\xD0\xBA\xD1\x80\xD0\xB5\xD1\x82",
      "kqzvwmtx",
      "xk4v9qz2",
      "mN7kPq2x",
      "7f3a9c1e",
      "49302817",
      "3c4f8a9b2d1e",
      "dTq8Zr2Lw0Kx",
      "iuIqtA3jhkJUvGd+SiPLlRRTPcASVw5U7nkfXKoS1NSg23iXWft05aLoS+thGv5OmYMJbz1n"};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    if (ua_auth_common_password_is(ua_text_of(others[i]))) {
      fail_msg("%s is refused", others[i]);
    }
  }
}

static void a_short_password_is_not_common_for_its_length(void **state)
{
  (void)state;
  assert_false(ua_auth_common_password_is(UA_TEXT("xk4v9q")));
  assert_true(ua_auth_common_password_is(UA_TEXT("123456")));
}

static bool is_refused(const ua_password_policy *policy, const char *password)
{
  bool is = false;
  assert_int_equal(ua_auth_guessable_is(policy, ua_text_of(password), &ann, &is), UA_OK);
  return is;
}

static void email_name_and_the_part_before_the_at_are_refused_in_any_case_and_form(void **state)
{
  (void)state;
  assert_true(is_refused(&refusing, "ann.kovacs@EXAMPLE.org"));
  assert_true(is_refused(&refusing, "ANN.KOVACS"));
  assert_true(is_refused(&refusing,
                         "a\xCC\x88nne kova\xCC\x81"
                         "cs"));
  assert_false(is_refused(&refusing, "ann.kovacs@example.net"));
  assert_false(is_refused(&refusing, "ann.kovacs.41"));
  assert_false(is_refused(&refusing,
                          "kov\xC3\xA1"
                          "cs and others"));
}

static void an_owner_who_is_not_known_has_nothing_to_compare_with(void **state)
{
  (void)state;
  const ua_password_owner nobody = {.email = UA_TEXT_ABSENT, .name = UA_TEXT_ABSENT};
  const ua_password_owner odd = {.email = UA_TEXT("\xFF@x"), .name = UA_TEXT("")};
  bool is = true;
  assert_int_equal(ua_auth_guessable_is(&refusing, UA_TEXT("kqzvwmtx"), &nobody, &is), UA_OK);
  assert_false(is);
  is = true;
  assert_int_equal(ua_auth_guessable_is(&refusing, UA_TEXT("kqzvwmtx"), &odd, &is), UA_OK);
  assert_false(is);
}

static void the_last_at_parts_an_email(void **state)
{
  (void)state;
  const ua_password_owner odd = {.email = UA_TEXT("two@parts@x"), .name = UA_TEXT("x")};
  bool is = false;
  assert_int_equal(ua_auth_guessable_is(&refusing, UA_TEXT("two@parts"), &odd, &is), UA_OK);
  assert_true(is);
}

static void a_policy_that_refuses_nothing_lets_everything_through(void **state)
{
  (void)state;
  static const ua_password_policy none = {.refuses = false};
  assert_false(is_refused(&none, "password"));
  assert_false(is_refused(&none, "ann.kovacs@example.org"));
}

static void a_list_of_ones_own_stands_in_place_of_the_librarys(void **state)
{
  (void)state;
  ua_word_list *list = NULL;
  size_t line;
  assert_int_equal(ua_word_list_create(UA_TEXT("Horse Battery\nmotdepasse\n"), &list, &line), UA_OK);
  const ua_password_policy policy = {.refuses = true, .denied = list};
  assert_true(is_refused(&policy, "horse BATTERY"));
  assert_true(is_refused(&policy, "motdepasse"));
  assert_false(is_refused(&policy, "password"));
  assert_true(is_refused(&policy, "ann.kovacs@example.org"));
  ua_word_list_destroy(&list);
}

static void an_owners_words_are_found_without_the_lists(void **state)
{
  (void)state;
  bool is = true;
  assert_int_equal(ua_auth_guessable_is_owners(&refusing, UA_TEXT("password"), &ann, &is), UA_OK);
  assert_false(is);
  assert_int_equal(ua_auth_guessable_is_owners(&refusing, UA_TEXT("ann.kovacs"), &ann, &is), UA_OK);
  assert_true(is);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_lists_of_stolen_passwords_begin_with_is_common),
      cmocka_unit_test(sentences_several_words_and_random_strings_are_not),
      cmocka_unit_test(a_short_password_is_not_common_for_its_length),
      cmocka_unit_test(email_name_and_the_part_before_the_at_are_refused_in_any_case_and_form),
      cmocka_unit_test(an_owner_who_is_not_known_has_nothing_to_compare_with),
      cmocka_unit_test(the_last_at_parts_an_email),
      cmocka_unit_test(a_policy_that_refuses_nothing_lets_everything_through),
      cmocka_unit_test(a_list_of_ones_own_stands_in_place_of_the_librarys),
      cmocka_unit_test(an_owners_words_are_found_without_the_lists),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
