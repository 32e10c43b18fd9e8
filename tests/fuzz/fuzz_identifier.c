/* The function removes all blanks at the end of an email, and nothing else. */
#include <stdint.h>
#include <stdlib.h>

#include "base/identifier.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const ua_text text = {(const char *)data, size};
  ua_text kept = ua_identifier_without_end_blanks(text);
  if (kept.data != text.data || kept.length > size) {
    abort();
  }
  ua_text again = ua_identifier_without_end_blanks(kept);
  ua_text taken = {text.data + kept.length, size - kept.length};
  unsigned faults = ua_identifier_faults(text);
  if (again.length != kept.length ||
      (taken.length > 0 &&
       (ua_identifier_faults(taken) != UA_IDENTIFIER_BLANK || (faults & UA_IDENTIFIER_BLANK) == 0))) {
    abort();
  }
  if (((faults & UA_IDENTIFIER_EMPTY) != 0) != (size == 0)) {
    abort();
  }
  return 0;
}
