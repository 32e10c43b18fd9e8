/* An origin equals itself and matches its own host. Its host has no characters that only other parts of a URL
 * may have. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/origin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const ua_text text = {(const char *)data, size};
  ua_origin origin;
  if (!ua_http_origin_parse(text, &origin)) {
    return 0;
  }
  size_t before_host = origin.scheme.length + strlen("://");
  ua_text host = {text.data + before_host, size - before_host};
  if (!ua_http_origin_equal(&origin, &origin) || !ua_http_origin_is_host(&origin, host)) {
    abort();
  }
  for (size_t i = 0; i < host.length; i++) {
    if (strchr("/?#@\\*, \r\n", host.data[i]) != NULL) {
      abort();
    }
  }
  return 0;
}
