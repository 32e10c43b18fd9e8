#include <stdlib.h>
#include <string.h>

#include "base/normal_form.h"
#include "unit.h"

typedef ua_status form_of(ua_text text, ua_normal_form *form_r);

static void assert_form(form_of *make, const char *text, const char *expected)
{
  ua_normal_form form;
  assert_int_equal(make(ua_text_of(text), &form), UA_OK);
  assert_string_equal(form.bytes, expected);
  assert_int_equal(form.length, strlen(expected));
  ua_normal_form_clear(&form);
  assert_null(form.bytes);
}

static void letters_and_their_accents_become_one_character(void **state)
{
  (void)state;
  assert_form(ua_normal_form_nfc, "", "");
  assert_form(ua_normal_form_nfc, "Plain 1!", "Plain 1!");
  assert_form(ua_normal_form_nfc, "p\xC3\xA4ss", "p\xC3\xA4ss");
  assert_form(ua_normal_form_nfc, "pa\xCC\x88ss", "p\xC3\xA4ss");
  assert_form(ua_normal_form_nfc, "\xE2\x84\xAB", "\xC3\x85"); /* angstrom */
  assert_form(ua_normal_form_nfc, "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", "\xED\x95\x9C");
  assert_form(ua_normal_form_nfc, "q\xCC\x87\xCC\xA3", "q\xCC\xA3\xCC\x87"); /* in canonical order */
}

static void a_text_that_grows_in_nfc_is_whole(void **state)
{
  (void)state;
  enum { COUNT = 40 };
  char text[4 * COUNT + 1] = "";
  char expected[12 * COUNT + 1] = "";
  for (int i = 0; i < COUNT; i++) {
    memcpy(text + 4 * (size_t)i, "\xF0\x9D\x85\xA0", 5); /* the note U+1D160 has the longest NFC */
    memcpy(expected + 12 * (size_t)i, "\xF0\x9D\x85\x98\xF0\x9D\x85\xA5\xF0\x9D\x85\xAE", 13);
  }
  assert_form(ua_normal_form_nfc, text, expected);
}

static void what_is_not_utf8_has_no_form(void **state)
{
  (void)state;
  ua_normal_form form;
  assert_int_equal(ua_normal_form_nfc(UA_TEXT("\xC3"), &form), UA_BAD_REQUEST);
  assert_int_equal(ua_normal_form_nfc(UA_TEXT("a\xED\xA0\x80"), &form), UA_BAD_REQUEST);
  assert_int_equal(ua_normal_form_folded(UA_TEXT("\xFF"), &form), UA_BAD_REQUEST);
}

static void folded_texts_differ_by_more_than_case_and_form(void **state)
{
  (void)state;
  assert_form(ua_normal_form_folded, "Ann Smith", "ann smith");
  assert_form(ua_normal_form_folded, "PA\xCC\x88SS", "p\xC3\xA4ss");
  assert_form(ua_normal_form_folded, "P\xC3\x84SS", "p\xC3\xA4ss");
  /* a final sigma and a capital one */
  assert_form(ua_normal_form_folded, "\xCF\x82", "\xCF\x83");
  assert_form(ua_normal_form_folded, "\xCE\xA3", "\xCF\x83");
  assert_form(ua_normal_form_folded, "\xC8\xBA", "\xE2\xB1\xA5"); /* longer in lower case */
  assert_form(ua_normal_form_folded, "\xC3\x9F", "\xC3\x9F");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(letters_and_their_accents_become_one_character),
      cmocka_unit_test(a_text_that_grows_in_nfc_is_whole),
      cmocka_unit_test(what_is_not_utf8_has_no_form),
      cmocka_unit_test(folded_texts_differ_by_more_than_case_and_form),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
