/* A valid address is written in one spelling. Reading this spelling gives the same address. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, const char *expected)
{
  ua_address address;
  ua_address_read(ua_text_of(text), &address);
  if (strcmp(address.text, expected) != 0) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  ua_address address;
  char text[2 * UA_ADDRESS_BYTES];
  ua_address_read((ua_text){(const char *)data, size}, &address);
  if (address.text[0] == '\0') {
    return 0;
  }
  const char *width = strchr(address.text, '/');
  if (width == NULL) {
    check(address.text, address.text);
    (void)snprintf(text, sizeof text, "::ffff:%s", address.text);
    check(text, address.text);
    return 0;
  }
  (void)snprintf(text, sizeof text, "%.*s%%zone", (int)(width - address.text), address.text);
  check(text, address.text);
  return 0;
}
