/* The NFC of a text is UTF-8, at most three times as long as the text, and its own NFC. The same is true of
 * the folded form, which is at most six times as long. A text that is not UTF-8 has neither form. */
#include <stdint.h>
#include <stdlib.h>

#include "base/normal_form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef ua_status form_of(ua_text text, ua_normal_form *form_r);

static void check(form_of *make, ua_text text, size_t most)
{
  ua_normal_form once;
  ua_normal_form again;
  bool valid = ua_text_is_utf8(text);
  ua_status status = make(text, &once);
  if (status != (valid ? UA_OK : UA_BAD_REQUEST)) {
    abort();
  }
  if (status != UA_OK) {
    return;
  }
  ua_text form = ua_normal_form_text(&once);
  if (form.length > most || !ua_text_is_utf8(form) || form.data[form.length] != '\0' ||
      make(form, &again) != UA_OK || !ua_text_equal(form, ua_normal_form_text(&again))) {
    abort();
  }
  ua_normal_form_clear(&once);
  ua_normal_form_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  ua_text text = {(const char *)data, size};
  check(ua_normal_form_nfc, text, 3 * size);
  check(ua_normal_form_folded, text, 6 * size);
  return 0;
}
