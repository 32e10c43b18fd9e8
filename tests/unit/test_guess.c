#include <string.h>

#include "cli/guess.h"
#include "unit.h"

static const char *const known[] = {"init", "user", "user add", "customer", "completion", "set-quota", "up"};

/* The guess for a mistyped word; "" for none. */
static const char *guess_of(const char *word)
{
  static char text[UA_CLI_GUESS_BYTES];
  ua_cli_guess guess = {.word = ua_text_of(word)};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    ua_cli_guess_try(&guess, ua_text_of(known[i]));
  }
  (void)ua_cli_guess_hint(&guess, text);
  return text;
}

static void every_kind_of_slip_is_understood(void **state)
{
  (void)state;
  assert_string_equal(guess_of("usr"), ": did you mean user?");   /* left out */
  assert_string_equal(guess_of("innit"), ": did you mean init?"); /* added */
  assert_string_equal(guess_of("imit"), ": did you mean init?");  /* wrong */
  assert_string_equal(guess_of("iint"), ": did you mean init?");  /* two changed places */
  assert_string_equal(guess_of("custoner"), ": did you mean customer?");
  assert_string_equal(guess_of("user_add"), ": did you mean user add?");
  assert_string_equal(guess_of("INIT"), ": did you mean init?");
  assert_string_equal(guess_of("setquota"), ": did you mean set-quota?");
}

static void the_nearest_word_wins_and_of_equals_the_first(void **state)
{
  (void)state;
  ua_cli_guess guess = {.word = UA_TEXT("reade")};
  ua_cli_guess_try(&guess, UA_TEXT("ready"));
  ua_cli_guess_try(&guess, UA_TEXT("leader"));
  assert_true(ua_text_equal(guess.nearest, UA_TEXT("ready")));
  ua_cli_guess_try(&guess, UA_TEXT("readf"));
  assert_true(ua_text_equal(guess.nearest, UA_TEXT("ready")));
  ua_cli_guess_try(&guess, UA_TEXT("reade"));
  assert_true(ua_text_equal(guess.nearest, UA_TEXT("reade")));
}

static void the_beginning_of_a_word_is_enough(void **state)
{
  (void)state;
  assert_string_equal(guess_of("compl"), ": did you mean completion?");
  assert_string_equal(guess_of("cust"), ": did you mean customer?");
  assert_string_equal(guess_of("cu"), "");
}

static void nothing_is_guessed_when_nothing_is_near(void **state)
{
  (void)state;
  assert_string_equal(guess_of("frobnicate"), "");
  assert_string_equal(guess_of("resu"), "");
  assert_string_equal(guess_of("x"), "");
  assert_string_equal(guess_of("us"), "");
  assert_string_equal(guess_of("upx"), "");
  assert_string_equal(guess_of(""), "");
}

static void a_long_word_is_not_even_compared(void **state)
{
  (void)state;
  char word[4096];
  memset(word, 'u', sizeof word - 1);
  word[sizeof word - 1] = '\0';
  assert_string_equal(guess_of(word), "");
  ua_cli_guess guess = {.word = UA_TEXT("uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu")};
  ua_cli_guess_try(&guess, ua_text_of(word));
  assert_null(guess.nearest.data);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_kind_of_slip_is_understood),
      cmocka_unit_test(the_nearest_word_wins_and_of_equals_the_first),
      cmocka_unit_test(the_beginning_of_a_word_is_enough),
      cmocka_unit_test(nothing_is_guessed_when_nothing_is_near),
      cmocka_unit_test(a_long_word_is_not_even_compared),
  };
  return cmocka_run_group_tests_name("guess", tests, NULL, NULL);
}
